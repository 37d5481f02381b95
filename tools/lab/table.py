"""Table: docs/data/lab.csv, to which a row is added for every run that was made.

A row is added in one move, by one process at a time, and never changed. Rows stand in
the order in which they were found. What is no row is refused, at its line.
"""

from functools import cache, lru_cache
from pathlib import Path

from tools.lab.runs import COLUMNS, Found, Run, row_of
from tools.proof.pages import seen
from tools.proof.stage import ROOT, RunError, append, lock, write_file
from tools.proof.tables import path_of

NAME = "lab"
LOCK = ROOT / "build" / "lab" / f"{NAME}.csv"
HEAD = ",".join(COLUMNS) + "\n"


def read(path: Path | None = None) -> dict[Run, Found]:
    """Returns the runs of the table, and what was found."""
    path = path or path_of(NAME)
    return dict(parsed(path, seen(path))) if path.exists() else {}


def stamp() -> tuple[Path, tuple[int, ...]]:
    """Returns what shows whether the table has changed."""
    path = path_of(NAME)
    return path, seen(path) if path.exists() else ()


@lru_cache(maxsize=4)
def parsed(path: Path, seen: tuple[int, ...]) -> dict[Run, Found]:
    """Returns the rows of a file, read once as long as it does not change.

    Raises RunError at the first line that is no row.
    """
    found: dict[Run, Found] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if row := parse(number, line, path):
            found.setdefault(*row)
    return found


def parse(number: int, line: str, path: Path) -> tuple[Run, Found] | None:
    """Returns what a line of the table says, if it is not the first one.

    Raises RunError if it says nothing.
    """
    try:
        if number == 1 and line != HEAD.strip():
            raise ValueError(f"it is not {HEAD.strip()}")
        return row(line) if number > 1 else None
    except ValueError as error:
        remedy = "delete the line, and python -m tools.lab grid makes it again"
        raise RunError(f"{path.name}:{number}: {error}; {remedy}") from None


@cache
def row(line: str) -> tuple[Run, Found]:
    """Returns what a line says; it is kept, since lines never change."""
    return row_of(line.split(","))


def add(run: Run, found: Found, path: Path | None = None) -> None:
    """Adds a row, unless another process has done so."""
    path = path or path_of(NAME)
    key = ",".join(run.cells)
    with lock(LOCK):
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        for line in lines[-1:]:
            parse(len(lines), line, path)
        if not any(line.startswith(f"{key},") for line in lines):
            append(path, ",".join((*run.cells, *found.cells)) + "\n", HEAD)


def tidy(path: Path | None = None) -> None:
    """Takes out rows that stand there twice, as after two branches were joined."""
    path = path or path_of(NAME)
    if not path.exists():
        return
    with lock(LOCK):
        lines = path.read_text("utf-8").splitlines()
        rows = read(path)
        if len(rows) < len(lines) - 1:
            kept = (",".join((*run.cells, *what.cells)) for run, what in rows.items())
            write_file(path, HEAD + "".join(f"{row}\n" for row in kept))
