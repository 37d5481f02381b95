"""Indexes: of the book's blocks, and of the names that its program defines.

`python -m tools.indexes` writes docs/blocks.md and docs/identifiers.md; `--check`
only compares them with the book.
"""

import argparse
import ast
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tools import stage, tangle
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
the block that defines it and with the blocks that use it. Uses of methods and
fields are found by their name alone, so those of the same name share them.

| Name | Module | Defined in | Used in |
|---|---|---|---|
"""
KINDS = ("name", "method", "field")


@dataclass(frozen=True)
class Name:
    """A name of the program; whole: with its class, as in Value.backward."""

    name: str
    whole: str
    kind: str  # one of KINDS: of a module; of a class, called; of a class, read
    module: str
    block: str


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


def definitions(tree):
    """The (name, whole name, kind, line) of what a module and its classes define."""
    for statement in tree.body:
        for name in defined(statement):
            yield name, name, "name", statement.lineno
        if isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                kind = "method" if isinstance(inner, ast.FunctionDef) else "field"
                for name in defined(inner):
                    yield name, f"{statement.name}.{name}", kind, inner.lineno


def defined(statement):
    """The names that one statement defines, but for `__all__` and the like."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    targets = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    found = [node.id for t in targets for node in ast.walk(t) if hasattr(node, "id")]
    return [name for name in found if not name.startswith("__")]


class Uses(ast.NodeVisitor):
    """Collects the (name, line) of names, of attributes that are called and read.

    A local variable is no use of a name of the module; a keyword of a call counts
    as an attribute, for it may be the field of a data class.
    """

    def __init__(self):
        self.names, self.called, self.read, self.local = [], [], [], set()

    def visit_FunctionDef(self, node):
        for outside in (*node.decorator_list, node.args, *filter(None, [node.returns])):
            self.visit(outside)
        before, self.local = self.local, self.local | locals_of(node)
        for statement in node.body:
            self.visit(statement)
        self.local = before

    def visit_Name(self, node):
        if is_load(node) and node.id not in self.local:
            self.names.append((node.id, node.lineno))

    def visit_Attribute(self, node):
        if is_load(node):
            self.read.append((node.attr, node.end_lineno))
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute):
            self.called.append((node.func.attr, node.func.end_lineno))
            self.visit(node.func.value)
        else:
            self.visit(node.func)
        for part in (*node.args, *node.keywords):
            self.visit(part)

    def visit_keyword(self, node):
        self.read.append((node.arg, node.value.lineno))
        self.visit(node.value)


def locals_of(function):
    """The names of a function's arguments and local variables."""
    nodes = [inner for part in function.body for inner in ast.walk(part)]
    stored = [n for n in nodes if isinstance(n, ast.Name) and not is_load(n)]
    arguments = [node for node in ast.walk(function.args) if isinstance(node, ast.arg)]
    return {node.id for node in stored} | {node.arg for node in arguments}


def is_load(node):
    return isinstance(node.ctx, ast.Load)


def identifiers(files):
    """The names that the package defines: [(Name, ids of the blocks that use it)]."""
    names, used = [], defaultdict(set)
    for file in files:
        if not (file.path.startswith("microgpt/") and file.path.endswith(".py")):
            continue
        tree = ast.parse(file.text)
        module = file.path[: -len(".py")].replace("/", ".").removesuffix(".__init__")
        for name, whole, kind, line in definitions(tree):
            block = tangle.where(file.segments, line)[2]
            names.append(Name(name, whole, kind, module, block))
        uses = Uses()
        uses.visit(tree)
        for kind, found in zip(KINDS, (uses.names, uses.called, uses.read)):
            for name, line in found:
                used[name, kind].add(tangle.where(file.segments, line)[2])
    fields = {name.name for name in names if name.kind == "field"}
    for name in names:
        if name.kind == "method" and name.name not in fields:
            used[name.name, "method"] |= used[name.name, "field"]
    return [(name, used[name.name, name.kind] - {name.block}) for name in names]


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
