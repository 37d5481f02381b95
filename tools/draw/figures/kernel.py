"""Figures of the kernel in C: vectors, the exponential's series, batches."""

from math import exp, factorial, log, log10

from tools.draw.charts import curve, log_scale, rules, scale
from tools.draw.figures import figure
from tools.draw.palette import BLUE, FAINT, INK, MONO, RED
from tools.draw.svg import arrow, circle, line, note, path, rect, text
from tools.proof import tables

SIZE = 20  # of a cell


def cells(x, y, rows, columns, lit=(), fill=BLUE):
    """Returns a grid of cells; those in `lit`, (row, column), are filled."""
    parts = []
    for row in range(rows):
        for column in range(columns):
            at = x + column * SIZE, y + row * SIZE
            colour, shade = (fill, 0.35) if (row, column) in lit else ("none", None)
            parts.append(
                rect(*at, SIZE, SIZE, colour, stroke=FAINT, fill_opacity=shade)
            )
    return parts


@figure
def kernel_tile():
    """A matrix of activations in vectors of positions, and a tile of a product."""
    return 322, *activations(), *tile(320, 58, 5)


def activations():
    """Returns features by positions, one vector marked."""
    return [
        text(10, 22, "activations", fill=INK),
        *cells(10, 58, 8, 8, {(2, c) for c in range(4)}),
        note(90, 48, "positions", "middle"),
        note(178, 140, "features", "middle", turn=90),
        note(10, 250, "one vector: the same", fill=BLUE),
        note(10, 268, "feature of 4 positions", fill=BLUE),
        line((30, 236), (30, 120), BLUE),
    ]


def tile(left, top, depth):
    """Returns a product of matrices, and which parts of them make a tile of it."""
    below, middle = top + depth * SIZE + 24, left + 100
    whole = {(r, c) for r in range(4) for c in range(8)}
    return [
        text(230, 22, "a tile of C = A B", fill=INK),
        *cells(left + 20, top, depth, 8, {(2, c) for c in range(8)}),
        note(middle, top - 10, "B: two vectors", "middle"),
        *cells(230 - 20, below, 4, depth, {(r, 2) for r in range(4)}, RED),
        note(210 + 50, below + 100, "A: four numbers", "middle"),
        *cells(left + 20, below, 4, 8, whole),
        line((middle, below), (middle, below + 80), INK, 2),
        note(middle, below + 100, "8 sums, in registers", "middle", INK),
        arrow((left - 4, below + 40), (left + 16, below + 40)),
        arrow((middle, top + depth * SIZE + 2), (middle, below - 4)),
        note(190, below + 126, "each step of the depth: 6 reads, 8 multiply-adds"),
    ]


def worst(degree):
    """Returns the largest relative error of the series on the kernel's interval."""
    errors = []
    for i in range(-400, 401):
        r, total = log(2) / 2 * i / 400, 0.0
        for power in range(degree, -1, -1):
            total = total * r + 1 / factorial(power)
        errors.append(abs(total / exp(r) - 1))
    return max(max(errors), 2**-53)


def round_up(error):
    """Returns an error with the one digit on which all maths libraries agree."""
    return max(float(f"{error:.0e}"), 2e-16) if error > 4e-16 else 2e-16


@figure
def kernel_exp():
    """The error of the exponential's series against its degree."""
    left, right, top, bottom = 70, 540, 30, 300
    x = scale((0.5, 15.5), (left, right))
    powers = scale((0, -17), (top, bottom))
    parts = [
        line((left, bottom), (right, bottom)),
        rules(powers, (0, -4, -8, -12, -16), left, right, 8,
              lambda power: f"1e{power}" if power else "1", font_family=MONO),
    ]  # fmt: skip
    for error, name in ((2**-24, "32 bits"), (2**-53, "64 bits")):
        y = powers(log10(error))
        parts.append(line((left, y), (right, y), RED, stroke_dasharray="4 3"))
        parts.append(note(left + 6, y - 6, name, fill=RED))
    points = [(x(d), powers(log10(round_up(worst(d))))) for d in range(1, 16)]
    parts.append(path(points, BLUE))
    for degree, point in enumerate(points, 1):
        parts.append(circle(point, 4 if degree in (7, 13) else 2.5, BLUE))
        if degree % 2:
            parts.append(note(point[0], bottom + 20, degree, "middle"))
    parts.append(
        note((left + right) / 2, bottom + 42, "degree of the series", "middle")
    )
    return bottom + 52, *parts, note(left, top - 12, "largest relative error")


@figure
def kernel_batches():
    """Documents in the same time, for batches of 1 to 64, with 64 and with 32 bits."""
    speeds = {"f64": {}, "f32": {}}
    for row in tables.read("kernel"):
        speeds[row["precision"]][int(row["batch"])] = float(row["speed"])
    left, right, top, bottom = 60, 470, 30, 250
    x, y = log_scale((1, 64), (left, right), 2), scale((0, 3), (bottom, top))
    parts = [
        note(left, top - 12, "documents in the same time"),
        rules(y, (0, 1, 2, 3), left, right),
    ]
    for precision, colour in (("f64", BLUE), ("f32", RED)):
        points = [(x(size), y(speed)) for size, speed in speeds[precision].items()]
        parts.append(curve(points, colour, 3))
        (end_x, end_y), name = points[-1], f"{precision[1:]} bits"
        parts.append(note(end_x + 10, end_y + 5, name, fill=colour))
    parts += [note(x(size), bottom + 20, size, "middle") for size in speeds["f64"]]
    middle = (left + right) / 2
    parts.append(note(middle, bottom + 42, "documents of a batch", "middle"))
    return bottom + 52, *parts


@figure
def two_threads():
    """A step of two threads: both compute, meet, move their parameters, meet again."""
    left, top, tall, meetings = 96, 34, 46, (310, 490)
    parts = [note(left, 18, "time"), arrow((left + 36, 13), (left + 90, 13))]
    for row, (gradient, stretch) in enumerate(((200, 110), (164, 130))):
        y = top + row * (tall + 18)
        parts.append(note(left - 10, y + 28, f"thread {row}", "end", INK))
        for at, wide, colour, told in (
            (left, gradient, BLUE, "gradient of its share"),
            (meetings[0] + 4, stretch, RED, "its stretch"),
        ):
            parts.append(rect(at, y, wide, tall, colour, fill_opacity=0.35))
            parts.append(note(at + wide / 2, y + 28, told, "middle", INK))
        for at, until in (
            (left + gradient, meetings[0] - 4),
            (meetings[0] + 4 + stretch, meetings[1] - 4),
        ):
            middle = y + tall / 2
            parts.append(line((at, middle), (until, middle), stroke_dasharray="3 3"))
    bottom = top + 2 * tall + 30
    for at, told in zip(meetings, ("meet: gradients are there", "meet: next step")):
        parts.append(line((at, top - 8), (at, bottom), INK, 2))
        parts.append(note(at, bottom + 18, told, "middle"))
    return bottom + 26, *parts
