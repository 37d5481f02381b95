"""Indexes: of the book's blocks, and of the names that its program defines.

`python -m tools.indexes` writes docs/blocks.md and docs/identifiers.md; `--check`
only compares them with the book.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from tools import names, stage, tangle
from tools.tangle import Problem

BLOCKS = """# Index of blocks

All {count} blocks of the program by their ids, each with its chapter and with the
place where its lines stand in the finished program. A block that a later one
replaced is part of the earlier stages.

| Block | Chapter | Place |
|---|---|---|
"""
IDENTIFIERS = """# Index of identifiers

The {count} names that the modules and classes of the finished program define, each with
the block that defines it and with the other blocks that use it, but for imports. A
method or field counts as used where it is clear of which class it is.

| Name | Module | Defined in | Used in |
|---|---|---|---|
"""


# Blocks


def titles(book):
    """The title of every page: {path: its first heading}."""
    found = {}
    for page in stage.names(book):
        text = tangle.decode((book / f"{page}.md").read_bytes())
        first = next((s for s in text.split("\n") if s.startswith("# ")), f"# {page}")
        found[f"{book.name}/{page}.md"] = first[2:].split("{")[0].strip()
    return found


def link(block, folder):
    """A link to a block, in code letters."""
    return f"[`{block.id}`]({block.path.removeprefix(f'{folder}/')}#{block.id})"


def block_index(book=stage.BOOK):
    """The text of docs/blocks.md."""
    whole = stage.read(book)
    places, files, problems = tangle.tangle(whole)
    if problems:
        raise stage.RunError("\n".join(map(str, problems)))
    spans = {}
    for file in files:
        for id, _, _, first, count in file.segments:
            start = spans.get(id, (file.path, first))[1]
            spans[id] = file.path, start, first + count - 1
    title, folder = titles(book), whole.folder
    blocks = [block for block in whole.blocks if block.tangled]
    rows = []
    for block in sorted(blocks, key=lambda block: block.id):
        live = places[block.id].block
        if block.id in spans:
            path, first, last = spans[block.id]
            lines = f"line {first}" if first == last else f"lines {first}–{last}"
            place = f"`{path}`, {lines}"
        else:
            replaced = f"replaced by {link(live, folder)}"
            place = "no longer used" if live is block else replaced
        page = block.path.removeprefix(f"{folder}/")
        chapter = f"[{title[block.path]}]({page})"
        rows.append(f"| {link(block, folder)} | {chapter} | {place} |\n")
    return BLOCKS.format(count=len(rows)) + "".join(rows)


# Identifiers


def identifiers(files):
    """The names that the package defines: [(Name, ids of the blocks that use it)]."""
    inside = [file for file in files if file.path.startswith(f"{names.PACKAGE}/")]
    segments = {file.path: file.segments for file in inside}
    program, used = names.Program(inside), defaultdict(set)
    for use in (use for use in program.uses if use.kind == "use"):
        used[use.name].add(tangle.where(segments[use.path], use.line)[2])
    return [(name, used[name] - {name.block}) for name in program.definitions]


def identifier_index(book=stage.BOOK):
    """The text of docs/identifiers.md."""
    whole = stage.read(book)
    _, files, problems = tangle.tangle(whole)
    if problems:
        raise stage.RunError("\n".join(map(str, problems)))
    ids, folder = whole.ids, whole.folder
    order = {block.id: n for n, block in enumerate(whole.blocks)}
    rows = []
    found = identifiers(files)
    for name, users in sorted(found, key=lambda pair: alphabetical(pair[0])):
        users = sorted(users, key=order.get)
        links = ", ".join(link(ids[id], folder) for id in users) or "–"
        where = link(ids[name.block], folder)
        rows.append(f"| `{name.whole}` | `{name.module}` | {where} | {links} |\n")
    return IDENTIFIERS.format(count=len(rows)) + "".join(rows)


def alphabetical(name):
    return name.whole.lower(), name.whole, name.module


# The command


def texts(book=stage.BOOK):
    """The indexes: {file name: text}."""
    return {
        "blocks.md": block_index(book),
        "identifiers.md": identifier_index(book),
    }


def check(book=stage.BOOK):
    """The problems of the indexes: the first line of each that is not up to date."""
    problems = []
    for name, text in texts(book).items():
        path = book / name
        old = tangle.decode(path.read_bytes()).split("\n") if path.exists() else []
        pairs = zip([*old, None], text.split("\n"))
        same = [*(was == now for was, now in pairs), len(old) == text.count("\n") + 1]
        if not all(same):
            line = same.index(False) + 1
            what = "is not up to date"
            remedy = "run python -m tools.indexes"
            problems.append(Problem(f"{book.name}/{name}", line, what, remedy))
    return problems


def write(book=stage.BOOK):
    """Write the indexes that differ; there are no problems."""
    for name, text in texts(book).items():
        path = book / name
        if not path.exists() or path.read_text("utf-8") != text:
            stage.write_file(path, text)
    return []


def main(argv=None):
    """Write the indexes, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument("--book", metavar="DIR", type=Path, default=stage.BOOK)
    options = parser.parse_args(argv)
    book = options.book.resolve()
    return stage.finish(lambda: check(book) if options.check else write(book))


if __name__ == "__main__":
    sys.exit(main())
