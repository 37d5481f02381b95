"""Figures of losses, gradients and steps."""

import math
import random
import re
from collections import Counter
from functools import cache

from microgpt.evaluate import mean
from tools.draw.charts import curve, dots, minus, scale, spread, x_axis, y_axis
from tools.draw.figures import NotYet, figure, model_of, record, tokenizer
from tools.draw.palette import BLUE, FAINT, INK, MONO, PAPER, RED, SOFT, WIDTH
from tools.draw.svg import arrow, circle, line, note, number, path, rect, text
from tools.proof import outputs

THOUSAND = (1, 250, 500, 750, 1000)


def running_mean(numbers, n):
    """Returns (i, mean of the n numbers up to the i-th), counted from 1."""
    return [(i, mean(numbers[i - n : i])) for i in range(n, len(numbers) + 1)]


FAR = 500.0  # a learning rate so large that its step can be seen


@cache
def emma_over(low, high):
    """Returns [(weight, loss of emma)] as one weight of the untrained perceptron moves:
    from the hidden number 10 to the logit of a."""
    model = model_of("nudging").MLP(tokenizer().vocab_size, 16, 64, random.Random(42))
    tokens, row = tokenizer().encode("emma"), model.state_dict["fc2"][0]
    pairs = list(zip(tokens, tokens[1:]))
    found = []
    for row[10] in range(low, high + 1):
        losses = [-math.log(model.predict([a])[0][b]) for a, b in pairs]
        found.append((row[10], mean(losses)))
    return found


@figure
def nudge():
    """The loss of the name emma over one weight: a valley, the slope where the weight
    is, and a step."""
    data = record()["perceptron"]["nudge"]
    at, loss, slope = data["at"], data["loss"], data["slope"]
    valley = emma_over(-30, 80)
    bottom = min(valley, key=lambda it: it[1])
    x, y = scale((-30, 80), (50, WIDTH - 8)), scale((2.8, 3.9), (290, 34))
    end = at - FAR * slope
    start, landed = (x(at), y(loss)), (x(end), y(dict(valley)[round(end)]))
    line_at = [(x(w), y(loss + slope * (w - at))) for w in (-14, 21)]
    return (
        342,
        x_axis(x, range(-20, 81, 20), 300, "the weight", ends=(-30, 80)),
        y_axis(y, [2.8, 3, 3.2, 3.4, 3.6, 3.8], 42, "loss of emma", "{:.1f}"),
        path([(x(w), y(z)) for w, z in valley], SOFT, 2),
        path(line_at, BLUE, 1.5, stroke_dasharray="5 4"),
        text(x(-11), y(3.66), minus(f"slope {slope:.5f}"), fill=BLUE),
        arrow((start[0], start[1] - 30), (landed[0], start[1] - 30), RED, 2),
        line((landed[0], start[1] - 30), (landed[0], landed[1] - 8), RED, 1,
             stroke_dasharray="2 3"),
        text(landed[0] + 8, start[1] - 25, "a step", fill=RED),
        circle(start, 5.5, RED),
        circle(landed, 5, PAPER, stroke=RED, stroke_width=2),
        note(start[0] - 10, start[1] + 16, f"{at:.4f}", "end", RED),
        line((x(bottom[0]), y(bottom[1]) + 5), (x(bottom[0]), y(bottom[1]) + 17), SOFT),
        note(x(bottom[0]), y(bottom[1]) + 33, f"bottom, at {bottom[0]}", "middle"),
    )  # fmt: skip


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


FIRST, LAST = 201, 240  # of the steps that are looked at closely


@figure
def adam_averages():
    """Forty steps of one parameter: its gradients, their running mean, the root of the
    mean of their squares, and the step that Adam makes of the two."""
    history = record()["followed"]["lm_head[0][0]"]
    rate, total = record()["learning_rate"], len(record()["losses"])
    span = range(FIRST - 1, LAST)
    x = scale((FIRST, LAST), (66, WIDTH - 74))
    g, s = scale((-0.5, 0.6), (226, 30)), scale((-1, 1), (378, 262))
    root = [(history["v"][i] / (1 - 0.99 ** (i + 1))) ** 0.5 for i in span]
    mean_of = [history["m"][i] / (1 - 0.85 ** (i + 1)) for i in span]
    step = [move_of(history, i, rate * (1 - i / total)) for i in span]
    share = [z / (rate * (1 - i / total)) for i, z in zip(span, step)]
    at = [x(i + 1) for i in span]
    sticks = "".join(
        f"M{number(px)} {number(g(0))}V{number(g(history['grad'][i]))}"
        for px, i in zip(at, span)
    )
    parts = [
        y_axis(g, (-0.5, 0, 0.5), 54, "gradient", "{:g}", (-0.5, 0.6)),
        y_axis(s, (-1, 0, 1), 54, form="{:g}"),
        note(0, 254, "step, in learning rates"),
        line((66, g(0)), (at[-1], g(0)), FAINT),
        line((66, s(0)), (at[-1], s(0)), FAINT),
        path(sticks, SOFT, 3),
        *[path([(px, g(k * z)) for px, z in zip(at, root)], BLUE, 1.6,
               stroke_dasharray="6 4") for k in (1, -1)],
        path([(px, g(z)) for px, z in zip(at, mean_of)], RED, 2.4),
        note(at[-1] + 8, g(root[-1]) + 5, "√v", fill=BLUE),
        note(at[-1] + 8, g(-root[-1]) + 5, "−√v", fill=BLUE),
        note(at[-1] + 8, g(mean_of[-1]) + 5, "m", fill=RED),
        path([(px, s(z)) for px, z in zip(at, share)], RED, 2.4),
    ]  # fmt: skip
    shown = max(range(len(share)), key=lambda k: share[k])
    m, r, z = mean_of[shown], root[shown], share[shown]
    where = at[shown], s(z)
    told = minus(f"step {FIRST + shown}: m = {m:.3f}, √v = {r:.3f}, −m / √v = {z:.2f}")
    parts += [
        line((at[shown], g(m)), where, INK, 1, stroke_dasharray="2 3"),
        circle((at[shown], g(m)), 4, RED),
        circle(where, 4, RED),
        note(where[0] + 10, where[1] - 2, told, fill=INK),
    ]
    ticks = (FIRST, 210, 220, 230, LAST)
    return 432, *parts, x_axis(x, ticks, 388, "step of the training")


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
