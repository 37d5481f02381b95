"""Optimizers: what the choices of the chapter on Adam do to the loss.

`python -m tools.lab.optimizers` trains the perceptron for 1,000 steps with each of the
settings below, in the program of the chapter `training` or that of `adam`, and tells
the mean loss of the last 100 documents and of 1,000 held-out ones (nan if a probability
is rounded to 0). It takes a minute a setting; `--write` puts the table into
docs/data/optimizers.csv. What stands there
already is trained again with `--anew` only.
"""

import sys
from functools import partial

from microgpt.evaluate import mean
from tools.lab.experiment import NOTHING, Experiment, Setting, number, trained
from tools.proof.about import about
from tools.proof.exits import ended

adam = partial(Setting, "adam")
sgd = partial(Setting, "training")  # the chapter before Adam, with the same loop
SGD_RATES = ("0.3", "0.5", "1", "2")
ADAM_RATES = ("0.003", "0.01", "0.03")


def cells(setting: Setting, num_steps: int = 1000) -> tuple[str, str]:
    """Returns the mean loss of the last 100 documents, and of the held-out ones."""
    found = trained(setting, num_steps)
    if "after" not in found:
        return number(NOTHING), number(NOTHING)
    return number(mean(found["losses"][-100:])), number(found["after"])


OPTIMIZERS = Experiment(
    "optimizers",
    ("setting", "last_100", "held_out"),
    {(f"sgd-{rate}",): sgd(float(rate)) for rate in SGD_RATES}
    | {(f"adam-{rate}",): adam(float(rate)) for rate in ADAM_RATES}
    | {
        ("sgd-0.5-constant",): sgd(0.5, falls=False),
        ("sgd-1-constant",): sgd(1.0, falls=False),
        ("adam-0.01-constant",): adam(0.01, falls=False),
        ("adam-0.9-0.999",): adam(0.01, options={"beta1": 0.9, "beta2": 0.999}),
    },
    cells,
)


if __name__ == "__main__":
    sys.exit(ended(lambda: OPTIMIZERS.main(about(__file__))))
