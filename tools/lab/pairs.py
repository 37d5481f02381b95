"""Pairs: how far other held-out names would move the difference of two models.

`python -m tools.lab.pairs` asks two models the 1,000 held-out names, after all names,
and tells the mean of the differences and its standard error over the names. What
other seeds would do is in the table of the laboratory. `--write` puts the pairs into
docs/data/pairs.csv; it takes seconds, and wants the engine in C.
"""

import sys
from functools import lru_cache

from tools.lab import catalogue, diet, results, worker
from tools.lab.experiment import Experiment
from tools.lab.runs import EPOCH, Run, text_file
from tools.proof.about import about
from tools.proof.exits import ended

RATE = 0.003  # the best after all names


@lru_cache
def losses(name: str) -> list[float]:
    """Returns the loss of each held-out name, asked of tables or of a variant."""
    if name == "5-gram":
        return diet.Counts(EPOCH, 42, 5).losses("report", diet.best_prior(EPOCH, 5))
    run = Run(name, steps=EPOCH, rate=RATE, weights=1)
    docs, asked, tokenizer, number = worker.documents(str(text_file("names")), run.held)
    task = vars(run) | {"zeros": catalogue.ZEROS.get(name, ())}
    state = worker.first_state(task, tokenizer.vocab_size, number)
    _, engine = worker.engine_for(["c"], state)
    for _ in worker.train_with(engine, docs, tokenizer, run.rate, run.steps):
        pass
    return engine.train([[tokenizer.encode(doc)] for doc in asked], [])


def cells(pair: tuple[str, str]) -> tuple[str, str]:
    """Returns the mean of the differences, and its standard error over the names."""
    apart = [a - b for a, b in zip(*map(losses, pair))]
    numbers = results.middle(apart), results.standard_error(apart)
    return tuple(f"{number:.6f}" for number in numbers)


PAIRS = Experiment(
    "pairs",
    ("model", "against", "difference", "error"),
    {
        pair: pair
        for pair in (("no-attention", "book"), ("no-mlp", "book"), ("5-gram", "book"))
    },
    cells,
)


if __name__ == "__main__":
    sys.exit(ended(lambda: PAIRS.main(about(__file__))))
