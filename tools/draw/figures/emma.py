"""Figures of attention and its heads, with the trained model's numbers for emma."""

import random
from itertools import pairwise

from tools.draw.cells import cells, numbers
from tools.draw.charts import minus
from tools.draw.figures import figure, record, symbols
from tools.draw.figures.road import probabilities
from tools.draw.palette import BLUE, FAINT, INK, MONO, RED, SOFT, WIDTH
from tools.draw.svg import arrow, line, note, path, rect, text

NAME, ASKS, SIZE = "emma", 3, 4  # the second m asks; the numbers of a head


def inside(kind, position):
    """Returns a vector of the model at a position of emma."""
    return record()["inside"][NAME][kind][position]


def part(kind, position, head=0):
    """Returns a head's slice of a query, a key or a value."""
    return inside(kind, position)[head * SIZE : (head + 1) * SIZE]


def weights(head, position=ASKS):
    """Returns what a position gives to those up to itself."""
    return record()["attention"][NAME][head][position]


def blended(head, position=ASKS):
    """Returns the mean of the values by their weights."""
    values = [part("values", i, head) for i in range(position + 1)]
    shares = weights(head, position)
    return [sum(w * v for w, v in zip(shares, row)) for row in zip(*values)]


def letter(x, y, told, colour=INK, anchor="middle"):
    """Returns a letter of the name."""
    return text(x, y, told, anchor, fill=colour, font_family=MONO, font_weight=700)


@figure
def emma_asks():
    """The second m of emma asks, in one head: its query, four keys, scores, weights and
    values, and the value that is blended of them."""
    wide, tall, left, step = 58, 25, 186, 74

    def sign(x, told):
        return text(x, low + 2 * tall + 6, told, "middle", fill=SOFT)

    columns = [left + i * step for i in range(ASKS + 1)]
    top, low = 62, 312
    parts = [
        note(0, top - 14, "its query"), letter(29, 22, "m", RED),
        numbers(part("queries", ASKS), 0, top, wide, tall),
        note(166, top + 2 * tall - 5, "is compared", "end"),
        note(166, top + 2 * tall + 15, "with the keys", "end"),
    ]  # fmt: skip
    for i, (x, symbol) in enumerate(zip(columns, symbols(NAME))):
        middle, share = x + wide / 2, weights(0)[i]
        score = record()["inside"][NAME]["scores"][0][ASKS][i]
        parts += [
            letter(middle, 22, symbol, RED if i == ASKS else INK),
            note(middle, 42, f"position {i}", "middle"),
            numbers(part("keys", i), x, top, wide, tall),
            arrow((middle, top + 4 * tall + 4), (middle, top + 4 * tall + 18)),
            note(middle, top + 4 * tall + 34, minus(f"{2 * score:.2f}"), "middle", INK),
            note(middle, top + 4 * tall + 56, minus(f"{score:.2f}"), "middle", INK),
            *weight(middle, 294, share),
            numbers(part("values", i), x, low, wide, tall),
        ]  # fmt: skip
    parts += [
        note(166, top + 4 * tall + 34, "scores", "end"),
        note(166, top + 4 * tall + 56, "divided by 2", "end"),
        note(166, 290, "weights", "end"),
        note(166, low + 2 * tall + 5, "values", "end"),
    ]
    end = WIDTH - wide
    parts += [
        sign((columns[-1] + wide + end) / 2, "="),
        numbers(blended(0), end, low, wide, tall),
        note(WIDTH, low - 14, "what it reads", "end", RED),
        rect(end, low, wide, 4 * tall, stroke=RED, stroke_width=1.6),
        rect(0, top, wide, 4 * tall, stroke=RED, stroke_width=1.6),
    ]  # fmt: skip
    parts += [sign((a + wide + b) / 2, "+") for a, b in pairwise(columns)]
    return low + 4 * tall + 4, *parts


def weight(middle, base, share, tall=52, wide=40):
    """Returns a weight as a bar on a line, with its number."""
    high = share * tall
    return [
        line((middle - wide / 2, base), (middle + wide / 2, base), FAINT),
        rect(middle - wide / 2, base - high, wide, high, RED, fill_opacity=0.75),
        note(middle, base - high - 5, f"{share:.2f}", "middle", INK),
    ]


SIZES, DRAWS = (4, 16, 64), 1000


def ten_scores(size, dice):
    """Returns the scores of ten random keys against a random query."""

    def score():
        return sum(dice.gauss(0, 1) * dice.gauss(0, 1) for _ in range(size))

    return [score() for _ in range(10)]


@figure
def why_root():
    """The weights of ten random keys, the largest first, with and without the division
    by the root, for vectors of 4, 16 and 64 numbers; means of many draws."""
    dice, parts = random.Random(1), []
    for y, told in (
        (78, "without the"),
        (96, "division"),
        (194, "with the"),
        (212, "division"),
    ):
        parts.append(note(0, y, told, fill=BLUE if y < 100 else RED))
    for k, size in enumerate(SIZES):
        left = 110 + k * 156
        parts.append(note(left + 62, 14, f"{size} numbers", "middle", INK))
        drawn = [ten_scores(size, dice) for _ in range(DRAWS)]
        for base, root, colour in ((116, 1, BLUE), (232, size**0.5, RED)):
            rows = [
                sorted(probabilities([s / root for s in scores]), reverse=True)
                for scores in drawn
            ]
            means = [sum(column) / DRAWS for column in zip(*rows)]
            parts.append(line((left, base), (left + 125, base), FAINT))
            parts.append(
                note(
                    left + 16,
                    base - means[0] * 84 - 5,
                    f"{means[0]:.2f}",
                    "middle",
                    colour,
                )
            )
            for i, mean in enumerate(means):
                high = mean * 84
                x = left + 2 + i * 12.3
                parts.append(rect(x, base - high, 10, high, colour, fill_opacity=0.8))
    return 238, *parts


@figure
def cache_grows():
    """The cache of one head while emma is read: each position appends a key and a
    value, and compares its query with all keys."""
    parts, step, left = [], 76, 176
    parts += [
        note(20, 14, "reads"),
        note(86, 14, "query"),
        note(left, 14, "cache: a key and a value for each position so far"),
    ]
    for i, symbol in enumerate(symbols(NAME)):
        y = 46 + i * 46
        parts += [
            note(4, y + 10, i), letter(34, y + 11, symbol, RED),
            cells(part("queries", i), 84, y, 12, 12, 2),
            arrow((140, y + 6), (left - 8, y + 6)),
        ]  # fmt: skip
        for j in range(i + 1):
            x, new = left + j * step, j == i
            strength = 1.0 if new else 0.7
            parts += [
                cells(part("keys", j), x, y - 6, 14, 12, 2, strength=strength),
                cells(part("values", j), x, y + 8, 14, 12, 2, strength=strength),
            ]
            if new:
                parts.append(
                    rect(x - 3, y - 9, 62, 32, stroke=RED, stroke_width=1.6, rx=3)
                )
        parts.append(letter(left + i * step + 28, 32, symbol, SOFT))
    parts += [note(left + 66, 51, "key"), note(left + 66, 66, "value")]
    return 46 + 5 * 46 - 12, *parts


@figure
def four_slices():
    """Four heads as four slices of 16 numbers, where the second m of emma asks: its
    query cut in four, the weights and the answer of each head, and what is written."""
    wide, parts = 32.5, []
    step = (WIDTH - 4 * wide) / 3
    for h in range(4):
        left = h * step
        middle = left + 2 * wide
        parts += [
            text(middle, 14, f"head {h}", "middle"),
            cells(part("queries", ASKS, h), left, 46, wide, 20, 2),
            arrow((middle, 70), (middle, 86)),
        ]
        for i, symbol in enumerate(symbols(NAME)[: ASKS + 1]):
            at = left + (i + 0.5) * wide
            parts += [*weight(at, 172, weights(h)[i], 60, 22), letter(at, 190, symbol)]
        parts += [
            arrow((middle, 198), (middle, 214)),
            cells(blended(h), left, 236, wide, 20, 2),
            path([(middle, 260), (middle, 272), (WIDTH / 2, 272)], SOFT, 1.2),
        ]
    lane, middle = 16, WIDTH / 2
    return (
        362, *parts,
        note(0, 40, "the query of"), letter(94, 40, "m", RED),
        note(0, 103, "weights"), note(0, 230, "answers"),
        arrow((middle, 272), (middle, 286)),
        rect(middle - 46, 288, 92, 24, SOFT, fill_opacity=0.06, stroke=SOFT, rx=4),
        note(middle, 305, "attn_wo", "middle", INK, font_family=MONO),
        arrow((middle, 314), (middle, 330)),
        cells(inside("attention out", ASKS), middle - 8 * lane, 336, lane, 20, 0.4),
        note(middle + 8 * lane + 10, 351, "to the stream"),
    )  # fmt: skip
