"""Figures of what mistakes in the gradients do, and of the check that finds them."""

import csv
import math

from tools.draw.charts import scale, x_axis, y_axis
from tools.draw.figures import NotYet, figure
from tools.draw.svg import BLUE, FAINT, RED, SMALL, circle, line, path, text
from tools.lab.wrong import HUNDREDS, TABLE

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
    if not TABLE.exists():
        raise NotYet("there is no docs/data/wrong.csv: run python -m tools.lab.wrong")
    with open(TABLE, encoding="utf-8") as file:
        rows = {r["mistake"]: r for r in csv.DictReader(file) if r["seed"] == "42"}
    x = scale((0, 1000), (36, 250))
    y = scale((2.3, 2.8), (230, 40))
    ticks = [2.3, 2.4, 2.5, 2.6, 2.7, 2.8]
    parts = [
        x_axis(x, [0, 500, 1000], 230, "step"),
        y_axis(y, ticks, 36, "mean loss of 100 names", "{:.1f}"),
    ]
    order = [name for name in NAMES if name != "none"] + ["none"]
    for name in order:
        values = [float(rows[name][column]) for column in HUNDREDS]
        points = [(x(100 * i + 50), y(value)) for i, value in enumerate(values)]
        colour, width = (BLUE, 2.2) if name == "none" else (RED, 1)
        parts.append(path(points, colour, width))
    e = scale((-10, 1), (385, 545))
    ends = [-10, -5, 0]
    parts.append(x_axis(e, ends, 230, "", "", (-10, 1)))
    for tick in ends:
        power = str(tick).replace("-", "−")
        told = f"1e{power}" if tick else "1"
        parts.append(text(e(tick), 249, told, "middle", SMALL))
    parts.append(text(545, 268, "largest error of a gradient", "end", SMALL))
    parts.append(text(372, 26, "mistake", "end", SMALL))
    for i, (name, told) in enumerate(NAMES.items()):
        height = 50 + 27 * i
        error = math.log10(float(rows[name]["error"]))
        colour = BLUE if name == "none" else RED
        parts += [
            text(372, height + 5, told, "end", SMALL),
            line((e(-10), height), (e(error), height), FAINT),
            circle((e(error), height), 4.5, colour),
        ]
    return 274, *parts
