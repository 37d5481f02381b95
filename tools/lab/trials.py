"""Trials: other settings for the models of the early chapters, and what comes of them.

`python -m tools.lab.trials` trains the perceptron of `nudging` with other learning
rates, and the model of `parameters` from other initial sizes, and tells the held-out
loss before and after; and the model of `embeddings`, to tell which three letters are
nearest to some others before and after, and how alike vowels and consonants are. All
for 1,000 steps, each in the program as it is after that chapter. What stands in
docs/data/trials.csv is trained again with `--anew` only; `--write` adds to it.
"""

import sys
from functools import partial

from tools.lab.experiment import Experiment, Setting, number, trained
from tools.proof.about import about
from tools.proof.exits import ended

RATE = 0.01  # of the chapters that have Adam
RATES = ("0.1", "0.3", "0.5", "1.0", "2.0")
SIZES = ("0.0", "0.02", "0.08", "0.5", "1.0")

# The size of the first weights, in place of the one in `matrix`.
SIZE = """
def matrix(n_out, n_in, rng):
    draw = lambda: module.Value(rng.gauss(0, {}))
    return [[draw() for _ in range(n_in)] for _ in range(n_out)]
module.matrix = matrix
"""
# For some letters, the three whose rows of wte point most nearly the same way.
NEAREST = """
import math
def nearest(letter):
    rows = [[p.data for p in row] for row in model.state_dict["wte"]]
    rows = [[x / math.hypot(*row) for x in row] for row in rows[: tokenizer.bos]]
    own = rows[tokenizer.ids[letter]]
    cosines = [sum(x * y for x, y in zip(row, own)) for row in rows]
    order = sorted(range(len(rows)), key=lambda i: -cosines[i])
    return tokenizer.decode(order[1:4])
"""
# The mean cosine of two vowels, of two consonants and of one of each; y is left out.
ALIKE = """
import math
from itertools import combinations
def alike():
    rows = [[p.data for p in row] for row in model.state_dict["wte"]]
    rows = [[x / math.hypot(*row) for x in row] for row in rows[: tokenizer.bos]]
    found = {}
    for a, b in combinations([c for c in tokenizer.chars if c != "y"], 2):
        one, other = rows[tokenizer.ids[a]], rows[tokenizer.ids[b]]
        cosine = sum(x * y for x, y in zip(one, other))
        found.setdefault((a in "aeiou") + (b in "aeiou"), []).append(cosine)
    means = (sum(found[kind]) / len(found[kind]) for kind in (2, 0, 1))
    return " ".join(f"{mean:.4f}" for mean in means)
"""

perceptron = partial(Setting, "nudging", before=True)
first_model = partial(Setting, "parameters", RATE, before=True)
embeddings = partial(Setting, "embeddings", RATE, before=True)


def cells(setting: Setting, num_steps: int = 1000) -> tuple[str, str]:
    """Returns the held-out loss, or neighbours, before and after training."""
    found = trained(setting, num_steps)
    return number(found["before"]), number(found["after"])


TRIALS = Experiment(
    "trials",
    ("trial", "setting", "before", "after"),
    {("learning-rate", rate): perceptron(float(rate)) for rate in RATES}
    | {("init", size): first_model(change=SIZE.format(size)) for size in SIZES}
    | {
        ("nearest", "aeiom"): embeddings(
            change=NEAREST, look="' '.join(map(nearest, 'aeiom'))"
        ),
        ("alike", "wte"): embeddings(change=ALIKE, look="alike()"),
    },
    cells,
)


if __name__ == "__main__":
    sys.exit(ended(lambda: TRIALS.main(about(__file__))))
