"""Figures of the matrices and the vectors of the trained model."""

import math

from microgpt.evaluate import mean
from tools.draw.charts import (
    labels_across,
    labels_down,
    scale,
    shades,
    y_axis,
)  # fmt: skip
from tools.draw.figures import figure, record, symbols
from tools.draw.svg import (
    BLUE,
    FAINT,
    INK,
    MONO,
    PAPER,
    RED,
    SMALL,
    SOFT,
    WIDTH,
    circle,
    line,
    rect,
    text,
)  # fmt: skip

VOWELS = "aeiouy"


# group: (x, {matrix: (x, y)})
AREAS = {
    "embedding": (1, {"wte": (1, 70), "wpe": (1, 200)}),
    "attention": (100, {"attn_wq": (100, 70), "attn_wk": (174, 70),
                       "attn_wv": (100, 163), "attn_wo": (174, 163)}),
    "MLP": (268, {"mlp_fc1": (268, 70), "mlp_fc2": (340, 233)}),
    "head": (498, {"lm_head": (498, 70)}),
}  # fmt: skip


@figure
def areas():
    """The nine matrices of the model, drawn to scale: a parameter is a square."""
    counts = {k.split(".")[-1]: n for k, n in record()["num_params"].items()}
    total, unit, n = sum(counts.values()), 3.4, 16
    parts = []
    for group, (left, matrices) in AREAS.items():
        share = sum(counts[name] for name in matrices) / total
        parts.append(text(left, 16, group))
        parts.append(text(left, 34, f"{share:.0%}", None, SMALL, SOFT))
        for name, (x, y) in matrices.items():
            rows = n if name == "mlp_fc2" else counts[name] // n
            wide, tall = counts[name] // rows * unit, rows * unit
            parts += [
                rect(x, y, wide, tall, RED, fill_opacity=0.2, stroke=RED),
                text(x, y - 7, name, None, SMALL, INK, font_family=MONO),
                text(x + wide / 2, y + tall / 2 + 5, f"{counts[name]:,}", "middle",
                     SMALL),
            ]  # fmt: skip
    return 312, *parts, text(0, 306, f"{total:,} parameters", None, SMALL, SOFT)


def principal(rows):
    """Returns the rows' coordinates along their two directions of greatest spread,
    and the share of the spread that these hold."""
    width = len(rows[0])
    middle = [mean([row[j] for row in rows]) for j in range(width)]
    rows = [[x - m for x, m in zip(row, middle)] for row in rows]
    whole = math.fsum(x * x for row in rows for x in row)
    coordinates, held = [], 0.0
    for _ in range(2):
        v = [1.0 + 0.01 * j for j in range(width)]
        for _ in range(500):
            scores = [dot(row, v) for row in rows]
            v = [math.fsum(s * row[j] for s, row in zip(scores, rows))
                 for j in range(width)]  # fmt: skip
            length = dot(v, v) ** 0.5
            v = [x / length for x in v]
        scores = [dot(row, v) for row in rows]
        held += dot(scores, scores)
        coordinates.append(scores)
        rows = [[x - s * w for x, w in zip(row, v)] for s, row in zip(scores, rows)]
    return list(zip(*coordinates)), held / whole


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


@figure
def embeddings():
    """The rows of wte before and after training, in the plane of their greatest
    spread; vowels are marked."""
    shown = [*record()["chars"], "·"]
    parts = []
    for k, (key, title) in enumerate((("wte_before", "before"), ("wte", "after"))):
        points, held = principal(record()[key])
        if dict(zip(shown, points))["a"][0] < 0:
            points = [(-x, y) for x, y in points]
        reach = 1.08 * max(abs(c) for point in points for c in point)
        left, size = k * 290, 270
        x = scale((-reach, reach), (left, left + size))
        y = scale((-reach, reach), (size + 34, 34))
        parts += [
            line((x(-reach), y(0)), (x(reach), y(0)), FAINT, 0.7),
            line((x(0), y(-reach)), (x(0), y(reach)), FAINT, 0.7),
            text(left, 16, f"{title} training"),
            text(left, size + 54, f"{held:.0%} of the variance · axes ±{reach:.1f}",
                 None, SMALL, SOFT),
        ]  # fmt: skip
        for symbol, (px, py) in zip(shown, points):
            vowel = symbol in VOWELS
            parts.append(text(
                x(px), y(py) + 5, symbol, "middle", SMALL, RED if vowel else INK,
                font_family=MONO, font_weight=700 if vowel else None,
            ))  # fmt: skip
    return 334, *parts


def cosine(a, b):
    return dot(a, b) / (dot(a, a) * dot(b, b)) ** 0.5


@figure
def positions():
    """The cosine similarity of each two rows of wpe, after training."""
    rows = record()["wpe"]
    table = [[cosine(a, b) for b in rows] for a in rows]
    cell, left, top = 24, 34, 26
    shown = [str(i) for i in range(len(rows))]
    side = left + 16 * cell + 22
    parts = [
        labels_across(shown, left, top, cell),
        labels_down(shown, left, top, cell),
        shades(table, left, top, cell, fill=RED, below=BLUE),
    ]
    for i, value in enumerate((1, 0.5, 0, -0.5, -1)):
        y = top + i * 26
        parts.append(rect(side, y, 20, 20, RED if value > 0 else BLUE, stroke=FAINT,
                          fill_opacity=abs(value), stroke_width=0.5))  # fmt: skip
        parts.append(text(side + 28, y + 15, f"{value:g}".replace("-", "−"), None,
                          SMALL, SOFT))  # fmt: skip
    return top + 16 * cell + 2, *parts


POINTS = {
    "wte + wpe": "wte+wpe", "embed": "norm", "attention out": "attention",
    "stream after attention": "stream", "mlp out": "MLP", "stream after mlp": "stream",
}  # fmt: skip


@figure
def norms():
    """The root mean square of the vectors along the layer, for the five positions of
    emma, before and after training."""
    x = scale((0, len(POINTS) - 1), (64, WIDTH - 44))
    before, after = record()["initial"]["rms"]["emma"], record()["rms"]["emma"]
    most = max(max(after[point]) for point in POINTS)
    y = scale((0, most), (260, 30))
    parts = [y_axis(y, range(int(most) + 1), 40, "root mean square", "{:g}")]
    for i, (point, label) in enumerate(POINTS.items()):
        parts.append(text(x(i), 284, label, "middle", SMALL, INK))
        for values, colour, dx in ((before, SOFT, -6), (after, RED, 6)):
            for value in values[point]:
                parts.append(circle((x(i) + dx, y(value)), 4, colour, opacity=0.6))
    parts += [
        text(x(2), 100, "before training", None, SMALL, SOFT),
        text(x(2), 120, "after training", None, SMALL, RED),
    ]
    return 290, *parts


@figure
def attention_one():
    """The weights of one head over the name katelyn: each row a position that reads,
    each column a position that is read."""
    name, head = "katelyn", 0
    shown, cell, left, top = symbols(name), 56, 58, 52
    rows = record()["attention"][name][head]
    parts = [
        text(left, 16, "what is read", None, SMALL, SOFT),
        text(16, top + 4 * cell, "who reads", "middle", SMALL, SOFT, turn=-90),
        labels_across(shown, left, top, cell, 17),
        labels_down(shown, left, top, cell, 17),
        shades(rows, left, top, cell, gap=2),
    ]
    for i, row in enumerate(rows):
        for j, weight in enumerate(row):
            colour = PAPER if weight > 0.6 else INK
            parts.append(text(left + (j + 0.5) * cell - 1, top + (i + 0.5) * cell + 5,
                              f"{weight:.2f}", "middle", SMALL, colour))  # fmt: skip
    return top + 8 * cell + 4, *parts


@figure
def heads():
    """The weights of the four heads over the name katelyn."""
    name = "katelyn"
    shown, cell = symbols(name), 30
    parts = []
    for h, rows in enumerate(record()["attention"][name]):
        left, top = 26 + (h % 2) * 286, 52 + (h // 2) * 306
        parts += [
            text(left, top - 34, f"head {h}"),
            labels_across(shown, left, top, cell, 15),
            labels_down(shown, left, top, cell, 15),
            shades(rows, left, top, cell, gap=1.5),
        ]
    return 602, *parts


@figure
def relu():
    """Which of the 64 hidden units are on at each position of katelyn."""
    name = "katelyn"
    rows = record()["relu"][name]
    order = sorted(range(64), key=lambda u: (-sum(row[u] == "1" for row in rows), u))
    step, left = 7.6, 28
    parts = []
    for i, (symbol, row) in enumerate(zip(symbols(name), rows)):
        y = 40 + i * 30
        parts += [
            text(left - 16, y + 5, symbol, "middle", font_family=MONO),
            text(WIDTH, y + 5, row.count("1"), "end", fill=RED),
        ]
        for place, unit in enumerate(order):
            on = row[unit] == "1"
            parts.append(circle((left + 6 + place * step, y), 3.1 if on else 1.2,
                                RED if on else FAINT))  # fmt: skip
    return 40 + 8 * 30, text(left, 14, "64 hidden units", None, SMALL, SOFT), text(
        WIDTH, 14, "on", "end", SMALL, RED), *parts  # fmt: skip


@figure
def temperature():
    """The distribution of the letter after the prefix ma at four temperatures."""
    logits = record()["logits_after"]["ma"]
    shown = [*record()["chars"], "·"]
    order = sorted(range(len(logits)), key=lambda i: -logits[i])
    step, left, tall, base = 17.2, 88, 130, 0
    parts = []
    for t in (0.25, 0.5, 1.0, 2.0):
        exps = [math.exp((z - max(logits)) / t) for z in logits]
        probs = [e / math.fsum(exps) for e in exps]
        high = max(probs) * tall
        base += high + 50 if base else high + 22
        parts += [
            text(0, base, f"T = {t:g}"),
            line((left, base), (left + 27 * step, base), FAINT),
            text(left + 1.5, base - high - 5, f"{max(probs):.0%}", None, SMALL, RED),
        ]
        for place, i in enumerate(order):
            x, h = left + place * step, probs[i] * tall
            parts.append(rect(x + 1.5, base - h, step - 3, h, RED, fill_opacity=0.8))
            parts.append(text(x + step / 2, base + 15, shown[i], "middle", SMALL, SOFT,
                              font_family=MONO))  # fmt: skip
    return base + 22, *parts
