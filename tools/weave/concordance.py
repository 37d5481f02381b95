"""Concordance: the page Line by line, checked, and its way back from the chapters.

The first table of docs/line-by-line.md is written by hand: a range of lines of the
original in each row, and links. `python -m tools.weave.concordance --write` makes the
second from it, the lines that each chapter explains; without --write it compares.
"""

import re
import sys
from dataclasses import dataclass

from tools import tangle
from tools.proof import stage
from tools.proof.about import about
from tools.proof.exits import Parser, finish
from tools.tangle import Problem
from tools.weave import contents

PAGE = "line-by-line.md"
LINES = 200
ROW = re.compile(r"^\| (\d+)(?:–(\d+))? \|(.*)\|$")
LINK = re.compile(r"\]\(([\w-]+\.md)[)#]")
HEAD = "| chapter | lines of the original |\n|---|---|\n"
TABLE = re.compile(re.escape(HEAD) + r"(?:\|.*\n)*")
REMEDY = "run python -m tools.weave.concordance --write"


@dataclass(frozen=True)
class Range:
    """A row of the first table: the first line, the last, and the pages it links to."""

    first: int
    last: int
    pages: frozenset[str]
    row: int  # where it stands on the page


def ranges(text):
    """The rows of the first table."""
    found = []
    for row, line in enumerate(text.partition("{#original-back}")[0].split("\n"), 1):
        if match := ROW.match(line):
            first, last = int(match[1]), int(match[2] or match[1])
            found.append(Range(first, last, frozenset(LINK.findall(match[3])), row))
    return found


def gaps(found):
    """What is wrong with ranges, by the rows: [(row, what)]."""
    wrong, expected = [], 1
    for each in found:
        if each.first != expected or each.last < each.first:
            what = f"{written(each.first, each.last)} does not begin at {expected}"
            wrong.append((each.row, what))
        expected = each.last + 1
    if expected != LINES + 1:
        wrong.append((found[-1].row if found else 1, f"it does not end at {LINES}"))
    return wrong


def written(first, last):
    """A range as the tables have it."""
    return f"{first}" if last == first else f"{first}–{last}"


def joined(found, page):
    """The lines that link to a page, those that touch as one range, in words."""
    parts = []
    for each in (it for it in found if page in it.pages):
        if parts and parts[-1][1] + 1 == each.first:
            parts[-1][1] = each.last
        else:
            parts.append([each.first, each.last])
    return ", ".join(written(*part) for part in parts)


def back(found, book):
    """The second table: for each numbered chapter, its lines of the original."""
    rows = []
    for page, number in book.numbers.items():
        if number.isdecimal() and (lines := joined(found, page)):
            rows.append(f"| {number}. [{book.chapter(page).title}]({page}) | {lines} |")
    return HEAD + "".join(f"{row}\n" for row in rows)


def check(text, book):
    """The problems of the page, and the page as it should be."""
    found = ranges(text)
    path = f"{book.book.folder}/{PAGE}"
    problems = [
        Problem(path, row, what, "let the ranges follow on each other")
        for row, what in gaps(found)
    ]
    new, tables = TABLE.subn(lambda _: back(found, book), text)
    if tables != 1:
        what = f"{tables} tables lead back from the chapters, not one"
        head = HEAD.partition("\n")[0]
        problems.append(Problem(path, 1, what, f"let one begin with {head}"))
    elif new != text:
        line = text[: text.index(HEAD)].count("\n") + 1
        problems.append(
            Problem(path, line, "the way back is not as the table has it", REMEDY)
        )
    return problems, new


def main(argv=None):
    """Check the page, or write its second table."""
    parser = Parser(description=about(__file__).splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the second table")
    options = parser.parse_args(argv)
    file = stage.BOOK / PAGE

    def find():
        book = contents.of_book(stage.BOOK)
        text = tangle.decode(file.read_bytes())
        problems, new = check(text, book)
        if options.write and new != text:
            stage.write_file(file, new)
            problems, _ = check(new, book)
        return problems

    return finish(find)


if __name__ == "__main__":
    sys.exit(main())
