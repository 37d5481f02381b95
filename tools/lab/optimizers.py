"""Optimizers: what the choices of the chapter on Adam do to the loss.

`python -m tools.lab.optimizers` trains the perceptron for 1,000 steps with each of the
settings below and tells the mean loss of the last 100 documents and of 1,000 held-out
ones (nan if a probability is rounded to 0). The gradients are those by hand of the
chapter `nudging`, which are those of the graph but for rounding and take a tenth of the
time: some twenty seconds a setting. `--write` puts the table into
docs/data/optimizers.csv. What stands there already is trained again with `--anew` only.
"""

import sys
from functools import partial

from microgpt.evaluate import mean
from tools.lab.experiment import NOTHING, Experiment, Setting, number, trained
from tools.proof.about import about
from tools.proof.exits import ended

# How the loop of `nudging` moves the weights: `way` of a gradient, times the rate.
DESCEND = """
step = 0
def descend(weights, grads, rate):
    global step
    if task["falls"]:
        rate *= 1 - step / task["num_steps"]
    step += 1
    for name, w in weights.items():
        for i, (row, slopes) in enumerate(zip(w, grads[name])):
            for j, slope in enumerate(slopes):
                row[j] -= rate * way((name, i, j), slope)
sys.modules["microgpt.train"].descend = descend
"""
SGD = "def way(_, slope): return slope\n" + DESCEND
ADAM = (
    """
beta1, beta2 = (task["options"].get(*it) for it in (("beta1", 0.85), ("beta2", 0.99)))
means = {}
def way(place, slope):
    if not slope and task["options"].get("lazy"):
        return 0.0
    m, v = means.get(place, (0.0, 0.0))
    m, v = beta1 * m + (1 - beta1) * slope, beta2 * v + (1 - beta2) * slope**2
    means[place] = m, v
    return m / (1 - beta1**step) / ((v / (1 - beta2**step)) ** 0.5 + 1e-8)
"""
    + DESCEND
)
adam = partial(Setting, "nudging", change=ADAM)
sgd = partial(Setting, "nudging", change=SGD)
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
        ("adam-lazy",): adam(0.01, options={"lazy": True}),
    },
    cells,
)


if __name__ == "__main__":
    sys.exit(ended(lambda: OPTIMIZERS.main(about(__file__))))
