"""Figures of the engine in PyTorch: a padded batch, the parts of a step."""

import math

from tools.draw.charts import scale
from tools.draw.figures import figure, shuffled
from tools.draw.palette import FAINT, INK, MONO, PAPER, RED, SOFT, WIDTH
from tools.draw.svg import note, rect, text
from tools.proof import tables

LEFT, ROW = 92, 32
PARTS = {"batch": "the batch", "forward": "forward", "backward": "backward",
         "optimizer": "Adam"}  # fmt: skip
HOW = ("eager", "compiled")


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
    most = max(float(rows[part][how]) for part in PARTS for how in HOW)
    x, top = scale((0, most), (LEFT, WIDTH - 132)), 6
    parts = []
    for i, (part, label) in enumerate(PARTS.items()):
        y = top + i * 58
        parts.append(text(LEFT - 12, y + 28, label, "end"))
        for k, how in enumerate(HOW):
            value = float(rows[part][how])
            parts += bar(x, y + k * 22, value, how)
    for k, how in enumerate(HOW):
        y = top + len(PARTS) * 58 + 6 + k * 22
        whole = math.fsum(float(rows[part][how]) for part in PARTS)
        parts.append(note(LEFT, y + 15, f"{how}: {whole:,.0f} microseconds in all"))
    return top + len(PARTS) * 58 + 52, *parts


def bar(x, y, value, how):
    """Returns the microseconds of a part, with their number."""
    filled = how == "eager"
    end = x(value)
    return [
        rect(LEFT, y, max(end - LEFT, 1.5), 18, RED if filled else PAPER, stroke=RED,
             fill_opacity=0.75 if filled else 1),
        note(end + 8, y + 14, f"{value:.0f} {how}", fill=INK),
    ]  # fmt: skip
