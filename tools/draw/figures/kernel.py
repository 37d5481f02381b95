"""Figures of the kernel in C: vectors, the exponential's series, batches."""

import csv
from math import exp, factorial, log, log2, log10

from tools.draw.figures import figure
from tools.draw.svg import (
    BLUE,
    FAINT,
    INK,
    MONO,
    RED,
    SMALL,
    SOFT,
    arrow,
    circle,
    line,
    path,
    rect,
    text,
)  # fmt: skip
from tools.proof.stage import ROOT


def cells(x, y, rows, columns, size=20, lit=(), fill=BLUE):
    """Returns a grid of cells; those in `lit`, (row, column), are filled."""
    parts = []
    for row in range(rows):
        for column in range(columns):
            on = (row, column) in lit
            parts.append(
                rect(
                    x + column * size,
                    y + row * size,
                    size,
                    size,
                    fill if on else "none",
                    stroke=FAINT,
                    fill_opacity=0.35 if on else None,
                )
            )
    return parts


@figure
def kernel_tile():
    """A matrix of activations in vectors of positions, and a tile of a product."""
    size = 20
    parts = [text(10, 22, "activations", fill=INK)]
    # left: features x positions, one vector marked
    parts += cells(10, 58, 8, 8, size, {(2, c) for c in range(4)})
    parts.append(text(90, 48, "positions", "middle", SMALL, SOFT))
    parts.append(text(178, 140, "features", "middle", SMALL, SOFT, turn=90))
    parts.append(text(10, 250, "one vector: the same", size=SMALL, fill=BLUE))
    parts.append(text(10, 268, "feature of 4 positions", size=SMALL, fill=BLUE))
    parts.append(line((30, 236), (30, 120), BLUE))
    # right: c = a b
    top, left = 58, 320
    parts.append(text(230, 22, "a tile of C = A B", fill=INK))
    depth = 5
    parts += cells(left + 20, top, depth, 8, size, {(2, c) for c in range(8)})
    parts.append(text(left + 100, top - 10, "B: two vectors", "middle", SMALL, SOFT))
    below = top + depth * size + 24
    a = {(r, 2) for r in range(4)}
    parts += cells(230 - 20, below, 4, depth, size, a, RED)
    parts.append(text(210 + 50, below + 100, "A: four numbers", "middle", SMALL, SOFT))
    tile = {(r, c) for r in range(4) for c in range(8)}
    parts += cells(left + 20, below, 4, 8, size, tile)
    parts.append(line((left + 100, below), (left + 100, below + 80), INK, 2))
    parts.append(
        text(left + 100, below + 100, "8 sums, in registers", "middle", SMALL, INK)
    )
    parts.append(arrow((left - 4, below + 40), (left + 16, below + 40)))
    parts.append(arrow((left + 100, top + depth * size + 2), (left + 100, below - 4)))
    note = "each step of the depth: 6 reads, 8 multiply-adds"
    parts.append(text(190, below + 126, note, size=SMALL, fill=SOFT))
    return below + 140, *parts


def worst(degree):
    """Returns the largest relative error of the series on the kernel's interval."""
    errors = []
    for i in range(-400, 401):
        r, total = log(2) / 2 * i / 400, 0.0
        for power in range(degree, -1, -1):
            total = total * r + 1 / factorial(power)
        errors.append(abs(total / exp(r) - 1))
    return max(max(errors), 2**-53)


@figure
def kernel_exp():
    """The error of the exponential's series against its degree."""
    left, right, top, bottom = 70, 540, 30, 300

    def x(degree):
        return left + (right - left) * (degree - 0.5) / 15

    def y(error):
        return top + (bottom - top) * -log10(error) / 17

    parts = [line((left, bottom), (right, bottom))]
    for power in (0, -4, -8, -12, -16):
        at = y(10.0**power)
        parts.append(line((left, at), (right, at), FAINT, 0.5))
        label = "1" if power == 0 else f"1e{power}"
        parts.append(
            text(left - 8, at + 5, label, "end", SMALL, SOFT, None, font_family=MONO)
        )
    for error, name in ((2**-24, "32 bits"), (2**-53, "64 bits")):
        parts.append(
            line((left, y(error)), (right, y(error)), RED, stroke_dasharray="4 3")
        )
        parts.append(text(left + 6, y(error) - 6, name, size=SMALL, fill=RED))
    points = [(x(d), y(round_up(worst(d)))) for d in range(1, 16)]
    parts.append(path(points, BLUE))
    for degree, point in enumerate(points, 1):
        parts.append(circle(point, 4 if degree in (7, 13) else 2.5, BLUE))
        if degree % 2:
            parts.append(text(point[0], bottom + 20, degree, "middle", SMALL, SOFT))
    parts.append(
        text(
            (left + right) / 2,
            bottom + 42,
            "degree of the series",
            "middle",
            SMALL,
            SOFT,
        )
    )
    parts.append(text(left, top - 12, "largest relative error", size=SMALL, fill=SOFT))
    return bottom + 52, *parts


def round_up(error):
    """Returns an error with the one digit on which all maths libraries agree."""
    return max(float(f"{error:.0e}"), 2e-16) if error > 4e-16 else 2e-16


@figure
def kernel_batches():
    """Documents in the same time, for batches of 1 to 64, with 64 and with 32 bits."""
    with open(ROOT / "docs" / "data" / "kernel.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    left, right, top, bottom = 60, 470, 30, 250

    def x(size):
        return left + (right - left) * log2(size) / 6

    def y(speed):
        return bottom - (bottom - top) * speed / 3

    parts = [text(left, top - 12, "documents in the same time", size=SMALL, fill=SOFT)]
    for speed in (0, 1, 2, 3):
        parts.append(line((left, y(speed)), (right, y(speed)), FAINT, 0.5))
        parts.append(text(left - 10, y(speed) + 5, speed, "end", SMALL, SOFT))
    for precision, colour in (("f64", BLUE), ("f32", RED)):
        points = [
            (x(int(row["batch"])), y(float(row["speed"])))
            for row in rows
            if row["precision"] == precision
        ]
        parts.append(path(points, colour))
        parts += [circle(point, 3, colour) for point in points]
        end = points[-1]
        name = f"{precision[1:]} bits"
        parts.append(text(end[0] + 10, end[1] + 5, name, size=SMALL, fill=colour))
    for row in rows:
        if row["precision"] == "f64":
            size = int(row["batch"])
            parts.append(text(x(size), bottom + 20, size, "middle", SMALL, SOFT))
    middle = (left + right) / 2
    parts.append(
        text(middle, bottom + 42, "documents of a batch", "middle", SMALL, SOFT)
    )
    return bottom + 52, *parts
