"""Optimizers: what the choices of the chapter on Adam do to the loss.

`python -m tools.lab.optimizers` trains the model of the book for 1,000 steps with each
of the settings below and tells the mean loss of the last 100 documents and of 1,000
held-out ones (nan if a probability is rounded to 0). It takes some minutes a
setting; `--write` puts the table into docs/data/optimizers.csv, and settings that
stand there already are not run again.
"""

import argparse
import csv
import random
from typing import Any

from microgpt import (
    GPT,
    Adam,
    Config,
    Tokenizer,
    Value,
    bundled_names,
    document_loss,
    load_documents,
    mean_loss,
    split,
)
from microgpt.evaluate import mean
from microgpt.train import no_collector
from tools.proof.stage import BOOK

TABLE = BOOK / "data" / "optimizers.csv"
COLUMNS = ("setting", "last_100", "held_out")


class SGD:
    """The optimizer of the chapters before Adam, which the package has given up."""

    def __init__(self, params: list[Value]) -> None:
        self.params = params

    def step(self, learning_rate: float) -> None:
        """Moves every parameter, and sets its gradient back to 0."""
        for p in self.params:
            p.data -= learning_rate * p.grad
            p.grad = 0.0


# setting: (optimizer, its options, first learning rate, does the rate fall?)
SETTINGS: dict[str, tuple[Any, dict[str, float], float, bool]] = {
    "adam": (Adam, {}, 0.01, True),
    "adam-constant": (Adam, {}, 0.01, False),
    "adam-0.9-0.999": (Adam, {"beta1": 0.9, "beta2": 0.999}, 0.01, True),
    "sgd-0.1": (SGD, {}, 0.1, True),
    "sgd-0.1-constant": (SGD, {}, 0.1, False),
    "sgd-1": (SGD, {}, 1.0, True),
}


def measure(setting: str, num_steps: int = 1000) -> tuple[float, float]:
    """Returns the mean loss of the last 100 documents, and of the held-out ones."""
    optimizer_class, options, first_rate, falls = SETTINGS[setting]
    rng = random.Random(42)
    docs = load_documents(bundled_names())
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    model = GPT(Config(tokenizer.vocab_size), rng)
    train_docs, held_out = split(docs, 1000)
    optimizer = optimizer_class(model.params, **options)
    losses: list[float] = []
    with no_collector():
        for step in range(num_steps):
            loss = document_loss(model, tokenizer.encode(train_docs[step]))
            loss.backward()
            optimizer.step(first_rate * (1 - step / num_steps if falls else 1))
            losses.append(loss.data)
        return mean(losses[-100:]), mean_loss(model.predict, held_out, tokenizer)


def row(setting: str) -> dict[str, str]:
    """Returns the row of a setting; it is nan where the loss overflows."""
    try:
        losses = measure(setting)
    except (ArithmeticError, ValueError):
        losses = (float("nan"), float("nan"))
    return dict(zip(COLUMNS, (setting, *(f"{loss:.4f}" for loss in losses))))


def read_table() -> dict[str, dict[str, str]]:
    """Returns the rows of the table by setting."""
    if not TABLE.exists():
        return {}
    with open(TABLE, encoding="utf-8") as file:
        return {row["setting"]: row for row in csv.DictReader(file)}


def write_table(rows: dict[str, dict[str, str]]) -> None:
    """Writes the table, in the order of the settings."""
    with open(TABLE, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[name] for name in SETTINGS if name in rows)


def main() -> None:
    """Runs what is missing from the table; prints it, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    parser.add_argument("--anew", action="store_true", help="run every setting again")
    options = parser.parse_args()
    rows = {} if options.anew else read_table()
    for setting in SETTINGS:
        if setting not in rows:
            rows[setting] = row(setting)
        line = "{setting:18} {last_100:>7} {held_out:>7}".format(**rows[setting])
        print(line, flush=True)
        if options.write:
            write_table(rows)


if __name__ == "__main__":
    main()
