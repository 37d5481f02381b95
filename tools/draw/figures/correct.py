"""Figures of what mistakes in the gradients do, and of the check that finds them."""

import math

from tools.draw.charts import minus, scale, x_axis, y_axis
from tools.draw.figures import figure
from tools.draw.palette import BLUE, FAINT, INK, RED
from tools.draw.svg import circle, line, note, path
from tools.lab.wrong import HUNDREDS
from tools.proof import tables

NAMES = {
    "none": "none",
    "keys": "keys",
    "values": "values",
    "norm-once": "norm, once",
    "root": "root",
    "norm": "norm",
    "all": "all three",
}


@figure
def wrong():
    """The losses of seven training runs, of which six have a mistake in the
    gradient, and the error that the check finds in each."""
    rows = {r["mistake"]: r for r in tables.read("wrong") if r["seed"] == "42"}
    return 274, *curves(rows), *errors(rows)


def curves(rows):
    """Returns the mean losses of each run, the right one above the others."""
    x = scale((0, 1000), (36, 250))
    y = scale((2.3, 2.8), (230, 40))
    ticks = [2.3, 2.4, 2.5, 2.6, 2.7, 2.8]
    parts = [
        x_axis(x, [0, 500, 1000], 230, "step"),
        y_axis(y, ticks, 36, "mean loss of 100 names", "{:.1f}"),
    ]
    for name in [name for name in NAMES if name != "none"] + ["none"]:
        values = [float(rows[name][column]) for column in HUNDREDS]
        points = [(x(100 * i + 50), y(value)) for i, value in enumerate(values)]
        colour, width = (BLUE, 2.2) if name == "none" else (RED, 1)
        parts.append(path(points, colour, width))
    return [*parts, note(x(330), y(2.66), "thick: no mistake", fill=BLUE)]


def errors(rows):
    """Returns the largest error of each run's gradients, by powers of ten."""
    e = scale((-10, 1), (385, 545))
    ends = [-10, -5, 0]
    parts = [x_axis(e, ends, 230, "", "", (-10, 1))]
    for tick in ends:
        told = minus(f"1e{tick}") if tick else "1"
        parts.append(note(e(tick), 249, told, "middle", INK))
    parts.append(note(545, 268, "largest error of a gradient", "end", INK))
    parts.append(note(372, 26, "mistake", "end", INK))
    for i, (name, told) in enumerate(NAMES.items()):
        height = 50 + 27 * i
        error = e(math.log10(float(rows[name]["error"])))
        parts += [
            note(372, height + 5, told, "end", INK),
            line((e(-10), height), (error, height), FAINT),
            circle((error, height), 4.5, BLUE if name == "none" else RED),
        ]
    return parts
