"""Indexes: of the blocks, of the names in the program, and of the program's lines.

`python -m tools.weave.indexes` writes docs/blocks.md, docs/identifiers.md and
docs/program.md; `--check` only compares them with the book.
"""

import sys
from collections import defaultdict
from pathlib import Path, PurePosixPath

from tools import tangle
from tools.proof import stage
from tools.proof.about import about
from tools.proof.exits import Parser
from tools.tangle import Problem
from tools.weave import contents, names, views

BLOCKS = """---
search:
  boost: 0.3
---

# Index of blocks

All {count} blocks of the program by their ids, each with its section and with the
place where its lines stand in the finished program. A block that a later one
replaced is part of the earlier stages.

| Block | Section | Place |
|---|---|---|
"""
IDENTIFIERS = """---
search:
  boost: 0.3
---

# Index of identifiers

The {count} names that the modules and classes of the finished program define, each with
the block that defines it and with the other blocks that use it, but for imports. A
method or field counts as used where it is clear of which class it is.

| Name | Module | Defined in | Used in |
|---|---|---|---|
"""


PROGRAM = """---
search:
  boost: 0.3
---

# The whole program

The finished package, file by file, in the order in which the book begins them. Click
the number of a line, or the name in brackets above it, to read the paragraph that
explains it.
"""


# Blocks


def link(block, folder):
    """A link to a block, in code letters."""
    return f"[`{block.id}`]({block.path.removeprefix(f'{folder}/')}#{block.id})"


def finished(book):
    """The book's contents, the places of its blocks, and the files they make."""
    places, files, problems = tangle.tangle(stage.read(book))
    if problems:
        raise stage.RunError("\n".join(map(str, problems)))
    return contents.of_book(book), places, files


def block_index(book=stage.BOOK):
    """The text of docs/blocks.md."""
    found, places, _ = finished(book)
    folder = found.book.folder
    blocks = [block for block in found.book.blocks if block.tangled]
    later = {block.target: block for block in blocks if block.kind in tangle.SWAPS}
    rows = []
    for block in sorted(blocks, key=lambda block: block.id):
        if block.id in views.view(found).spans:
            path, lines = views.place(found, block).split(", ")
            place = f'`{path}`, <span class="nowrap">{lines}</span>'
        else:
            place = gone(block, places[block.id].block, later, folder)
        at = found.section(found.things["block", block.id])
        section = f"[{at.number} {at.title}]({at.page}{at.anchor})".replace("[ ", "[")
        rows.append(f"| {link(block, folder)} | {section} | {place} |\n")
    return BLOCKS.format(count=len(rows)) + "".join(rows)


def gone(block, live, later, folder):
    """What became of a block that is not in the finished program.

    live: the block that stands in its place. later: what took a block's place.
    """
    if block.id == live.id:
        return "no longer used"
    while block.id != live.id:
        block = later[block.id]
        if block.kind == "instead":
            return f"left the program at {link(block, folder)}"
    return f"replaced by {link(live, folder)}"


# The program


def program(book=stage.BOOK):
    """The text of docs/program.md: a place for each file, which the site fills."""
    blocks, _, files = finished(book)
    made = {file.path for file in files}
    begun = (b.target for b in blocks.book.blocks if b.kind == "file")
    inside = f"{names.PACKAGE}/"
    paths = [p for p in dict.fromkeys(begun) if p in made and p.startswith(inside)]
    return PROGRAM + "".join(
        f"\n## `{path}` {{#{anchor(path, book)}}}\n\n[`{path}`](../{path})\n"
        for path in paths
    )


def anchor(path, book):
    """The id of a file's section; a chapter of its name may have taken program-NAME."""
    name = PurePosixPath(path).stem.strip("_")
    id, page = f"program-{name}", book / f"{name}.md"
    taken = page.exists() and f"{{#{id}}}" in page.read_text("utf-8")
    return f"module-{name}" if taken or not path.endswith(".py") else id


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
    found, _, files = finished(book)
    ids, folder = found.book.ids, found.book.folder
    order = {block.id: n for n, block in enumerate(found.book.blocks)}
    rows = []
    every = identifiers(files)
    for name, users in sorted(every, key=lambda pair: alphabetical(pair[0])):
        users = sorted(users, key=order.get)
        links = ", ".join(link(ids[id], folder) for id in users) or "–"
        where = link(ids[name.block], folder)
        module = name.module.removeprefix(f"{names.PACKAGE}.")
        rows.append(f"| `{name.whole}` | `{module}` | {where} | {links} |\n")
    return IDENTIFIERS.format(count=len(rows)) + "".join(rows)


def alphabetical(name):
    return name.whole.lower(), name.whole, name.module


# The command


def texts(book=stage.BOOK):
    """The indexes: {file name: text}."""
    return {
        "blocks.md": block_index(book),
        "identifiers.md": identifier_index(book),
        "program.md": program(book),
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
            remedy = "run python -m tools.weave.indexes"
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
    parser = Parser(description=about(__file__).splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument("--book", metavar="DIR", type=Path, default=stage.BOOK)
    options = parser.parse_args(argv)
    book = options.book.resolve()
    return stage.finish(lambda: check(book) if options.check else write(book))


if __name__ == "__main__":
    sys.exit(main())
