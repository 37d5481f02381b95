"""Figures of the engine that works with arrays: the mask, and what a call costs."""

import csv
import math

from tools.draw.charts import labels_across, labels_down, scale, shades, x_axis, y_axis
from tools.draw.figures import NotYet, figure, record, symbols
from tools.draw.svg import (
    BLUE,
    FAINT,
    INK,
    PAPER,
    RED,
    SMALL,
    SOFT,
    circle,
    line,
    path,
    text,
)  # fmt: skip
from tools.measure.calls import TABLE


@figure
def causal_mask():
    """The weights of one head over the name antonia, as one table: each row a position
    that reads, each column one that is read. What lies in the future is hatched."""
    name, head = "antonia", 0
    shown, cell, left, top = symbols(name), 56, 58, 52
    rows = record()["attention"][name][head]
    parts = [
        text(left, 16, "keys: what is read", None, SMALL, SOFT),
        text(16, top + 4 * cell, "queries: who reads", "middle", SMALL, SOFT, turn=-90),
        labels_across(shown, left, top, cell, 17),
        labels_down(shown, left, top, cell, 17),
        shades(rows, left, top, cell, gap=2),
    ]
    for i, row in enumerate(rows):
        y = top + i * cell
        for j in range(len(shown)):
            x = left + j * cell
            if j < len(row):
                colour = PAPER if row[j] > 0.6 else INK
                parts.append(text(x + cell / 2 - 1, y + cell / 2 + 5, f"{row[j]:.2f}",
                                  "middle", SMALL, colour))  # fmt: skip
            else:
                parts += [
                    line((x + a, y + b), (x + c, y + d), FAINT)
                    for a, b, c, d in ((0, 18, 18, 0), (0, 36, 36, 0), (0, 54, 54, 0),
                                       (18, 54, 54, 18), (36, 54, 54, 36))
                ]  # fmt: skip
    return top + len(shown) * cell + 4, *parts


@figure
def calls():
    """The time to add two lists of floats and two arrays, by the number of floats."""
    if not TABLE.exists():
        raise NotYet(
            f"there is no {TABLE.name}: run python -m tools.measure.calls --write"
        )
    with open(TABLE, encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    x = scale((0, math.log10(65536)), (70, 440))
    y = scale((-0.5, 4), (300, 40))
    sizes = (1, 10, 100, 1000, 10000)
    times = (1, 10, 100, 1000, 10000)
    parts = [
        x_axis(lambda v: x(math.log10(v)), sizes, 312, "numbers added", "{:,g}",
               (1, 65536)),
        y_axis(lambda v: y(math.log10(v)), times, 62, "microseconds", "{:,g}",
               (10**-0.5, 10000)),
    ]  # fmt: skip
    for what, colour in (("list", BLUE), ("array", RED)):
        points = [
            (x(math.log10(int(row["size"]))), y(math.log10(float(row["microseconds"]))))
            for row in table
            if row["what"] == what
        ]
        parts.append(path(points, colour))
        parts += [circle(point, 3, colour) for point in points]
        last_x, last_y = points[-1]
        parts.append(text(last_x + 10, last_y + 5, f"two {what}s", None, SMALL, colour))
    return 356, *parts
