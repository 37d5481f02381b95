"""Figures of several processes: who holds what, the ring, and how it scales."""

import math

from tools.draw.charts import key, log_scale
from tools.draw.figures import figure
from tools.draw.palette import BLUE, FAINT, GREEN, INK, RED, SOFT, WIDTH
from tools.draw.svg import arrow, circle, note, path, rect, text
from tools.proof import tables

# The measured models: processes on paper at most, name and colour in the figure.
MODELS = (("book", 2, "the book's, batch 2", BLUE),
          ("64 wide", 32, "64 wide, batch 32", RED))  # fmt: skip
BOXES = (("all parameters", 92), ("gradient of its share", 132),
         ("the same Adam step", 172))  # fmt: skip


@figure
def processes():
    """Two processes with the whole model and half of the batch each; their gradients
    are added up, and both get the sum."""
    middle = WIDTH / 2
    parts = [*process(0, 0, middle), *process(1, WIDTH - 196, middle)]
    parts += [
        circle((middle, 167), 28, "none", stroke=RED, stroke_width=1.5),
        text(middle, 173, "Σ", "middle", fill=RED),
        note(middle, 64, "a batch of 8", "middle"),
        note(middle, 222, "all-reduce", "middle"),
    ]
    return 230, *parts


def process(rank, x, middle):
    """Returns a process: its share of the batch, what it does, and what it sends."""
    parts = [
        rect(x + 1, 1, 194, 208, stroke=FAINT, rx=6),
        text(x + 98, 26, f"process of rank {rank}", "middle"),
    ]
    for i in range(8):
        fill, opacity = (RED, 0.75) if i % 2 == rank else (FAINT, 0.2)
        parts.append(rect(x + 16 + 20.5 * i, 44, 17, 30, fill, fill_opacity=opacity))
    for label, y in BOXES:
        parts.append(rect(x + 16, y, 162, 28, stroke=SOFT, rx=3))
        parts.append(note(x + 97, y + 19, label, "middle", INK))
    edge = x + 178 if rank == 0 else x + 16
    near = middle - 30 if rank == 0 else middle + 30
    return [*parts, arrow((edge, 146), (near, 159)), arrow((near, 175), (edge, 186))]


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
        parts.append(note(left + gap / 2 - 4, 16, title, "middle"))
        parts += held(state, left, (gap - 12) / 3, count)
        if told := {1: "sums", 3: "copies"}.get(i):
            parts.append(note(left + gap - 6, 206, told, "middle"))
    return 212, *parts, note(0, 206, "rank")


def held(state, left, wide, count):
    """Returns the pieces that each process holds, a dot for each that is in them."""
    parts = []
    for (r, piece), (who, new) in state.items():
        x, y = left + 4 + r * wide, 30 + piece * 44
        shade = 0.3 if new else 0.18 if len(who) < count else 0.4
        fill = RED if new else FAINT
        parts.append(rect(x, y, wide - 3, 40, fill, rx=2, fill_opacity=shade))
        for rank in who:
            centre = (x + wide / 2 - 1.5, y + 10 + 10 * rank)
            parts.append(circle(centre, 3.4, (RED, BLUE, GREEN)[rank]))
    for r in range(count):
        parts.append(note(left + 4 + (r + 0.5) * wide - 1.5, 182, r, "middle"))
    return parts


def network():
    """Returns (latency in s, bytes a second) between two processes, as measured."""
    rows = [row for row in tables.read("scale") if row["what"] == "all-reduce"]
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
    row = next(row for row in tables.read("scale") if row["what"] == "64 wide")
    rate = 6 * float(row["number"]) * 32 * 64 / (float(row["alone_us"]) / 1e6)
    params = 12 * 12 * 768**2 + (50257 + 1024) * 768
    return 0.0, 6 * params * 512 * 1024 / rate, 8 * params


@figure
def scaling():
    """How much faster several processes are than one: measured with two, and on paper
    with more, for three models."""
    x = log_scale((1, 2**9), (46, WIDTH - 150), 2)
    y = log_scale((1 / 4, 2**9), (330, 24), 2)
    measured = {row["what"]: row for row in tables.read("scale")}
    ideal = path([(x(1), y(1)), (x(512), y(512))], FAINT, 1)
    parts = [*axes(x, y), ideal]
    for name, most, label, colour in MODELS:
        row = measured[name]
        found = speeds(*seconds(row), float(row["bytes"]), most)
        parts += on_paper(x, y, found, label, colour)
    parts += on_paper(x, y, speeds(*gpt2(), 512), "GPT-2's smallest", GREEN)
    for name, _, _, colour in MODELS:
        parts.append(point(x, y, 2, float(measured[name]["ratio"]), colour))
    measured = ("dot", SOFT, "measured, on two cores")
    paper = ("dash", SOFT, "model on paper")
    return 408, *parts, key(x(1) + 8, 397, measured, paper)


def at(x, y, processes, speed):
    """Returns the place of a speed; below a quarter all are the same."""
    return x(processes), y(max(speed, 1 / 4))


def on_paper(x, y, found, label, colour):
    """Returns the dashed curve of a model, with its name."""
    places = [at(x, y, *pair) for pair in found]
    (end_x, end_y), dashes = places[-1], "5 4"
    return [
        path(places, colour, 2, stroke_dasharray=dashes),
        note(end_x + 8, end_y + 5, label, fill=colour),
    ]


def point(x, y, processes, speed, colour):
    """Returns a measured speed."""
    return circle(at(x, y, processes, speed), 5, colour)


def axes(x, y):
    """Returns the axes, with a tick for each power of two."""
    bottom, left = y(1 / 4), x(1)
    made = [path([(left, bottom), (x(2**9), bottom)], FAINT, 1),
            path([(left, bottom), (left, y(2**9))], FAINT, 1)]  # fmt: skip
    for number in (2**k for k in range(10)):
        tick = x(number)
        made.append(path([(tick, bottom), (tick, bottom + 4)], FAINT, 1))
        made.append(note(tick, bottom + 19, number, "middle"))
    for k in range(-2, 10):
        tick, label = y(2.0**k), 2**k if k >= 0 else f"1/{2**-k}"
        made.append(path([(left - 4, tick), (left, tick)], FAINT, 1))
        made.append(note(left - 8, tick + 5, label, "end"))
    made.append(note(x(2**9), bottom + 38, "processes", "end"))
    made.append(note(0, 12, "speed against one process"))
    return made
