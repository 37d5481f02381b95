"""Runs: a model that is trained once, as data, and what was found.

A run is a row of the table, known by all that decides its loss: the variant, the text,
the sizes, the rate, whether it reports or chooses, and two seeds. That of the weights
is the program's `--seed`. That of the order shuffles the documents that are trained
on; 42 leaves them as the program has them. The held-out ones are always the same.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter

from tools.lab import catalogue
from tools.proof.stage import BOOK, RunError

EPOCH = 31_469  # the names that are trained on


@dataclass(frozen=True)
class Run:
    """A run; its fields are the first columns of the table, the book's by default.

    held: `report`, where 1,000 held-out names are asked, or a tenth of a small text;
    `report-4`, where only their first four tokens are; `choose`, where as many others
    are asked, of those that would be trained on otherwise, so that a rate can be
    chosen. steps: of so many documents each as a batch has.
    """

    variant: str = catalogue.BOOKS
    text: str = "names"
    width: int = 16
    layers: int = 1
    heads: int = 4
    context: int = 16
    batch: int = 1
    rate: float = 0.01
    held: str = "report"
    weights: int = 42
    order: int = 42
    steps: int = 1000

    @property
    def cells(self) -> tuple[str, ...]:
        """Returns the cells that its row begins with."""
        return tuple(map(shown, values(self)))

    @property
    def setting(self) -> "Run":
        """Returns the run of its kind with the book's seeds."""
        return replace(self, weights=42, order=42)

    @property
    def chooser(self) -> "Run":
        """Returns the run whose likes are tried to choose its rate."""
        return replace(self.setting, held="choose", rate=0.01)

    def __str__(self) -> str:
        """Returns its variant, its steps, and in what else it differs from the book."""
        told = [f"{catalogue.shown(self.variant)}, {self.steps:,} steps"]
        for name in COLUMNS[1 : len(fields(Run)) - 1]:
            if (value := getattr(self, name)) != getattr(Run, name):
                told.append(f"{name} {shown(value)}")
        return ", ".join(told)


@dataclass(frozen=True)
class Found:
    """What was found: by which engine, the loss, its standard error, the seconds.

    The loss is the mean over documents of the mean over a document's tokens, in nats,
    nan where training ended in numbers that are none; the error is over documents.
    """

    engine: str
    loss: float
    error: float
    seconds: float

    @property
    def cells(self) -> tuple[str, ...]:
        """Returns the cells that its row ends with."""
        numbers = f"{self.loss:.6f}", f"{self.error:.6f}", f"{self.seconds:.2f}"
        return self.engine, *numbers


values = attrgetter(*(field.name for field in fields(Run)))  # of a run, in order
COLUMNS = tuple(field.name for kind in (Run, Found) for field in fields(kind))
KINDS = {field.name: field.type for kind in (Run, Found) for field in fields(kind)}


def shown(value: object) -> str:
    """Returns a cell as the table has it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def row_of(cells: Sequence[str]) -> tuple[Run, Found]:
    """Returns the run of a row, and what was found. Raises ValueError if it is none."""
    if len(cells) != len(COLUMNS) or not all(cells):
        raise ValueError(f"it has {len(cells)} cells, not {len(COLUMNS)}")
    made = [KINDS[name](cell) for name, cell in zip(COLUMNS, cells)]
    split = len(fields(Run))
    run, found = Run(*made[:split]), Found(*made[split:])
    if (*run.cells, *found.cells) != tuple(cells):
        raise ValueError("its numbers are not as they are written here")
    if not (found.error >= 0 or math.isnan(found.error)):
        raise ValueError("its error is not one")
    return run, found


def check(run: Run) -> Run:
    """Returns a run, with its variant's names in order.

    Raises RunError if nobody could do it.
    """
    sizes = ("width", "layers", "heads", "context", "batch", "steps")
    for name in sizes:
        if getattr(run, name) < 1:
            raise RunError(f"--{name} must be 1 at least")
    if run.width % run.heads:
        raise RunError(f"a width of {run.width} cannot be shared by {run.heads} heads")
    if not (run.rate > 0 and math.isfinite(run.rate)):
        raise RunError("--rate must be above 0")
    if not text_file(run.text).is_file():
        raise RunError(f"there is no text {run.text} in docs/data")
    return replace(run, variant=catalogue.canonical(run.variant))


def text_file(text: str):
    """Returns the file of a text."""
    return BOOK / "data" / f"{text}.txt"
