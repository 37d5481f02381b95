"""Figures of the names, and of models that count."""

from collections import Counter

from microgpt.ngram import NGram
from tools.draw.charts import curve, scale, table, y_axis
from tools.draw.figures import figure, record, shuffled, tokenizer
from tools.draw.palette import BLUE, FAINT, INK, MONO, RED, SMALL, SOFT, WIDTH
from tools.draw.svg import arrow, line, note, rect, text
from tools.lab import record as records

WIDE, LEFT, GAP = 62, 96, 78  # of a token's box, and from one to the next


@figure
def lengths():
    """How many of the names have how many letters."""
    counts = Counter(map(len, shuffled()))
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
            text(middle, y(count) - 6, f"{count:,}", "middle", SMALL, SOFT),
            text(middle, 249, n, "middle"),
        ]  # fmt: skip
    label = note(WIDTH / 2, 272, "letters in the name", "middle")
    return 276, *parts, label


@figure
def tokens():
    """The name emma as tokens with BOS at both ends, and its five predictions."""
    ids = tokenizer().encode("emma")
    shown = ["BOS", *"emma", "BOS"]
    parts = [note(0, 31, "token"), note(0, 63, "id"), note(0, 106, "position")]
    for i, (symbol, token) in enumerate(zip(shown, ids)):
        parts += box(LEFT + i * GAP, 10, symbol)
        parts.append(note(LEFT + i * GAP + WIDE / 2, 63, token, "middle"))
    parts.append(line((0, 80), (WIDTH, 80), FAINT))
    for i in range(len(ids) - 1):
        parts += prediction(i, shown, 124 + i * 46)
    parts.append(note(LEFT, 106, "what is read", fill=BLUE))
    parts.append(note(LEFT + GAP * 1.7, 106, "what is to be predicted", fill=RED))
    return 124 + 5 * 46, *parts


def prediction(i, shown, y):
    """Returns the tokens up to a position, and the one that is to be predicted."""
    parts = [note(24, y + 21, i, "middle", INK)]
    for j in range(i + 1):
        parts += box(LEFT + j * GAP, y, shown[j], BLUE, 0.14)
    start = LEFT + i * GAP + WIDE
    parts.append(arrow((start + 1, y + 16), (start + GAP - WIDE - 1, y + 16), INK))
    return parts + box(LEFT + (i + 1) * GAP, y, shown[i + 1], RED, question=True)


def box(x, y, symbol, colour=INK, shade=0.0, question=False):
    """Returns a token in its box; the edge of one that is asked for is broken."""
    return [
        rect(x, y, WIDE, 32, colour, rx=4, stroke=colour, fill_opacity=shade,
             stroke_width=1.6 if question else 1,
             stroke_dasharray="5 3" if question else None),
        text(x + WIDE / 2, y + 22, symbol, "middle", SMALL if symbol == "BOS" else 16,
             colour if question else INK, font_family=MONO),
    ]  # fmt: skip


def following():
    """Returns what to call each token, and the shares of those that follow it."""
    model = NGram(2, tokenizer().vocab_size, prior=0.0)
    for doc in shuffled():
        model.count(tokenizer().encode(doc))
    order = [tokenizer().bos, *range(tokenizer().bos)]
    counts = [model.counts[(token,)] for token in order]
    shares = [[row[j] / sum(row) for j in order] for row in counts]
    return ["·", *tokenizer().chars], shares


@figure
def bigrams():
    """The bigram table: for each token, the probabilities of the token after it."""
    shown, shares = following()
    rows = [[p**0.5 for p in row] for row in shares]
    cell, x, y = 19.4, 36, 46
    bottom = y + 27 * cell
    share, a, b = max(
        (p, a, b) for a, r in zip(shown, shares) for b, p in zip(shown, r)
    )
    return (
        bottom + 46,
        note(x, 16, "the next token (the dot is BOS)"),
        note(15, y + 13.5 * cell, "this token", "middle", turn=-90),
        table(shown, rows, x, y, cell),
        note(x, bottom + 20, f"strongest: after {a} comes {b} in {share:.0%} of cases"),
        note(x, bottom + 40, "shade: the square root of the probability"),
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
        parts.append(note(x(n), 326, label, "middle"))
    parts.append(note(x(3), 346, "n of the n-gram", "middle"))
    for rows, colour in ((few, SOFT), (everything, BLUE)):
        parts.append(curve([(x(n), y(loss)) for n, loss, _ in rows], colour, 4))
    parts.append(line((x(0), y(gpt)), (x(5), y(gpt)), RED, 1.5, stroke_dasharray="5 4"))
    parts += [rung(x(n), y(loss), n, loss) for n, loss, _ in everything]
    return 352, *parts, *ends(x(5) + 12, y, everything, few, gpt), note(0, 13, "nats")


def rung(x, y, n, loss):
    """Returns the loss of an n-gram model, beside its point."""
    dx, dy, anchor = (8, -6, None) if n < 2 else (-2, 20, "middle")
    if n == 2:  # between the line and the GPT's
        dx, dy, anchor = -6, 14, "end"
    return note(x + dx, y + dy, f"{loss:.2f}", anchor, BLUE)


def ends(x, y, everything, few, gpt):
    """Returns what stands at the right ends of the lines."""
    best, worst = everything[-1][1], few[-1][1]
    every = f"counted on {len(shuffled()) - records.HELD_OUT:,}"
    return [
        note(x, y(worst) - 3, f"{worst:.2f}, counted on"),
        note(x, y(worst) + 14, "the same 1,000"),
        note(x, y(gpt) + 5, f"{gpt:.2f}, the GPT", fill=RED),
        note(x, y(best) + 5, every, fill=BLUE),
    ]
