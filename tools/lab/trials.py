"""Trials: other settings for the models of the early chapters, and what comes of them.

`python -m tools.lab.trials` trains the perceptron of `nudging` with other learning
rates, and the model of `parameters` from other initial sizes, and tells the held-out
loss before and after; and the model of `embeddings`, to tell which three letters are
nearest to some others before and after. All for 1,000 steps, each in the program as it
is after that chapter. `--write` puts the table into docs/data/trials.csv.
"""

import argparse
import csv
import subprocess
import sys

from tools.proof import stage
from tools.proof.stage import ROOT

TABLE = ROOT / "docs" / "data" / "trials.csv"
COLUMNS = ("trial", "setting", "before", "after")

# What each trial does: train with one thing changed; print what it is about before the
# first step and after the last.
WORKER = """
import contextlib, io, math, random, sys
from microgpt import model as module
from microgpt.data import load_documents, split
from microgpt.evaluate import mean_loss
from microgpt.tokenizer import Tokenizer
from microgpt.train import train

trial, setting, names, num_steps = sys.argv[1:]
rng = random.Random(42)
docs = load_documents(names)
rng.shuffle(docs)
train_docs, held_out = split(docs, 1000)
tokenizer = Tokenizer("".join(docs))
rate = 0.5
if trial == "learning-rate":
    rate = float(setting)
    model = module.MLP(tokenizer.vocab_size, 16, 64, rng)
else:
    size = float(setting) if trial == "init" else 0.08

    def matrix(n_out, n_in, rng):
        rows = range(n_out)
        draw = lambda: module.Value(rng.gauss(0, size))
        return [[draw() for _ in range(n_in)] for _ in rows]

    module.matrix = matrix
    model = module.GPT(module.Config(tokenizer.vocab_size), rng)

def nearest(letter):
    rows = [[p.data for p in row] for row in model.state_dict["wte"]]
    rows = [[x / math.hypot(*row) for x in row] for row in rows[: tokenizer.bos]]
    own = rows[tokenizer.ids[letter]]
    cosines = [sum(x * y for x, y in zip(row, own)) for row in rows]
    order = sorted(range(len(rows)), key=lambda i: -cosines[i])
    return tokenizer.decode(order[1:4])

def state():
    if trial == "nearest":
        return " ".join(nearest(letter) for letter in setting)
    return f"{mean_loss(model.predict, held_out, tokenizer):.4f}"

print(state())
with contextlib.redirect_stdout(io.StringIO()):
    train(model, train_docs, tokenizer, int(num_steps), rate)
print(state())
"""

# trial: (the chapter whose program it uses, the settings)
TRIALS = {
    "learning-rate": ("nudging", ("0.1", "0.3", "0.5", "1.0", "2.0")),
    "init": ("parameters", ("0.0", "0.02", "0.08", "0.5", "1.0")),
    "nearest": ("embeddings", ("aeiom",)),
}


def measure(trial: str, setting: str, num_steps: int = 1000) -> tuple[str, str]:
    """Returns the held-out loss, or neighbours, before and after training."""
    chapter, _ = TRIALS[trial]
    names = ROOT / "docs" / "data" / "names.txt"
    result = subprocess.run(
        [sys.executable, "-c", WORKER, trial, setting, str(names), str(num_steps)],
        cwd=stage.stage(chapter),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    before, after = result.stdout.splitlines()
    return before, after


def main() -> None:
    """Runs all trials; prints the table, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    rows = [COLUMNS]
    for trial, (_, settings) in TRIALS.items():
        for setting in settings:
            rows.append((trial, setting, *measure(trial, setting)))
            print("{:14} {:>5}  {}  {}".format(*rows[-1]), flush=True)
    if options.write:
        with open(TABLE, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
