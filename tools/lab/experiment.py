"""Experiment: settings that are trained, and a table that has a row for each.

A setting is data: the chapter whose program is trained, what is changed in it, and the
seed of its first parameters. An experiment is the name of a table, its settings by the
cells that their rows begin with, and a small function that gives the other cells.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tools.proof import stage
from tools.proof.commands import python
from tools.proof.progress import Progress
from tools.proof.tables import Table

HELD_OUT = "mean_loss(model.predict, held_out, tokenizer)"
NOTHING = float("nan")  # where the numbers ran over

# Trains the program of a chapter, its folder, after the change; prints what came of it.
WORKER = """
import contextlib, gc, inspect, io, json, random, sys
from microgpt import model as module
from microgpt.data import bundled_names, load_documents, split
from microgpt.evaluate import mean_loss
from microgpt.tokenizer import Tokenizer
from microgpt.train import train

task = json.loads(sys.argv[1])
gc.set_threshold(300_000, 10, 10)
rng = random.Random(42)
docs = load_documents(bundled_names())
rng.shuffle(docs)
train_docs, held_out = split(docs, 1000)
tokenizer = Tokenizer("".join(docs))
if task["seed"] != 42:  # other first parameters, but the same documents
    rng = random.Random(task["seed"])
exec(task["change"])
if hasattr(module, "GPT"):
    model = module.GPT(module.Config(tokenizer.vocab_size, **task["sizes"]), rng)
else:
    model = module.MLP(tokenizer.vocab_size, 16, 64, rng)

def learn(rate, num_steps):
    if "optimizer" not in inspect.signature(train).parameters:
        return train(model, train_docs, tokenizer, num_steps, rate)
    from microgpt import optim
    kind = getattr(optim, "Adam", None) or optim.SGD
    optimizer = kind(model.params, **task["options"])
    if not task["falls"]:
        step = optimizer.step
        optimizer.step = lambda _: step(rate)
    steps = train(model, optimizer, train_docs, tokenizer, rate, num_steps)
    return [loss for _, loss in steps]

found = {}
with contextlib.redirect_stdout(io.StringIO()):
    if task["before"]:
        found["before"] = eval(task["look"])
    try:
        found["losses"] = learn(task["rate"], task["num_steps"])
        found["after"] = eval(task["look"])
    except (ArithmeticError, ValueError):
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Setting:
    """A program that is trained with something changed in it.

    chapter: its program is trained, as it is at its end. rate: the learning rate, and
    whether it falls where the chapter's does. change: code that runs before the model
    is made, and finds the program's `model` as `module`. sizes, options: what the model
    and the optimizer are made with. look: what is asked of the trained model, and
    whether it is asked before as well.
    """

    chapter: str
    rate: float
    falls: bool = True
    change: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    options: Mapping[str, float] = field(default_factory=dict)
    look: str = HELD_OUT
    before: bool = False
    seed: int = 42


def trained(setting: Setting, num_steps: int = 1000) -> dict[str, Any]:
    """Returns what came of a setting: `before`, the `losses`, `after`.

    The last two are missing where the numbers ran over.
    """
    task = asdict(setting) | {"num_steps": num_steps}
    return python(WORKER, stage.stage(setting.chapter), task)


def seeded(settings: Mapping[tuple, Setting], seeds: Iterable[int]) -> dict:
    """Returns the settings once for each seed, whose cell comes last in their keys."""
    return {
        (*key, str(seed)): replace(setting, seed=seed)
        for seed in seeds
        for key, setting in settings.items()
    }


@dataclass(frozen=True)
class Experiment:
    """A table of settings: each row is what it begins with, and what was found."""

    name: str
    columns: tuple[str, ...]
    settings: Mapping[tuple[str, ...], Any]
    cells: Callable[[Any], Sequence[str]]

    @property
    def table(self) -> Table:
        """Returns the table in docs/data."""
        return Table(self.name, self.columns, list(self.settings))

    def row(self, key: tuple[str, ...]) -> tuple[str, ...]:
        """Trains a setting; returns its row."""
        return *key, *self.cells(self.settings[key])

    def options(self, doc: str) -> argparse.Namespace:
        """Returns what the command's arguments ask for."""
        parser = argparse.ArgumentParser(description=doc.splitlines()[0])
        write, anew = f"write {self.name}.csv", "train what stands there again"
        parser.add_argument("--write", action="store_true", help=write)
        parser.add_argument("--anew", action="store_true", help=anew)
        return parser.parse_args()

    def main(self, doc: str) -> None:
        """Trains what is missing from the table; keeps each row as soon as it is found.

        doc: the docstring of the experiment's module.
        """
        options, table = self.options(doc), self.table
        known = table.known()
        with Progress() as progress:
            for number, key in enumerate(self.settings, 1):
                if options.anew or key not in known:
                    progress.tell(f"{number} of {len(self.settings)}: {' '.join(key)}")
                    known[key] = self.row(key)
                if options.write:
                    rows = [known[key] for key in self.settings if key in known]
                    table.write(rows, part=True)
                progress.say(self.line(known[key]))

    def line(self, row: Sequence[str]) -> str:
        """Returns a row as text, one below the other."""
        widths = [max(map(len, column)) for column in zip(*self.settings)]
        widths += [0] * (len(row) - len(widths))
        return "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths))


def number(value: float | str) -> str:
    """Returns a loss with four decimals; words as they are."""
    return value if isinstance(value, str) else f"{value:.4f}"
