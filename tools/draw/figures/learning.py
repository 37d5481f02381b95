"""Figures of losses, gradients and steps."""

import math
import re
from collections import Counter

from microgpt.evaluate import mean
from tools.draw.charts import curve, dots, minus, scale, spread, x_axis, y_axis
from tools.draw.figures import NotYet, figure, record
from tools.draw.palette import BLUE, FAINT, INK, MONO, RED, SOFT, WIDTH
from tools.draw.svg import circle, line, note, number, path, rect, text
from tools.proof import outputs

THOUSAND = (1, 250, 500, 750, 1000)


def running_mean(numbers, n):
    """Returns (i, mean of the n numbers up to the i-th), counted from 1."""
    return [(i, mean(numbers[i - n : i])) for i in range(n, len(numbers) + 1)]


@figure
def nudge():
    """The loss of the name emma over one weight, and the slope where the weight is."""
    data = record()["perceptron"]["nudge"]
    weights, losses = data["weights"], data["losses"]
    at, loss, slope = data["at"], data["loss"], data["slope"]
    low, high = min(losses), max(losses)
    x = scale((weights[0], weights[-1]), (50, WIDTH - 8))
    y = scale((low - 0.05, high), (270, 30))
    tangent = [(x(at + d), y(loss + slope * d)) for d in (-14, 14)]
    told = minus(f"slope {slope:.5f}")
    return (
        322,
        x_axis(x, range(-30, 31, 10), 280, "the weight"),
        y_axis(y, [3.2, 3.4, 3.6], 42, "loss of emma", "{:.1f}", (low, high)),
        path([(x(w), y(z)) for w, z in zip(weights, losses)], SOFT, 2),
        path(tangent, RED, 2),
        circle((x(at), y(loss)), 5, RED),
        text(x(at) + 10, y(loss) - 30, told, fill=RED),
        text(x(at) + 10, y(loss) - 10, f"at {at:.4f}", fill=RED),
    )


def single(losses, y_domain, ticks, last_label):
    """Returns single losses as dots, their running mean as a line, and axes."""
    x, y = scale((1, 1000), (42, WIDTH - 62)), scale(y_domain, (270, 24))
    means = running_mean(losses, 100)
    return x, y, [
        y_axis(y, ticks, 34, "loss", "{:g}"),
        dots([(x(i), y(z)) for i, z in enumerate(losses, 1)], 1.5, FAINT, opacity=0.7),
        path([(x(i), y(z)) for i, z in means], RED, 2.2),
        text(WIDTH - 54, y(means[-1][1]) - 3, f"{means[-1][1]:.2f}", fill=RED),
        note(WIDTH - 54, y(means[-1][1]) + 14, last_label, fill=RED),
    ]  # fmt: skip


@figure
def mlp_curve():
    """The perceptron's loss on each of 1,000 names, and the mean of the last 100."""
    losses = record()["perceptron"]["losses"]
    x, y, parts = single(losses, (1.2, 4.6), [1.5, 2, 2.5, 3, 3.5, 4, 4.5], "mean")
    ends = [(x(step), y(math.log(27))) for step in (1, 1000)]
    return (
        320, *parts,
        path(ends, SOFT, 1, stroke_dasharray="2 4"),
        note(WIDTH - 54, ends[0][1] + 5, "ln 27"),
        x_axis(x, THOUSAND, 278, "step", "{:,}"),
    )  # fmt: skip


@figure
def loss():
    """The finished program's loss on each of 1,000 names, the mean of the last 100,
    and the learning rate."""
    losses = record()["losses"]
    x, _, parts = single(losses, (1.2, 4.6), [1.5, 2, 2.5, 3, 3.5, 4, 4.5], "mean")
    rate = record()["learning_rate"]
    r = scale((0, rate), (362, 306))
    return (
        410, *parts,
        path([(x(1), r(rate)), (x(1000), r(0)), (x(1), r(0))], "none", fill=BLUE,
             fill_opacity=0.18),
        line((x(1), r(rate)), (x(1000), r(0)), BLUE, 2),
        note(x(60), r(rate) - 2, f"learning rate: {rate:g} to 0", fill=BLUE),
        x_axis(x, THOUSAND, 366, "step", "{:,}"),
    )  # fmt: skip


@figure
def adam():
    """A weight that every name uses, and one of a rare letter: gradient, mean m, and
    the step that Adam makes of them, over 300 steps."""
    rate, total = record()["learning_rate"], len(record()["losses"])
    g, s = scale((-0.6, 0.6), (186, 50)), scale((-rate, rate), (330, 220))
    parts = [
        note(0, 40, "gradient"),
        note(66, 40, "and m", fill=RED),
        note(0, 206, "step", fill=BLUE),
    ]
    rates = [rate * (1 - i / total) for i in range(300)]
    for k, history in enumerate(record()["followed"].values()):
        left, n = 46 + k * 270, len(rates)
        x = scale((1, n), (left, left + 230))
        who = ("lm_head, row of a", "wte, row of z")[k]
        parts.append(note(left, 14, who, fill=INK, font_family=MONO))
        parts += [line((x(1), z), (x(n), z), FAINT) for z in (g(0), s(0))]
        parts += gradients(x, g, history, n)
        parts += steps(x, s, history, rates)
        parts.append(x_axis(x, (1, 100, 200, 300), 346, "step" if k else ""))
    for y, label in ((g(0.5), "0.5"), (g(-0.5), "−0.5"), (s(rate), f"{rate:g}"),
                     (s(-rate), f"−{rate:g}")):  # fmt: skip
        parts.append(note(40, y + 5, label, "end"))
    return 386, *parts


def gradients(x, y, history, n):
    """Returns a weight's gradients as sticks, and their running mean as a line."""
    sticks = "".join(
        f"M{number(x(i))} {number(y(0))}V{number(y(z))}"
        for i, z in enumerate(history["grad"][:n], 1) if z
    )  # fmt: skip
    means = [(x(i), y(z)) for i, z in enumerate(history["m"][:n], 1)]
    return [path(sticks, SOFT, 1), path(means, RED, 1.8)]


def steps(x, y, history, rates):
    """Returns how far a weight moves, between the rates up and down."""
    parts, last = [], len(rates) - 1
    for sign in (1, -1):
        edge = [(x(i + 1), y(sign * rates[i])) for i in (0, last)]
        parts.append(path(edge, BLUE, 1, stroke_dasharray="2 4"))
    moves = [move_of(history, i, rate) for i, rate in enumerate(rates)]
    return [*parts, path([(x(i), y(z)) for i, z in enumerate(moves, 1)], BLUE, 1.6)]


def move_of(history, i, rate):
    """Returns how far Adam moved the weight in its i-th step."""
    m_hat = history["m"][i] / (1 - 0.85 ** (i + 1))
    v_hat = history["v"][i] / (1 - 0.99 ** (i + 1))
    return -rate * m_hat / (v_hat**0.5 + 1e-8)


def printed_losses(page):
    """Returns [(step, loss)] that a chapter's captured output prints."""
    for block in outputs.blocks(page):
        found = [re.match(r"step +(\d+).* loss ([\d.]+)", s) for s in block.lines]
        if any(found):
            return [(int(m[1]), float(m[2])) for m in found if m]
    raise NotYet(f"the output in docs/{page}.md is not captured yet")


@figure
def optimizers():
    """The mean loss of the last 100 names in training, with SGD and with Adam."""
    curves = {"SGD": printed_losses("training"), "Adam": printed_losses("adam")}
    losses = [loss for rows in curves.values() for _, loss in rows]
    low, high = math.floor(5 * min(losses)), math.ceil(5 * max(losses))
    x = scale((0, 1000), (42, WIDTH - 128))
    y = scale((low / 5, high / 5), (260, 34))
    ticks = [k / 5 for k in range(low, high + 1)]
    parts = [y_axis(y, ticks, 34, "mean loss of the last 100 names", "{:.1f}")]
    ends = spread([y(rows[-1][1]) for rows in curves.values()], 19)
    for (label, rows), end, colour in zip(curves.items(), ends, (BLUE, RED)):
        points = [(x(i), y(loss)) for i, loss in rows]
        parts.append(curve(points, colour, 3.5, 2))
        told = f"{rows[-1][1]:.2f} {label}"
        parts.append(text(x(1000) + 12, end + 5, told, fill=colour))
    return 312, *parts, x_axis(x, (100, 500, 1000), 268, "step", "{:,}", (0, 1000))


@figure
def init():
    """The logits of the untrained model at the first name, as a histogram around 0;
    and the losses of the seven right tokens, around ln 27."""
    initial = record()["initial"]
    logits = sorted(z for row in initial["logits"] for z in row)
    width, base = 0.125, 262
    bins = Counter(math.floor(z / width) for z in logits)
    x = scale((-1.125, 1.125), (8, 290))
    y = scale((0, max(bins.values())), (base, 40))
    parts = [
        note(0, 14, f"{len(logits)} logits"),
        x_axis(x, (-1, -0.5, 0, 0.5, 1), base, ends=(-1.125, 1.125)),
        note(0, base + 38, f"standard deviation {initial['logits_sd']:.2f}"),
    ]  # fmt: skip
    for k, n in sorted(bins.items()):
        left, right = x(k * width), x((k + 1) * width)
        parts.append(rect(left + 0.75, y(n), right - left - 1.5, base - y(n), SOFT,
                          fill_opacity=0.55))  # fmt: skip
    parts.append(line((x(0), 30), (x(0), base), INK, 1))
    return 306, *parts, *first_losses(initial)


def first_losses(initial):
    """Returns the losses of the first name's tokens, along a vertical axis."""
    doc, chars = initial["doc"], record()["chars"]
    right = [*doc, "·"]
    ids = [chars.find(c) if c != "·" else len(chars) for c in right]
    losses = [-math.log(row[i]) for row, i in zip(initial["probs"], ids)]
    middle, uniform = mean(losses), math.log(len(chars) + 1)
    y = scale((min(losses) - 0.05, max(losses) + 0.05), (262, 40))
    left, gap = 344, 17
    end = left + gap * len(losses)
    parts = [note(left - 4, 14, f"losses of {doc}")]
    for i, (symbol, loss) in enumerate(zip(right, losses)):
        parts += marked(left + (i + 0.5) * gap, y(loss), symbol, loss < middle)
    for value, label, colour in (
        (uniform, f"ln 27 = {uniform:.3f}", SOFT), (middle, f"mean {middle:.4f}", RED)
    ):  # fmt: skip
        parts.append(path([(left, y(value)), (end, y(value))], colour, 1.2))
        shift = -3 if value > uniform else 13
        parts.append(note(end + 5, y(value) + shift, label, fill=colour))
    return parts


def marked(x, y, symbol, below):
    """Returns a loss with its letter, below or above."""
    where = x, y + (20 if below else -9)
    letter = note(*where, symbol, "middle", INK, font_family=MONO)
    return [circle((x, y), 4, RED), letter]
