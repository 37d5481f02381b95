"""Figures of the engine in PyTorch: a padded batch, the parts of a step."""

from tools.draw.charts import scale, x_axis
from tools.draw.figures import figure, shuffled
from tools.draw.palette import BLUE, FAINT, GREEN, INK, MONO, PAPER, RED, SOFT, WIDTH
from tools.draw.svg import note, rect, text
from tools.proof import tables

LEFT, ROW = 92, 32
PARTS = {"batch": "batch", "forward": "forward", "backward": "backward",
         "optimizer": "Adam"}  # fmt: skip
COLOURS = dict(zip(PARTS, (SOFT, BLUE, RED, GREEN)))


@figure
def padding():
    """Three names of different lengths as the rows of a rectangle, and below it the
    weight of each place in the loss."""
    docs = shuffled()[:3]
    longest = max(map(len, docs)) + 1
    parts, y = [], 30
    for what in ("tokens", "weights"):
        parts.append(note(0, y - 12, what))
        for i, doc in enumerate(docs):
            top = y + i * ROW
            parts.append(note(LEFT - 10, top + 20, doc, "end", INK))
            if what == "tokens":
                labels = ["·", *doc]
            else:
                labels = [f"1/{len(docs) * (len(doc) + 1)}"] * (len(doc) + 1)
            empty = "" if what == "tokens" else "0"
            parts += padded(labels, empty, longest, top)
        y += len(docs) * ROW + 44
    return y - 40, *parts


def padded(labels, empty, longest, top):
    """Returns a row of cells; behind the labels they are empty."""
    cell, parts = (WIDTH - LEFT) / longest, []
    for j in range(longest):
        real, x = j < len(labels), LEFT + j * cell
        fill, opacity = (RED, 0.16) if real else (FAINT, 0.25)
        parts.append(rect(x, top, cell - 2, ROW - 2, fill, fill_opacity=opacity))
        if label := labels[j] if real else empty:
            colour = INK if real else SOFT
            at = x + cell / 2 - 1, top + 20
            parts.append(note(*at, label, "middle", colour, font_family=MONO))
    return parts


@figure
def overhead():
    """The parts of a step in PyTorch and their microseconds, eager and compiled."""
    rows = {row["what"]: row for row in tables.read("overhead")}
    times = {
        how: [float(rows[part][how]) for part in PARTS] for how in ("eager", "compiled")
    }
    limit = -(-max(map(sum, times.values())) // 500) * 500
    x = scale((0, limit), (86, WIDTH - 22))
    parts = []
    for i, (how, values) in enumerate(times.items()):
        top = 14 + i * 66
        parts.append(note(76, top + 27, how, "end", INK))
        parts += bar(x, top, values)
    parts.append(x_axis(x, range(0, int(limit) + 1, 500), 150, "microseconds"))
    return 194, *parts


def bar(x, top, values):
    """Returns the parts of a step, one behind the other."""
    parts, at = [], 0.0
    for name, value in zip(PARTS, values):
        width = x(at + value) - x(at)
        parts.append(rect(x(at), top, width - 1.5, 42, COLOURS[name]))
        if width > 56:
            for j, label in enumerate((PARTS[name], f"{value:.0f}")):
                middle = x(at) + width / 2, top + 18 + 17 * j
                parts.append(text(*middle, label, "middle", 13, PAPER))
        at += value
    return parts
