"""Figures of speed: from the tables of tools.measure.bench and tools.measure.sizes."""

import math

from microgpt.limit import operations
from microgpt.model import Config
from tools.draw.charts import key, log_scale, scale
from tools.draw.figures import figure, shuffled
from tools.draw.palette import BLUE, FAINT, GREEN, INK, MONO, PAPER, RED, WIDTH
from tools.draw.svg import circle, line, note, rect
from tools.proof import tables

LABELS = {
    "sampling": "the original’s way",
    "graph": "graph",
    "fused": "fused",
    "arrays": "arrays",
    "explicit": "explicit",
    "numpy": "numpy",
    "c": "c",
    "c-f32": "c, f32",
    "torch": "torch",
}
MODELS = {
    "16": "16 wide, 1 layer, context 16",
    "64": "64 wide, 4 layers, context 256",
    "256": "256 wide, 6 layers, context 256",
}
TWO = "-two-cores"
LEFT = 96


def told(x: float) -> str:
    """Returns a ratio with two digits that count, or whole."""
    return f"{x:.1f}" if x < 10 else f"{round(x, 1 - int(math.log10(x))):,.0f}"


@figure
def limit_operations():
    """The operations of a step for each of its names, with batches of three sizes."""
    lengths = [min(len(doc) + 1, 16) for doc in shuffled()]
    counts = [operations(Config(27), n) for n in lengths]
    kinds = {
        "multiply-adds": (BLUE, ("multiply-adds",)),
        "Adam": (RED, ("Adam",)),
        "the rest": (GREEN, ("norms and sums", "softmaxes")),
    }
    x = scale((0, 230_000), (LEFT, WIDTH - 60))
    parts, y = [], 26
    for batch in (1, 4, 32):
        total = 0.0
        for name, (colour, entries) in kinds.items():
            mean = sum(sum(c[e] for e in entries) for c in counts) / len(counts)
            size = mean / batch if name == "Adam" else mean
            wide = x(total + size) - x(total)
            parts.append(rect(x(total), y, wide, 22, colour, fill_opacity=0.6))
            if batch == 1:  # the first bar carries the names
                parts.append(note(x(total), 16, name, fill=colour))
            total += size
        told = f"{round(total, -3):,.0f}"
        parts.append(note(x(total) + 7, y + 16, told, fill=INK))
        size = "a name" if batch == 1 else f"{batch} names"
        parts.append(note(LEFT - 10, y + 16, size, "end", INK))
        y += 34
    return y, *parts


@figure
def rungs():
    """The engines and their speed, as ratios to the original's way of doing it, on a
    scale where each step is a factor of ten."""
    rows = {row["program"]: row for row in tables.read("bench")}
    left, top, tall = 142, 8, 30
    x = log_scale((1, 10**5), (left, WIDTH - 66), 10)
    parts, bottom = [], top + len(LABELS) * tall
    for power in range(6):
        at = x(10**power)
        parts.append(line((at, top), (at, bottom), FAINT, 0.5))
        parts.append(note(at, bottom + 18, f"{10**power:,}", "middle"))
    for i, name in enumerate(LABELS):
        parts += rung(name, rows[name], x, left, top + (i + 0.5) * tall)
    return bottom + 26, *parts


def rung(name, row, x, left, y):
    """Returns an engine's dot on its line, with its number."""
    speed = float(row["speed"])
    face, shown = None if name == "sampling" else MONO, f"× {told(speed)}"
    return [
        note(left - 14, y + 5, LABELS[name], "end", INK, font_family=face),
        line((left, y), (x(10**5), y), FAINT, 0.5),
        circle((x(speed), y), 5, RED),
        rect(x(speed) + 8, y - 9, 9 * len(shown), 18, PAPER),
        note(x(speed) + 11, y + 5, shown, fill=INK),
    ]


@figure
def sizes():
    """Speed of the engines on models of three sizes, against numpy on one core."""
    rows = tables.read("sizes")
    parts, y = [], 0
    for model, title in MODELS.items():
        speeds = {r["program"]: float(r["speed"]) for r in rows if r["model"] == model}
        x = scale((0, max(speeds.values())), (0, WIDTH - LEFT - 70))
        parts.append(note(0, y + 22, title))
        y += 30
        for name in [name for name in speeds if TWO not in name]:
            parts += pair(name, speeds[name], speeds[name + TWO], x, y)
            y += 24
    one, two = "one core, one document", "two cores, a batch of four"
    told = key(0, y + 24, ("bar", RED, one), ("bar", GREEN, two))
    return y + 32, *parts, told


def pair(name, one, two, x, y):
    """Returns an engine's bars, on one core and on two."""
    return [
        note(LEFT - 10, y + 16, name, "end", INK, font_family=MONO),
        rect(LEFT, y + 3, x(one), 8, RED, fill_opacity=0.75),
        rect(LEFT, y + 12, x(two), 8, GREEN, fill_opacity=0.75),
        note(LEFT + x(max(one, two)) + 7, y + 17, f"{told(one)} · {told(two)}",
             fill=INK),
    ]  # fmt: skip
