"""Figures of the perceptron on three letters: softmax, the network, one step."""

import math
import random
from copy import deepcopy
from functools import cache

from tools.draw.charts import dots, key, look, minus, scale, x_axis, y_axis
from tools.draw.figures import figure, model_of
from tools.draw.palette import BLUE, FAINT, INK, MONO, PAPER, RED, SERIF, SOFT, WIDTH
from tools.draw.svg import arrow, circle, line, note, path, rect, text

# As in the chapter: what the perceptron begins with, the letter that it reads, and
# the token that came.
WEIGHTS = {
    "wte": [[1.0, 2.0], [-1.0, 1.0], [0.5, 1.0]],
    "fc1": [[-0.5, 0.5], [0.5, 0.25]],
    "fc2": [[1.0, -1.5], [-1.0, 1.5], [-1.0, 0.5]],
}
TOKENS = ["a", "n", "end"]
READS, CAME = 0, 2
RATE = 0.1

COLUMNS = {"x": 184, "h": 310, "z": 452}  # where the circles stand
SLANTED = {"font_family": SERIF, "font_style": "italic"}
ROWS = {2: (118, 228), 3: (58, 173, 288)}
RADIUS = 26


def perceptron(weights):
    """Returns the chapter's model with these weights."""
    model = model_of("nudging").MLP.__new__(model_of("nudging").MLP)
    model.state_dict = deepcopy(weights)
    return model


@cache
def gradients():
    """Returns the loss of the one prediction, and its slope along every weight."""
    return perceptron(WEIGHTS).loss_and_gradients([READS, CAME])


def stepped(rate):
    """Returns the perceptron after one step with this learning rate."""
    slopes = gradients()[1]
    weights = {}
    for name, rows in WEIGHTS.items():
        pairs = [zip(*both) for both in zip(rows, slopes[name])]
        weights[name] = [[w - rate * g for w, g in row] for row in pairs]
    return perceptron(weights)


def told(x, form="{:.2f}"):
    """Returns a number as the figure writes it."""
    return minus(form.format(x))


def token(x, y, name, fill=INK):
    """Returns a token's name, under its bar or beside its row."""
    return text(x, y, name, "middle", 14, fill, font_family=MONO)


def bars(x, y, values, form, fill, gap=62, width=34):
    """Returns bars from 0 up or down, with their numbers and their tokens."""
    low = y(min(0, *values)) + 24
    parts = [line((x, y(0)), (x + 3 * gap, y(0)), FAINT)]
    for i, value in enumerate(values):
        left, top = x + i * gap + (gap - width) / 2, min(y(value), y(0))
        middle = left + width / 2
        high = abs(y(value) - y(0))
        parts.append(rect(left, top, width, max(high, 1.5), fill, fill_opacity=0.75))
        above = y(value) - 7 if value >= 0 else y(value) + 17
        parts.append(text(middle, above, told(value, form), "middle", fill=INK))
        parts.append(token(middle, low + 12, TOKENS[i]))
    return parts


@figure
def softmax_three():
    """Three logits as bars, one of them below 0, and the three probabilities that the
    softmax makes of them."""
    z = perceptron(WEIGHTS).layers(READS)[2]
    left, right = scale((-1, 1), (190, 50)), scale((0, 1), (190, 60))
    return (
        240,
        note(8, 18, "before: logits"),
        *bars(8, left, z, "{:g}", BLUE),
        arrow((222, 116), (330, 116), SOFT, 1.6),
        text(275, 104, "softmax", "middle"),
        note(275, 136, "raise e to it,", "middle"),
        note(275, 154, "divide by the sum", "middle"),
        note(356, 18, "after: probabilities"),
        *bars(356, right, model_of("nudging").softmax(z), "{:.2f}", RED),
    )


UNIT = 52  # of the three panels of arrows


@figure
def dot_three():
    """The three dot products that make the logits, as arrows: a row of weights that
    leans against the hidden vector, one that leans along it, one at a right angle."""
    h, z = perceptron(WEIGHTS).layers(READS)[1:]
    told_of = ("partly against h", "partly along h", "at a right angle to h")
    parts = []
    for i, (row, logit) in enumerate(zip(WEIGHTS["fc2"], z)):
        parts += panel((94 + 186 * i, 148), h, row, logit, TOKENS[i], told_of[i])
    return 304, *parts


def panel(origin, h, row, logit, name, told_of):
    """Returns the hidden vector and a row of weights as arrows, and their product."""
    (x, y), (a, b) = origin, row
    tip, end = place(origin, h), place(origin, row)
    share = logit / model_of("nudging").dot(h, h)
    foot = place(origin, [share * c for c in h])
    far = [place(origin, [k * c for c in h]) for k in (-1.6, 1.6)]
    sum_of = f"{a:g} · {h[0]:g} + {b:g} · {h[1]:g}".replace("+ -", "− ")
    return [
        line((x - 86, y), (x + 86, y), FAINT, 0.7),
        line((x, y - 92), (x, y + 92), FAINT, 0.7),
        path(far, SOFT, 1, stroke_dasharray="2 4"),
        path([end, foot], SOFT, 1, stroke_dasharray="4 3"),
        circle(foot, 3, SOFT),
        arrow(origin, tip, BLUE, 2.4),
        arrow(origin, end, RED, 2.4),
        text(tip[0] + 12, tip[1] - 4, "h", fill=BLUE, **SLANTED),
        note(x, 18, f"row of {name}", "middle", RED),
        note(x, 36, told_of, "middle"),
        note(x, 268, minus(sum_of), "middle", INK),
        text(x, 292, f"= {told(logit, '{:g}')}", "middle"),
    ]


def place(origin, vector):
    """Returns where the tip of an arrow is."""
    return origin[0] + UNIT * vector[0], origin[1] - UNIT * vector[1]


@figure
def mlp_widths():
    """The perceptron of the whole alphabet from left to right: how many numbers there
    are at each place, as columns of cells."""
    model = model_of("nudging").MLP(27, 16, 64, random.Random(42))
    n_embd, n_hidden = len(model.state_dict["fc1"][0]), len(model.state_dict["fc1"])
    n_vocab = len(model.state_dict["fc2"])
    columns = [(1, "token"), (n_embd, "x"), (n_hidden, ""), (n_hidden, "h"),
               (n_vocab, "z"), (n_vocab, "p")]  # fmt: skip
    between = ("a row of wte", "fc1", "relu", "fc2", "softmax")
    gap, cell, middle, parts = 101, 3.6, 152, []
    for i, (count, name) in enumerate(columns):
        x, top = 18 + i * gap, middle - count * cell / 2
        parts += [
            rect(x - 7, top + k * cell, 14, cell - 0.8, BLUE if i < 5 else RED)
            for k in range(count)
        ]
        parts.append(text(x, 300, f"{count}", "middle"))
        face = {} if name == "token" else SLANTED
        parts.append(note(max(x, 20), 320, name, "middle", **face) if name else "")
    for i, name in enumerate(between):
        x = 18 + i * gap
        parts.append(arrow((x + 14, middle), (x + gap - 14, middle)))
        words = name.split(" of ") if i == 0 else [name]
        for k, word in enumerate(words):
            shown = f"{word} of" if len(words) > 1 and k == 0 else word
            face = {"font_family": MONO} if shown != "a row of" else {}
            up = middle - 10 - 17 * (len(words) - 1 - k)
            parts.append(note(x + gap / 2, up, shown, "middle", **face))
    return 326, *filter(None, parts)


def joint(a, b):
    """Returns the ends of an arrow between two circles."""
    (x1, y1), (x2, y2) = a, b
    far = math.dist(a, b)
    ux, uy = (x2 - x1) / far, (y2 - y1) / far
    return (x1 + RADIUS * ux, y1 + RADIUS * uy), (x2 - RADIUS * ux, y2 - RADIUS * uy)


def layer(w, here, there, share, back):
    """Returns a layer's arrows, each with its weight at that share of its way."""
    arrows, labels = [], []
    for y2, row in zip(ROWS[len(w)], w):
        for y1, weight in zip(ROWS[2], row):
            a, b = joint((here, y1), (there, y2))
            arrows.append(arrow(b, a, BLUE) if back else arrow(a, b, SOFT))
            part = 0.5 if y1 == y2 else share
            x, y = a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])
            shown = told(weight, "{:g}")
            width = 8 * len(shown) + 4
            labels.append(rect(x - width / 2, y - 9, width, 18, PAPER))
            labels.append(note(x, y + 5, shown, "middle", INK))
    return [*arrows, *labels]


def circles(name, values, form, colour):
    """Returns a column of circles with numbers in them, and their names."""
    parts, x, rows = [], COLUMNS[name], ROWS[len(values)]
    for i, (y, value) in enumerate(zip(rows, values)):
        parts.append(circle((x, y), RADIUS, PAPER, stroke=colour, stroke_width=1.6))
        shown = told(value, form)
        parts.append(note(x, y + 5, shown, "middle", colour))
        last = name != "x" and y == rows[-1]
        side = RADIUS + 16 if last else -RADIUS - 6
        label = f"{name} {TOKENS[i] if name == 'z' else i + 1}"
        parts.append(note(x, y + side, label, "middle", font_family=SERIF,
                          font_style="italic"))  # fmt: skip
    return parts


def embedding(rows, form, back):
    """Returns the table of the embeddings, its one row that is read, and its way on."""
    parts, colour = [], BLUE if back else INK
    for i, row in enumerate(rows):
        y, chosen = 132 + i * 40, i == READS
        ink = colour if chosen else SOFT
        parts.append(rect(36, y - 17, 96, 30, colour if chosen else "none",
                          fill_opacity=0.12, stroke=FAINT))  # fmt: skip
        parts.append(token(17, y + 3, TOKENS[i], INK if chosen else SOFT))
        for j, number in enumerate(row):
            shown = told(number, form) if number or not back else "0"
            parts.append(text(61 + 46 * j, y + 4, shown, "middle", 14, ink))
    for y in ROWS[2]:
        start = 134, 130
        end = joint(start, (COLUMNS["x"], y))[1]
        parts.append(arrow(end, start, BLUE) if back else arrow(start, end, SOFT))
    return parts


def network(rows, columns, form, back=False):
    """Returns the perceptron, with a number in each circle."""
    names = {"wte": (84, 104), "fc1": (247, 78), "relu": (310, 56), "fc2": (374, 30)}
    return [
        *embedding(rows, form, back),
        *layer(WEIGHTS["fc1"], COLUMNS["x"], COLUMNS["h"], 0.3, back),
        *layer(WEIGHTS["fc2"], COLUMNS["h"], COLUMNS["z"], 0.66, back),
        *[part for name, values in columns.items()
          for part in circles(name, values, form, BLUE if back else INK)],
        *[note(*at, name, "middle", font_family=MONO) for name, at in names.items()],
    ]  # fmt: skip


@figure
def perceptron_three():
    """The perceptron on three letters with all its sixteen weights, and what it makes
    of an a."""
    x, h, z = perceptron(WEIGHTS).layers(READS)
    parts = network(WEIGHTS["wte"], {"x": x, "h": h, "z": z}, "{:g}")
    for y, p in zip(ROWS[3], model_of("nudging").softmax(z)):
        parts.append(rect(488, y - 9, 66 * p, 18, RED, fill_opacity=0.75))
        parts.append(note(488, y - 15, f"{p:.2f}", fill=INK))
    return 336, *parts, note(WIDTH, 18, "softmax", "end", font_family=MONO)


@figure
def perceptron_back():
    """The same perceptron with the slope of the loss at each of its numbers."""
    p = model_of("nudging").softmax(perceptron(WEIGHTS).layers(READS)[2])
    dz = [pi - (i == CAME) for i, pi in enumerate(p)]
    dh = [model_of("nudging").dot(dz, column) for column in zip(*WEIGHTS["fc2"])]
    rows = gradients()[1]["wte"]
    parts = network(rows, {"x": rows[READS], "h": dh, "z": dz}, "{:.3f}", back=True)
    for i, y in enumerate(ROWS[3]):
        parts.append(note(488, y - 2, f"{p[i]:.3f}", fill=INK))
        parts.append(note(488, y + 16, "− 1" if i == CAME else "− 0", fill=INK))
    return 336, *parts, note(488, 18, "p − y", **SLANTED)


@figure
def step_three():
    """One step of the perceptron on three letters: the probabilities before and after,
    and the loss over the learning rate of the step."""
    before, after = perceptron(WEIGHTS), stepped(RATE)
    loss, slopes = gradients()
    losses = [before.predict([READS])[0], after.predict([READS])[0]]
    y = scale((0, 0.8), (230, 40))
    parts = [note(0, 14, "probability after an a"), line((4, 230), (226, 230), FAINT)]
    for i, pair in enumerate(zip(*losses)):
        for k, (value, fill) in enumerate(zip(pair, (SOFT, RED))):
            left, top = 10 + i * 76 + k * 34, y(value)
            parts.append(rect(left, top, 30, 230 - top, **look(fill, fill == RED)))
            shown = f"{value:.2f}"[1:]
            parts.append(note(left + 15, top - 6, shown, "middle", INK))
        parts.append(token(42 + i * 76, 250, TOKENS[i]))
    parts.append(key(10, 284, ("frame", SOFT, "before"), ("bar", RED, "after")))
    return 302, *parts, *along(loss, slopes)


def along(loss, slopes):
    """Returns the loss over the learning rate, with what the slopes promise."""
    square = sum(g * g for rows in slopes.values() for row in rows for g in row)
    x, y = scale((0, 0.4), (306, WIDTH - 12)), scale((1.0, 1.45), (230, 40))
    rates = [0.4 * i / 100 for i in range(101)]
    curve = [(r, -math.log(stepped(r).predict([READS])[0][CAME])) for r in rates]
    end = (loss - 1.02) / square
    at = dict(curve)[RATE]
    return [
        x_axis(x, (0, 0.1, 0.2, 0.3, 0.4), 238, "learning rate"),
        y_axis(y, (1.0, 1.1, 1.2, 1.3, 1.4), 298, form="{:.1f}"),
        note(264, 14, "loss"),
        path([(x(0), y(loss)), (x(end), y(1.02))], BLUE, 1.5, stroke_dasharray="4 4"),
        path([(x(r), y(z)) for r, z in curve], SOFT, 2),
        dots([(x(0), y(loss)), (x(RATE), y(at))], 5, RED),
        text(x(0) + 12, y(loss) + 2, f"{loss:.3f} before", fill=RED),
        text(x(RATE) + 12, y(at) - 6, f"{at:.3f} after", fill=RED),
    ]  # fmt: skip
