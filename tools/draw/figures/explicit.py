"""Figures of the backward pass that is worked out on paper."""

from tools.draw.figures import figure, symbols
from tools.draw.palette import BLUE, FAINT, INK, PAPER, RED, SERIF, SOFT
from tools.draw.svg import arrow, circle, line, note, path, rect, text

STEP, TOP = 46, 44
UP, DOWN = 150, 410  # the middle of each way
WIDE, TALL = 104, 28

# Row by row, from the loss down: what stands on the way up, what on the way down,
# and what crosses over. "+" is a sum, "" a fork.
ROWS = [
    ("+", "", ""),
    ("fc2", "fc2, back", "h"),
    ("ReLU", "on or off", "h > 0"),
    ("fc1", "fc1, back", "b"),
    ("norm", "norm, back", "y, m"),
    ("", "+", ""),
    ("+", "", ""),
    ("wo", "wo, back", "z"),
    ("heads", "heads, back", "q, k, v, w"),
    ("qkv", "qkv, back", "a"),
    ("norm", "norm, back", "x, m"),
    ("", "+", ""),
]


def half(name):
    """Returns how far a thing reaches up and down from its middle."""
    return {"+": 10, "": 3}.get(name, TALL / 2)


def place(x, y, name, colour):
    """Returns a box, a sum or a fork."""
    if name == "":
        return [circle((x, y), 3.5, colour)]
    if name == "+":
        ring = circle((x, y), 10, PAPER, stroke=colour, stroke_width=1.3)
        return [ring, text(x, y + 5.5, "+", "middle", fill=colour)]
    box = rect(
        x - WIDE / 2, y - TALL / 2, WIDE, TALL, PAPER, rx=5, stroke=colour,
        stroke_width=1.2,
    )  # fmt: skip
    return [box, note(x, y + 5, name, "middle", INK)]


@figure
def both_ways():
    """The forward pass through one layer, upward, and beside it the backward pass,
    downward."""
    ys = [TOP + STEP * i for i in range(len(ROWS))]
    bottom = ys[-1] + 34
    parts = [
        note(UP, 16, "forward", "middle", BLUE),
        note(DOWN, 16, "backward", "middle", RED),
        *between(ys),
        *outside(ys, bottom),
    ]
    for high, low in ((ys[0], ys[5]), (ys[6], ys[11])):  # the residual connections
        parts += around(UP, UP - WIDE / 2 - 26, low, high, UP - 10, BLUE)
        parts += around(DOWN, DOWN + WIDE / 2 + 26, high, low, DOWN + 10, RED)
    for row, y in zip(ROWS, ys):
        parts += across(row, y)
    return bottom + 6, *parts


def between(ys):
    """Returns the arrows from each thing to the next, on both ways."""
    parts = []
    for i in range(len(ROWS) - 1):
        (up, down, _), (up_below, down_below, _) = ROWS[i : i + 2]
        a, b = ys[i] + half(up), ys[i + 1] - half(up_below)
        parts.append(arrow((UP, b), (UP, a), BLUE))
        a, b = ys[i] + half(down), ys[i + 1] - half(down_below)
        parts.append(arrow((DOWN, a), (DOWN, b), RED))
    return parts


def outside(ys, bottom):
    """Returns the arrows into the layer and out of it, and what comes along."""
    top, last = ys[0], ys[-1]
    middle = (ys[5] + ys[6]) / 2
    return [
        arrow((UP, bottom), (UP, last + 3), BLUE),
        arrow((DOWN, last + 10), (DOWN, bottom), RED),
        arrow((UP, top - 10), (UP, top - 24), BLUE),
        arrow((DOWN, top - 24), (DOWN, top - 3), RED),
        named(UP + 10, bottom - 4, "x", BLUE),
        named(DOWN + 10, bottom - 4, "dx", RED),
        named(UP + 10, ys[5] + 5, "y", BLUE),
        named(DOWN + 8, middle + 8, "dy", RED),
        named(UP + 14, top - 8, "out", BLUE),
        named(DOWN + 10, top - 8, "dout", RED),
    ]


def named(x, y, name, colour):
    """Returns the name of a vector."""
    return text(x, y, name, fill=colour, font_style="italic", font_family=SERIF)


def around(x, side, start, end, tip, colour):
    """Returns an arrow that goes around the boxes on one side."""
    points = [(x, start), (side, start), (side, end)]
    return [path(points, colour, 1.2), arrow((side, end), (tip, end), colour)]


def across(row, y):
    """Returns what stands in a row, and what crosses over from way to way."""
    up, down, crossing = row
    parts = place(UP, y, up, BLUE) + place(DOWN, y, down, RED)
    if crossing:
        a, b = UP + WIDE / 2 + 2, DOWN - WIDE / 2 - 2
        parts.append(arrow((a, y), (b, y), FAINT, 1))
        parts.append(note((a + b) / 2, y - 5, crossing, "middle"))
    return parts


CELL = 34


def triangle(left, title, marked, colour, letters):
    """Returns a cell for each pair of a reader and what it reads."""
    n, top = len(letters), 66
    parts = [note(left + n * CELL / 2, 16, title, "middle", colour)]
    parts.append(note(left + n * CELL / 2, 38, "s is read", "middle"))
    parts.append(note(left - 34, top + n * CELL / 2, "t reads", "middle", turn=-90))
    for i, letter in enumerate(letters):
        middle = (i + 0.5) * CELL
        parts.append(text(left + middle, top - 8, letter, "middle"))
        parts.append(text(left - 12, top + middle + 5, letter, "middle"))
        for s in range(i + 1):
            fill, opacity = (colour, 0.75) if marked(i, s) else (SOFT, 0.22)
            x, y = left + s * CELL + 2, top + i * CELL + 2
            size = CELL - 4
            parts.append(rect(x, y, size, size, fill, rx=3, opacity=opacity))
    return parts


@figure
def readers():
    """Two triangles with a cell for each position t and each position s that it
    reads; in the left one the row of t = 3 is marked, in the right one the column
    of s = 1."""
    letters = symbols("emma")
    height = 66 + len(letters) * CELL
    return (
        height + 6,
        *triangle(60, "forward: a row", lambda t, s: t == 3, BLUE, letters),
        *triangle(340, "backward: a column", lambda t, s: s == 1, RED, letters),
        line((280, 30), (280, height), INK, 0.3),
    )
