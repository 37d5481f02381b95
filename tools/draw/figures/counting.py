"""Figures of the names, and of models that count."""

from collections import Counter
from functools import cache

from microgpt.data import bundled_names, load_documents
from microgpt.ngram import NGram
from tools.draw.charts import labels_across, labels_down, scale, shades, y_axis
from tools.draw.figures import figure, record, tokenizer
from tools.draw.svg import (
    BLUE,
    INK,
    MONO,
    RED,
    SMALL,
    SOFT,
    WIDTH,
    arrow,
    circle,
    line,
    path,
    rect,
    text,
)  # fmt: skip
from tools.lab import record as records


@cache
def names() -> list[str]:
    return load_documents(bundled_names())


@figure
def lengths():
    """How many of the names have how many letters."""
    counts = Counter(map(len, names()))
    low, high = min(counts), max(counts)
    step = WIDTH / (high - low + 1)
    y = scale((0, max(counts.values())), (230, 24))
    parts = []
    for i, n in enumerate(range(low, high + 1)):
        middle = (i + 0.5) * step
        count = counts[n]
        parts += [
            rect(i * step + 3, y(count), step - 6, 230 - y(count), RED,
                 fill_opacity=0.75),
            text(middle, y(count) - 6, f"{count:,}", "middle", 13, SOFT),
            text(middle, 249, n, "middle"),
        ]  # fmt: skip
    label = text(WIDTH / 2, 272, "letters in the name", "middle", SMALL, SOFT)
    return 276, *parts, label


@figure
def tokens():
    """The name emma as tokens with BOS at both ends, and its five predictions."""
    ids = tokenizer().encode("emma")
    shown = ["BOS", *"emma", "BOS"]
    wide, x0, gap = 62, 96, 78
    parts = [
        text(0, 31, "token", None, SMALL, SOFT), text(0, 63, "id", None, SMALL, SOFT)
    ]  # fmt: skip
    for i, (symbol, token) in enumerate(zip(shown, ids)):
        parts += box(x0 + i * gap, 10, wide, symbol)
        parts.append(text(x0 + i * gap + wide / 2, 63, token, "middle", SMALL, SOFT))
    for i in range(len(ids) - 1):
        y = 92 + i * 44
        parts.append(text(0, y + 21, f"position {i}", None, SMALL, SOFT))
        for j in range(i):
            parts += box(x0 + j * gap, y, wide, shown[j], seen=True)
        parts += box(x0 + i * gap, y, wide, shown[i])
        start = x0 + i * gap + wide
        parts.append(arrow((start + 2, y + 16), (start + gap - wide - 1, y + 16)))
        parts += box(x0 + (i + 1) * gap, y, wide, shown[i + 1], target=True)
    return 320, *parts


def box(x, y, wide, symbol, seen=False, target=False):
    """Returns a token in its box."""
    colour = RED if target else INK
    return [
        rect(x, y, wide, 32, RED if target else "none", rx=4, stroke=colour,
             fill_opacity=0.12, stroke_opacity=0.3 if seen else 1),
        text(x + wide / 2, y + 22, symbol, "middle", SMALL if symbol == "BOS" else 17,
             colour, font_family=MONO, opacity=0.55 if seen else None),
    ]  # fmt: skip


@figure
def bigrams():
    """The bigram table: for each token, the probabilities of the token after it."""
    model = NGram(2, tokenizer().vocab_size, prior=0.0)
    for doc in names():
        model.count(tokenizer().encode(doc))
    order = [tokenizer().bos, *range(tokenizer().bos)]
    shown = ["·", *tokenizer().chars]
    rows = []
    for token in order:
        row = model.counts[(token,)]
        rows.append([(row[j] / sum(row)) ** 0.5 for j in order])
    cell, x, y = 19.4, 36, 46
    most = max((p * p, a, b) for a, row in zip(shown, rows) for b, p in zip(shown, row))
    note = f"darkest: after {most[1]} comes {most[2]} in {most[0]:.0%} of cases"
    return (
        y + 27 * cell + 46,
        text(x, 16, "the next token (the dot is BOS)", None, SMALL, SOFT),
        text(12, y + 13.5 * cell, "this token", "middle", SMALL, SOFT, turn=-90),
        labels_across(shown, x, y, cell),
        labels_down(shown, x, y, cell),
        shades(rows, x, y, cell),
        text(x, y + 27 * cell + 20, note, None, SMALL, SOFT),
        text(
            x,
            y + 27 * cell + 40,
            "shade: the square root of the probability",
            None,
            SMALL,
            SOFT,
        ),
    )


@figure
def ladder():
    """The held-out loss of n-gram models, counted on all names and on 1,000, beside
    the GPT's."""
    everything, few = record()["ngrams"], record()["ngrams_trained"]
    gpt = record()["held_out_loss"]
    x, y = scale((0, 5), (62, 372)), scale((1.9, 3.35), (300, 24))
    parts = [y_axis(y, [2, 2.5, 3], 36, form="{:.1f}", ends=(1.95, 3.3))]
    for n, label in enumerate(["uniform", "1", "2", "3", "4", "5"]):
        parts.append(text(x(n), 326, label, "middle", SMALL, SOFT))
    parts.append(text(x(3), 346, "n of the n-gram", "middle", SMALL, SOFT))
    for rows, colour in ((few, SOFT), (everything, BLUE)):
        points = [(x(n), y(loss)) for n, loss, _ in rows]
        parts.append(path(points, colour))
        parts += [circle(point, 4, colour) for point in points]
    parts.append(line((x(0), y(gpt)), (x(5), y(gpt)), RED, 1.5, stroke_dasharray="5 4"))
    for i, (n, loss, _) in enumerate(everything):
        dx, dy, anchor = (8, -6, None) if i < 2 else (-2, 20, "middle")
        if i == 2:  # between the line and the GPT's
            dx, dy, anchor = -6, 14, "end"
        where = x(n) + dx, y(loss) + dy
        parts.append(text(*where, f"{loss:.2f}", anchor, SMALL, BLUE))
    end, worst = x(5) + 12, few[-1][1]
    every = f"counted on {len(names()) - records.HELD_OUT:,}"
    parts += [
        text(end, y(worst) - 3, f"{worst:.2f}, counted on", None, SMALL, SOFT),
        text(end, y(worst) + 14, "the same 1,000", None, SMALL, SOFT),
        text(end, y(gpt) + 5, f"{gpt:.2f}, the GPT", None, SMALL, RED),
        text(end, y(everything[-1][1]) + 5, every, None, SMALL, BLUE),
        text(0, 10, "nats", None, SMALL, SOFT),
    ]
    return 352, *parts
