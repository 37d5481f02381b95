"""Variants: the model with one thing changed, and what comes of it.

`python -m tools.lab.variants` trains each variant below for 1,000 steps and tells its
loss on 1,000 held-out documents, averaged over the documents. The learning rates are
tried in the program of the chapter `residual`, the rest in that of `complete`. What
stands in docs/data/variants.csv is trained again with `--anew` only; `--write` adds to
it. A variant takes minutes.
"""

import sys

from tools.lab.experiment import Experiment, Setting, number, seeded, trained
from tools.proof.about import about
from tools.proof.exits import ended

# Without the norm right after the embedding.
NO_FIRST_NORM = """
def embed(self, token, position):
    wte, wpe = self.state_dict["wte"], self.state_dict["wpe"]
    return module.add(wte[token], wpe[position])
module.GPT.embed = embed
"""
RATES = ("0.003", "0.01", "0.03")


def cells(setting: Setting, num_steps: int = 1000) -> tuple[str]:
    """Returns the held-out loss after training."""
    return (number(trained(setting, num_steps)["after"]),)


VARIANTS = Experiment(
    "variants",
    ("chapter", "setting", "seed", "held_out"),
    seeded(
        {("residual", rate): Setting("residual", float(rate)) for rate in RATES}
        | {
            ("complete", "n_head 1"): Setting("complete", 0.01, sizes={"n_head": 1}),
            ("complete", "no first norm"): Setting(
                "complete", 0.01, change=NO_FIRST_NORM
            ),
        },
        seeds=(42,),
    ),
    cells,
)


if __name__ == "__main__":
    sys.exit(ended(lambda: VARIANTS.main(about(__file__))))
