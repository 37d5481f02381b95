"""Tangle the book: write the program that the blocks of its chapters hold.

    ```python {#value file="pkg/value.py"}     opens or continues a file
    ```python {#value-add into="value-ops"}    fills the slot `# <<value-ops>>`
    ```python {#value-sum replaces="value"}    from here on, stands in its place
    ```python {#value-neg after="value-add"}   stands right after that block

One step a function: `read_book` finds the blocks, `resolve` puts each in its place,
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
COMMENTS = dict.fromkeys((".py", ".toml", ".sh", ".yml", ".yaml", ".cfg"), "#")
COMMENTS |= dict.fromkeys((".c", ".h", ".js", ".ts", ".cc", ".cpp"), "//")

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
BRACES = re.compile(r"(?P<lang>[\w#.+-]+)[ \t]+\{(?P<attrs>.*)\}")
ATTRIBUTE = re.compile(r'(?P<key>[^\s="]+)="(?P<value>[^"]*)"|(?P<word>\S+)')
SLOT = re.compile(r"(?P<indent> *)(?:#|//) <<(?P<name>[a-z][a-z0-9-]*)>>\s*")
NEARLY_A_SLOT = re.compile(r"\s*(?:#|//)\s*<<.*>>\s*")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DEFINITION = ("def ", "class ", "@", "async def ")
LINK = re.compile(r"(?:\]\(|^\[[^\]]+\]:) *<?([^\s()<>#:]+\.md)(?=[#)>\s]|$)", re.M)
UNLINKED = re.compile(r"<!--.*?-->|(`+)[^\n]*?\1", re.S)
HEADER = 'write ```python {#id file="…"}, or into=, replaces= or after='


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong at one line, and how to mend it."""

    path: str
    line: int
    what: str
    remedy: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}. {self.remedy}."


@dataclass(eq=False)
class Block:
    """One fenced block: `kind` is one of PLACES, of KINDS, "plain" or "broken"."""

    path: str  # of the chapter
    chapter: int  # its number in the book's order
    line: int  # of the opening fence
    end: int  # of the closing fence
    lang: str
    id: str
    kind: str
    target: str  # the file, the slot, the block, or the command of an output
    start: int  # the line of the first of the lines
    lines: list[str]  # no blank ones at either end

    @property
    def tangled(self):
        return self.kind in PLACES

    def slots(self):
        """The slots that the block opens: (index of the line, indent, name)."""
        found = ((i, SLOT.fullmatch(s)) for i, s in enumerate(self.lines) if "<<" in s)
        return [(i, m["indent"], m["name"]) for i, m in found if m]

    def problem(self, what, remedy, line=None):
        return Problem(self.path, line or self.line, what, remedy)


@dataclass
class Book:
    """The chapters in order, all their blocks, and what is wrong with them."""

    folder: str
    problems: list[Problem]
    chapters: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    ids: dict[str, Block] = field(default_factory=dict)


@dataclass(eq=False)
class Place:
    """A place in the program: the blocks that hold it in turn, and what follows it."""

    blocks: list[Block]
    parent: "Place | None" = None  # that which this one stands after
    after: "list[Place]" = field(default_factory=list)
    used: int = 0  # bit n: the place is in the program as of chapter n


@dataclass
class Program:
    """The places of the book's blocks, looked at as of one chapter, the stage."""

    book: Book
    stage: int
    files: dict[str, list[Place]] = field(default_factory=dict)
    slots: dict[str, list[Place]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)  # by block id
    problems: list[Problem] = field(default_factory=list)

    def live(self, place):
        """The block which holds the place at the stage; None if none does."""
        held = (b for b in reversed(place.blocks) if b.chapter <= self.stage)
        return next(held, None) if place.used >> self.stage & 1 else None


@dataclass(frozen=True)
class Line:
    """A line of a generated file, or (without text) only a wish for blank ones."""

    text: "str | None"
    block: "Block | None" = None
    number: int = 0  # in the book
    gap: int = 0  # blank lines wanted before it


@dataclass(frozen=True)
class File:
    """A generated file; segments: (id, chapter, book line, first line, count)."""

    path: str
    text: str
    segments: list[tuple[str, str, int, int, int]]


# Reading: from Markdown to blocks


def read_book(folder):
    """Read all chapters of a folder."""
    folder = Path(folder).resolve()
    inside = folder != ROOT and ROOT in folder.parents
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
                sources[name] = decode(data := file.read_bytes())
            except OSError as error:
                failed(error)
            except UnicodeDecodeError as error:
                line = data.count(b"\n", 0, error.start) + 1
                problems.append(Problem(name, line, "is not UTF-8", "save it as UTF-8"))
    return parse_book(sources, f"{shown}/index.md", problems)


def decode(data):
    """The text of a file's bytes: no byte order mark, every line ended by \\n."""
    text = data.decode("utf-8").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_book(sources, index="index.md", problems=()):
    """Parse chapters, given as a dictionary from path to text, in the book's order."""
    book = Book(posixpath.dirname(index), list(problems))
    linked = links(sources, index, book.problems) if index in sources else sorted(sources)
    book.chapters = list(dict.fromkeys([*linked, *sorted(sources)]))
    for number, path in enumerate(book.chapters):
        blocks, wrong = parse(sources[path], path, number)
        book.blocks += blocks
        book.problems += wrong
        tangled = [block for block in blocks if block.tangled]
        if tangled and path not in linked:
            what = f"holds blocks, but {index} does not link to it"
            book.problems.append(tangled[0].problem(what, f"link it in {index}"))
    for block in book.blocks:
        first = book.ids.setdefault(block.id, block) if block.id else block
        if first is not block:
            what = f"the id {block.id} is taken, at {first.path}:{first.line}"
            book.problems.append(block.problem(what, "choose another"))
            block.kind = "broken"
    return book


def links(sources, index, problems):
    """The chapters that the index links to, itself first, each once."""
    lines = sources[index].split("\n")
    for block in parse(sources[index], index)[0]:
        lines[block.line - 1 : block.end] = [""] * (block.end - block.line + 1)
    prose = UNLINKED.sub(lambda m: "\n" * m[0].count("\n"), "\n".join(lines))
    found = {index: None}
    folder = posixpath.dirname(index)
    for link in LINK.finditer(prose):
        path = posixpath.normpath(posixpath.join(folder, link[1]))
        if path in sources:
            found[path] = None
        elif path.startswith(f"{folder}/" if folder else "") and path[0] not in "/.":
            line = prose.count("\n", 0, link.start()) + 1
            what = f"links to {link[1]}, which does not exist or cannot be read"
            problems.append(Problem(index, line, what, "mend the link"))
    return found


def parse(text, path, chapter=0):
    """Find the fenced blocks of one chapter: (blocks, problems)."""
    lines = text.split("\n")
    blocks, problems, at = [], [], 0
    while at < len(lines):
        fence = FENCE.fullmatch(lines[at])
        if fence:
            end, wrong = find_end(lines, at, fence)
            lang, id, kind, target, wrongs = parse_header(fence["info"].strip(" \t"))
            wrongs += wrong
            if fence["prefix"]:
                kind = "broken"
                remedy = "begin it at column 0; to show a fence, use a longer one"
                wrongs.append(("a fence that is indented", remedy))
            body, start = strip(lines[at + 1 : end], at + 2)
            values = (path, chapter, at + 1, end + 1, lang, id, kind, target)
            block = Block(*values, start, body)
            blocks.append(block)
            problems += [block.problem(*w) for w in wrongs]
            problems += check_lines(block) if block.tangled else []
            at = end
        at += 1
    return blocks, problems


def find_end(lines, at, fence):
    """The index of the line that closes a fence, and what is wrong with it."""
    before = "[ \t>]*" if fence["prefix"] else " {0,3}"
    close = re.compile(f"{before}{fence['fence']}{fence['fence'][0]}*[ \t]*")
    for end in range(at + 1, len(lines)):
        if close.fullmatch(lines[end]):
            if fence["prefix"] or lines[end].rstrip(" \t") == fence["fence"]:
                return end, []
            remedy = f"write {fence['fence']}, at column 0"
            return end, [("the closing fence is not the opening one", remedy, end + 1)]
    return len(lines), [("the fence is never closed", f"add {fence['fence']}")]


def strip(lines, start):
    """Leave out blank lines at both ends; also, the number of the first line left."""
    filled = [i for i, line in enumerate(lines) if line.strip()] or [0]
    return lines[filled[0] : filled[-1] + 1], start + filled[0]


def check_lines(block):
    """The problems in the lines of a tangled block."""
    for number, line in enumerate(block.lines, block.start):
        if bad := CONTROL.search(line):
            what = "a tab" if bad[0] == "\t" else f"the control character {bad[0]!r}"
            yield block.problem(f"{what} in a block", "write spaces or an escape", number)
        elif NEARLY_A_SLOT.fullmatch(line) and not SLOT.fullmatch(line):
            remedy = "write # <<name>> or // <<name>>, with a-z, 0-9 and -"
            yield block.problem("a slot that is not well formed", remedy, number)


def parse_header(info):
    """Parse what follows an opening fence: language, id, kind, target and wrongs.

    Accepts less than superfences does, and nothing that it would not render.
    """
    if plain := PLAIN.fullmatch(info):
        return plain["lang"] or "", "", "plain", "", []
    braces = BRACES.fullmatch(info)
    if not braces:
        return "", "", "broken", "", [header_problem(info)]
    ids, classes, values, wrong = [], [], {}, []
    for token in ATTRIBUTE.finditer(braces["attrs"]):
        word = token["word"] or ""
        if word[:1] == "#":
            ids.append(word[1:])
        elif word[1:] in KINDS and word[0] == ".":
            classes.append(word[1:])
        elif token["key"] in (*PLACES, "of") and token["key"] not in values:
            values[token["key"]] = token["value"]
        else:
            remedy = 'know: #id, .run, .example, .output, key="value", no " in a value'
            wrong.append((f"{token[0]} in the braces is not understood", remedy))
    kinds = [*(key for key in values if key in PLACES), *classes]
    kind, id = (kinds or ["broken"])[0], (ids or [""])[0]
    target = values.get("of" if kind == "output" else kind, "")
    wrong += [] if wrong else check_header(ids, kinds, values, target)
    return braces["lang"], id, "broken" if wrong else kind, target, wrong


def header_problem(info):
    """Say why superfences would not take a header."""
    if re.match(r"[\w#.+-]+\{", info):
        return "no space before the brace of the fence", "put one after the language"
    if info.startswith("{"):
        return "a fence with braces, but no language", HEADER
    if re.search(r"\{.*\}", info):
        return "a fence with more than its language and braces", HEADER
    return "a fence header that superfences does not take", HEADER


def check_header(ids, kinds, values, target):
    """What is wrong with the attributes of a fence, each well formed by itself."""
    if len(kinds) != 1:
        what = "both " + " and ".join(kinds) if kinds else "neither place nor class"
        yield f"braces with {what}", HEADER + ", or one of .run, .example, .output"
        return
    if len(ids) > 1 or not all(NAME.fullmatch(id) for id in ids):
        yield f"the id {' #'.join(ids)} is not one id", "write a-z, then a-z, 0-9 and -"
    if not ids and kinds[0] in PLACES:
        yield "a tangled block without id", HEADER
    if ("of" in values) != (kinds[0] == "output") or values.get("of") == "":
        yield "of= and .output belong together", 'write {.output of="the command"}'
    if kinds[0] == "file" and (not FILE.fullmatch(target) or target == MAP):
        remedy = "write a plain path in the output folder, such as pkg/value.py"
        yield f'file="{target}" is no path for a generated file', remedy
    elif kinds[0] in PLACES[1:] and not NAME.fullmatch(target):
        yield f'{kinds[0]}="{target}" is no name', "write a-z, then a-z, 0-9 and -"


# Resolving: from blocks to places


def resolve(book, until=None):
    """Give every block its place; `until` is the chapter which is the stage."""
    stage = len(book.chapters) - 1
    if until is not None:
        stage = book.chapters.index(chapter_path(book, until))
    program = Program(book, max(stage, 0), problems=list(book.problems))
    roots = [settle(program, block) for block in book.blocks]
    spread(program, [place for place in roots if place])
    program.problems += [*check_files(program), *check_slots(program)]
    program.problems += check_used(program)
    return program


def chapter_path(book, name):
    """The path of the chapter of that name, with or without .md."""
    return posixpath.join(book.folder, name.removesuffix(".md") + ".md")


def settle(program, block):
    """Put a block into its place; return that if it is in the program by itself."""
    place, host = Place([block]), None
    if block.kind in ("replaces", "after"):
        host = program.places.get(block.target)
        if wrong := check_target(program, block, host):
            program.problems.append(block.problem(*wrong))
            program.places.setdefault(block.id, place)
            return place
        if block.kind == "replaces":
            place = host
            place.blocks.append(block)
        else:
            place.parent = host
            host.after.append(place)
    elif block.kind in ("file", "into"):
        table = program.files if block.kind == "file" else program.slots
        table.setdefault(block.target, []).append(place)
    if block.id and (block.tangled or block.kind == "broken"):
        program.places.setdefault(block.id, place)
    return place if block.kind in ("file", "broken") else None


def check_target(program, block, host):
    """Why a block cannot replace, or stand after, the block that it names."""
    target = program.book.ids.get(block.target)
    if target is None:
        return f"there is no block {block.target}", "name one by its id"
    where = f"{target.path}:{target.line}"
    if not target.tangled and target.kind != "broken":
        return f"{target.id} at {where} is not tangled", "name a block that is"
    if host is None:
        return f"{target.id} comes later, at {where}", "name an earlier block"
    last = host.blocks[-1]
    if block.kind == "replaces" and last is not target:
        what = f"{last.id} replaced {target.id} already, at {last.path}:{last.line}"
        return what, f'write replaces="{last.id}"'
    return None


def lives(program, place):
    """The blocks of a place, each with its life: bit n set, live as of chapter n."""
    ends = [block.chapter for block in place.blocks[1:]]
    for block, end in zip(place.blocks, [*ends, len(program.book.chapters)], strict=True):
        yield block, (1 << end) - (1 << block.chapter)


def spread(program, roots):
    """Mark each place with the stages at which it is in the program."""
    todo = [(place, -1) for place in roots]
    while todo:
        place, stages = todo.pop()
        born = 1 << place.blocks[0].chapter
        new = stages & ((1 << len(program.book.chapters)) - born) & ~place.used
        if not new:
            continue
        place.used |= new
        todo += [(follower, new) for follower in place.after]
        for block, life in lives(program, place):
            for _, _, name in block.slots():
                todo += [(fill, new & life) for fill in program.slots.get(name, ())]


def check_files(program):
    """A path cannot be both a file and a folder."""
    for path, places in program.files.items():
        parents = [path[: m.start()] for m in re.finditer("/", path)]
        for parent in (p for p in parents if p in program.files):
            what = f"{path} needs the folder {parent}, which is a file of the book"
            yield places[0].blocks[0].problem(what, "rename one")


def holders(program):
    """Each slot line: (name, its place, its block, its line, its stages)."""
    places = dict.fromkeys(program.places.values())
    for place in places:
        for block, life in lives(program, place):
            for index, _, name in block.slots():
                yield name, place, block, block.start + index, place.used & life


def check_slots(program):
    """A slot is filled by some block, opened once at a time, and not in itself."""
    opened = {}
    for name, place, block, line, stages in holders(program):
        opened.setdefault(name, []).append((place, block, line, stages))
    for name, found in opened.items():
        seen = 0
        for place, block, line, stages in found:
            if name not in program.slots:
                remedy = f'add a block with into="{name}", or take the line out'
                yield block.problem(f"no block fills <<{name}>>", remedy, line)
            elif stages & seen or not stages:
                if within(program, place, name, opened):
                    what, remedy = f"<<{name}>> is a part of itself", "open it elsewhere"
                    yield block.problem(what, remedy, line)
                elif stages & seen:
                    first = f"{found[0][1].path}:{found[0][2]}"
                    what = f"<<{name}>> is open already, at {first}"
                    yield block.problem(what, "give one of them another name", line)
            seen |= stages


def within(program, place, name, opened):
    """Is the place, at whatever depth, in a slot of that name?"""
    todo, seen = [place], set()
    while todo:
        place = todo.pop()
        while place.parent:
            place = place.parent
        root = place.blocks[0]
        if root.kind == "into" and root.target not in seen:
            if root.target == name:
                return True
            seen.add(root.target)
            todo += [holder[0] for holder in opened.get(root.target, ())]
    return False


def check_used(program):
    """Every block is in the program at some stage."""
    for place in dict.fromkeys(program.places.values()):
        for block, life in lives(program, place):
            if place.used & life:
                continue
            if not life:
                remedy = "replace it in a later chapter, or make it {.example}"
                yield block.problem("replaced in its own chapter, so never used", remedy)
            else:
                what = "used at no stage"
                if block.kind == "into":
                    what += f": no block that is in use then opens <<{block.target}>>"
                yield block.problem(what, "open its slot, or take the block out")


# Rendering: from places to files


def render(program):
    """The program's files at its stage, by path."""
    files = []
    for path, places in sorted(program.files.items()):
        lines = list(unfold(program, path, places))
        if blocks := [line.block for line in lines if line.block]:
            lines = space([*header(path, blocks), *lines])
            text = "".join(f"{line.text}\n" for line in lines)
            files.append(File(path, text, segments(lines)))
    return files


def header(path, blocks):
    """The first line of a generated file: do not edit, and the chapters it is from."""
    if prefix := comment(path):
        *names, last = (p for _, p in sorted({(b.chapter, b.path) for b in blocks}))
        names = f"{', '.join(names)} and {last}" if names else last
        text = f"Generated by tools/tangle.py from {names}: edit there, not here."
        return [Line(f"{prefix} {text}"), Line(None, gap=1)]
    return []


def comment(path):
    """What begins a comment in a file of that name, if that is known."""
    return COMMENTS.get(posixpath.splitext(path)[1], "")


def segments(lines):
    """The runs of lines that stand together both in a file and in the book."""
    found, last = [], None
    for number, line in enumerate(lines, 1):
        if line.block:
            if last and line.block is last.block and line.number == last.number + 1:
                id, path, book, first, count = found[-1]
                found[-1] = (id, path, book, first, count + 1)
            else:
                here = line.block.id, line.block.path, line.number, number, 1
                found.append(here)
        last = line
    return found


def where(segments, line):
    """The book's (path, line, block id) of a line; None past the end.

    A line which is in no block, blank or the header, counts as that which follows.
    """
    for id, path, book, first, count in segments:
        if line < first + count:
            return path, book + max(line - first, 0), id
    return None


def check_syntax(files):
    """Compile the Python files, without running them."""
    for file in files:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if file.path.endswith(".py"):
                    compile(file.text, file.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            line = getattr(error, "lineno", 0) or 1
            path, number, id = where(file.segments, line) or where(
                file.segments, len(file.text.splitlines())
            )
            what = f"{file.path}:{line} does not compile, {getattr(error, 'msg', error)}"
            yield Problem(path, number, what, f"mend the block {id}")


def unfold(program, path, places):
    """Yield the lines of a file, with every slot replaced by what fills it."""
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
    """What to unfold for places in a row, the last one first."""
    gaps = [0 if first or indent else 1] + [0 if indent else 1] * len(places)
    return [(p, indent, gap) for p, gap in zip(places, gaps)][::-1]


def expand(program, path, block, indent, gap):
    """A block's tag, its lines and, in place of its slots, what fills them."""
    slots = {index: (inner, name) for index, inner, name in block.slots()}
    before, behind = defines(block) if path.endswith(".py") else (False, False)
    apart = 1 if indent else 2
    yield Line(None, gap=apart if before else gap)
    if prefix := comment(path):
        inner = re.match(" *", block.lines[0] if block.lines else "")[0]
        tag = f"{indent}{inner}{prefix} [{block.id}]"
        yield Line(tag, block, block.line)
    for index, line in enumerate(block.lines):
        if index in slots:
            inner, name = slots[index]
            yield from row(program.slots[name], indent + inner)[::-1]
        else:
            text = (indent + line).rstrip()
            yield Line(text, block, block.start + index)
    yield Line(None, gap=apart * behind)


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


# Writing: from files to the disk


def tangle(book, until=None):
    """Resolve and render a book: (program, files, problems)."""
    program = resolve(book, until)
    files = [] if program.problems else render(program)
    return program, files, sorted({*program.problems, *check_syntax(files)})


def render_map(files):
    """The sidecar map: for each file its hash and its segments, one a line."""
    entries = []
    for file in files:
        digest = hashlib.sha256(file.text.encode()).hexdigest()
        rows = ",\n".join(json.dumps(segment) for segment in file.segments)
        entries.append(f'"{file.path}": {{"sha256": "{digest}", "segments": [\n{rows}]}}')
    return "{" + ",\n".join(entries) + "}\n"


def read_map(output):
    """The map of the run before: {path: {"sha256": …, "segments": …}}."""
    known = json.loads(look(output, MAP) or b"{}")
    for path, entry in known.items():
        if not FILE.fullmatch(path) or not isinstance(entry["sha256"], str):
            raise ValueError(path)
        for id, chapter, *numbers in entry["segments"]:
            if not isinstance(f"{id}{chapter}", str) or sum(numbers) < 3:
                raise ValueError(path)
    return known


def look(output, path):
    """The bytes of a file in the output folder; None if there is no such file."""
    top, real = os.path.realpath(output), os.path.realpath(Path(output, path))
    if os.path.commonpath([top, real]) != top:
        raise OSError(0, "leaves the output folder by a link")
    try:
        return Path(real).read_bytes()
    except FileNotFoundError:
        return None


def plan(files, output, force=False):
    """What a run has to do: ({path: bytes to write}, [paths to remove], problems)."""
    changes, stale, problems = {}, [], []
    try:
        known = read_map(output)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError):
        what = "is not a map that tangle wrote"
        return {}, [], [Problem(MAP, 1, what, "delete it and run again")]
    new = {file.path: file.text.encode() for file in files}
    starts = {file.path: where(file.segments, 1) for file in files}
    for path in sorted({*new, *known}):
        chapter, line, _ = starts.get(path, (path, 1, ""))
        try:
            old = look(output, path)
        except OSError as error:
            what = f"{path} cannot be written: {error.strerror}"
            problems.append(Problem(chapter, line, what, "move what is there away"))
            continue
        made = old and known.get(path, {}).get("sha256")
        if old == new.get(path):
            continue
        if old is not None and not force:
            if not made:
                what = f"{path} exists, and tangle did not write it"
                problems.append(Problem(chapter, line, what, "move it, or --force"))
                continue
            if made != hashlib.sha256(old).hexdigest():
                what = f"{path} was edited by hand"
                remedy = "put the edit into the book, then run with --force"
                problems.append(Problem(chapter, line, what, remedy))
                continue
        if path in new:
            changes[path] = new[path]
        else:
            stale.append(path)
    text = render_map(files).encode()
    if look(output, MAP) != text:
        changes[MAP] = text
    return changes, stale, problems


def write(changes, stale, output):
    """Write every file beside its place, then move all into place, the map last."""
    temporary = {}
    try:
        for path, data in changes.items():
            target = Path(output, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            name = f".tangle-{os.getpid()}-{len(temporary)}"
            temporary[path] = target.with_name(name)
            temporary[path].write_bytes(data)
            if target.exists():
                temporary[path].chmod(target.stat().st_mode)
        for path, file in temporary.items():
            if path == MAP:
                remove(stale, output)
            os.replace(file, Path(output, path))
    finally:
        for file in temporary.values():
            file.unlink(missing_ok=True)


def remove(stale, output):
    """Remove files, and the folders which become empty by that."""
    for path in stale:
        target = Path(output, path)
        target.unlink(missing_ok=True)
        for folder in target.parents:
            if folder == Path(output) or any(folder.iterdir()):
                break
            folder.rmdir()


# The command


def main(argv=None):
    """Run the command; return its exit code."""
    try:
        return run(arguments(argv))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        print(f"tangle: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1


def arguments(argv):
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--until", metavar="CHAPTER", help="the program as of the end of that chapter")
    add("--check", action="store_true", help="write nothing, list what differs")
    add("--output", metavar="DIR", type=Path, default=ROOT)
    add("--book", metavar="DIR", type=Path, default=ROOT / "docs")
    add("--where", metavar="FILE:LINE", help="the line of the book behind a line")
    add("--list", action="store_true", help="every block, and where it went")
    add("--force", action="store_true", help="overwrite files edited by hand")
    options = parser.parse_args(argv)
    if not options.book.is_dir():
        parser.error(f"there is no folder {options.book}")
    if options.output.exists() and not options.output.is_dir():
        parser.error(f"{options.output} is not a folder")
    if options.where and not re.fullmatch(r".+:[0-9]{1,9}", options.where):
        parser.error("--where takes FILE:LINE")
    options.error = parser.error
    return options


def run(options):
    """Do what the options ask for; return the exit code."""
    if options.where:
        return show_where(options)
    book = read_book(options.book)
    if options.until and chapter_path(book, options.until) not in book.chapters:
        options.error(f"no chapter {options.until} in {', '.join(book.chapters)}")
    program, files, problems = tangle(book, options.until)
    changes, stale = {}, []
    if not program.problems and not options.list:
        force = options.force or options.check
        changes, stale, wrong = plan(files, options.output, force)
        problems = sorted([*problems, *wrong])
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    if options.list:
        print(*listing(program, files), sep="\n")
    elif options.check:
        return show_differences(options, changes, stale)
    else:
        write(changes, stale, options.output)
        print(summary(program, files, changes, stale))
    return 0


def show_where(options):
    """Print the line of the book, and the block, behind a line of a file."""
    name, line = options.where.rsplit(":", 1)
    path = os.path.relpath(Path(options.output, name).resolve(), options.output.resolve())
    try:
        entry = read_map(options.output).get(Path(path).as_posix())
        if entry and (found := int(line) > 0 and where(entry["segments"], int(line))):
            print(f"{found[0]}:{found[1]} {found[2]}")
            return 0
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    what = "is no line that tangle wrote"
    print(Problem(name, int(line), what, "run tangle first"), file=sys.stderr)
    return 1


def show_differences(options, changes, stale):
    """Print the first line of each file that differs from the book."""
    found = [Problem(path, 1, "is not in the book", "run tangle") for path in stale]
    for path, data in changes.items():
        old = (look(options.output, path) or b"").split(b"\n")
        same = [a == b for a, b in zip(old, data.split(b"\n"))]
        line = (same + [False]).index(False) + 1
        found.append(Problem(path, line, "differs from the book", "run tangle"))
    print(*sorted(found), sep="\n", end="\n" if found else "")
    return 1 if found else 0


def listing(program, files):
    """A line for every block: its id, its line in the book, where it went."""
    spans = {}
    for file in files:
        for id, _, _, first, count in file.segments:
            start = spans.get(id, (file.path, first))[1]
            spans[id] = (file.path, start, first + count - 1)
    for block in program.book.blocks:
        if not block.tangled:
            continue
        live = program.live(program.places[block.id])
        if block.id in spans:
            state = "{}:{}-{}".format(*spans[block.id])
        elif block.chapter > program.stage:
            state = "later"
        elif live:
            state = f"replaced by {live.id}"
        else:
            state = "retired with its slot"
        yield f"{block.id}  {block.path}:{block.line}  {state}"


def summary(program, files, changes, stale):
    """What a run did, in one line."""
    ids = {segment[0] for file in files for segment in file.segments}
    counts = program.stage + 1, len(ids), len(files)
    words = "chapter", "block", "file"
    parts = [f"{n} {w}{'s' * (n != 1)}" for n, w in zip(counts, words)]
    changed = len(changes.keys() - {MAP})
    removed = f", {len(stale)} removed" if stale else ""
    return f"tangled {parts[0]}, {parts[1]} into {parts[2]} ({changed} changed{removed})"


if __name__ == "__main__":
    sys.exit(main())
