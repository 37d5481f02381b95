"""The laboratory: variants of the model, trained with many seeds and compared.

    python -m tools.lab list                     the variants there are
    python -m tools.lab run rotary --seeds 3     one of them, beside the book
    python -m tools.lab grid                     the rows of docs/data/lab.csv that lack
    python -m tools.lab report [QUESTION…]       what came of them

`run` takes several names joined by `+`, and the path of a page of your own. It prints
each loss, the mean over the seeds and its standard error, and how far it is from the
book's with the same seeds; `--keep` adds the rows to the table. `grid --dry` says what
there is to do, and how long it may take.
"""

import argparse
import sys
from dataclasses import fields

from tools.lab import catalogue, grid, questions, report, single
from tools.lab.runs import Run
from tools.proof.about import about
from tools.proof.exits import ended
from tools.proof.progress import Progress
from tools.proof.stage import RunError
from tools.proof.tables import aligned


def arguments() -> argparse.ArgumentParser:
    """Returns the parser of the command's options."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.lab",
        description=about(__file__),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="the variants, and the engine of each")
    one = commands.add_parser("run", help="train a variant, and the book beside it")
    one.add_argument("variant", metavar="NAME", help="NAME+NAME, or a page's path")
    one.add_argument("--seeds", type=int, default=3, help="how many; %(default)s")
    for field in fields(Run):
        if field.name not in ("variant", "weights", "rate", "held"):
            default = getattr(Run, field.name)
            told = f"{default} if it is not said"
            one.add_argument(f"--{field.name}", type=field.type, help=told)
    one.add_argument("--rate", type=float, help="the one that was chosen, else 0.01")
    one.add_argument("--engine", choices=catalogue.ENGINES, help="the fastest")
    one.add_argument("--keep", action="store_true", help="add rows to lab.csv")
    for name, told in (("grid", "make the rows that lack"), ("report", "print tables")):
        several = commands.add_parser(name, help=told)
        several.add_argument("questions", nargs="*", metavar="QUESTION", help=asked())
        if name == "grid":
            several.add_argument("--dry", action="store_true", help="only say what")
            several.add_argument("--cores", type=int, default=grid.cores())
            several.add_argument("--most", type=float, default=float("inf"),
                metavar="SECONDS", help="leave longer runs for another time",
            )  # fmt: skip
    return parser


def asked() -> str:
    """Returns the names of the questions."""
    return ", ".join(questions.QUESTIONS)


def chosen(names: list[str]) -> list[str]:
    """Returns the questions that are asked for, or all."""
    for name in names:
        if name not in questions.QUESTIONS:
            raise RunError(f"there is no question {name!r}; there are {asked()}")
    return names or [*questions.QUESTIONS]


def show() -> None:
    """Prints the variants."""
    for name in catalogue.names():
        engines = catalogue.program(name).engines
        print(f"{name:15} {engines[0]:7} {catalogue.title(name)}")


def make(options: argparse.Namespace) -> int:
    """Makes the rows that are missing, or says how many there are."""
    names = chosen(options.questions)
    if options.dry:
        rows = grid.plan(names)
        total = [sum(column) for column in list(zip(*rows))[1:]]
        heads = ("question", "there", "missing", "time")
        cells = [(*row[:3], grid.span(row[3])) for row in [*rows, ("all", *total)]]
        print(*aligned([heads, *cells]), sep="\n")
        return 0
    if options.cores < 1:
        raise RunError("--cores must be 1 at least")
    with Progress() as progress:
        problems = grid.fill(names, options.cores, progress, options.most)
    print(*problems, sep="\n", end="\n" * bool(problems), file=sys.stderr)
    return 1 if problems else 0


def work() -> int:
    """Does what the arguments ask for; returns the exit code."""
    options = arguments().parse_args()
    if options.command == "list":
        return show() or 0
    if options.command == "run":
        return single.compare(options)
    if options.command == "grid":
        return make(options)
    return report.show(chosen(options.questions))


if __name__ == "__main__":
    sys.exit(ended(work))
