"""Variants: the model with one thing changed, and what comes of it.

`python -m tools.lab.variants` trains each variant below for 1,000 steps and tells its
loss on 1,000 held-out documents, averaged over the documents. The learning rates are
tried in the program of the chapter `residual`, the rest in the finished one. What
stands in docs/data/variants.csv is not run again; `--write` adds to it. A variant takes
minutes.
"""

import argparse
import csv
import random
import subprocess
import sys

from microgpt.data import bundled_names, load_documents, split
from microgpt.evaluate import mean_loss
from microgpt.model import GPT, Config, Vector, add
from microgpt.optim import Adam
from microgpt.tokenizer import Tokenizer
from microgpt.train import no_collector, train
from tools.proof import stage
from tools.proof.stage import BOOK

TABLE = BOOK / "data" / "variants.csv"
COLUMNS = ("chapter", "setting", "seed", "held_out")

# The program of a chapter with another learning rate.
WORKER = """
import contextlib, gc, io, random, sys
from microgpt.data import bundled_names, load_documents, split
from microgpt.evaluate import mean_loss
from microgpt.model import GPT, Config
from microgpt.tokenizer import Tokenizer
from microgpt.train import train

gc.set_threshold(300_000, 10, 10)
rng = random.Random(42)
docs = load_documents(bundled_names())
rng.shuffle(docs)
train_docs, held_out = split(docs, 1000)
tokenizer = Tokenizer("".join(docs))
model = GPT(Config(tokenizer.vocab_size), rng)
with contextlib.redirect_stdout(io.StringIO()):
    train(model, train_docs, tokenizer, int(sys.argv[2]), float(sys.argv[1]))
print(mean_loss(model.predict, held_out, tokenizer))
"""


class NoFirstNorm(GPT):
    """Without the norm right after the embedding."""

    def embed(self, token: int, position: int) -> Vector:
        wte, wpe = self.state_dict["wte"], self.state_dict["wpe"]
        return add(wte[token], wpe[position])


# variant: (class, sizes)
VARIANTS = {"n_head 1": (GPT, {"n_head": 1}), "no first norm": (NoFirstNorm, {})}
RUNS = [("residual", rate, "42") for rate in ("0.05", "0.1", "0.2", "0.5")]
RUNS += [("complete", name, "42") for name in VARIANTS]


def measure(run: tuple[str, str, str], num_steps: int = 1000) -> float:
    """Returns the held-out loss of a run after its training."""
    kind, setting, seed = run
    if kind != "complete":
        command = [sys.executable, "-c", WORKER, setting, str(num_steps)]
        done = subprocess.run(
            command, cwd=stage.stage(kind), check=True, capture_output=True, text=True
        )
        return float(done.stdout)
    model_class, sizes = VARIANTS[setting]
    with no_collector():
        rng = random.Random(int(seed))
        docs = load_documents(bundled_names())
        rng.shuffle(docs)
        tokenizer = Tokenizer("".join(docs))
        model = model_class(Config(tokenizer.vocab_size, **sizes), rng)
        train_docs, held_out = split(docs, 1000)
        optimizer = Adam(model.params)
        for _ in train(model, optimizer, train_docs, tokenizer, 0.01, num_steps):
            pass
        return mean_loss(model.predict, held_out, tokenizer)


def read_table() -> dict[tuple[str, str, str], str]:
    """Returns the held-out losses of the table, by run."""
    if not TABLE.exists():
        return {}
    with open(TABLE, encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return {tuple(row[c] for c in COLUMNS[:3]): row["held_out"] for row in rows}


def write_table(known: dict[tuple[str, str, str], str]) -> None:
    """Writes the table, in the order of the runs."""
    with open(TABLE, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*run, known[run]) for run in RUNS if run in known)


def main() -> None:
    """Runs what is missing from the table; prints it, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    known = read_table()
    for run in RUNS:
        if run not in known:
            known[run] = f"{measure(run):.4f}"
        print("{:10} {:14} seed {:>2}  {}".format(*run, known[run]), flush=True)
        if options.write:
            write_table(known)


if __name__ == "__main__":
    main()
