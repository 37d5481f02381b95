"""Figures of the engine that works with arrays: the mask, and what a call costs."""

from tools.draw import reading
from tools.draw.charts import curve, log_scale, x_axis, y_axis
from tools.draw.figures import figure, record, symbols
from tools.draw.palette import BLUE, FAINT, RED
from tools.draw.svg import line, note
from tools.proof import tables

# The lines that hatch a cell: from where to where.
HATCHES = ((0, 18, 18, 0), (0, 36, 36, 0), (0, 54, 54, 0), (18, 54, 54, 18),
           (36, 54, 54, 36))  # fmt: skip


@figure
def causal_mask():
    """The weights of one head over the name antonia, as one table: each row a position
    that reads, each column one that is read. What lies in the future is hatched."""
    shown, rows = symbols("antonia"), record()["attention"]["antonia"][0]
    parts = reading.frame(shown, rows, "keys: what is read", "queries: who reads")
    for i, row in enumerate(rows):
        parts += reading.weights(row, i)
        for j in range(len(row), len(shown)):
            parts += hatched(
                reading.LEFT + j * reading.CELL, reading.TOP + i * reading.CELL
            )
    return reading.TOP + len(shown) * reading.CELL + 4, *parts


def hatched(x, y):
    """Returns the hatching of a cell."""
    return [line((x + a, y + b), (x + c, y + d), FAINT) for a, b, c, d in HATCHES]


@figure
def calls():
    """The time to add two lists of floats and two arrays, by the number of floats."""
    x = log_scale((1, 65536), (70, 440), 10)
    y = log_scale((10**-0.5, 10000), (300, 40), 10)
    powers = (1, 10, 100, 1000, 10000)
    parts = [
        x_axis(x, powers, 312, "numbers added", "{:,g}", (1, 65536)),
        y_axis(y, powers, 62, "microseconds", "{:,g}", (10**-0.5, 10000)),
    ]
    rows = tables.read("calls")
    for what, colour in (("list", BLUE), ("array", RED)):
        points = [
            (x(int(row["size"])), y(float(row["microseconds"])))
            for row in rows
            if row["what"] == what
        ]
        parts.append(curve(points, colour, 3))
        last_x, last_y = points[-1]
        parts.append(note(last_x + 10, last_y + 5, f"two {what}s", fill=colour))
    return 356, *parts
