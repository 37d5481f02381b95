"""Figures of several processes: who holds what, the ring, and how it scales."""

import math

from tools.draw.charts import scale
from tools.draw.figures import figure
from tools.draw.figures.framework import table
from tools.draw.svg import (
    BLUE,
    FAINT,
    GREEN,
    RED,
    SMALL,
    SOFT,
    WIDTH,
    arrow,
    circle,
    path,
    rect,
    text,
)  # fmt: skip


@figure
def processes():
    """Two processes with the whole model and half of the batch each; their gradients
    are added up, and both get the sum."""
    parts, middle = [], WIDTH / 2
    for rank, x in enumerate((0, WIDTH - 196)):
        centre = x + 98
        parts += [
            rect(x + 1, 1, 194, 208, stroke=FAINT, rx=6),
            text(centre, 26, f"process of rank {rank}", "middle", 15),
        ]
        for i in range(8):
            mine = i % 2 == rank
            parts.append(rect(x + 16 + 20.5 * i, 44, 17, 30, RED if mine else FAINT,
                              fill_opacity=0.75 if mine else 0.2))  # fmt: skip
        boxes = (("all parameters", 92), ("gradient of its share", 132),
                 ("the same Adam step", 172))  # fmt: skip
        for label, y in boxes:
            parts += [
                rect(x + 16, y, 162, 28, stroke=SOFT, rx=3),
                text(centre - 1, y + 19, label, "middle", SMALL),
            ]
        edge = x + 178 if rank == 0 else x + 16
        near = middle - 30 if rank == 0 else middle + 30
        parts += [arrow((edge, 146), (near, 159)), arrow((near, 175), (edge, 186))]
    parts += [
        circle((middle, 167), 28, "none", stroke=RED, stroke_width=1.5),
        text(middle, 176, "Σ", "middle", 24, RED),
        text(middle, 64, "a batch of 8", "middle", SMALL, SOFT),
        text(middle, 222, "all-reduce", "middle", SMALL, SOFT),
    ]
    return 230, *parts


def rounds(count):
    """Yields the pieces after each round: {(process, piece): (who is in it, new)}."""
    held = {(r, piece): {r} for r in range(count) for piece in range(count)}
    yield {place: (who, False) for place, who in held.items()}
    for turn in range(2 * (count - 1)):
        sent = {}
        for r in range(count):
            piece = (r - turn) % count
            sent[(r + 1) % count, piece] = held[r, piece]
        for place, who in sent.items():
            held[place] = held[place] | who
        yield {place: (set(who), place in sent) for place, who in held.items()}


@figure
def ring():
    """All-reduce in a ring of three processes, before and after each of four rounds."""
    count, parts = 3, []
    states = list(rounds(count))
    gap = WIDTH / len(states)
    for i, state in enumerate(states):
        left = i * gap
        title = "at first" if i == 0 else f"round {i}"
        parts.append(text(left + gap / 2 - 4, 16, title, "middle", SMALL, SOFT))
        for (r, piece), (who, new) in state.items():
            x, y = left + 4 + r * (gap - 12) / 3, 30 + piece * 44
            full = len(who) == count
            parts.append(rect(
                x, y, (gap - 12) / 3 - 3, 40, RED if new else FAINT, rx=2,
                fill_opacity=0.3 if new else 0.18 if not full else 0.4,
            ))  # fmt: skip
            for rank in who:
                parts.append(circle(
                    (x + (gap - 12) / 6 - 1.5, y + 10 + 10 * rank), 3.4,
                    (RED, BLUE, GREEN)[rank],
                ))  # fmt: skip
        for r in range(count):
            x = left + 4 + (r + 0.5) * (gap - 12) / 3 - 1.5
            parts.append(text(x, 182, r, "middle", SMALL, SOFT))
        if told := {1: "sums", 3: "copies"}.get(i):
            parts.append(text(left + gap - 6, 206, told, "middle", SMALL, SOFT))
    parts.append(text(0, 206, "rank", None, SMALL, SOFT))
    return 212, *parts


def network():
    """Returns (latency in s, bytes a second) between two processes, as measured."""
    rows = [row for row in table("scale") if row["what"] == "all-reduce"]
    small, large = rows[0], rows[-1]
    latency = float(small["together_us"]) / 2e6
    rest = float(large["together_us"]) / 1e6 - 2 * latency
    return latency, float(large["bytes"]) / rest


def all_reduce(size, processes, latency, speed):
    """Returns the seconds of a ring all-reduce, on paper."""
    if processes == 1:
        return 0.0
    return 2 * (processes - 1) * (latency + size / processes / speed)


def speeds(fixed, shared, size, most):
    """Returns [(processes, speed against one)], on paper.

    fixed, shared: seconds of a step that do not become less, and that do.
    """
    latency, speed = network()
    alone, found = fixed + shared, []
    for p in (2**k for k in range(int(math.log2(most)) + 1)):
        time = fixed + shared / p + all_reduce(size, p, latency, speed)
        found.append((p, alone / time))
    return found


def seconds(row):
    """Returns the (fixed, shared) seconds of a step, from whole and half batches."""
    alone, half = float(row["alone_us"]) / 1e6, float(row["half_us"]) / 1e6
    fixed = max(0.0, 2 * half - alone)
    return fixed, alone - fixed


def gpt2():
    """Returns (0, seconds of a step on one core, bytes) of the smallest GPT-2.

    On paper. A step: 512 texts of 1,024 tokens, 6 operations for each parameter and
    token, at the rate at which the model 64 wide was trained.
    """
    row = next(row for row in table("scale") if row["what"] == "64 wide")
    rate = 6 * float(row["number"]) * 32 * 64 / (float(row["alone_us"]) / 1e6)
    params = 12 * 12 * 768**2 + (50257 + 1024) * 768
    return 0.0, 6 * params * 512 * 1024 / rate, 8 * params


@figure
def scaling():
    """How much faster several processes are than one: measured with two, and on paper
    with more, for three models."""
    x = scale((0, 9), (46, WIDTH - 150))
    y = scale((-2, 9), (330, 24))
    measured = {row["what"]: row for row in table("scale")}
    curves = [("", [(1, 1), (512, 512)], FAINT)]
    labels = {"book": "the book's, batch 2", "64 wide": "64 wide, batch 32"}
    for name, most, colour in (("book", 2, BLUE), ("64 wide", 32, RED)):
        row = measured[name]
        found = speeds(*seconds(row), float(row["bytes"]), most)
        curves.append((labels[name], found, colour))
    curves.append(("GPT-2's smallest", speeds(*gpt2(), 512), GREEN))
    parts = axes(x, y)
    for label, points, colour in curves:
        places = [(x(math.log2(p)), y(math.log2(max(s, 1 / 4)))) for p, s in points]
        ideal = colour == FAINT
        dashes = None if ideal else "5 4"
        parts.append(path(places, colour, 1 if ideal else 2, stroke_dasharray=dashes))
        if colour != FAINT:
            far = places[-1]
            parts.append(text(far[0] + 8, far[1] + 5, label, None, SMALL, colour))
    for name, colour in (("book", BLUE), ("64 wide", RED)):
        ratio = float(measured[name]["ratio"])
        parts.append(circle((x(1), y(math.log2(max(ratio, 1 / 4)))), 5, colour))
    parts += [
        circle((x(0) + 14, 352 + 14 + 26), 5, SOFT),
        text(x(0) + 26, 352 + 19 + 26, "measured, on two cores", None, SMALL, SOFT),
        path([(x(0) + 210, 392), (x(0) + 244, 392)], SOFT, 2, stroke_dasharray="5 4"),
        text(x(0) + 252, 397, "model on paper", None, SMALL, SOFT),
    ]
    return 408, *parts


def axes(x, y):
    """Returns the axes, with powers of two in place of their logarithms."""
    bottom, left = y(-2), x(0)
    made = [path([(left, bottom), (x(9), bottom)], FAINT, 1),
            path([(left, bottom), (left, y(9))], FAINT, 1)]  # fmt: skip
    for k in range(10):
        made.append(path([(x(k), bottom), (x(k), bottom + 4)], FAINT, 1))
        made.append(text(x(k), bottom + 19, 2**k, "middle", SMALL, SOFT))
    for k in range(-2, 10):
        made.append(path([(left - 4, y(k)), (left, y(k))], FAINT, 1))
        label = 2**k if k >= 0 else f"1/{2**-k}"
        made.append(text(left - 8, y(k) + 5, label, "end", SMALL, SOFT))
    made.append(text(x(9), bottom + 38, "processes", "end", SMALL, SOFT))
    made.append(text(0, 12, "speed against one process", None, SMALL, SOFT))
    return made
