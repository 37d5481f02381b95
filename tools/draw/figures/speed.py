"""Figures of speed: from the tables of tools.measure.bench and tools.measure.sizes."""

import csv
import math

from tools.draw.charts import scale
from tools.draw.figures import NotYet, figure
from tools.draw.svg import (
    FAINT,
    GREEN,
    INK,
    MONO,
    RED,
    SMALL,
    SOFT,
    WIDTH,
    line,
    rect,
    text,
)
from tools.proof.stage import BOOK

LABELS = {
    "sampling": "the original’s way",
    "graph": "graph",
    "fused": "fused",
    "explicit": "explicit",
    "numpy": "numpy",
    "c": "c",
    "c-f32": "c, f32",
    "torch": "torch",
}
TWO = "-two-cores"


def rows(name: str) -> list[dict[str, str]]:
    """Returns the rows of a table of measurements."""
    path = BOOK / "data" / f"{name}.csv"
    if not path.exists():
        raise NotYet(
            f"there is no docs/data/{name}.csv: run python -m tools.measure.{name}"
        )
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def told(x: float) -> str:
    """Returns a ratio with two digits that count, or whole."""
    return f"{x:.1f}" if x < 10 else f"{round(x, 1 - int(math.log10(x))):,.0f}"


@figure
def rungs():
    """The engines and their speed, as ratios to the original's way of doing it, on a
    scale where each step is a factor of ten."""
    table = {row["program"]: row for row in rows("bench")}
    left, top, row, right = 142, 8, 30, WIDTH - 66
    x = scale((0, 5), (left, right))
    parts, bottom = [], top + len(LABELS) * row
    for power in range(6):
        parts.append(line((x(power), top), (x(power), bottom), FAINT, 0.5))
        label = f"{10**power:,}"
        parts.append(text(x(power), bottom + 18, label, "middle", SMALL, SOFT))
    for i, (name, label) in enumerate(LABELS.items()):
        y = top + i * row + row / 2
        speed = float(table[name]["speed"])
        low, high = (float(table[name][which]) for which in ("least", "greatest"))
        at = [x(math.log10(number)) for number in (speed, low, high)]
        face = None if name == "sampling" else MONO
        parts += [
            text(left - 10, y + 5, label, "end", SMALL, font_family=face),
            rect(left, y - 8, max(at[0] - left, 1.5), 16, RED, fill_opacity=0.75),
            line((at[1], y), (at[2], y), INK, 1.5),
            text(max(at) + 7, y + 5, told(speed), None, SMALL, INK),
        ]
    return bottom + 26, *parts


@figure
def sizes():
    """Speed of the engines on models of three sizes, against numpy on one core."""
    table = rows("sizes")
    models = {"16": "16 wide, 1 layer, context 16", "64": "64 wide, 4 layers, "
              "context 256", "256": "256 wide, 6 layers, context 256"}  # fmt: skip
    parts, y, left = [], 0, 96
    for model, title in models.items():
        some = [row for row in table if row["model"] == model]
        most = max(float(row["speed"]) for row in some)
        x = scale((0, most), (0, WIDTH - left - 70))
        y += 22
        parts.append(text(0, y, title, None, SMALL, SOFT))
        y += 8
        for name in [row["program"] for row in some if TWO not in row["program"]]:
            one, two = (
                float(row["speed"])
                for which in (name, name + TWO)
                for row in some
                if row["program"] == which
            )
            parts += [
                text(left - 10, y + 16, name, "end", SMALL, font_family=MONO),
                rect(left, y + 3, x(one), 8, RED, fill_opacity=0.75),
                rect(left, y + 12, x(two), 8, GREEN, fill_opacity=0.75),
                text(left + x(max(one, two)) + 7, y + 17,
                     f"{told(one)} · {told(two)}", None, SMALL, INK),
            ]  # fmt: skip
            y += 24
    y += 24
    parts += [
        rect(0, y - 9, 10, 8, RED, fill_opacity=0.75),
        text(16, y, "one core, one document", None, SMALL, SOFT),
        rect(220, y - 9, 10, 8, GREEN, fill_opacity=0.75),
        text(236, y, "two cores, a batch of four", None, SMALL, SOFT),
    ]
    return y + 8, *parts
