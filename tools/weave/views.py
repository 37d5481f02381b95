"""Views: the program at the end of a chapter, as the pages of the book look at it.

A view tells where the lines of a block stand in the program's files, which names stand
in a line of those, and which blocks use what another defines.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from tools import tangle
from tools.weave import contents, names, outline


class Piece(NamedTuple):
    """Lines of a block that stand together in a file, from a line on.

    start: the index of the first of them in the block. moved: they are imports, which
    stand at the top of the file, joined with those of other blocks.
    """

    start: int
    count: int
    path: str
    line: int
    moved: bool


class Spot(NamedTuple):
    """Where a line of a block stands: a file's line; indent is None for an import."""

    path: str
    line: int
    indent: int | None


@dataclass(eq=False)
class View:
    """The program at the end of a chapter.

    lines: those of each file. pieces: the Pieces of each block. spans: the (file, first
    line, last line) of each block. uses: the names in a line of a file, (file, line):
    {column: (length, Name)}. users: the ids of the blocks that use what a block
    defines. summary: what each block does.
    """

    files: list[tangle.File]
    program: names.Program
    lines: dict[str, list[str]]
    pieces: dict[str, list[Piece]]
    spans: dict[str, tuple[str, int, int]]
    uses: dict[tuple[str, int], dict[int, tuple[int, names.Name]]]
    users: dict[str, dict[str, None]]
    summary: dict[str, str]

    def spot(self, block, index):
        """Where a line of a block stands; None if it is not in the program."""
        for start, count, path, line, moved in self.pieces.get(block.id, ()):
            if start <= index < start + count:
                number, own = line + index - start, block.lines[index].rstrip()
                indent = None if moved else len(self.lines[path][number - 1]) - len(own)
                return Spot(path, number, indent)
        return None

    def names_at(self, spot, text):
        """The names in a line of a block: {its column: (length, Name)}."""
        if spot.indent is None:
            return self.imported(spot.path, text)
        found = self.uses[spot.path, spot.line].items()
        return {column - spot.indent: use for column, use in found}

    def imported(self, path, text):
        """The names in a line of imports, which is joined with others in its file."""
        file, known = self.file(path), {}
        for number in file.imports:
            for column, use in self.uses[path, number].items():
                known[self.lines[path][number - 1][column : column + use[0]]] = use
        begin = max(text.find(" import "), 0)  # a module may be called as what it holds
        words = re.compile(r"\w+").finditer(text, begin)
        return {word.start(): known[word[0]] for word in words if word[0] in known}

    def origins(self, path):
        """The lines of a file that stand in blocks: {line: (block id, index in it)}."""
        found = {}
        for id, pieces in self.pieces.items():
            for piece in (p for p in pieces if p.path == path and not p.moved):
                for n in range(piece.count):
                    found[piece.line + n] = id, piece.start + n
        return found

    def file(self, path):
        """The file of a path."""
        return next(file for file in self.files if file.path == path)


@lru_cache(maxsize=64)
def view(found, chapter=None, at_first=False):
    """The program of a book as far as a chapter; without one, the finished program.

    at_first: with the blocks that the chapter itself replaces, as before it does so.
    """
    book = without_changes(found.book, chapter) if at_first else found.book
    last = f"{book.folder}/{chapter}" in book.variants
    rows = tangle.resolve(book, None if last else chapter)[0]
    files = tangle.render(rows)[0]
    program = names.Program(files)
    lines = {file.path: file.text.split("\n") for file in files}
    pieces = pieces_of(files, found.book)
    spans = {id: span(own) for id, own in pieces.items()}
    uses, users = usage(program)
    summary = outline.summary(program)
    return View(files, program, lines, pieces, spans, uses, users, summary)


def without_changes(book, page):
    """The book without the blocks of a page that replace others of the same page."""
    own = {block.id for block in book.blocks if contents.page_of(book, block) == page}

    def changes(block):
        return block.kind in tangle.SWAPS and {block.id, block.target} <= own

    return replace(book, blocks=[it for it in book.blocks if not changes(it)])


def pieces_of(files, book):
    """The pieces of the blocks, without the lines that name them: {id: pieces}."""
    pieces = defaultdict(list)
    for file in files:
        for id, _, line, at, count in file.segments:
            skip = max(book.ids[id].start - line, 0)
            if count > skip:
                start = line + skip - book.ids[id].start
                moved = at + skip in file.imports
                piece = Piece(start, count - skip, file.path, at + skip, moved)
                pieces[id].append(piece)
    return dict(pieces)


def span(pieces):
    """The lines of a block; without its imports, unless it holds nothing else."""
    shown = [piece for piece in pieces if not piece.moved] or pieces
    first = min(shown, key=lambda piece: piece.start)
    last = max(shown, key=lambda piece: piece.start + piece.count)
    return first.path, first.line, last.line + last.count - 1


def usage(program):
    """What is used where, and by which blocks: a View's uses and users."""
    uses, users, owners = defaultdict(dict), defaultdict(dict), {}
    segments = {file.path: file.segments for file in program.files}
    for path, line, column, length, name, kind in program.uses:
        uses[path, line][column] = length, name
        if kind == "use" and path.startswith(f"{names.PACKAGE}/"):
            if (path, line) not in owners:
                owners[path, line] = tangle.where(segments[path], line)[2]
            if (user := owners[path, line]) != name.block:
                users[name.block][user] = None
    return uses, users


# The view for a block


def view_of(found, block):
    """The program to number a block by: the finished one, if the block is in it."""
    whole = view(found)
    return whole if block.id in whole.spans else view_then(found, block)


def view_then(found, block):
    """The program at the end of a block's chapter, or before it replaces the block.

    A variant is the last chapter, whose end is that of the book.
    """
    page = contents.page_of(found.book, block)
    end = view(found, None if block.path in found.book.variants else page)
    return end if block.id in end.spans else view(found, page, at_first=True)


def names_of(found, block):
    """The program to look a block's names up in: that of its chapter.

    The solutions of exercises import from the finished one.
    """
    solution = view(found).spans.get(block.id, ("",))[0].startswith("tests/")
    return view(found) if solution else view_then(found, block)


def place(found, block):
    """In which lines of which file a block stands; of the finished program, if any."""
    it = view_of(found, block)
    path, first, last = it.spans[block.id]
    text = f"{path}, lines {first}–{last}" if last > first else f"{path}, line {last}"
    if block.path in found.book.variants:
        return f"{text}, with this variant"
    number = found.numbers[contents.page_of(found.book, block)]
    return text if it is view(found) else f"{text}, as of chapter {number}"
