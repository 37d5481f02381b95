"""Figures of the engine in PyTorch: a padded batch, the parts of a step."""

import csv
import random

from microgpt.data import bundled_names, load_documents
from tools.draw.charts import scale, x_axis
from tools.draw.figures import NotYet, figure
from tools.draw.svg import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    MONO,
    PAPER,
    RED,
    SMALL,
    SOFT,
    WIDTH,
    rect,
    text,
)  # fmt: skip
from tools.proof import stage

DATA = stage.BOOK / "data"


def table(name):
    """Returns the rows of a table of measurements."""
    path = DATA / f"{name}.csv"
    if not path.exists():
        tool = {"operators": "overhead"}.get(name, name)
        raise NotYet(
            f"there is no {path.name}: run python -m tools.measure.{tool} --write"
        )
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


@figure
def padding():
    """Three names of different lengths as the rows of a rectangle, and below it the
    weight of each place in the loss."""
    docs = load_documents(bundled_names())
    random.Random(42).shuffle(docs)
    docs = docs[:3]
    longest = max(map(len, docs)) + 1
    left, cell, row = 92, (WIDTH - 92) / longest, 32
    parts, y = [], 30
    for what in ("tokens", "weights"):
        parts.append(text(0, y - 12, what, None, SMALL, SOFT))
        for i, doc in enumerate(docs):
            top = y + i * row
            parts.append(text(left - 10, top + 20, doc, "end", SMALL, INK))
            for j in range(longest):
                real = j <= len(doc)
                x = left + j * cell
                parts.append(rect(
                    x, top, cell - 2, row - 2, RED if real else FAINT,
                    fill_opacity=0.16 if real else 0.25,
                ))  # fmt: skip
                if what == "tokens":
                    label = ("·" + doc)[j] if real else ""
                else:
                    label = f"1/{len(docs) * (len(doc) + 1)}" if real else "0"
                if label:
                    parts.append(text(
                        x + cell / 2 - 1, top + 20, label, "middle", SMALL,
                        INK if real else SOFT, font_family=MONO,
                    ))  # fmt: skip
        y += len(docs) * row + 44
    return y - 40, *parts


@figure
def overhead():
    """The parts of a step in PyTorch and their microseconds, eager and compiled."""
    rows = {row["what"]: row for row in table("overhead")}
    names = {"batch": "batch", "forward": "forward", "backward": "backward",
             "optimizer": "Adam"}  # fmt: skip
    colours = dict(zip(names, (SOFT, BLUE, RED, GREEN)))
    most = max(sum(float(rows[n][how]) for n in names) for how in ("eager", "compiled"))
    limit = -(-most // 500) * 500
    x = scale((0, limit), (86, WIDTH - 22))
    parts = []
    for i, how in enumerate(("eager", "compiled")):
        top, at = 14 + i * 66, 0.0
        parts.append(text(76, top + 27, how, "end", SMALL, INK))
        for name in names:
            value = float(rows[name][how])
            width = x(at + value) - x(at)
            parts.append(rect(x(at), top, width - 1.5, 42, colours[name]))
            if width > 56:
                told = (names[name], f"{value:.0f}")
                for j, label in enumerate(told):
                    parts.append(text(
                        x(at) + width / 2, top + 18 + 17 * j, label, "middle", 13, PAPER
                    ))  # fmt: skip
            at += value
    parts.append(x_axis(x, range(0, int(limit) + 1, 500), 150, "microseconds"))
    return 194, *parts
