"""Figures of the pass from a token to its probabilities: the skeleton and the whole."""

import random

from microgpt.model import matrix
from tools.draw.cells import cells
from tools.draw.charts import labels_across
from tools.draw.figures import figure, record, shuffled
from tools.draw.figures.emma import NAME, blended, inside, letter, weights
from tools.draw.figures.road import LOUD, QUIET, probabilities
from tools.draw.palette import FAINT, INK, MONO, RED, SERIF, SOFT, WIDTH
from tools.draw.svg import arrow, line, note, rect, text
from tools.lab.record import SEED

PLACE = 2  # the first m of emma
LEFT, RIGHT, TALL, STEP = 196, 500, 15, 26


class Rows:
    """Vectors below each other: what makes each, its numbers, and how many."""

    def __init__(self):
        self.y, self.parts = 6, []

    def row(self, word, matrix, groups, size, most=LOUD):
        """Adds a row; groups: vectors beside each other."""
        base = self.y + 12
        if word:
            self.parts.append(note(112, base, word, "end"))
        if matrix:
            mono = {"fill": INK, "font_family": MONO}
            self.parts.append(note(LEFT - 12, base, matrix, "end", **mono))
        self.parts.append(note(WIDTH, base, size, "end"))
        gap = 12 if len(groups) > 1 else 0
        wide = (RIGHT - LEFT - gap * (len(groups) - 1)) / len(groups)
        for i, values in enumerate(groups):
            x = LEFT + i * (wide + gap)
            self.parts.append(cells(values, x, self.y, wide / len(values), TALL, most))
        self.y += STEP

    def frame(self, top, told):
        """Adds what the rows from a height on are together."""
        self.parts += [
            line((26, top - 2), (26, self.y - STEP + TALL + 2), RED, 2),
            note(16, (top + self.y - 10) / 2, told, "middle", RED, turn=-90),
        ]


def bars(probs, x, base, step, tall, colour=RED):
    """Returns probabilities as bars on a line, with the letters below."""
    parts = [line((x, base), (x + 27 * step, base), FAINT)]
    for i, prob in enumerate(probs):
        high = prob / max(probs) * tall
        parts.append(rect(x + i * step + 1, base - high, step - 2, high, colour))
    shown = [*record()["chars"], "·"]
    return [*parts, labels_across(shown, x, base + 22, step)]


@figure
def whole_pass():
    """All that happens between the first m of emma and the 27 probabilities of what
    comes next, with the vectors of the trained model."""
    kinds = record()["inside"][NAME].keys() - {"scores"}
    here = {kind: inside(kind, PLACE) for kind in kinds}
    cache, token = range(PLACE + 1), record()["chars"].index(NAME[PLACE - 1])
    it = Rows()
    for word, name, i in (("token", "wte", token), ("position", "wpe", PLACE)):
        it.row(word, f"{name}[{i}]", [record()[name][i]], "16", QUIET)
    it.row("add, norm", "", [here["embed"]], "16")
    it.y += 12
    top = it.y
    it.row("norm", "", [here["attention in"]], "16")
    it.row("query", "attn_wq", [here["queries"]], "16")
    it.row("key", "attn_wk", [here["keys"]], "16")
    it.row("value", "attn_wv", [here["values"]], "16")
    it.row("keys so far", "", [inside("keys", i) for i in cache], "3 × 16")
    it.row("values", "", [inside("values", i) for i in cache], "3 × 16")
    it.row("weights", "", [weights(h, PLACE) for h in range(4)], "4 × 3", 1.0)
    it.row("answers", "", [blended(h, PLACE) for h in range(4)], "4 × 4")
    it.row("it adds", "attn_wo", [here["attention out"]], "16")
    it.frame(top, "attention")
    it.y += 12
    it.row("add", "", [here["stream after attention"]], "16")
    it.y += 12
    top = it.y
    it.row("norm", "", [here["mlp in"]], "16")
    it.row("hidden", "mlp_fc1", [here["hidden"]], "64")
    it.row("ReLU", "", [[max(h, 0) for h in here["hidden"]]], "64")
    it.row("it adds", "mlp_fc2", [here["mlp out"]], "16")
    it.frame(top, "MLP")
    it.y += 12
    it.row("add", "", [here["stream after mlp"]], "16")
    it.y += 6
    it.row("logits", "lm_head", [here["logits"]], "27", 6)
    base, probs = it.y + 50, probabilities(here["logits"])
    chart = bars(probs, LEFT, base, (RIGHT - LEFT) / 27, 50)
    told = [note(112, base, "softmax", "end"), note(WIDTH, base, "27", "end")]
    return base + 26, *it.parts, *chart, *told


@figure
def skeleton():
    """A model of two matrices, before training: a row of wte becomes the vector x, and
    x times lm_head the 27 logits; between them nothing stands yet."""
    rng = random.Random(SEED)
    rng.shuffle(shuffled()[:])
    wte, head = (
        [[p.data for p in row] for row in matrix(27, 16, rng)] for _ in range(2)
    )
    token = record()["chars"].index("m")
    logits = [sum(a * b for a, b in zip(row, wte[token])) for row in head]
    cell, top, end = 5.2, 40, 458
    middle, tall, wide = top + 13.5 * cell, 27 * cell, 16 * cell
    at = top + (token + 0.5) * cell
    parts = [
        letter(12, at + 5, "m"), arrow((22, at), (36, at)),
        text(40, at + 5, token), arrow((62, at), (76, at), RED),
        note(80, 30, "wte", fill=INK, font_family=MONO),
    ]  # fmt: skip
    for x, rows, lit in ((80, wte, token), (340, head, None)):
        for i, row in enumerate(rows):
            look = {"frame": False, "lit": i == lit, "strength": 1 if i == lit else 0.5}
            parts.append(cells(row, x, top + i * cell, cell, cell, 0.2, **look))
        parts.append(rect(x, top, wide, tall, stroke=FAINT))
    x = 80 + wide
    parts += [
        rect(80, at - cell / 2, wide, cell, stroke=RED, stroke_width=1.5),
        arrow((x + 4, at), (x + 20, at), RED),
        cells(wte[token], x + 24, middle - 8 * cell, 12, cell, 0.2, False),
        note(x + 30, middle + 8 * cell + 20, "x", "middle", font_family=SERIF,
             font_style="italic"),
        line((x + 44, middle), (332, middle), SOFT, 1.2, stroke_dasharray="4 4"),
        arrow((330, middle), (338, middle)),
        note((x + 44 + 332) / 2, middle - 12, "parts to come", "middle"),
        note(340, 30, "lm_head", fill=INK, font_family=MONO),
        arrow((340 + wide + 6, middle), (end - 6, middle)),
        cells(logits, end, top, 14, cell, 0.05, False),
        note(end + 22, middle - 4, "27 logits"),
        note(end + 22, middle + 15, "one a token"),
    ]  # fmt: skip
    return top + tall + 6, *parts
