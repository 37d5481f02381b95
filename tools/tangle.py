"""Tangle the book: write the program that the blocks of its chapters hold.

    ```python {#value file="pkg/value.py"}     opens or continues a file
    ```python {#value-add into="value-ops"}    fills the slot `# <<value-ops>>`
    ```python {#value-sum replaces="value"}    from here on, stands in its place
    ```python {#loss instead="counts"}         the same, where it is another thing
    ```python {#value-neg after="value-add"}   stands right after that block

The import statements with which a block of Python begins move to the top of its file,
behind the docstring, and are joined there: so a block brings along what it needs. One
with a comment behind it stays where it is, and so does every import further down.

A page given by `--with` is a variant: its blocks come behind those of the book, and
change the program, which is then written into a folder of its own.

`parse` finds the blocks, `resolve` gives each its place, `render` makes the files,
`plan` compares them with the disk, and `write`, alone, changes anything there.
"""

import os
import sys

if __name__ == "__main__":  # a Ctrl-C while the rest is loading is quiet, too
    told = sys.excepthook
    sys.excepthook = lambda kind, *what: (
        os._exit(130) if kind is KeyboardInterrupt else told(kind, *what)
    )

import argparse
import ast
import contextlib
import errno
import hashlib
import json
import re
import stat
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath
from typing import NamedTuple

ABOUT = "Tangle the book: write the program that the blocks of its chapters hold."
ROOT = Path(__file__).resolve().parent.parent
MAP = ".tangle.json"
VARIANTS = "variants"  # the folder in a book whose pages are no chapters
STOPPED = 130  # by Ctrl-C, as a shell has it
PLACES = ("file", "into", "replaces", "instead", "after")
SWAPS = ("replaces", "instead")  # the target leaves the program
DEFINITION = ("def ", "class ", "@", "async def ")
COMMENTS = dict.fromkeys([".py", ".toml", ".sh", ".yml"], "#")
COMMENTS |= dict.fromkeys([".c", ".h", ".js"], "//")
COMMENTS |= dict.fromkeys([".yaml", ".mk", "Makefile", "makefile"], "#")
TABBED = {"make", "makefile", "mf", "bsdmake", "go", "golang", "tsv"}  # need tabs
UNQUOTED = (".yml", ".yaml")  # where blanks are text without quotes around it
DEPTH = 100  # of slots in slots
WIDTH = 79  # of an import statement that is put together

FENCE = re.compile(r"([ \t>]*)(`{3,}|~{3,})(.*)")
HTML = re.compile(
    r"""<(?: (?P<hides> !-- | \? | !(?=[a-z\[]) ) | (?P<closes>/?)
    (?P<name>[a-z][a-z0-9]*) (?=[\s/>]|$)
    (?P<rest> (?: [^>"'] | "[^"]*" | '[^']*' )*) (?P<end>>?))""",
    re.VERBOSE | re.IGNORECASE,
)
CLOSING = re.compile(">")  # of a tag
NEVER = re.compile("(?!)")  # where Markdown and browsers end a "<?" they do not agree
ENDS = {"!--": re.compile("--!?>"), "?": NEVER, "!": re.compile("]]>|(?<!])>")}
ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=]+) (?: \s*=\s* ("[^"]*" | '[^']*' | [^\s"'=<>`]+) )?""", re.VERBOSE
)
RENDERED = re.compile("(|1|block|markdown)")  # what Markdown in an element asks for
# Elements whose text can be Markdown, those with text alone, and all that hold blocks.
DIVISIONS = "article|aside|blockquote|center|details|div|figure|footer|form|fieldset"
DIVISIONS = re.compile(f"({DIVISIONS}|header|main|nav|section)")
VERBATIM = re.compile("(script|style|textarea|title|xmp|iframe|noframes)")
ELEMENTS = re.compile(
    f"{DIVISIONS.pattern}|{VERBATIM.pattern}|address|audio|body|canvas|colgroup|dialog"
    "|d[dlt]|figcaption|frameset|group|h[1-6]|head|hgroup|html|legend|li|map|math|menu"
    "|noscript|object|ol|optgroup|option|output|p|plaintext|pre|progress|select|summary"
    "|svg|table|tbody|td|template|tfoot|th|thead|tr|ul|video"
)
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
PART = r"\w([\w.-]{0,198}[\w-])?"  # no .., no .git, and what every disk can hold
PATH = re.compile(f"{PART}(/{PART})*", re.ASCII)  # not absolute
SLOT = re.compile(r"([ \t]*)(?:#|//) <<([a-z][a-z0-9-]*)>>\s*")
STRING = re.compile(r"[rR]?[\"']")  # at the beginning of a line: perhaps a docstring
IMPORT = re.compile(r"(import|from)\b")
PIECE = re.compile(r"""\\.|"{3}|'{3}|["'#()\[\]{}]""")
STRINGS = r"""|"(?:\\.|[^"\\\n])*(?:"|(?=\n)|\Z)|'(?:\\.|[^'\\\n])*(?:'|(?=\n)|\Z)"""
HASHED = r"""(?P<comment>\#[^\n]*)|(?P<q>"{3}|'{3})(?:\\.|[^\\])*?(?:(?P=q)|\Z)"""
SLASHED = r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
SHELL = r"""
    (?P<comment> (?<!\S)\#[^\n]* | \\. ) | \$'(?:\\.|[^'\\])*' | '[^']*'
    | "(?: \\. | [^"\\$] | \$ (?: \( (?:
        \\. | "(?:\\.|[^"\\])*" | '[^']*' | \([^()"']*\) | [^()"'\\] )* \) )? )*
      (?: " | (?P<open> \\?\Z ) )
    | (?<!<)<<-?[ ]* (?P<q>['"]?)\\?(?P<end>[\w.+-]+)(?P=q) [^\n]*\n
      (?:.*?\n)?? [ \t]*(?P=end) (?=\n|\Z)"""
YAML = r"""
    (?P<comment> ^[ ]*\#[^\n]* )
    | ^(?P<in>[ ]*)(?![ ]) [^\n]* (?<=[ ])[|>][0-9+-]* [ ]*(?:[ ]\#[^\n]*)? (?=\n)
      (?: \n (?:[ ]*\n)* (?P=in)[ ]+\S[^\n]* )*"""
# What a comment is, or a string literal, in files of these kinds. One that ends with
# its line, or goes on behind a backslash, may do so in another block: it is open there.
LITERALS = dict.fromkeys([".py", ".toml"], re.compile(HASHED + STRINGS, re.DOTALL))
LITERALS |= dict.fromkeys([".c", ".h"], re.compile(SLASHED + STRINGS, re.DOTALL))
LITERALS[".js"] = re.compile(SLASHED + STRINGS + r"|`(?:\\.|[^`\\])*`", re.DOTALL)
LITERALS[".sh"] = re.compile(SHELL, re.DOTALL | re.VERBOSE)
LITERALS |= dict.fromkeys(UNQUOTED, re.compile(YAML, re.MULTILINE | re.VERBOSE))
LINK = re.compile(r"\]\(([^\s()#:]+\.md)[#)\s]")
SIGNED = re.compile(  # how a file begins that tangle wrote
    rb"(#!.*\n)?(#|//) Generated by tools/tangle\.py from .*: edit there, not here\."
)
EDITED = "was edited by hand, or is not of tangle's making"
DIFFERS = "differs from the book"
KEEP = "put the edit into the book, or run with --force"
NEW = re.compile(r"\.tangle-[0-9a-f]{16}\.new")  # what `beside` writes
FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL  # and so through no link
FRESH |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
IN_PLACE = errno.EACCES, errno.EPERM, errno.EBUSY  # a folder that takes no new file


def escaped(text):
    """A text on one line, with nothing in it that a terminal cannot show."""
    shown = (c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return "".join(shown)


class Problem(NamedTuple):
    """What is wrong at a line, and how to mend it."""

    path: str
    line: int
    what: str
    remedy: str

    def __str__(self):
        return escaped(f"{self.path}:{self.line}: {self.what}. {self.remedy}.")


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
    """The chapters' paths in order, all blocks, and what is wrong with them.

    variants: the paths of the pages that follow the chapters, and change the program.
    """

    folder: str
    chapters: list[str]
    problems: list[Problem]
    blocks: list[Block] = field(default_factory=list)
    ids: dict[str, Block] = field(default_factory=dict)
    variants: list[str] = field(default_factory=list)


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
    depth: int = 0  # of the slots that lie around


class File(NamedTuple):
    """A generated file; segments: [block id, chapter, its line, file's line, count].

    A line of the imports can come from several blocks: it is in a segment for each.
    """

    path: str
    text: str
    segments: list[list]
    imports: range = range(0)  # the lines that hold them

    def problem(self, what, remedy):
        """What is wrong with it, at the block that begins it, if it is of blocks."""
        at = self.segments[0][1:3] if self.segments else (self.path, 1)
        return Problem(*at, what, remedy)


# Parse: from Markdown to blocks


def chapter_files(folder):
    """The files of the chapters below a folder: (files, problems).

    Variants are no chapters, nor what editors and systems leave behind: `.#x.md`.
    """
    files, wrong, seen = [], {}, set()

    def unread(error):
        wrong[error.filename] = f"cannot be read, {error.strerror}"

    for here, folders, names in os.walk(folder, onerror=unread, followlinks=True):
        if (real := os.path.realpath(here)) in seen:  # by a link
            folders.clear()
            continue
        seen.add(real)
        others = {VARIANTS} if Path(here) == Path(folder) else set()
        folders[:] = sorted(n for n in folders if n[0] != "." and n not in others)
        for name in (name for name in sorted(names) if is_page(name)):
            files.append(path := Path(here, name))
            if not str(path.relative_to(folder)).isprintable():
                wrong[path] = "has a name that cannot be shown"
            elif not path.is_file():
                wrong[path] = "is no file that can be read"
    problems = [faulty(folder, path, what) for path, what in wrong.items()]
    return [path for path in files if path not in wrong], problems


def is_page(name):
    """Whether a file of this name is a page of a book."""
    return name.endswith(".md") and name[0] != "."


def faulty(folder, path, what):
    """What is wrong with a file of the book as a whole."""
    shown = PurePosixPath(Path(folder).name, Path(os.path.relpath(path, folder)))
    return Problem(str(shown), 1, what, "mend it, or move it away")


def read_book(folder, variants=()):
    """Read all chapters below a folder; and variants, by their paths."""
    folder = Path(folder).resolve()
    files, problems = chapter_files(folder)
    paths = {f"{folder.name}/{f.relative_to(folder).as_posix()}": f for f in files}
    sources = texts(paths, problems)
    if not (files or problems):
        what, remedy = "holds no chapter", "name the folder of a book"
        problems.append(Problem(folder.name, 1, what, remedy))
    book = parse_book(sources, f"{folder.name}/index.md", problems)
    shown = [(str(path), path) for path in variants]
    read = texts(dict(shown), book.problems)
    return vary(book, [(path, read[path]) for path, _ in shown if path in read])


def texts(files, problems):
    """What files hold, {path: text}, given {path as it is shown: file}."""
    found = {}
    for path, file in files.items():
        try:
            found[path] = decode(data := file.read_bytes())
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            problems.append(Problem(path, line, "is not UTF-8", "save it as UTF-8"))
        except OSError as error:
            what = f"cannot be read, {error.strerror}"
            problems.append(Problem(path, 1, what, "mend it, or move it away"))
    return found


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
        enter(book, *parse(sources[path], path, number))
    return book


def vary(book, pages):
    """A book with variants, [(path, text)], which come behind its chapters."""
    made = replace(book, problems=[*book.problems], blocks=[*book.blocks])
    made.ids, made.variants = {**book.ids}, [*book.variants]
    for path, text in pages:
        number = len(made.chapters) + len(made.variants)
        made.variants.append(path)
        blocks, problems = parse(text, path, number)
        if not any(block.tangled for block in blocks):
            what, remedy = "changes nothing, it holds no block", "write one"
            problems.append(Problem(path, 1, what, remedy))
        enter(made, blocks, problems)
    return made


def enter(book, blocks, problems):
    """Enter what was found on a page, behind all that was entered before."""
    book.blocks += blocks
    book.problems += problems
    for block in (block for block in blocks if block.id):
        if (first := book.ids.setdefault(block.id, block)) is not block:
            what = f"the id {block.id} is taken, at {first.path}:{first.line}"
            book.problems.append(block.problem(what, "choose another"))


def parse(text, path, chapter=0):
    """Find the fenced blocks of a chapter: (blocks, problems)."""
    lines, html = text.split("\n"), Html()
    blocks, problems, at = [], [], 0
    while at < len(lines):
        if opening := fence_of(lines[at]):
            indent, fence, info = opening
            rest = range(at + 1, len(lines))
            ends = (i for i in rest if lines[i].lstrip(" \t>").startswith(fence))
            end = next(ends, len(lines))
            code = [i for i in range(at + 1, end) if lines[i].strip()] or [end, end - 1]
            here = path, chapter, at + 1, end + 1, code[0] + 1
            block = Block(*here, lines[code[0] : code[-1] + 1], *parse_header(info))
            closed = end < len(lines) and lines[end].rstrip() == indent + fence
            if not html.hides(block):
                problems += check_block(block, info, indent, not closed and fence)
                blocks.append(block)
            problems += html.problems(block)
            at = end
        else:
            html.read(lines[at], at + 1)
        at += 1
    return blocks, problems + list(html.unclosed())


def fence_of(line):
    """The parts of a line that is a fence, (indentation, fence, header), or None."""
    found = FENCE.fullmatch(line)
    if not found or found[2][0] == "`" and "`" in found[3]:
        return None
    return found[1], found[2], found[3].strip(" \t")


@dataclass(eq=False)
class Element:
    """An element of HTML in a chapter."""

    name: str
    line: int
    shown: bool  # are the blocks in it
    closed: bool = False  # by its own tag, with all in it that was opened


@dataclass
class Html:
    """What HTML of a chapter is open, at a line of its prose.

    A comment that begins a line hides the blocks in it. Blocks in what Markdown would
    not render are refused, rather than one too many than one too few.
    """

    open: list[Element] = field(default_factory=list)
    within: list = field(default_factory=list)  # (block, an element around it)
    until: "re.Pattern | None" = None  # what ends a comment, or a tag of several lines
    comment: bool = False  # that ends there, and began a line
    line: int = 0  # where it began

    def hides(self, block):
        """Whether a block stands in a comment."""
        return self.comment

    def problems(self, block):
        """What is wrong with a block for where it stands."""
        raw = [element for element in self.open if not element.shown]
        if self.comment:
            if any(map(self.until.search, block.lines)):
                remedy = "end it before the block, or write no --> there"
                yield block.problem("a comment that ends within a block", remedy)
        elif block.kind != "plain" and (self.until or raw):
            last = raw[-1] if raw else Element("comment or tag", self.line, False)
            what = f"a block within the {last.name} of line {last.line}"
            what += " would not be shown"
            remedy = 'begin a comment on its own line; give an element markdown="1"'
            yield block.problem(what, f"{remedy}; or move the block")
        elif block.kind != "plain":
            self.within += [(block, element) for element in self.open]

    def unclosed(self):
        """The blocks, at the end, in elements that nothing has closed."""
        for block, element in self.within:
            if not element.closed:
                what = f"the {element.name} of line {element.line}, around a block, "
                remedy = f"write </{element.name}> behind the block"
                yield block.problem(f"{what}is not closed", remedy)

    def read(self, text, number):
        """Go on by a line of prose."""
        begins = self.until or re.match(" {0,3}<", text)
        text, at = text if begins else without_code(text), 0
        while True:
            if self.until:
                if not (end := self.until.search(text, at)):
                    return
                at, begins, self.until, self.comment = end.end(), True, None, False
            if not (token := HTML.search(text, at)):
                return
            at = token.end()
            self.enter(token, begins, number)

    def enter(self, token, begins, number):
        """Take a tag or the beginning of a comment; does it begin a line."""
        name, hides = (token["name"] or "").lower(), token["hides"]
        inside = self.open[-1].name if self.open else ""
        if VERBATIM.fullmatch(inside) and not (token["closes"] and name == inside):
            return
        if hides == "!--" or hides and begins:
            self.until, self.line = ENDS[hides], number
            first = not token.string[: token.start()].strip()
            self.comment = hides == "!--" and first and token.start() < 4
        elif token["closes"]:
            self.close(name)
        elif ELEMENTS.fullmatch(name):
            self.open.append(Element(name, number, bool(begins and renders(token))))
            if not token["end"]:
                self.until, self.line = CLOSING, number

    def close(self, name):
        """Take a closing tag: what was opened within the element ends with it."""
        names = [element.name for element in self.open]
        if name in names:
            at = len(names) - 1 - names[::-1].index(name)
            self.open[at].closed = at == len(names) - 1
            del self.open[at:]


def renders(token):
    """Whether a tag opens an element whose Markdown is rendered, and seen."""
    found = dict(ATTRIBUTE.findall(token["rest"].lower()))
    return (
        DIVISIONS.fullmatch(token["name"].lower())
        and RENDERED.fullmatch(found.get("markdown", "0").strip("\"'"))
        and token["end"]
        and not found.keys() & {"hidden", "style"}
    )


def without_code(text):
    """A line of prose without what stands in backticks."""
    parts, kept, at, ends = re.split("(`+)", text), [], 0, {}
    for number in range(len(parts) - 2, 0, -2):
        ends.setdefault(parts[number], []).append(number)
    while at < len(parts):
        if at % 2:
            later = ends[parts[at]]
            while later and later[-1] <= at:
                later.pop()
            at = later[-1] if later else at
        else:
            kept.append(parts[at])
        at += 1
    return "".join(kept)


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
    spaced = block.tangled and block.lang.lower() not in TABBED
    for number, line in enumerate(block.lines if spaced else (), block.start):
        if re.match(" *\t", line):
            yield block.problem("a tab in the indentation", "write spaces", number)


# Resolve: from blocks to places


def resolve(book, until=None):
    """Place the blocks in the book's order, as far as a chapter: (rows, problems).

    Those of variants follow, however far that is. A row is the places of a file or
    slot: {("file", path) or ("into", slot): places}.
    """
    last = book.chapters.index(chapter_path(book, until)) if until else 0
    later = range(last + 1, len(book.chapters)) if until else ()
    blocks = [b for b in book.blocks if b.tangled and b.chapter not in later]
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
    if block.kind in (*SWAPS, "after") and not target:
        what = f"no block {block.target} stands before this one"
        yield block.problem(what, "name one that does")
    elif block.kind in SWAPS and (by := target.block).id != block.target:
        what = f"{by.id} has taken the place of {block.target}, at {by.path}:{by.line}"
        yield block.problem(what, f"name {by.id}, to change that, or another block")
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
    tables = {"file": {}, "into": openers}
    around = {b: tables.get(b.kind, book.ids).get(b.target) for b in book.blocks}
    cyclic = in_cycles(around)
    for name, block in openers.items():
        if name not in fills:
            line = next(line for line, slot in block.slots() if slot == name)
            remedy = f'write a block with into="{name}", or cut the line'
            yield block.problem(f"no block fills <<{name}>>", remedy, line)
        if block in cyclic:
            way = [block]
            while len(way) < 10 and (way[-1] is not block or len(way) == 1):
                way.append(around[way[-1]])
            way = [block.id for block in way] + ["…"] * (way[-1] is not block)
            names = " in ".join(way)
            remedy = "open one of their slots in another block"
            yield block.problem(f"never used: a cycle, {names}", remedy)


def in_cycles(around):
    """The blocks that lie inside themselves, where each lies in another or in none."""
    walks, found = {}, set()
    for first in around:
        block = first
        while block and block not in walks:
            walks[block] = first
            block = around.get(block)
        if block and walks[block] is first:
            while block not in found:
                found.add(block)
                block = around[block]
    return found


# Imports: from the heads of blocks to the top of a file


def head(block, opens=False):
    """The Head of a block of Python; one that opens a file may have a docstring."""
    lines, found, docstring, top = block.lines, [], 0, script(block, opens)
    if opens and STRING.match("".join(lines[top : top + 1])):
        node, end = statement(lines, top)
        text = getattr(getattr(node, "value", None), "value", None)
        docstring = end if isinstance(text, str) else 0
    at = rest = docstring or top
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


def script(block, opens):
    """How many lines of a block that opens a file are its `#!`, with blanks behind."""
    if not (opens and block.lines and block.lines[0].startswith("#!")):
        return 0
    rest = (at for at, line in enumerate(block.lines) if at and line.strip())
    return next(rest, len(block.lines))


def statement(lines, at):
    """The statement that begins in a line, and the line behind it: (node, end).

    It ends where no bracket is open, the line is not continued, nor a string.
    """
    depth, end, close = 0, at, None
    while end < len(lines):
        depth, close = nesting(lines[end], depth, close)
        end += 1
        if depth <= 0 and not close and not lines[end - 1].endswith("\\"):
            break
    try:
        (node,) = ast.parse("\n".join(lines[at:end])).body
        return node, end
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None, at


def nesting(line, depth, close):
    """The open brackets behind a line of Python, and the quotes that are still open."""
    for token in PIECE.finditer(line):
        piece = token[0]
        if close:
            close = None if piece == close else close
        elif piece == "#":
            break
        elif piece[0] in "'\"":
            close = piece
        elif piece[0] != "\\":
            depth += 1 if piece in "([{" else -1
    return depth, close if close and len(close) == 3 else None


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
    files, opened, problems = [], {}, list(crowded(rows))
    for path in sorted(target for kind, target in rows if kind == "file"):
        sheet = Sheet(rows, comment_mark(path), path.endswith(".py"), opened)
        items = compose(sheet, rows["file", path])
        if lines := space([*first_lines(sheet, rows["file", path], items), *items]):
            lines, wrong = exact(lines, PurePosixPath(path).suffix)
            problems += wrong
            text = "".join(f"{text}\n" for text, _ in lines)
            imports = extent(lines, sheet)
            files.append(File(path, text, segments(lines, imports), imports))
        problems += clashes(sheet.imports)
    problems += [problem for found in opened.values() for problem in found[1:]]
    return files, problems


def crowded(rows):
    """The files that cannot stand beside another on every kind of disk."""
    known = {path: row[0].block for (of, path), row in rows.items() if of == "file"}
    folded = {}
    for path, block in sorted(known.items()):
        above = {str(folder) for folder in PurePosixPath(path).parents} & known.keys()
        alike = {folded.setdefault(path.casefold(), path)} - {path}
        for other in sorted(alike | above):
            how = "differs in case alone from" if other not in above else "lies below"
            what = f"{path} {how} the file {other} of {known[other].id}"
            yield block.problem(what, "clear the way: give one of them another path")


def exact(lines, suffix):
    """A file's lines, string literals as they are in the book: (lines, problems).

    Elsewhere the blanks at the ends of lines go, where it is known what a literal is.
    """
    if suffix not in LITERALS:
        return lines, []
    raw, problems = "\n".join(text for text, _ in lines), []
    kept = [(text if suffix in UNQUOTED else text.rstrip(), of) for text, of in lines]
    at, first, documents = 0, 0, None
    for token in LITERALS[suffix].finditer(raw):
        count = token[0].count("\n")
        if count and token.lastgroup not in ("comment", "open"):
            first, at = first + raw.count("\n", at, token.start()), token.start()
            if suffix == ".py" and documents is None:
                documents = docstrings(raw)
            span = range(first, first + count + 1)
            if wrong := torn(lines, span):
                problems.append(wrong)
            elif suffix not in UNQUOTED:
                restore(lines, kept, span, first in (documents or ()))
    return kept, problems


def torn(lines, span):
    """The problem of a literal whose lines are not those of one block, one by one."""
    block, line = (lines[span[0]][1] or [(None, 0)])[0]
    origins = [(block, line + n) for n in range(len(span))]
    if not all(origin in lines[at][1] for at, origin in zip(span, origins)):
        found = next((of[0] for at in span if (of := lines[at][1])), None)
        if found and found[0]:
            what = "a string literal that does not stand in one block"
            return found[0].problem(what, "put it in one, without a slot", found[1])
    return None


def restore(lines, kept, span, indented):
    """Put the lines of a literal as they stand in the book.

    indented: a docstring, which goes along with the code around it.
    """
    text, ((block, line), *_) = lines[span[0]]
    source = block.lines[line - block.start :][: len(span)]
    indent = text[: len(text) - len(source[0])]
    for at, written in zip(span, source):
        begin = indent if at == span[0] or indented and written.strip() else ""
        end = written if at != span[-1] else written.rstrip()
        kept[at] = begin + end, lines[at][1]


@lru_cache(maxsize=256)  # most files are the same in many stages
def docstrings(text):
    """The lines of a Python file, from 0, in which a docstring begins."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    try:
        nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return set()
    documented = (node for node in nodes if ast.get_docstring(node, False) is not None)
    return {node.body[0].lineno - 1 for node in documented}


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


def comment_mark(path):
    """What begins a comment in a file; None if that is not known."""
    file = PurePosixPath(path)
    return COMMENTS.get(file.suffix) or COMMENTS.get(file.name)


def first_lines(sheet, row, items):
    """How a file begins: with its `#!`, and with a line that says where it is from."""
    if not sheet.mark:
        return []
    blocks = (block for text, of in items if text is not None for block, _ in of)
    *names, last = (path for _, path in sorted({(b.chapter, b.path) for b in blocks}))
    names = f"{', '.join(names)} and {last}" if names else last
    text = f"Generated by tools/tangle.py from {names}: edit there, not here."
    top = row[0].block if script(row[0].block, True) else None
    before = [(top.lines[0], [(top, top.start)])] if top else []
    return [*before, (f"{sheet.mark} {text}", []), (None, 1)]


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
    lines, top = list(enumerate(block.lines, block.start)), 0
    if sheet.mark:
        top = script(block, opens)
    begin = head(block, opens) if sheet.python else Head(0, [], 0)
    if not begin.imports:
        return lines[top:]
    sheet.imports += begin.imports
    return lines[top : begin.docstring] + lines[begin.rest :]


def unfold_line(sheet, block, number, line, indent):
    """Yield a line, or what fills the slot that it opens."""
    if slot := SLOT.fullmatch(line):
        found = sheet.opened.setdefault(slot[2], [])
        what = f"<<{slot[2]}>> is opened for a second time"
        found.append(block.problem(what, "give it another name", number))
        if len(found) > 1:
            return
        if not sheet.mark:
            what = f"<<{slot[2]}>> in a file whose kind of comment is not known"
            remedy = "put its text here; there can be no slot"
            found.append(block.problem(what, remedy, number))
        if sheet.depth == DEPTH:
            found.append(block.problem("slots lie too deep", "nest them less", number))
            return
        sheet.depth += 1
        fills = sheet.rows.get(("into", slot[2]), [])
        yield from unfold(sheet, fills, indent + slot[1])
        sheet.depth -= 1
    else:
        yield (indent + line if line.strip() else line), [(block, number)]


def space(items):
    """Put in the blank lines that are asked for; in indented code, at most one."""
    lines, gap, blanks = [], 0, 0
    for text, of in items:
        if text is None:
            gap = max(gap, of)
        elif text.strip():
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


def beside(target, data):
    """Write a new file beside another, with its mode; its path, which nobody foresees.

    A file that begins with `#!` may be executed by all who may read it.
    """
    path = target.with_name(f".tangle-{os.urandom(8).hex()}.new")
    handle = os.open(path, FRESH, 0o666)  # less the umask
    try:
        with open(handle, "wb") as file:
            file.write(data)
        mode = before = stat.S_IMODE(os.stat(path).st_mode)
        if os.path.lexists(target):
            mode = stat.S_IMODE(os.lstat(target).st_mode) & 0o777
        if data.startswith(b"#!"):
            mode |= (mode & 0o444) >> 2
        if mode != before:
            os.chmod(path, mode)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def write_file(path, data):
    """Write a file that the user named, in one move where that is possible.

    A link is followed and stays; a device or a pipe is written to, not replaced.
    """
    known = os.stat(path).st_mode if os.path.exists(path) else stat.S_IFREG
    if stat.S_ISREG(known):
        real, new = Path(os.path.realpath(path)), None
        try:
            new = beside(real, data)
            return os.replace(new, real)
        except OSError as error:
            if error.errno not in IN_PLACE or not real.exists():
                raise
        finally:
            if new:
                new.unlink(missing_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def obstacle(output, path):
    """What keeps a file from standing in the output folder, "" if nothing does.

    Links are not followed there: one on the way, or in its place, is an error.
    """
    parts = PurePosixPath(path).parts
    for count in range(1, len(parts) + 1):
        here, name = Path(output, *parts[:count]), "/".join(parts[:count])
        if not os.path.lexists(here):
            break
        mode = os.lstat(here).st_mode
        if stat.S_ISLNK(mode):
            top, real = os.path.realpath(output), os.path.realpath(here)
            inside = os.path.commonpath([top, real]) == top
            what = "is a link" if inside else "lies outside the output folder"
            raise OSError(0, what, path)
        if count < len(parts) and not stat.S_ISDIR(mode):
            return f"lies below {name}, which is no folder"
        if count == len(parts) and not stat.S_ISREG(mode):
            return "is a folder" if stat.S_ISDIR(mode) else "is no regular file"
    return ""


def look(output, path):
    """The bytes of a file in the output folder; None if there is none."""
    if what := obstacle(output, path):
        raise OSError(0, what, path)
    here = Path(output, path)
    return here.read_bytes() if os.path.lexists(here) else None


def read_map(output):
    """What the run before wrote: {path: {"sha256": …, "segments": …}}.

    "was": what else the file may hold, if that run was stopped halfway.
    """
    try:
        known = json.loads(look(output, MAP) or b"{}")
        return {path: entry for path, entry in known.items() if sound(path, entry)}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}  # damaged, as by a merge: then nothing is known


def sound(path, entry):
    """Whether an entry of the map can be used; raises an error if it is damaged."""
    texts, numbers = [entry["sha256"], *entry.get("was", [])], []
    for id, chapter, *three in entry["segments"]:
        texts += id, chapter
        numbers += three if len(three) == 3 else [None]
    if {str} < {*map(type, texts)} or not all(map(str.isprintable, texts)):
        raise ValueError
    if not all(type(number) is int and number < 1e9 for number in numbers):
        raise ValueError
    return PATH.fullmatch(path)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def unix(data):
    """A file's bytes as they are written, whatever git made of the ends of lines."""
    return data and data.replace(b"\r\n", b"\n")


def is_made(data, path, known):
    """Whether tangle wrote a file: its digest is known, and it says so itself.

    A file without comments cannot say so; then its digest has to do.
    """
    entry = known.get(path, {"sha256": ""})
    ours = digest(unix(data)) in (entry["sha256"], *entry.get("was", []))
    return ours and bool(SIGNED.match(data) or not comment_mark(path))


def executable(path):
    """Whether a file may be executed by all who may read it."""
    mode = os.lstat(path).st_mode
    return os.name == "nt" or not (mode & 0o444) >> 2 & ~mode


def plan(files, output, force=False):
    """What is to be done: ({path: bytes to write}, [paths to remove], problems).

    Nothing is removed but what says itself that tangle wrote it.
    """
    changes, stale, problems = {}, [], []
    known, wanted = read_map(output), {file.path: file for file in files}
    for path in sorted(wanted):
        new, problem = wanted[path].text.encode(), wanted[path].problem
        if what := obstacle(output, path):
            problems.append(problem(f"{path} {what}", "clear the way"))
        elif (old := look(output, path)) is None:
            changes[path] = new
        elif unix(old) != new:
            changes[path] = new
            if not (force or is_made(old, path, known)):
                problems.append(problem(f"{path} {EDITED}", KEEP))
        elif new.startswith(b"#!") and not executable(Path(output, path)):
            changes[path] = new
    for path in sorted(known.keys() - wanted.keys()):
        if (old := left(output, path)) and not (force or is_made(old, path, known)):
            problems.append(Problem(path, 1, f"{path} {EDITED}", KEEP))
        elif old and SIGNED.match(old):
            stale.append(path)
    if unix(look(output, MAP)) != (data := map_of(files)):
        changes[MAP] = data
    return changes, stale, problems


def left(output, path):
    """The bytes of a file that the book has no more; b"" if there is none to remove."""
    try:
        return look(output, path) or b""
    except OSError:
        return b""  # something else is there by now


def map_of(files):
    """The bytes of the map: in lines, so that a difference shows where it is."""
    entries = (
        f'"{file.path}": '
        + json.dumps({"sha256": digest(file.text.encode()), "segments": file.segments})
        for file in files
    )
    data = "{" + ",\n".join(entries).replace("[[", "[\n[").replace("], [", "],\n[")
    return f"{data}}}\n".encode()


def halfway(output, data):
    """The bytes of the map while files are moved: the next run knows old and new."""
    both = json.loads(data)
    for path, old in read_map(output).items():
        entry = both.setdefault(path, old)
        was = {old["sha256"], *old.get("was", [])} - {entry["sha256"]}
        both[path] = entry | {"was": sorted(was)}
    return json.dumps(both).encode()


def write(changes, stale, output):
    """Write every file beside its place, then move all into place, the map last.

    Before the first is moved, the map says what each may hold from here on.
    """
    targets = [(path, data) for path, data in changes.items()]
    if MAP in changes:
        targets.insert(0, (MAP, halfway(output, changes[MAP])))
    moves, folders = [], []
    try:
        for path, data in targets:
            target = Path(output, path)
            folders += make_folder(target.parent)
            moves.append((beside(target, data), target))
        os.replace(*moves[0])
        for path in stale:
            Path(output, path).unlink()
        for new, target in moves[1:]:
            os.replace(new, target)
    finally:
        for new, _ in moves:
            new.unlink(missing_ok=True)
        for folder in reversed(folders):
            with contextlib.suppress(OSError):  # it is in use
                folder.rmdir()


def make_folder(folder):
    """Make a folder and those above it; those that are new, from the top."""
    new = [above for above in (folder, *folder.parents) if not above.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return new[::-1]


@contextlib.contextmanager
def alone(output):
    """Keep other runs out of a folder; whether the system can do that."""
    handle = None
    try:
        import fcntl

        handle = os.open(output, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    except (ImportError, OSError):
        yield False
    else:
        yield True
    finally:
        if handle is not None:
            os.close(handle)


def sweep(output, paths):
    """Remove what runs that were killed have left beside these files."""
    for folder in {PurePosixPath(path).parent for path in paths}:
        with contextlib.suppress(OSError):
            inside = str(folder / "x")
            below = Path(output, folder) if not obstacle(output, inside) else None
            for name in filter(NEW.fullmatch, os.listdir(below) if below else ()):
                if stat.S_ISREG(os.lstat(below / name).st_mode):
                    os.unlink(below / name)


def bring(files, output, force=False):
    """Bring a folder up to date, unless there are problems; as plan."""
    output.mkdir(parents=True, exist_ok=True)
    with alone(output) as locked:
        if locked:
            sweep(output, [MAP, *read_map(output), *(file.path for file in files)])
        changes, stale, problems = plan(files, output, force)
        if not problems and (changes or stale):
            write(changes, stale, output)
    return changes, stale, problems


# The command


class Parser(argparse.ArgumentParser):
    """A parser that tells of it if its help could not be written."""

    def print_help(self, file=None):
        print(self.format_help(), end="", file=file, flush=True)


def main(argv=None):
    """Run the command: 0, or 1 for problems; 2, by argparse, for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show is replaced
            stream.reconfigure(errors="backslashreplace")
    try:
        parser = arguments()
        options = parser.parse_args(argv)
        options.output = options.output or options.book.resolve().parent
        problems = run(options, parser.error)
        print(end="", flush=True)
    except KeyboardInterrupt:
        return STOPPED
    except OSError as error:
        name = error.filename2 or error.filename or "the output"
        if error.errno == errno.ENOENT and not error.filename:
            name = "the current folder"
        elif not error.filename:  # nobody reads the output, or it is full
            silence()
        if isinstance(error, BrokenPipeError):
            return 1
        problems = [Problem(os.fsdecode(name), 1, error.strerror, "clear the way")]
    print(*problems, sep="\n", end="\n" * bool(problems), file=sys.stderr)
    return 1 if problems else 0


def arguments():
    """The parser of the command's options."""
    parser = Parser(description=ABOUT)
    add = parser.add_argument
    until = {"metavar": "CHAPTER", "type": given}
    add("--until", help="the program as of the end of that chapter", **until)
    add("--check", action="store_true", help="write nothing, list what differs")
    variant = {"metavar": "PAGE", "action": "append", "type": path, "default": []}
    add("--with", dest="variants", help="a page that changes the program", **variant)
    add(
        "--output",
        metavar="DIR",
        type=path,
        help="where the files go [beside the book]",
    )
    add("--book", metavar="DIR", type=path, default=ROOT / "docs", help="the chapters")
    add(
        "--where",
        metavar="FILE:LINE",
        type=given,
        help="the line of the book behind it",
    )
    add("--list", action="store_true", help="every block, and where it went")
    add("--force", action="store_true", help="overwrite what was edited by hand")
    return parser


def given(text):
    """What stands behind an option; an empty one is a variable that is not set."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError("an empty name (is a variable unset?)")
    return text


def path(text):
    """A path behind an option."""
    return Path(given(text))


def silence():
    """Print no more, not even at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(options, usage_error):
    """Do what the options ask for; return the problems."""
    if options.variants:
        check_variants(options, usage_error)
    if options.where:
        return look_up(options, usage_error)
    if not options.book.is_dir():
        usage_error(escaped(f"there is no folder {options.book}"))
    book = read_book(options.book, options.variants)
    if options.until and chapter_path(book, options.until) not in book.chapters:
        known = ", ".join(book.chapters)
        usage_error(escaped(f"no chapter {options.until} in {known}"))
    _, files, problems = tangle(book, options.until)
    if not is_home(options):
        files += data_files(options.book, problems)
    if problems:
        return problems
    if options.list:
        print(*listing(book, files), sep="\n")
        return []
    return report(book, files, options)


def is_home(options):
    """Whether the output goes to where the book lies, whose package is there."""
    output = options.output.resolve()
    return output in (ROOT, options.book.resolve().parent)


def check_variants(options, usage_error):
    """See that variants can be read, and that there is a place for their program."""
    book, seen = options.book.resolve(), set()
    for path in options.variants:
        if not path.is_file() or not str(path).isprintable():
            usage_error(escaped(f"there is no page {path}"))
        if (real := path.resolve()) in seen:
            usage_error(f"--with names {path} twice")
        seen.add(real)
        if book in real.parents and real.relative_to(book).parts[0] != VARIANTS:
            usage_error(f"{path} is a chapter of the book, and no variant of it")
    if is_home(options) and not options.list:
        why = "the package beside the book is the book's own"
        usage_error(f"--with needs --output DIR, another folder: {why}")


def data_files(folder, problems):
    """The texts beside the chapters, which a program that lies elsewhere reads."""
    name = folder.resolve().name
    there = sorted(file for file in folder.glob("data/*.txt") if file.is_file())
    named = {f"{name}/data/{file.name}": file for file in there}
    found = {path: file for path, file in named.items() if PATH.fullmatch(path)}
    return [File(path, text, []) for path, text in texts(found, problems).items()]


def look_up(options, usage_error):
    """Print the line of the book behind a line of the program."""
    name, _, line = options.where.rpartition(":")
    if not re.fullmatch("[0-9]{1,9}", line):
        usage_error("--where takes FILE:LINE")
    path = os.path.relpath(Path(options.output, name), options.output)
    entry = read_map(options.output).get(path, {"segments": []})
    if place := where(entry["segments"], int(line)):
        print("{}:{} {}".format(*place))
        return []
    return [Problem(name, int(line), "is not a tangled line", "run tangle first")]


def report(book, files, options):
    """Write the files, or say which differ; return the problems."""
    if options.check:
        changes, stale, problems = plan(files, options.output, force=True)
        for path in sorted([*changes, *stale]):
            there = unix(look(options.output, path))
            what = "may not be executed" if there == changes.get(path) else DIFFERS
            problems.append(Problem(path, 1, what, "run tools/tangle.py"))
        return problems
    if problems := without_blocks(book, options):
        return problems
    changes, stale, problems = bring(files, options.output, options.force)
    if not problems:
        print(f"{len(files)} files: {len(changes)} written, {len(stale)} removed")
    return problems


def without_blocks(book, options):
    """What is wrong where a book holds no program, and there is one."""
    known = read_map(options.output)
    if known and not any(block.tangled for block in book.blocks):
        remedy = "see that this is the folder of the book"
        what = f"holds no block of a program, and nothing is removed of {min(known)}"
        wrong = Problem(book.folder, 1, f"{what} and its like", remedy)
        return plan([], options.output, options.force)[2] or [wrong]
    return []


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
