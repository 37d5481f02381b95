"""Sitting: what each measuring tool begins and ends with, its options and its table."""

import argparse
from collections.abc import Callable, Sequence

from microgpt import InputError
from tools.proof import exits
from tools.proof.stage import RunError
from tools.proof.tables import Table, aligned

EXTRAS = ("numpy", "torch")  # that an engine may need, and a machine may lack


def parser(doc: str, *tables: Table, rounds: int = 0) -> exits.Parser:
    """Returns a parser of the options that the tools share.

    doc: the tool's docstring. rounds: how many it has by default; 0: it has none.
    """
    made = exits.Parser(description=doc.splitlines()[0])
    if rounds:
        made.add_argument("--rounds", type=positive, default=rounds)
    if tables:
        names = " and ".join(f"{table.name}.csv" for table in tables)
        made.add_argument("--write", action="store_true", help=f"write {names}")
    return made


def positive(word: str) -> int:
    """Returns a number of rounds."""
    if not word.isdecimal() or not int(word):
        raise argparse.ArgumentTypeError(f"{word} is not a number from 1 up")
    return int(word)


def keep(table: Table, rows: Sequence[Sequence[str]], write: bool) -> None:
    """Prints a table, and writes it if it is to be written."""
    print(*aligned([table.columns, *rows]), sep="\n")
    if write:
        table.write(rows)


def ended(main: Callable[[], object]) -> int:
    """Returns the exit code of a tool; what cannot be measured here is told."""

    def work() -> None:
        try:
            main()
        except InputError as error:
            raise RunError(str(error)) from None
        except ModuleNotFoundError as error:
            if error.name not in EXTRAS:
                raise
            raise RunError(f"{error.name} is not installed: .[{error.name}]") from None

    return exits.ended(work)
