"""Overview: the variants as a table, from the worst to the best, for the chapter.

`python -m tools.lab.overview` compares the table in docs/laboratory.md with the results
that there are, `--write` writes it. What was not run yet stands at the end. The numbers
carry the checks that all numbers of the book have.
"""

import argparse
import sys

from tools.lab import catalogue, results
from tools.lab.runs import EPOCH
from tools.proof.about import about
from tools.proof.exits import finish
from tools.proof.stage import BOOK, write_file
from tools.proof.tables import NotYet
from tools.tangle import Problem

PAGE = BOOK / "laboratory.md"
BEGIN, END = "<!--catalogue-->\n", "<!--/catalogue-->"
HEAD = """\
| variant | after all names | ± | after 1,000 | ± |
|---|---:|---:|---:|---:|
"""
ASKED = {"order": 42, "weights": range(1, 11)}


def worth(name: str) -> float:
    """Returns what a variant adds to the loss after all names; -inf if not run yet."""
    try:
        return results.diff(name, steps=EPOCH, **ASKED)
    except NotYet:
        return float("-inf")


def in_order() -> list[str]:
    """Returns the variants, the worst first."""
    return sorted(catalogue.names(), key=worth, reverse=True)


def row(name: str) -> str:
    """Returns a row, whose numbers are filled in by what checks them."""
    cells = [f"[{catalogue.title(name)}](variants/{name}.md)"]
    for what in ("far", "far_error", "near", "near_error"):
        cells.append(f'0.0000<!--={what}("{name}")-->')
    return f"| {' | '.join(cells)} |\n"


def main() -> int:
    """Compares the table, or writes it."""
    parser = argparse.ArgumentParser(description=about(__file__).splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the table")
    options = parser.parse_args()
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    stand = [line.partition("](variants/")[2].partition(".md)")[0]
             for line in old.splitlines()[2:]]  # fmt: skip
    if stand == in_order():
        return 0
    if options.write:
        table = HEAD + "".join(map(row, in_order()))
        write_file(PAGE, before + BEGIN + table + END + after)
        print("written; now python -m tools.proof.examples laboratory --write")
        return 0
    remedy = "run python -m tools.lab.overview --write"
    where = f"docs/{PAGE.name}", text.count("\n", 0, len(before)) + 1
    return finish(
        lambda: [Problem(*where, "the variants are in another order", remedy)]
    )


if __name__ == "__main__":
    sys.exit(main())
