"""Teaching: minutes for every section, and the tables of the page for those who teach.

`python -m tools.weave.teaching` works out the minutes of the sections that are new or
have changed by much, writes them into docs/data/course.json, and writes the tables of
docs/teaching.md between their marks; `--check` only compares.
"""

import sys
from pathlib import Path

from tools.proof import stage
from tools.proof.exits import write_or_check
from tools.tangle import Problem
from tools.weave import contents, plans
from tools.weave.course import DATA, all_needs, names, parsed, parts, read
from tools.weave.minutes import dumped, estimates, near, renewed

REMEDY = "run python -m tools.weave.teaching"


def problems(found, book=stage.BOOK):
    """What is wrong with the data: (what, remedy)."""
    chapters, wanted = read(book)
    order = names(found)
    for name in [it for it in chapters if it not in order]:
        yield f"there is no chapter {name}", "take it out"
    for name in order:
        if name not in chapters:
            yield f"the chapter {name} is not there", REMEDY
            continue
        yield from of_one(chapters, name, order)
    yield from of_minutes(chapters, estimates(found, book))
    if set(order) <= set(chapters):
        yield from plans.problems(found, chapters, wanted, order)


def of_one(chapters, name, order):
    """What is wrong with what is written by hand of a chapter."""
    it = chapters[name]
    if not 2 <= len(it.goals) <= 3:
        yield f"{name} has {len(it.goals)} goals", "write two or three"
    if not 1 <= len(it.wrong) <= 3:
        yield f"{name} has {len(it.wrong)} mistakes", "write one to three"
    for need in it.needs:
        if need not in order[: order.index(name)]:
            yield f"{name} needs {need}, which is no chapter before it", "mend it"
        elif other := [o for o in it.needs if need in all_needs(chapters, o)]:
            yield f"{name} needs {need}, as {other[0]} does already", "take it out"


def of_minutes(chapters, by_rule):
    """The sections whose minutes are not there, are too many, or are of none."""
    there = {name: it for name, it in by_rule.items() if name in chapters}
    for name, sections in there.items():
        known = chapters[name].sections
        for id in [id for id in known if id not in sections]:
            yield f"{name} has no section {id}", REMEDY
        for id, estimate in sections.items():
            if id not in known:
                yield f"the section {id} of {name} has no minutes", REMEDY
            elif not near(known[id].minutes, estimate):
                minutes = known[id].minutes
                yield f"{name}#{id} takes {estimate:.0f} minutes, not {minutes}", REMEDY


def check(book=stage.BOOK, write=False):
    """The problems of the data and of the page on teaching; write: mend what can be."""
    book = Path(book)
    path, found = book / DATA, contents.of_book(book)
    if write:
        read(book)  # is it of its form?
        data = parsed(path.read_text("utf-8"))
        stage.write_file(path, dumped(renewed(data, estimates(found, book))) + "\n")
    told_of = [*problems(found, book)]
    for what, remedy in told_of:
        yield Problem(f"{book.name}/{DATA}", 1, what, remedy)
    if told_of:
        return
    page = book / "teaching.md"
    old, path = page.read_text("utf-8"), f"{book.name}/teaching.md"
    tables = plans.tables(found, *read(book), [*parts(book)])
    if sorted(plans.marks(old)) != sorted(tables):
        what, marks = "does not have each table's mark once", ", ".join(tables)
        yield Problem(path, 1, what, f"the tables are {marks}; close each mark")
        return
    new = plans.filled(old, tables)
    if new != old and write:
        stage.write_file(page, new)
    elif new != old:
        lines = zip(old.split("\n"), new.split("\n"))
        line = next((n for n, (a, b) in enumerate(lines, 1) if a != b), 1)
        yield Problem(path, line, "is not what course.json says", REMEDY)


def main(argv=None):
    """Write minutes and tables, or check them."""
    return write_or_check(check, __file__, argv)


if __name__ == "__main__":
    sys.exit(main())
