"""Tangle the book: write the program that the blocks of its chapters hold.

    ```python {#value file="pkg/value.py"}     opens or continues a file
    ```python {#value-add into="value-ops"}    fills the slot `# <<value-ops>>`
    ```python {#value-sum replaces="value"}    from here on, stands in its place
    ```python {#loss instead="counts"}         the same, where it is another thing
    ```python {#value-neg after="value-add"}   stands right after that block

The import statements with which a block of Python begins move to the top of its file,
behind the docstring, and are joined there: so a block brings along what it needs. One
with a comment behind it stays where it is, and so does every import further down.

`parse` finds the blocks, `resolve` gives each its place, `render` makes the files,
`plan` compares them with the disk, and `write`, alone, changes anything there.
"""

import argparse
import ast
import hashlib
import json
import math
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
MAP = ".tangle.json"
PLACES = ("file", "into", "replaces", "instead", "after")
SWAPS = ("replaces", "instead")  # the target leaves the program
DEFINITION = ("def ", "class ", "@", "async def ")
COMMENTS = dict.fromkeys([".py", ".toml", ".sh", ".yml"], "#")
COMMENTS |= dict.fromkeys([".c", ".h", ".js"], "//")
WIDTH = 79  # of an import statement that is put together

FENCE = re.compile(r"([ \t>]*)(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*?)[ \t]*")
HEADER = re.compile(  # less than superfences takes, and nothing that it refuses
    r"""(?P<lang>[\w\#.+-]+) [ ]+ \{ [ ]* (\#(?P<id>[a-z][a-z0-9-]*) [ ]+)?
    (?P<kind> (file | into | replaces | instead | after | \.output[ ]of)=
    | \.run | \.example)
    ((?<==)"(?P<target>[^"]+)" | (?<!=)) ([ ]+ does="(?P<does>[^"]+)")? [ ]* \}""",
    re.VERBOSE,
)
FORMS = 'write LANGUAGE, or LANGUAGE {#id file="…"} or with into=, replaces=, '
FORMS += 'instead= or after=, and perhaps does="…", or LANGUAGE {.run}, {.example}, '
FORMS += '{.output of="…"}; an id is of a-z, 0-9 and -'
PATH = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*", re.ASCII)  # not absolute, no .., no .git
SLOT = re.compile(r"( *)(?:#|//) <<([a-z][a-z0-9-]*)>>\s*")
STRING = re.compile(r"[rR]?[\"']")  # at the beginning of a line: perhaps a docstring
IMPORT = re.compile(r"(import|from)\b")
LINK = re.compile(r"\]\(([^\s()#:]+\.md)[#)\s]")


class Problem(NamedTuple):
    """What is wrong at a line, and how to mend it."""

    path: str
    line: int
    what: str
    remedy: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}. {self.remedy}."


@dataclass(eq=False)
class Block:
    """A fenced block of a chapter."""

    path: str  # of the chapter
    chapter: int  # its number in the book's order
    line: int  # of the opening fence
    end: int  # of the closing fence
    start: int  # of the first of the lines
    lines: list[str]  # without blank ones at either end
    lang: str
    id: str
    kind: str  # one of PLACES, or run, example, output, plain, broken
    target: str  # the file, the slot, the other block, or the output's command
    does: str  # a phrase for its caption; "" to have it from the code

    @property
    def tangled(self):
        return self.kind in PLACES

    def slots(self):
        """The slots that the block opens: [(line of the chapter, name)]."""
        found = enumerate(map(SLOT.fullmatch, self.lines), self.start)
        return [(line, slot[2]) for line, slot in found if slot]

    def problem(self, what, remedy, line=None):
        return Problem(self.path, line or self.line, what, remedy)


@dataclass
class Book:
    """The chapters' paths in order, all blocks, and what is wrong with them."""

    folder: str
    chapters: list[str]
    problems: list[Problem]
    blocks: list[Block] = field(default_factory=list)
    ids: dict[str, Block] = field(default_factory=dict)


@dataclass(eq=False)
class Place:
    """A place in the program: the block that holds it, and the places after it."""

    block: Block
    after: "list[Place]" = field(default_factory=list)


class Import(NamedTuple):
    """A name that a block imports."""

    module: str  # "" for `import name`
    name: str  # with its `as …`, if it has one
    block: Block
    lines: list[int]  # of the chapter: where it stands

    @property
    def binds(self):
        """The identifier by which the file knows it."""
        return self.name.split(" as ")[-1]

    @property
    def key(self):
        """The statement that brings it: its group, its kind, its module."""
        module = self.module or self.name
        if module == "__future__":
            group = 0
        elif module.startswith("."):
            group = 3
        else:
            group = 1 if module.split(".")[0] in sys.stdlib_module_names else 2
        return group, bool(self.module), module.split(" as ")[0], self.module


class Head(NamedTuple):
    """How a block begins: with so many lines of docstring, and with imports.

    rest: the number of the first of its lines that comes after them.
    """

    docstring: int
    imports: list[Import]
    rest: int


@dataclass
class Sheet:
    """A file in the making; opened: the problems of each slot, for all files."""

    rows: dict
    mark: str | None  # that begins a comment
    python: bool
    opened: dict[str, list[Problem]]
    imports: list[Import] = field(default_factory=list)


class File(NamedTuple):
    """A generated file; segments: [block id, chapter, its line, file's line, count].

    A line of the imports can come from several blocks: it is in a segment for each.
    """

    path: str
    text: str
    segments: list[list]
    imports: range = range(0)  # the lines that hold them


# Parse: from Markdown to blocks


def read_book(folder):
    """Read all chapters below a folder."""
    folder, sources, problems = Path(folder).resolve(), {}, []
    for file in filter(Path.is_file, folder.rglob("*.md")):
        path = f"{folder.name}/{file.relative_to(folder).as_posix()}"
        try:
            sources[path] = decode(data := file.read_bytes())
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            problems.append(Problem(path, line, "is not UTF-8", "save it as UTF-8"))
    return parse_book(sources, f"{folder.name}/index.md", problems)


def decode(data):
    """The text of a file: no byte order mark, and \\n at the end of every line."""
    text = data.decode("utf-8").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_book(sources, index="index.md", problems=()):
    """Parse chapters, {path: text}, in the order of the links in the index."""
    links = [join(dirname(index), s) for s in LINK.findall(sources.get(index, ""))]
    order = dict.fromkeys([index, *map(normpath, links), *sorted(sources)])
    book = Book(dirname(index), [p for p in order if p in sources], list(problems))
    for number, path in enumerate(book.chapters):
        blocks, wrong = parse(sources[path], path, number)
        book.blocks += blocks
        book.problems += wrong
    for block in (block for block in book.blocks if block.id):
        if (first := book.ids.setdefault(block.id, block)) is not block:
            what = f"the id {block.id} is taken, at {first.path}:{first.line}"
            book.problems.append(block.problem(what, "choose another"))
    return book


def parse(text, path, chapter=0):
    """Find the fenced blocks of a chapter: (blocks, problems)."""
    lines = text.split("\n")
    blocks, problems, at = [], [], 0
    while at < len(lines):
        if opening := FENCE.fullmatch(lines[at]):
            indent, fence, info = opening.groups()
            rest = range(at + 1, len(lines))
            ends = (i for i in rest if lines[i].lstrip(" \t>").startswith(fence))
            end = next(ends, len(lines))
            code = [i for i in range(at + 1, end) if lines[i].strip()] or [end, end - 1]
            here = path, chapter, at + 1, end + 1, code[0] + 1
            block = Block(*here, lines[code[0] : code[-1] + 1], *parse_header(info))
            closed = end < len(lines) and lines[end].rstrip() == indent + fence
            problems += check_block(block, info, indent, not closed and fence)
            blocks.append(block)
            at = end
        at += 1
    return blocks, problems


def parse_header(info):
    """What stands behind a fence: (language, id, kind, target, does)."""
    if header := HEADER.fullmatch(info):
        kind = header["kind"].strip(".=").removesuffix(" of")
        rest = (header[name] or "" for name in ("target", "does"))
        return header["lang"], header["id"] or "", kind, *rest
    return info, "", "plain" if re.fullmatch(r"[\w#.+-]*", info) else "broken", "", ""


def check_block(block, info, indent, unclosed):
    """What is wrong with a block by itself."""
    if indent:
        remedy = "begin it at column 0; to show a fence, put a longer one around it"
        yield block.problem("a fence that is indented", remedy)
    if unclosed:
        what = f"the fence is not closed before line {block.end}"
        yield block.problem(what, f"write {unclosed}, at column 0")
    if block.kind == "broken" or block.tangled and not block.id:
        yield block.problem(f"the header {info} is not understood", FORMS)
    if block.kind == "file" and not PATH.fullmatch(block.target):
        what = f'file="{block.target}" is no path inside the repository'
        yield block.problem(what, "write a plain one, such as pkg/value.py")
    for number, line in enumerate(block.lines if block.tangled else (), block.start):
        if re.match(" *\t", line):
            yield block.problem("a tab in the indentation", "write spaces", number)


# Resolve: from blocks to places


def resolve(book, until=None):
    """Place the blocks in the book's order, as far as a chapter: (rows, problems).

    A row is the places of a file or slot: {("file", path) or ("into", slot): places}.
    """
    last = book.chapters.index(chapter_path(book, until)) if until else math.inf
    blocks = [b for b in book.blocks if b.tangled and b.chapter <= last]
    openers = {name: block for block in blocks for _, name in block.slots()}
    rows, places, problems = {}, {}, [*book.problems, *check_slots(book, openers)]
    for block in blocks:
        problems += unplaced(block, places, openers)
        places.setdefault(block.id, put(block, rows, places))
    return rows, places, problems


def put(block, rows, places):
    """The place of a block, which is entered into its row, or after another place."""
    place, target = Place(block), places.get(block.target)
    if block.kind in ("file", "into"):
        rows.setdefault((block.kind, block.target), []).append(place)
    elif target and block.kind == "after":
        target.after.append(place)
    elif target and target.block.id == block.target:
        place, place.block = target, block
    return place


def unplaced(block, places, openers):
    """Why a block has no place: there is none, or another block has taken it."""
    target = places.get(block.target)
    taken = block.kind in SWAPS and target and target.block.id != block.target
    if taken or block.kind in (*SWAPS, "after") and not target:
        what = f"no block {block.target} stands before this one"
        yield block.problem(what, "name one that none has replaced")
    if block.kind == "into":
        opener = openers.get(block.target)  # the last one
        if not opener or places.get(opener.id, Place(opener)).block is not opener:
            what = f"never used: no block opens <<{block.target}>>, now or later"
            yield block.problem(what, "open it, or cut this block")


def chapter_path(book, name):
    """The path of the chapter of that name, given with or without .md."""
    return join(book.folder, name.removesuffix(".md") + ".md")


def check_slots(book, openers):
    """The slots that no block fills, and those that lie inside themselves."""
    fills = {block.target for block in book.blocks if block.kind == "into"}
    for name, block in openers.items():
        if name not in fills:
            line = next(line for line, slot in block.slots() if slot == name)
            remedy = f'write a block with into="{name}", or cut the line'
            yield block.problem(f"no block fills <<{name}>>", remedy, line)
        way, first = {}, block
        while block and block not in way:
            way[block] = block.id
            tables = {"file": {}, "into": openers}
            block = tables.get(block.kind, book.ids).get(block.target)
        if block is first:
            names = " in ".join([*way.values(), first.id])
            remedy = "open one of their slots in another block"
            yield block.problem(f"never used: a cycle, {names}", remedy)


# Imports: from the heads of blocks to the top of a file


def head(block, opens=False):
    """The Head of a block of Python; one that opens a file may have a docstring."""
    lines, found, docstring = block.lines, [], 0
    if opens and lines and STRING.match(lines[0]):
        node, end = statement(lines, 0)
        text = getattr(getattr(node, "value", None), "value", None)
        docstring = end if isinstance(text, str) else 0
    at = rest = docstring
    while at < len(lines):
        if lines[at].strip():
            node, end = statement(lines, at) if IMPORT.match(lines[at]) else (None, 0)
            moves = isinstance(node, ast.Import | ast.ImportFrom)
            if not moves or "#" in "".join(lines[at:end]):
                break
            found += imported(block, node, at, end)
            rest = at = end
        else:
            at += 1
    return Head(docstring, found, at if found and not opens else rest)


def statement(lines, at):
    """The one statement that begins in a line, and the line behind it: (node, end)."""
    for end in range(at + 1, len(lines) + 1):
        try:
            (node,) = ast.parse("\n".join(lines[at:end])).body
            return node, end
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            pass  # not yet at its end
    return None, at


def imported(block, node, at, end):
    """The names of an import statement, in the lines from one to another of a block.

    Each has the lines from its own to that of the next, so that every line is some
    name's.
    """
    module = "." * getattr(node, "level", 0) + (getattr(node, "module", "") or "")
    starts = [block.start + at + alias.lineno - 1 for alias in node.names]
    ends = [*starts[1:], block.start + end]
    starts[0] = block.start + at
    for alias, first, last in zip(node.names, starts, ends):
        name = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
        yield Import(module, name, block, list(range(first, max(last, first + 1))))


def gather(imports):
    """The statements that bring these names, as unfold yields its lines."""
    statements = {}
    for one in imports:
        names = statements.setdefault((*one.key, one.module or one.name), {})
        names.setdefault(one.name, []).extend((one.block, line) for line in one.lines)
    group = None
    for (now, _, _, module, _), names in sorted(statements.items()):
        yield None, int(group not in (None, now))
        yield from written(module, names)
        group = now


def written(module, names):
    """The lines of one import statement; names: {name: its (block, line)s}."""
    order = sorted(names, key=lambda s: (not s.isupper(), s[:1].islower(), s))
    whole = [f"from {module} import " if module else "import ", ", ".join(order)]
    if len("".join(whole)) <= WIDTH:
        yield "".join(whole), origins(names, order)
        return
    rows = [[]]
    for name in order:
        if len(", ".join([*rows[-1], name])) > WIDTH - len("    ,"):
            rows.append([])
        rows[-1].append(name)
    yield f"{whole[0]}(", origins(names, rows[0])
    yield from ((f"    {', '.join(row)},", origins(names, row)) for row in rows)
    yield ")", origins(names, rows[-1])


def origins(names, some):
    """Where in the book some of the names stand, each place once."""
    return list(dict.fromkeys(place for name in some for place in names[name]))


def clashes(imports):
    """The names that one file has from two places: a problem for each."""
    known = {}
    for one in imports:
        first = known.setdefault(one.binds, one)
        if (first.module, first.name) != (one.module, one.name):
            what = f"{one.binds} is imported from elsewhere by {first.block.id}"
            yield one.block.problem(what, "import it as another name", one.lines[0])


# Render: from places to files


def render(rows):
    """The files of the program, and the problems of their slots and their imports."""
    files, opened, problems = [], {}, []
    for path in sorted(target for kind, target in rows if kind == "file"):
        mark = COMMENTS.get(PurePosixPath(path).suffix)
        sheet = Sheet(rows, mark, path.endswith(".py"), opened)
        items = compose(sheet, rows["file", path])
        if lines := space([*banner(mark, items), *items]):
            text = "".join(f"{text}\n" for text, _ in lines)
            imports = extent(lines, sheet)
            files.append(File(path, text, segments(lines, imports), imports))
        problems += clashes(sheet.imports)
    problems += [problem for found in opened.values() for problem in found[1:]]
    return files, problems


def compose(sheet, row):
    """The items of a file; its imports follow the docstring of the block that opens it.

    If it has none, they follow the line that names the block.
    """
    opener = row[0].block
    items = list(unfold(sheet, row, opener=opener))
    if sheet.imports:
        docstring = head(opener, True).docstring
        line = opener.start + docstring - 1 if docstring else opener.line
        at = [of for _, of in items].index([(opener, line)]) + 1
        follows = next((text for text, _ in items[at:] if (text or "").strip()), "")
        gap = None, 2 if follows.startswith(DEFINITION) else 1
        items[at:at] = [(None, int(docstring > 0)), *gather(sheet.imports), gap]
    return items


def banner(mark, items):
    """The first line of a file: where it comes from."""
    if not mark:
        return []
    blocks = (block for text, of in items if text is not None for block, _ in of)
    *names, last = (path for _, path in sorted({(b.chapter, b.path) for b in blocks}))
    names = f"{', '.join(names)} and {last}" if names else last
    text = f"Generated by tools/tangle.py from {names}: edit there, not here."
    return [(f"{mark} {text}", []), (None, 1)]


def extent(lines, sheet):
    """The lines of a file that hold its imports."""
    moved = {(one.block, line) for one in sheet.imports for line in one.lines}
    found = [at for at, (_, of) in enumerate(lines, 1) if moved.intersection(of)]
    return range(found[0], found[-1] + 1) if found else range(0)


def unfold(sheet, row, indent="", opener=None):
    """Yield the lines of the places in a row: (text, [(block, line in its chapter)]).

    An item without text asks for as many blank lines as its number says. The opener
    is the block that begins the file.
    """
    todo, gap, apart = row[::-1], 0, 1 if indent else 2
    while todo:
        place = todo.pop()
        todo += reversed(place.after)
        block, opens = place.block, place.block is opener
        lines = body(sheet, block, opens)
        if block.lines and not lines and not opens:
            continue  # nothing but imports
        shown = block.lines if opens else [line for _, line in lines]
        code = [line for line in shown if line.strip()[:1] not in ("", "#")]
        defines = [line.startswith(DEFINITION) for line in code] or [False]
        yield None, apart if defines[0] else gap
        if sheet.mark:
            inner = re.match(" *", "".join(shown[:1]))[0]
            yield f"{indent}{inner}{sheet.mark} [{block.id}]", [(block, block.line)]
        for number, line in lines:
            yield from unfold_line(sheet, block, number, line, indent)
        yield None, apart if any(defines) else 0
        gap = 0 if indent else 1


def body(sheet, block, opens):
    """A block's lines, [(line in its chapter, text)]; the sheet takes its imports."""
    lines = list(enumerate(block.lines, block.start))
    begin = head(block, opens) if sheet.python else Head(0, [], 0)
    if not begin.imports:
        return lines
    sheet.imports += begin.imports
    return lines[: begin.docstring] + lines[begin.rest :]


def unfold_line(sheet, block, number, line, indent):
    """Yield a line, or what fills the slot that it opens."""
    if slot := SLOT.fullmatch(line):
        found = sheet.opened.setdefault(slot[2], [])
        what = f"<<{slot[2]}>> is opened for a second time"
        found.append(block.problem(what, "give it another name", number))
        if len(found) == 1:
            fills = sheet.rows.get(("into", slot[2]), [])
            yield from unfold(sheet, fills, indent + slot[1])
    else:
        yield (indent + line).rstrip(), [(block, number)]


def space(items):
    """Put in the blank lines that are asked for; in indented code, at most one."""
    lines, gap, blanks = [], 0, 0
    for text, of in items:
        if text is None:
            gap = max(gap, of)
        elif text:
            if text[0] == " ":
                gap = 0 if lines and lines[-1][0].endswith(":") else min(gap, 1)
            lines += [("", [])] * (gap - blanks) + [(text, of)]
            gap = blanks = 0
        elif lines:
            lines.append((text, of))
            blanks += 1
    return lines[: len(lines) - blanks]


def segments(lines, imports):
    """The runs of lines that are together both in the file and in the book.

    A line of the imports is one by itself, for each block that it comes from.
    """
    runs = []
    for at, (_, places) in enumerate(lines, 1):
        for block, line in places:
            id, _, first, begin, count = runs[-1] if runs else [""] + [0] * 4
            follows = (id, first + count, begin + count) == (block.id, line, at)
            if follows and at not in imports and begin not in imports:
                runs[-1][4] += 1
            else:
                runs.append([block.id, block.path, line, at, 1])
    return runs


def where(segments, line):
    """The book's (path, line, id) for a file's line, or for the next one of a block."""
    for id, path, book, first, count in segments:
        if 0 < line < first + count:
            return path, book + max(line - first, 0), id
    return None


def check_syntax(files):
    """Compile the Python files, without running them."""
    for file in (file for file in files if file.path.endswith(".py")):
        try:
            compile(file.text, file.path, "exec")
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            line = min(getattr(error, "lineno", 0) or 1, file.text.count("\n"))
            path, number, id = where(file.segments, line)
            what = f"{file.path}:{line} does not compile, {error}"
            yield Problem(path, number, what, f"mend the block {id}")


def tangle(book, until=None):
    """Resolve and render a book: ({block id: its place}, files, problems)."""
    rows, places, problems = resolve(book, until)
    files, doubled = render(rows)
    problems += doubled
    return places, files, sorted(problems or check_syntax(files))


# Write: from files to the disk


def look(output, path):
    """The bytes of a file in the output folder; None if there is none."""
    top, real = os.path.realpath(output), os.path.realpath(Path(output, path))
    if os.path.commonpath([top, real]) != top:
        raise OSError(0, "lies outside the output folder", path)
    return Path(real).read_bytes() if os.path.exists(real) else None


def read_map(output):
    """What the run before wrote: {path: {"sha256": …, "segments": …}}."""
    try:
        known = json.loads(look(output, MAP) or b"{}")
        for entry in known.values():
            if not {len(segment) for segment in entry["segments"]} <= {5}:
                return {}
            entry["sha256"].encode()
        return known
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}  # damaged, as by a merge: then nothing is known


def digest(data):
    return hashlib.sha256(data).hexdigest()


def plan(files, output, force=False):
    """What is to be done: ({path: bytes to write}, [paths to remove], problems)."""
    changes, stale, problems, new_map = {}, [], [], {}
    known, wanted = read_map(output), {file.path: file for file in files}
    for path in sorted(wanted.keys() | known.keys()):
        file, old, new = wanted.get(path), look(output, path), None
        if file:
            new = file.text.encode()
            new_map[path] = {"sha256": digest(new), "segments": file.segments}
        made = path in known and known[path]["sha256"]
        if old is not None and old != new and digest(old) != made and not force:
            place = file.segments[0][1:3] if file else (path, 1)
            what = f"{path} was edited by hand, or is not of tangle's making"
            remedy = "put the edit into the book, or run with --force"
            problems.append(Problem(*place, what, remedy))
        elif file and old != new:
            changes[path] = new
        elif not file and old is not None:
            stale.append(path)
    entries = (f'"{path}": {json.dumps(entry)}' for path, entry in new_map.items())
    data = "{" + ",\n".join(entries).replace("[[", "[\n[").replace("], [", "],\n[")
    data = f"{data}}}\n".encode()
    return changes | ({MAP: data} if look(output, MAP) != data else {}), stale, problems


def write(changes, stale, output):
    """Write every file beside its place, then move all into place, the map last."""
    targets = {Path(output, path): data for path, data in changes.items()}
    beside = {target: target.with_name(f".{target.name}.new") for target in targets}
    try:
        for target, data in targets.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            beside[target].write_bytes(data)
        for path in stale:
            Path(output, path).unlink()
        for target, file in beside.items():
            os.replace(file, target)
    finally:
        for file in beside.values():
            file.unlink(missing_ok=True)


# The command


def main(argv=None):
    """Run the command: 0, or 1 for problems; 2, by argparse, for wrong usage."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--until", metavar="CHAPTER", help="the program as of the end of that chapter")
    add("--check", action="store_true", help="write nothing, list what differs")
    add("--output", metavar="DIR", type=Path, default=ROOT, help="where the files go")
    add("--book", metavar="DIR", type=Path, default=ROOT / "docs", help="the chapters")
    add("--where", metavar="FILE:LINE", help="the line of the book behind a line")
    add("--list", action="store_true", help="every block, and where it went")
    add("--force", action="store_true", help="overwrite what was edited by hand")
    options = parser.parse_args(argv)
    try:
        problems = run(options, parser.error)
    except OSError as error:
        problems = [Problem(error.filename, 1, error.strerror, "clear the way")]
    except RecursionError:
        problems = [Problem(options.book, 1, "slots lie too deep", "nest them less")]
    print(*problems, sep="\n", end="\n" * bool(problems), file=sys.stderr)
    return 1 if problems else 0


def run(options, usage_error):
    """Do what the options ask for; return the problems."""
    if options.where:
        return look_up(options, usage_error)
    if not options.book.is_dir():
        usage_error(f"there is no folder {options.book}")
    book = read_book(options.book)
    if options.until and chapter_path(book, options.until) not in book.chapters:
        usage_error(f"no chapter {options.until} in {', '.join(book.chapters)}")
    _, files, problems = tangle(book, options.until)
    if problems:
        return problems
    if options.list:
        print(*listing(book, files), sep="\n")
        return []
    return bring(files, options)


def look_up(options, usage_error):
    """Print the line of the book behind a line of the program."""
    name, _, line = options.where.rpartition(":")
    if not line.isdecimal():
        usage_error("--where takes FILE:LINE")
    path = os.path.relpath(Path(options.output, name), options.output)
    entry = read_map(options.output).get(path, {"segments": []})
    if place := where(entry["segments"], int(line)):
        print("{}:{} {}".format(*place))
        return []
    return [Problem(name, int(line), "is not a tangled line", "run tangle first")]


def bring(files, options):
    """Write the files, or say which differ."""
    force = options.force or options.check
    changes, stale, problems = plan(files, options.output, force)
    if options.check:
        differ, what = sorted([*changes, *stale]), "differs from the book"
        return [Problem(path, 1, what, "run tools/tangle.py") for path in differ]
    if not problems:
        write(changes, stale, options.output)
        print(f"{len(files)} files: {len(changes)} written, {len(stale)} removed")
    return problems


def listing(book, files):
    """A line for each block: its id, its line in the book, its place in the program."""
    found = spans(files)
    tangled = [block for block in book.blocks if block.tangled]
    later = {block.target: block for block in tangled if block.kind in SWAPS}
    for block in tangled:
        place = "not in it"
        if block.id in found:
            place = "{}:{}-{}".format(*found[block.id])
        elif block.id in later:
            new = later[block.id]
            how = "replaced by" if new.kind == "replaces" else "left the program at"
            place = f"{how} {new.id}"
        yield f"{block.id}  {block.path}:{block.line}  {place}"


def spans(files):
    """The lines between which each block stands: {id: (path, first, last)}.

    Those of its imports are left out, unless it holds nothing else.
    """
    bodies, imports = {}, {}
    for file in files:
        for id, _, _, first, count in file.segments:
            found = imports if first in file.imports else bodies
            start = found.get(id, (file.path, first))[1]
            found[id] = file.path, start, first + count - 1
    return imports | bodies


if __name__ == "__main__":
    sys.exit(main())
