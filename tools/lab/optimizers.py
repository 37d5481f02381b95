"""Optimizers: what the choices of the chapter on Adam do to the loss.

`python -m tools.lab.optimizers` trains the model of the book for 1,000 steps with each
of the settings below and tells the mean loss of the last 100 documents and of 1,000
held-out ones (nan if a probability is rounded to 0). It takes some minutes a
setting; `--write` puts the table into docs/data/optimizers.csv. What stands there
already is trained again with `--anew` only.
"""

import sys
from functools import partial

from microgpt.evaluate import mean
from tools.lab.experiment import NOTHING, Experiment, Setting, number, trained
from tools.proof.about import about
from tools.proof.exits import ended

adam = partial(Setting, "complete")
sgd = partial(Setting, "training")  # the chapter before Adam, with the same loop


def cells(setting: Setting, num_steps: int = 1000) -> tuple[str, str]:
    """Returns the mean loss of the last 100 documents, and of the held-out ones."""
    found = trained(setting, num_steps)
    if "after" not in found:
        return number(NOTHING), number(NOTHING)
    return number(mean(found["losses"][-100:])), number(found["after"])


OPTIMIZERS = Experiment(
    "optimizers",
    ("setting", "last_100", "held_out"),
    {
        ("adam",): adam(0.01),
        ("adam-constant",): adam(0.01, falls=False),
        ("adam-0.9-0.999",): adam(0.01, options={"beta1": 0.9, "beta2": 0.999}),
        ("sgd-0.1",): sgd(0.1),
        ("sgd-0.1-constant",): sgd(0.1, falls=False),
        ("sgd-1",): sgd(1.0),
    },
    cells,
)


if __name__ == "__main__":
    sys.exit(ended(lambda: OPTIMIZERS.main(about(__file__))))
