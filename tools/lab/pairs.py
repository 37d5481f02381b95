"""Pairs: how far a difference is uncertain because of the names that are asked.

`python -m tools.lab.pairs` trains the book's program and some variants with the same
seeds and takes the difference for each of the 1,000 held-out names. The standard error
of these says what another thousand names might do; that over seeds, in lab.csv, says
what other first weights might. `--write` puts the table into docs/data/pairs.csv.
"""

import sys
from contextlib import closing
from dataclasses import replace

from tools.lab import rates, results, table
from tools.lab.experiment import Experiment
from tools.lab.grid import Worker
from tools.lab.questions import BOTH
from tools.lab.runs import Run
from tools.proof.about import about
from tools.proof.exits import ended

PARTS = ("no-attention", "no-mlp", "no-position", "no-norm", "no-residual")
CHANGES = {(part, "4"): {"variant": part} for part in PARTS}
CHANGES |= {("book", "1"): {"heads": 1}}


def losses(run: Run) -> list[float]:
    """Returns the loss of each held-out name, after training at the chosen rate."""
    with closing(Worker()) as worker:
        return worker.ask(rates.rated(run, table.read()))["asked"]


def cells(run: Run) -> tuple[str, str]:
    """Returns the mean of the names' differences from the book, and its error."""
    book = Run(weights=run.weights, steps=run.steps)
    apart = [a - b for a, b in zip(losses(run), losses(book))]
    return f"{results.middle(apart):.4f}", f"{results.standard_error(apart):.4f}"


PAIRS = Experiment(
    "pairs",
    ("variant", "heads", "steps", "less_the_book", "error"),
    {
        (*key, str(steps)): replace(Run(weights=1, steps=steps), **changes)
        for steps in BOTH
        for key, changes in CHANGES.items()
    },
    cells,
)


if __name__ == "__main__":
    sys.exit(ended(lambda: PAIRS.main(about(__file__))))
