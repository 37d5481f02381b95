"""Tables: what was tried and measured, kept in docs/data as CSV; and the record.

A table is written whole or not at all, and read as dicts, a row each. Who asks for one
that is not there is told which command makes it.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.proof.files import write_file
from tools.proof.pages import BOOK, RunError

Row = dict[str, str]

# Of each table, the command that makes it.
MAKERS = {
    "adams": "measure.adams --write",
    "bench": "measure.bench --write",
    "calls": "measure.calls --write",
    "counts": "lab.diet --write",
    "hotspots": "measure.hotspots --write",
    "kernel": "measure.kernelbench --write",
    "operators": "measure.overhead --write",
    "overhead": "measure.overhead --write",
    "scale": "measure.scale --write",
    "sizes": "measure.sizes --write",
    "stages": "measure.stages --write",
    "lab": "lab grid",
    "optimizers": "lab.optimizers --write",
    "pairs": "lab.pairs --write",
    "trials": "lab.trials --write",
    "variants": "lab.variants --write",
    "wrong": "lab.wrong --write",
    "record": "lab.record",
}


class NotYet(LookupError):
    """Something of docs/data is not there yet; it says what makes it."""


def remedy(name: str) -> str:
    """Returns what to do where something is missing in a table."""
    maker = MAKERS.get(name)
    return f"run python -m tools.{maker}" if maker else "no command makes it"


def path_of(name: str, book: Path = BOOK) -> Path:
    """Returns the file of a table."""
    return book / "data" / f"{name}.csv"


def read(name: str, book: Path = BOOK) -> list[Row]:
    """Returns the rows of a table."""
    path = path_of(name, book)
    if not path.exists():
        raise NotYet(f"there is no {name}.csv; {remedy(name)}")
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cell(name: str, row: str, column: str = "speed", *, book: Path = BOOK) -> float:
    """Returns a number of a table, by the first cell of its row and its column."""
    for found in read(name, book):
        if next(iter(found.values())) == row:
            if column not in found:
                raise NotYet(f"{name}.csv has no column {column}; {remedy(name)}")
            return float(found[column])
    raise NotYet(f"{name}.csv has no row {row}; {remedy(name)}")


@dataclass(frozen=True)
class Table:
    """A table that a command makes: its name, its columns, the rows it must have.

    A row is known by its first cells, `rows` is a list of these in the table's order.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]] = ()

    def key(self, row: Sequence[str]) -> tuple[str, ...]:
        """Returns the cells that a row is known by."""
        return tuple(row[: len(self.rows[0])]) if self.rows else ()

    def lacking(self, keys: Iterable[tuple[str, ...]]) -> list[str]:
        """Returns which of its rows are not among those."""
        there = set(keys)
        return [" ".join(key) for key in self.rows if key not in there]

    def demand(self, keys: Iterable[tuple[str, ...]]) -> None:
        """Raises an error if the table would lack rows."""
        if lacking := ", ".join(self.lacking(keys)):
            raise RunError(
                f"{self.name}.csv would lack {lacking}: it is not written. "
                "run what is missing as well"
            )

    def text(self, rows: Iterable[Sequence[Any]]) -> str:
        """Returns the table as its file has it."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(self.columns)
        for row in rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.name}.csv: {row} is not {self.columns}")
            writer.writerow(row)
        return file.getvalue()

    def write(self, rows: Sequence[Sequence[Any]], part: bool = False) -> None:
        """Writes the table; part: rows may be missing, they will come later."""
        if not part:
            self.demand(map(self.key, rows))
        write_file(path_of(self.name), self.text(rows))

    def known(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """Returns the rows that are there already, by what they are known by."""
        there = read(self.name) if path_of(self.name).exists() else []
        rows = [tuple(row.values()) for row in there]
        return {self.key(row): row for row in rows}


def aligned(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Returns rows, of which the first has the heads, as lines; numbers stand right."""
    columns = [[str(cell) for cell in column] for column in zip(*rows)]
    for column in columns:
        side = "><"[any(map(isword, column[1:]))]
        width = max(map(len, column))
        column[:] = [f"{cell:{side}{width}}" for cell in column]
    return ["  ".join(row).rstrip() for row in zip(*columns)]


def isword(cell: str) -> bool:
    """Is a cell neither a number nor empty?"""
    return not re.fullmatch(r"(-?[\d.]+(e[+-]?\d+)?|nan)?", cell)


# The record


class Record(dict):
    """The numbers of the full run; it says what to do where one is missing."""

    def __missing__(self, name: str) -> Any:
        raise NotYet(f"record.json has no {name}; {remedy('record')}")


def record(book: Path = BOOK) -> Record:
    """Returns docs/data/record.json; it is empty as long as there is none."""
    path = book / "data" / "record.json"
    return Record(json.loads(path.read_text("utf-8")) if path.exists() else {})
