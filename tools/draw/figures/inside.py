"""Figures of the matrices and the vectors of the trained model."""

import math

from microgpt.evaluate import mean
from tools.draw import reading
from tools.draw.charts import apart, key, minus, scale, table, y_axis
from tools.draw.figures import figure, record, symbols
from tools.draw.palette import BLUE, FAINT, INK, MONO, RED, SOFT, WIDTH
from tools.draw.svg import circle, line, note, path, rect, text

VOWELS = "aeiouy"
APART = 19  # from letter to letter


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
    total, parts = sum(counts.values()), []
    for group, (left, matrices) in AREAS.items():
        share = sum(counts[name] for name in matrices) / total
        parts.append(text(left, 16, group))
        parts.append(note(left, 34, f"{share:.0%}"))
        for name, place in matrices.items():
            parts += matrix(name, *place, counts[name])
    return 312, *parts, note(0, 306, f"{total:,} parameters")


def matrix(name, x, y, count, unit=3.4, n=16):
    """Returns a matrix as a rectangle with its name and its parameters."""
    rows = n if name == "mlp_fc2" else count // n
    wide, tall = count // rows * unit, rows * unit
    return [
        rect(x, y, wide, tall, RED, fill_opacity=0.2, stroke=RED),
        note(x, y - 7, name, fill=INK, font_family=MONO),
        note(x + wide / 2, y + tall / 2 + 5, f"{count:,}", "middle", INK),
    ]


def principal(rows):
    """Returns the rows' coordinates along their two directions of greatest spread,
    and the share of the spread that these hold."""
    width = len(rows[0])
    middle = [mean([row[j] for row in rows]) for j in range(width)]
    rows = [[x - m for x, m in zip(row, middle)] for row in rows]
    whole = math.fsum(x * x for row in rows for x in row)
    coordinates, held = [], 0.0
    for _ in range(2):
        v = direction(rows)
        scores = [dot(row, v) for row in rows]
        held += dot(scores, scores)
        coordinates.append(scores)
        rows = [[x - s * w for x, w in zip(row, v)] for s, row in zip(scores, rows)]
    return list(zip(*coordinates)), held / whole


def direction(rows):
    """Returns the direction, of length 1, in which the rows spread the most."""
    width = len(rows[0])
    v = [1.0 + 0.01 * j for j in range(width)]
    for _ in range(500):
        scores = [dot(row, v) for row in rows]
        v = [math.fsum(s * r[j] for s, r in zip(scores, rows)) for j in range(width)]
        length = dot(v, v) ** 0.5
        v = [x / length for x in v]
    return v


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


@figure
def embeddings():
    """The rows of wte before and after training, in the plane of their greatest
    spread; vowels are marked."""
    before = plane(0, record()["wte_before"], "before")
    return 334, *before, *plane(290, record()["wte"], "after")


def plane(left, rows, title, size=270):
    """Returns the letters in the plane of the greatest spread of their rows."""
    shown = [*record()["chars"], "·"]
    points, held = principal(rows)
    if dict(zip(shown, points))["a"][0] < 0:
        points = [(-x, y) for x, y in points]
    reach = 1.08 * max(abs(c) for point in points for c in point)
    x = scale((-reach, reach), (left, left + size))
    y = scale((-reach, reach), (size + 34, 34))
    told = f"{held:.0%} of the variance · axes ±{reach:.1f}"
    return [
        line((x(-reach), y(0)), (x(reach), y(0)), FAINT, 0.7),
        line((x(0), y(-reach)), (x(0), y(reach)), FAINT, 0.7),
        text(left, 16, f"{title} training"),
        note(left, size + 54, told),
        *letters(shown, [(x(px), y(py)) for px, py in points]),
    ]


def letters(shown, spots):
    """Returns letters at their spots; those that would collide stand beside a dot."""
    parts = []
    for symbol, spot, place in zip(shown, spots, apart(spots, APART)):
        if math.dist(spot, place) > 5:
            parts += [circle(spot, 1.3, SOFT), line(spot, place, FAINT, 0.7)]
        parts.append(letter(*place, symbol))
    return parts


def letter(x, y, symbol):
    """Returns a letter in its place; vowels are red."""
    colour, weight = (RED, 700) if symbol in VOWELS else (INK, None)
    face = {"font_family": MONO, "font_weight": weight}
    return note(x, y + 5, symbol, "middle", colour, **face)


def cosine(a, b):
    return dot(a, b) / (dot(a, a) * dot(b, b)) ** 0.5


@figure
def positions():
    """The cosine similarity of each two rows of wpe, after training."""
    rows = record()["wpe"]
    cosines = [[cosine(a, b) for b in rows] for a in rows]
    cell, left, top = 24, 34, 26
    shown = [str(i) for i in range(len(rows))]
    parts = [table(shown, cosines, left, top, cell, fill=RED, below=BLUE)]
    for i, value in enumerate((1, 0.5, 0, -0.5, -1)):
        parts += sample(left + 16 * cell + 22, top + i * 26, value)
    return top + 16 * cell + 2, *parts


def sample(x, y, value):
    """Returns a shade and the number that it stands for."""
    shade = {"stroke": FAINT, "fill_opacity": abs(value), "stroke_width": 0.5}
    return [
        rect(x, y, 20, 20, RED if value > 0 else BLUE, **shade),
        note(x + 28, y + 15, minus(f"{value:g}")),
    ]


POINTS = {
    "wte + wpe": "wte+wpe", "embed": "norm", "attention out": "attention",
    "stream after attention": "stream", "mlp out": "MLP", "stream after mlp": "stream",
}  # fmt: skip


ROAD = (0, 1, 3, 5)  # the points that lie on the road; the others are added to it


@figure
def norms():
    """The root mean square of the vectors along the layer, for the five positions of
    emma, before and after training: on the road, and of what is added to it."""
    x = scale((0, len(POINTS) - 1), (64, WIDTH - 44))
    before, after = record()["initial"]["rms"]["emma"], record()["rms"]["emma"]
    y = scale((0, max(max(after[point]) for point in POINTS)), (260, 56))
    parts = [y_axis(y, (0, 0.5, 1), 40, "root mean square", "{:g}")]
    for values, colour, dx in ((before, SOFT, -6), (after, RED, 6)):
        means = [(x(i) + dx, y(mean(values[p]))) for i, p in enumerate(POINTS)]
        parts.append(path([means[i] for i in ROAD], colour, 1.2))
        for i, point in enumerate(POINTS):
            marks = [(x(i) + dx, y(value)) for value in values[point]]
            parts += [circle(mark, 4, colour, opacity=0.6) for mark in marks]
    for i, label in enumerate(POINTS.values()):
        parts.append(note(x(i), 284, label, "middle", INK))
        if i not in ROAD:
            parts.append(note(x(i), 304, "adds", "middle"))
    told = ("dot", SOFT, "before training"), ("dot", RED, "after training")
    return 312, key(WIDTH - 300, 16, *told), *parts


@figure
def attention_one():
    """The weights of one head over the name katelyn: each row a position that reads,
    each column a position that is read."""
    rows = record()["attention"]["katelyn"][0]
    parts = reading.frame(symbols("katelyn"), rows, "what is read", "who reads")
    for i, row in enumerate(rows):
        parts += reading.weights(row, i)
    return reading.TOP + 8 * reading.CELL + 4, *parts


@figure
def heads():
    """The weights of the four heads over the name katelyn."""
    name, parts = "katelyn", []
    for h, rows in enumerate(record()["attention"][name]):
        left, top = 26 + (h % 2) * 286, 52 + (h // 2) * 306
        parts.append(text(left, top - 34, f"head {h}"))
        parts.append(table(symbols(name), rows, left, top, 30, gap=1.5))
    return 602, *parts


@figure
def relu():
    """Which of the 64 hidden units are on at each position of katelyn."""
    name = "katelyn"
    rows = record()["relu"][name]
    order = sorted(range(64), key=lambda u: (-sum(row[u] == "1" for row in rows), u))
    step, left = 7.6, 28
    parts = [note(left, 14, "64 hidden units"), note(WIDTH, 14, "on", "end", RED)]
    for i, (symbol, row) in enumerate(zip(symbols(name), rows)):
        y = 40 + i * 30
        parts += [
            text(left - 16, y + 5, symbol, "middle", font_family=MONO),
            text(WIDTH, y + 5, row.count("1"), "end", fill=RED),
        ]
        for place, unit in enumerate(order):
            radius, fill = (3.1, RED) if row[unit] == "1" else (1.2, FAINT)
            parts.append(circle((left + 6 + place * step, y), radius, fill))
    return 40 + 8 * 30, *parts


@figure
def temperature():
    """The distribution of the letter after the prefix ma at four temperatures."""
    logits = record()["logits_after"]["ma"]
    shown = [*record()["chars"], "·"]
    order = sorted(range(len(logits)), key=lambda i: -logits[i])
    tall, base, parts = 130, 0, []
    for t in (0.25, 0.5, 1.0, 2.0):
        exps = [math.exp((z - max(logits)) / t) for z in logits]
        probs = [exps[i] / math.fsum(exps) for i in order]
        base += probs[0] * tall + (50 if base else 22)
        parts.append(text(0, base, f"T = {t:g}"))
        parts += bars([shown[i] for i in order], probs, base, tall)
    return base + 22, *parts


def bars(labels, probs, base, tall, left=88, step=17.2):
    """Returns probabilities as bars on a line, the largest with its number."""
    parts = [
        line((left, base), (left + 27 * step, base), FAINT),
        note(left + 1.5, base - probs[0] * tall - 5, f"{probs[0]:.0%}", fill=RED),
    ]
    for place, (label, prob) in enumerate(zip(labels, probs)):
        x, h = left + place * step, prob * tall
        parts.append(rect(x + 1.5, base - h, step - 3, h, RED, fill_opacity=0.8))
        parts.append(note(x + step / 2, base + 15, label, "middle", font_family=MONO))
    return parts
