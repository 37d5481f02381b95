"""Tangle the book: write the program that the blocks of its chapters hold.

    ```python {#value file="pkg/value.py"}     opens or continues a file
    ```python {#value-add into="value-ops"}    fills the slot `# <<value-ops>>`
    ```python {#value-sum replaces="value"}    from here on, stands in its place
    ```python {#value-neg after="value-add"}   stands right after that block

One step a function: `read_book` finds the blocks, `resolve` gives each its place,
`render` makes the files, `plan` compares them with the disk, `write` writes them.
Only `write` changes anything; whatever is wrong with the book becomes a `Problem`.
"""

import argparse
import hashlib
import json
import os
import posixpath
import re
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAP = ".tangle.json"
PLACES = ("file", "into", "replaces", "after")
KINDS = ("run", "example", "output")
COMMENTS = {name: "#" for name in ("py", "toml", "sh", "yml", "yaml", "cfg")}
COMMENTS |= {name: "//" for name in ("c", "h", "js")}
DEFINITION = ("def ", "class ", "@", "async def ")

NAME = re.compile(r"[a-z][a-z0-9-]*")
FILE = re.compile(r"(?!(?:.*/)?(?:\.{1,2}|\.git)(?:/|$))[\w.-]+(?:/[\w.-]+)*", re.A)
FENCE = re.compile(
    r"(?P<prefix>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?)"
    r"(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)"
)
PLAIN = re.compile(
    r"(?P<lang>[\w#.+-]+(?=[ \t]|$))?"
    r'(?:[ \t]*\b(?:title="[^"]*"|linenums="\d[\d ]*"|hl_lines="\d[\d -]*")(?!\S))*'
)
BRACES = re.compile(r"(?P<lang>[\w#.+-]+)[ \t]+\{(?P<attributes>.*)\}")
ATTRIBUTE = re.compile(r'(?P<key>[^\s="]+)="(?P<value>[^"]*)"|(?P<word>\S+)')
SLOT = re.compile(r"(?P<indent> *)(?:#|//) <<(?P<name>[a-z][a-z0-9-]*)>>\s*")
NEARLY_A_SLOT = re.compile(r"\s*(?:#|//)\s*<<.*>>\s*")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LINK = re.compile(r"(?:\]\(|^\[[^\]]+\]:) *<?([^\s()<>#:]+\.md)(?=[#)>\s]|$)", re.M)
NO_LINK = re.compile(r"<!--.*?-->|(`+)[^\n]*?\1", re.S)
DAMAGE = ValueError, TypeError, LookupError, AttributeError, RecursionError, OSError
HEADER = 'write ```python {#id file="…"}, or into=, replaces= or after='
LETTERS = "write a letter, then letters, digits and -, all lower case"


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong at a line, and how to mend it."""

    path: str
    line: int
    what: str
    remedy: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}. {self.remedy}."


@dataclass(eq=False)
class Block:
    """A fenced block; its kind is one of PLACES, of KINDS, "plain" or "broken"."""

    path: str  # of the chapter
    chapter: int  # its number in the book's order
    line: int  # of the opening fence
    end: int  # of the closing fence
    start: int  # of the first of the lines
    lines: list[str]  # without blank ones at either end
    lang: str
    id: str
    kind: str
    target: str  # the file, the slot, the other block, or the output's command

    @property
    def tangled(self):
        return self.kind in PLACES

    def slots(self):
        """The slots that the block opens: [(index of the line, indent, name)]."""
        found = [(i, SLOT.fullmatch(s)) for i, s in enumerate(self.lines) if "<<" in s]
        return [(i, m["indent"], m["name"]) for i, m in found if m]

    def problem(self, what, remedy, line=None):
        return Problem(self.path, line or self.line, what, remedy)


@dataclass
class Book:
    """The chapters' paths in order, all blocks, and what is wrong with them."""

    folder: str
    problems: list[Problem]
    chapters: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    ids: dict[str, Block] = field(default_factory=dict)


@dataclass(eq=False)
class Place:
    """A place in the program: the blocks that held it in turn, what stands after."""

    blocks: list[Block]
    after: "list[Place]" = field(default_factory=list)
    used: int = 0  # bit n is set: in the program as of chapter n


@dataclass
class Program:
    """The places of the book's blocks, looked at as of one chapter, the stage."""

    book: Book
    stage: int
    problems: list[Problem]
    files: dict[str, list[Place]] = field(default_factory=dict)
    slots: dict[str, list[Place]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)  # by the ids of blocks

    def live(self, place):
        """The block that holds the place at the stage; None if it is not in use."""
        held = (b for b in reversed(place.blocks) if b.chapter <= self.stage)
        return next(held, None) if place.used >> self.stage & 1 else None


@dataclass(frozen=True)
class Line:
    """A line of a file and whence it is; without text, a wish for blank lines."""

    text: "str | None"
    block: "Block | None" = None
    number: int = 0  # in the block's chapter
    gap: int = 0


@dataclass(frozen=True)
class File:
    """A generated file; segments: (block id, chapter, its line, file's line, count)."""

    path: str
    text: str
    segments: list[tuple[str, str, int, int, int]]


# Reading: from Markdown to blocks


def read_book(folder):
    """Read all chapters below a folder."""
    folder = Path(folder).resolve()
    inside = ROOT in folder.parents
    shown = folder.relative_to(ROOT).as_posix() if inside else folder.name
    sources, problems = {}, []

    def failed(error):
        name = posixpath.join(shown, os.path.relpath(error.filename, folder))
        what = f"cannot be read: {error.strerror}"
        problems.append(Problem(name, 1, what, "make it readable"))

    for root, folders, names in os.walk(folder, onerror=failed):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for file in (Path(root, n) for n in sorted(names) if n.endswith(".md")):
            name = f"{shown}/{file.relative_to(folder).as_posix()}"
            try:
                data = file.read_bytes()
                sources[name.encode().decode()] = decode(data)
            except OSError as error:
                failed(error)
            except UnicodeEncodeError:
                problems.append(Problem(name, 1, "the name is no text", "rename it"))
            except UnicodeDecodeError as error:
                line = data.count(b"\n", 0, error.start) + 1
                problems.append(Problem(name, line, "is not UTF-8", "save it as UTF-8"))
    return parse_book(sources, f"{shown}/index.md", problems)


def decode(data):
    """The text of a file: no byte order mark, and \\n at the end of every line."""
    text = data.decode("utf-8").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_book(sources, index="index.md", problems=()):
    """Parse chapters, given as a dictionary from path to text."""
    book = Book(posixpath.dirname(index), list(problems))
    linked = links(sources, index, book) if index in sources else sorted(sources)
    book.chapters = list(dict.fromkeys([*linked, *sorted(sources)]))
    for number, path in enumerate(book.chapters):
        blocks, wrong = parse(sources[path], path, number)
        book.blocks += blocks
        book.problems += wrong
        tangled = [block for block in blocks if block.tangled]
        if tangled and path not in linked:
            what = f"holds blocks, but {index} does not link to it"
            book.problems.append(tangled[0].problem(what, f"link it in {index}"))
    for block in (block for block in book.blocks if block.id):
        first = book.ids.setdefault(block.id, block)
        if first is not block:
            what = f"the id {block.id} is taken, at {first.path}:{first.line}"
            book.problems.append(block.problem(what, "choose another"))
            block.kind = "broken"
    return book


def links(sources, index, book):
    """The chapters that the index links to, itself first, each once."""
    lines = sources[index].split("\n")
    for block in parse(sources[index], index)[0]:
        lines[block.line - 1 : block.end] = [""] * (block.end - block.line + 1)
    prose = NO_LINK.sub(lambda m: "\n" * m[0].count("\n"), "\n".join(lines))
    found = [index]
    for link in LINK.finditer(prose):
        path = posixpath.normpath(posixpath.join(book.folder, link[1]))
        if path in sources:
            found.append(path)
        elif path.startswith(posixpath.join(book.folder, "")) and path[0] not in "/.":
            line = prose.count("\n", 0, link.start()) + 1
            what = f"links to {link[1]}, which does not exist or cannot be read"
            book.problems.append(Problem(index, line, what, "mend the link"))
    return list(dict.fromkeys(found))


def parse(text, path, chapter=0):
    """Find the fenced blocks of a chapter: (blocks, problems)."""
    lines = text.split("\n")
    blocks, problems, at = [], [], 0
    while at < len(lines):
        if fence := FENCE.fullmatch(lines[at]):
            end, wrong = find_end(lines, at, fence)
            body = [i for i in range(at + 1, end) if lines[i].strip()] or [end]
            code = lines[body[0] : min(body[-1] + 1, end)]
            header, wrong_header = parse_header(fence)
            here = path, chapter, at + 1, end + 1, body[0] + 1
            blocks.append(block := Block(*here, code, *header))
            problems += [block.problem(*w) for w in (*wrong, *wrong_header)]
            problems += check_lines(block) if block.tangled else []
            at = end
        at += 1
    return blocks, problems


def find_end(lines, at, fence):
    """The index of the line that closes a fence, and what is wrong with that."""
    before = "[ \t>]*" if fence["prefix"] else " {0,3}"
    close = re.compile(f"{before}{fence['fence']}{fence['fence'][0]}*[ \t]*")
    for end in range(at + 1, len(lines)):
        if close.fullmatch(lines[end]):
            if fence["prefix"] or lines[end].rstrip(" \t") == fence["fence"]:
                return end, []
            remedy = f"write {fence['fence']}, at column 0"
            return end, [("the closing fence is not the opening one", remedy, end + 1)]
    return len(lines), [("the fence is never closed", f"add {fence['fence']}")]


def check_lines(block):
    """The problems in the lines of a tangled block."""
    for number, line in enumerate(block.lines, block.start):
        if bad := CONTROL.search(line):
            what = "a tab" if bad[0] == "\t" else f"the control character {bad[0]!r}"
            remedy = "write spaces or an escape"
            yield block.problem(f"{what} in a block", remedy, number)
        elif NEARLY_A_SLOT.fullmatch(line) and not SLOT.fullmatch(line):
            remedy = "write # <<name>> or // <<name>>, with a-z, 0-9 and -"
            yield block.problem("a slot that is not well formed", remedy, number)


def parse_header(fence):
    """Parse an opening fence: ((language, id, kind, target), what is wrong).

    Accepts less than superfences does, and nothing that it would not render.
    """
    info, wrong = fence["info"].strip(" \t"), []
    if fence["prefix"]:
        remedy = "begin it at column 0; to show a fence, use a longer one"
        wrong.append(("a fence that is indented", remedy))
    elif plain := PLAIN.fullmatch(info):
        return (plain["lang"] or "", "", "plain", ""), []
    braces = BRACES.fullmatch(info)
    if wrong or not braces:
        return ("", "", "broken", ""), wrong or [why_not_braces(info)]
    ids, classes, values = [], [], {}
    for token in ATTRIBUTE.finditer(braces["attributes"]):
        word = token["word"] or ""
        if word.startswith("#"):
            ids.append(word[1:])
        elif word[:1] == "." and word[1:] in KINDS:
            classes.append(word[1:])
        elif token["key"] in (*PLACES, "of") and token["key"] not in values:
            values[token["key"]] = token["value"]
        else:
            remedy = 'know: #id, .run, .example, .output, key="value", no " in a value'
            wrong.append((f"{token[0]} in the braces is not understood", remedy))
    kinds = [key for key in values if key != "of"] + classes
    wrong = wrong or list(check_header(ids, kinds, values))
    kind = "broken" if wrong else kinds[0]
    target = values.get("of" if kind == "output" else kind, "")
    return (braces["lang"], ids[0] if ids else "", kind, target), wrong


def why_not_braces(info):
    """Say why superfences would not take a header."""
    if re.match(r"[\w#.+-]+\{", info):
        return "no space before the brace of a fence", "put one after the language"
    if info.startswith("{"):
        return "a fence with braces, but no language", HEADER
    if re.search(r"\{.*\}", info):
        return "a fence with more than its language and braces", HEADER
    return "a fence header that superfences does not take", HEADER


def check_header(ids, kinds, values):
    """What is wrong with attributes that are well formed one by one."""
    if len(kinds) != 1:
        what = "both " + " and ".join(kinds) if kinds else "neither place nor class"
        yield f"braces with {what}", HEADER + ", or one of .run, .example, .output"
        return
    kind, target = kinds[0], values.get(kinds[0], "")
    if len(ids) > 1 or not all(NAME.fullmatch(id) for id in ids):
        yield f"the id {' #'.join(ids)} is not one id", LETTERS
    if not ids and kind in PLACES:
        yield "a tangled block without id", HEADER
    if ("of" in values) != (kind == "output") or values.get("of") == "":
        yield "of= and .output belong together", 'write {.output of="the command"}'
    if kind == "file" and (not FILE.fullmatch(target) or target == MAP):
        remedy = "write a plain path in the output folder, such as pkg/value.py"
        yield f'file="{target}" is no path for a generated file', remedy
    elif kind in PLACES[1:] and not NAME.fullmatch(target):
        yield f'{kind}="{target}" is no name', LETTERS


# Resolving: from blocks to places


def resolve(book, until=None):
    """Give every block its place; `until` is the chapter which is the stage."""
    stage = max(len(book.chapters) - 1, 0)
    if until is not None:
        stage = book.chapters.index(chapter_path(book, until))
    program = Program(book, stage, list(book.problems))
    roots = [settle(program, block) for block in book.blocks]
    spread(program, [place for place in roots if place])
    program.problems += [*check_files(program), *check_places(program)]
    return program


def chapter_path(book, name):
    """The path of the chapter of that name, given with or without .md."""
    return posixpath.join(book.folder, name.removesuffix(".md") + ".md")


def settle(program, block):
    """Put a block into its place; return the place if it needs no other one."""
    place, host = Place([block]), program.places.get(block.target)
    wrong = block.kind == "broken"
    if block.kind in ("replaces", "after") and (why := check_target(program, block)):
        program.problems.append(block.problem(*why))
        wrong = True  # and at home anywhere, so that it causes no further problems
    elif block.kind == "replaces":
        place = host
        host.blocks.append(block)
    elif block.kind == "after":
        host.after.append(place)
    elif block.tangled:
        table = program.files if block.kind == "file" else program.slots
        table.setdefault(block.target, []).append(place)
    if block.id and (block.tangled or wrong):
        program.places.setdefault(block.id, place)
    return place if wrong or block.kind == "file" else None


def check_target(program, block):
    """Why a block cannot replace, or stand after, the one that it names."""
    target = program.book.ids.get(block.target)
    if target is None:
        return f"there is no block {block.target}", "name one by its id"
    where = f"{target.path}:{target.line}"
    if not target.tangled and target.kind != "broken":
        return f"{target.id} at {where} is not tangled", "name a block that is"
    if target.id not in program.places:
        return f"{target.id} comes later, at {where}", "name an earlier block"
    last = program.places[target.id].blocks[-1]
    if block.kind == "replaces" and last is not target:
        what = f"{last.id} replaced {target.id} already, at {last.path}:{last.line}"
        return what, f'write replaces="{last.id}"'
    return None


def lives(program, place):
    """The blocks of a place, each with its life: bit n is set, live at stage n."""
    ends = [block.chapter for block in place.blocks[1:]]
    for block, end in zip(place.blocks, [*ends, len(program.book.chapters)]):
        yield block, (1 << end) - (1 << block.chapter)


def spread(program, roots):
    """Mark every place with the stages at which it is in the program."""
    todo = [(place, -1) for place in roots]
    while todo:
        place, stages = todo.pop()
        chapters = sum(life for _, life in lives(program, place))
        if new := stages & chapters & ~place.used:
            place.used |= new
            todo += [(follower, new) for follower in place.after]
            for block, life in lives(program, place):
                for _, _, name in block.slots():
                    fills = program.slots.get(name, ())
                    todo += [(fill, new & life) for fill in fills]


def check_files(program):
    """A path cannot be that of a file and of a folder."""
    for path, places in program.files.items():
        for slash in re.finditer("/", path):
            if (parent := path[: slash.start()]) in program.files:
                what = f"{path} needs the folder {parent}, which is a file of the book"
                yield places[0].blocks[0].problem(what, "rename one")


def check_places(program):
    """Every slot is filled, and open once at a time; every block is used."""
    opened = {}
    for place in dict.fromkeys(program.places.values()):
        for block, life in lives(program, place):
            if not life:
                remedy = "replace it in a later chapter, or make it {.example}"
                yield block.problem("replaced in its own chapter: never used", remedy)
            elif not place.used & life:
                name = f'{block.kind}="{block.target}"'
                what = f"never used: nothing opens {name} by then"
                remedy = "open the slot in a block that is in use, or cut this one"
                yield block.problem(what, remedy)
            for index, _, name in block.slots():
                here = block, block.start + index, place.used & life
                opened.setdefault(name, []).append(here)
    for name, sites in opened.items():
        first, seen = sites[0], 0
        for block, line, stages in sites:
            if name not in program.slots:
                remedy = f'write a block with into="{name}", or cut the line'
                yield block.problem(f"no block fills <<{name}>>", remedy, line)
            elif stages & seen:
                what = f"<<{name}>> is open already, at {first[0].path}:{first[1]}"
                yield block.problem(what, "give one of them another name", line)
            seen |= stages


# Rendering: from places to files


def render(program):
    """The files of the program at its stage."""
    files = []
    for path, places in sorted(program.files.items()):
        lines = list(unfold(program, path, places))
        blocks = [line.block for line in lines if line.block]
        if lines := space([*header(path, blocks), *lines]):
            text = "".join(f"{line.text}\n" for line in lines)
            files.append(File(path, text, segments(lines)))
    return files


def comment(path):
    """What begins a comment in a file of that name; "" if that is not known."""
    return COMMENTS.get(posixpath.splitext(path)[1][1:], "")


def header(path, blocks):
    """The first line of a file: the chapters it is from, and not to edit it."""
    if blocks and (prefix := comment(path)):
        *names, last = (p for _, p in sorted({(b.chapter, b.path) for b in blocks}))
        names = f"{', '.join(names)} and {last}" if names else last
        text = f"Generated by tools/tangle.py from {names}: edit there, not here."
        return [Line(f"{prefix} {text}"), Line(None, gap=1)]
    return []


def unfold(program, path, places):
    """Yield the lines of a file, what fills a slot in place of the slot."""
    todo = row(places, "")
    while todo:
        item = todo.pop()
        if isinstance(item, Line):
            yield item
        elif block := program.live(item[0]):
            place, indent, gap = item
            todo += row(place.after, indent, first=False)
            todo += reversed(list(expand(program, path, block, indent, gap)))


def row(places, indent, first=True):
    """Places in a row with their indent and the gap before each, the last one first."""
    apart = 0 if indent else 1
    gaps = [0 if first else apart, *[apart] * len(places)]
    return [(place, indent, gap) for place, gap in zip(places, gaps)][::-1]


def expand(program, path, block, indent, gap):
    """A block's tag, its lines and, in place of its slots, the places in them."""
    apart = 1 if indent else 2
    begins, holds = defines(block) if path.endswith(".py") else (False, False)
    yield Line(None, gap=apart if begins else gap)
    if prefix := comment(path):
        inner = re.match(" *", "".join(block.lines[:1]))[0]
        yield Line(f"{indent}{inner}{prefix} [{block.id}]", block, block.line)
    slots = {index: (inner, name) for index, inner, name in block.slots()}
    for index, line in enumerate(block.lines):
        if index in slots:
            inner, name = slots[index]
            yield from reversed(row(program.slots[name], indent + inner))
        else:
            yield Line((indent + line).rstrip(), block, block.start + index)
    yield Line(None, gap=apart if holds else 0)


def defines(block):
    """Does a block begin with a definition; does it hold one that is not indented?"""
    code = [line for line in block.lines if line.strip()[:1] not in ("", "#")]
    begins = bool(code) and code[0].lstrip().startswith(DEFINITION)
    return begins, begins or any(line.startswith(DEFINITION) for line in code)


def space(lines):
    """Put in the blank lines that are wanted; in indented code, at most one."""
    out, gap, blanks = [], 0, 0
    for line in lines:
        gap = max(gap, line.gap)
        if line.text:
            if line.text[0] == " ":
                gap = 0 if out and out[-1].text.endswith(":") else min(gap, 1)
            out += [Line("")] * (gap - blanks)
            gap = blanks = 0
        if line.text or line.text == "" and out:
            out.append(line)
            blanks += not line.text
    return out[: len(out) - blanks]


def segments(lines):
    """The runs of lines that are together both in the file and in the book."""
    found, last = [], Line("")
    for number, line in enumerate(lines, 1):
        if line.block and (line.block, line.number) == (last.block, last.number + 1):
            found[-1] = (*found[-1][:4], found[-1][4] + 1)
        elif line.block:
            found.append((line.block.id, line.block.path, line.number, number, 1))
        last = line
    return found


def where(segments, line):
    """The book's (path, line, block id) for a file's line; None past the end.

    A line of no block, blank or the header, counts as the line which follows it.
    """
    for id, path, book, first, count in segments:
        if line < first + count:
            return path, book + max(line - first, 0), id
    return None


def check_syntax(files):
    """Compile the Python files, without running them."""
    for file in (file for file in files if file.path.endswith(".py")):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(file.text, file.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            line = min(getattr(error, "lineno", 0) or 1, file.text.count("\n"))
            path, number, id = where(file.segments, line)
            why = getattr(error, "msg", error)
            what = f"{file.path}:{line} does not compile, {why}"
            yield Problem(path, number, what, f"mend the block {id}")


def tangle(book, until=None):
    """Resolve and render a book: (program, files, problems)."""
    program = resolve(book, until)
    files = [] if program.problems else render(program)
    return program, files, sorted({*program.problems, *check_syntax(files)})


# Writing: from files to the disk


def look(output, path):
    """The bytes of a file in the output folder; None if there is none."""
    top, real = os.path.realpath(output), os.path.realpath(Path(output, path))
    if os.path.commonpath([top, real]) != top:
        raise OSError(0, "leaves the output folder by a link")
    try:
        return Path(real).read_bytes()
    except FileNotFoundError:
        return None


def render_map(files):
    """The sidecar map: of every file its hash and its segments, each on a line."""
    entries = []
    for file in files:
        entry = f'"{file.path}": {{"sha256": "{digest(file.text.encode())}",'
        rows = ",\n".join(json.dumps(segment) for segment in file.segments)
        entries.append(f'{entry} "segments": [\n{rows}]}}')
    return "{" + ",\n".join(entries) + "}\n"


def digest(data):
    return hashlib.sha256(data).hexdigest()


def read_map(output):
    """What the run before wrote: {path: {"sha256": …, "segments": …}}."""
    known = json.loads(look(output, MAP) or b"{}")
    for path, entry in known.items():
        rows = [len(row) == 5 and sum(row[2:]) for row in entry["segments"]]
        if not (FILE.fullmatch(path) and entry["sha256"].isalnum() and all(rows)):
            raise ValueError(path)
    return known


def plan(files, output, force=False):
    """What is to be done: ({path: bytes to write}, [paths to remove], problems)."""
    changes, stale, problems = {}, [], []
    try:
        known = read_map(output)
    except DAMAGE:
        what = "is not a map that tangle wrote"
        return {}, [], [Problem(MAP, 1, what, "delete it and run again")]
    wanted = {file.path: file.text.encode() for file in files}
    origin = {file.path: where(file.segments, 1)[:2] for file in files}
    for path in sorted({*wanted, *known}):
        try:
            old, new = look(output, path), wanted.get(path)
            made = path in known and known[path]["sha256"]
            if old is not None and old != new and not force and made != digest(old):
                why = "was edited by hand" if made else "is not of tangle's making"
                remedy = "put the edit into the book" if made else "move it away"
                what, remedy = f"{path} {why}", f"{remedy}, or run with --force"
                problems.append(Problem(*origin.get(path, (path, 1)), what, remedy))
        except OSError as error:
            what = f"{path} cannot be written: {error.strerror}"
            place = origin.get(path, (path, 1))
            problems.append(Problem(*place, what, "move what is in its way"))
            continue
        if new is None and old is not None:
            stale.append(path)
        elif old != new:
            changes[path] = new
    text = render_map(files).encode()
    return changes | ({MAP: text} if look(output, MAP) != text else {}), stale, problems


def write(changes, stale, output):
    """Write every file beside its place, then move all into place, the map last."""
    temporary = {}
    try:
        for path, data in changes.items():
            target = Path(output, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.with_name(f".tangle-{os.getpid()}-{len(temporary)}")
            temporary[path] = file
            file.write_bytes(data)
            if target.exists():
                file.chmod(target.stat().st_mode)
        for path, file in temporary.items():
            if path == MAP:
                remove(stale, output)
            os.replace(file, Path(output, path))
    finally:
        for file in temporary.values():
            file.unlink(missing_ok=True)


def remove(stale, output):
    """Remove files, and the folders that become empty by it."""
    for target in (Path(output, path) for path in stale):
        target.unlink(missing_ok=True)
        for folder in target.parents:
            if folder == Path(output) or any(folder.iterdir()):
                break
            folder.rmdir()


# The command


def main(argv=None):
    """Run the command; return its exit code."""
    try:
        code = run(*arguments(argv))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        place = error.filename2 or error.filename
        print(Problem(place, 1, what, "make it writable"), file=sys.stderr)
        return 1


def arguments(argv):
    """Parse the command line: (options, function that reports a usage error)."""
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
    if not options.book.is_dir():
        parser.error(f"there is no folder {options.book}")
    if options.output.exists() and not options.output.is_dir():
        parser.error(f"{options.output} is not a folder")
    if options.where and not re.fullmatch(r".+:[0-9]{1,9}", options.where):
        parser.error("--where takes FILE:LINE")
    return options, parser.error


def run(options, usage_error):
    """Do what the options ask for; return the exit code."""
    if options.where:
        return show_where(options)
    book = read_book(options.book)
    if options.until and chapter_path(book, options.until) not in book.chapters:
        usage_error(f"no chapter {options.until} in {', '.join(book.chapters)}")
    program, files, problems = tangle(book, options.until)
    changes, stale = {}, []
    if not program.problems and not options.list:
        force = options.force or options.check
        changes, stale, wrong = plan(files, options.output, force)
        problems = sorted([*problems, *wrong])
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    if options.check:
        return show_differences(options.output, changes, stale)
    if options.list:
        print(*listing(program, files), sep="\n")
    else:
        write(changes, stale, options.output)
        print(summary(program, files, changes, stale))
    return 0


def show_where(options):
    """Print the line of the book, and the block, behind a line of a file."""
    name, line = options.where.rsplit(":", 1)
    output = options.output.resolve()
    path = Path(os.path.relpath(Path(output, name).resolve(), output)).as_posix()
    try:
        entry = read_map(output).get(path, {"segments": []})
        place = where(entry["segments"], int(line)) if int(line) else None
    except DAMAGE:
        place = None
    if place:
        print("{}:{} {}".format(*place))
        return 0
    problem = Problem(name, int(line), "is no line that tangle wrote", "run it first")
    print(problem, file=sys.stderr)
    return 1


def show_differences(output, changes, stale):
    """Print the first line of each file that differs from the book."""
    found = [Problem(path, 1, "is not in the book", "run tangle") for path in stale]
    for path, data in changes.items():
        pairs = zip((look(output, path) or b"").split(b"\n"), data.split(b"\n"))
        line = [*(old == new for old, new in pairs), False].index(False) + 1
        found.append(Problem(path, line, "differs from the book", "run tangle"))
    print("".join(f"{problem}\n" for problem in sorted(found)), end="")
    return 1 if found else 0


def listing(program, files):
    """A line for each block: its id, its line in the book, and where it went."""
    spans = {}
    for file in files:
        for id, _, _, first, count in file.segments:
            start = spans.get(id, (file.path, first))[1]
            spans[id] = file.path, start, first + count - 1
    for block in (block for block in program.book.blocks if block.tangled):
        live = program.live(program.places[block.id])
        state = f"replaced by {live.id}" if live else "retired with its slot"
        if block.id in spans:
            state = "{}:{}-{}".format(*spans[block.id])
        elif block.chapter > program.stage:
            state = "later"
        yield f"{block.id}  {block.path}:{block.line}  {state}"


def summary(program, files, changes, stale):
    """What a run did, in one line."""
    ids = {segment[0] for file in files for segment in file.segments}
    chapters = min(program.stage + 1, len(program.book.chapters))
    counts = {"chapter": chapters, "block": len(ids), "file": len(files)}
    parts = [f"{n} {word}{'s' * (n != 1)}" for word, n in counts.items()]
    removed = f", {len(stale)} removed" if stale else ""
    changed = f"({len(changes.keys() - {MAP})} changed{removed})"
    return f"tangled {parts[0]}, {parts[1]} into {parts[2]} {changed}"


if __name__ == "__main__":
    sys.exit(main())
