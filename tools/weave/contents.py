"""Contents: the pages of the book, their numbers, and all that can be cited in them.

A page's number is what stands before its link in the table of contents, `7.` or `A.`;
sections, figures and questions are counted within their page. Chapters, sections,
exercises, blocks, figures and questions are the book's *things*: each has an id, an
address and a tag. So is a variant, a page that changes the program; what stands on it
is none.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from posixpath import dirname, join, normpath

from tools import tangle
from tools.tangle import Problem
from tools.weave import entries
from tools.weave.entries import Entry

ENTRY = re.compile(r"^(?:- )?(?:(\w+)\. )?\[[^\]]+\]\(([^\s()#:]+\.md)\)", re.M)
HEADING = re.compile(r"^(#{1,6}) +(.*?)(?: +\{ *#([a-z][\w-]*)[^}]*\})? *$")
PICTURE = re.compile(r'^!\[([^\]]*)\]\(([^\s)]+\.svg)(?:\s+"(.*?)")?\)$', re.M | re.S)
QUESTION = re.compile(
    r'^<details([^>]*\bclass="question"[^>]*)>\s*<summary>(.*?)</summary>', re.M | re.S
)
ID = re.compile(r'\bid="([a-z][\w-]*)"')
COMMENT = re.compile(r"<!--.*?-->", re.S)
LINK = re.compile(r"\]\(((?:[\w/.-]+\.md)?#[\w-]+|[\w/.-]+\.md)\)")
MARKUP = re.compile(r"<[^>]+>|[`*$\\]")
SHOWN = [(r'(?<!\w)"', "“"), ('"', "”"), (r"(?<!\w)'", "‘"), ("'", "’")]
SHOWN += [(r"(?<=\d) +%", "%")]  # as tools/weave/unbroken.py has it
PAGES = ("chapter", "variant")
GLOSSARY, WORKS = "glossary.md", "bibliography.md"
KINDS = ("chapter", "section", "exercise", "block", "figure", "question", "variant")


@dataclass(frozen=True)
class Thing:
    """What can be cited, and where it stands; number is "10.2", or "" without one."""

    kind: str  # one of KINDS
    id: str
    page: str  # its file below the book's folder
    line: int
    number: str
    title: str

    @property
    def anchor(self):
        """The fragment of its address: "#why-root"; a page's is ""."""
        return "" if self.kind in PAGES else f"#{self.id}"

    @property
    def address(self):
        """Where it stands on the site."""
        return f"{self.page.removesuffix('.md')}.html{self.anchor}"

    @property
    def name(self):
        """What to call it in a sentence: section 10.2, block value-add, appendix A."""
        kind = self.kind
        if kind == "chapter" and not self.number.isdecimal():
            kind = "appendix" if self.number else "the page"
        return f"{kind} {self.id if self.is_named else self.number}".strip()

    @property
    def is_named(self):
        """Whether it goes by its id, and not by a number."""
        return self.kind in ("block", "variant")


@dataclass(eq=False)
class Contents:
    """The book's things in its order, {(kind, id): thing}, and what is wrong.

    Two are equal if all is equal that one page tells of another: the program and the
    things, whatever the words around them and the lines in which they stand. So what
    is made of the contents can be kept while a writer changes a sentence.
    """

    book: tangle.Book
    numbers: dict[str, str] = field(default_factory=dict)  # of pages, by their file
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    anchors: dict[str, set[str]] = field(default_factory=dict)  # of pages
    links: list[tuple[str, int, str]] = field(default_factory=list)
    listed: dict[str, list[Entry]] = field(default_factory=dict)  # entries of pages
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def digest(self):
        """The SHA-256 of all that one page tells of another."""
        told = [self.book.folder, self.numbers]
        for thing in self.things.values():
            told.append(replace(thing, line=0))
        for listed in self.listed.values():
            told += [replace(entry, line=0) for entry in listed]
        told.append(self.cited)
        for block in (block for block in self.book.blocks if block.tangled):
            told.append(replace(block, line=0, end=0, start=0))
        return tangle.digest(repr(told).encode())

    def __eq__(self, other):
        return isinstance(other, Contents) and self.digest == other.digest

    def __hash__(self):
        return hash(self.digest)

    @cached_property
    def faults(self):
        """Whatever is wrong with the blocks, which make no program then."""
        return tangle.tangle(self.book)[2]

    def chapter(self, page):
        """The thing that a page is: a chapter, or a variant."""
        chapter = self.things.get(("chapter", page.removesuffix(".md")))
        return chapter or self.things["variant", Path(page).stem]

    def section(self, thing):
        """The section, or else the chapter, that something of a page stands in."""
        return self.place(thing.page, thing.line)

    @cached_property
    def cited(self):
        """The places that lead to each work: {its id: [(kind, id) of a section]}."""
        found = {work.id: [] for work in self.listed.get(WORKS, ())}
        for page, line, link in self.links:
            path, _, id = link.partition("#")
            if path and id in found and entries.target(page, path) == WORKS:
                place = self.place(page, line)
                if (key := (place.kind, place.id)) not in found[id]:
                    found[id].append(key)
        return found

    def place(self, page, line):
        """The section, or else the chapter or variant, that a line stands in."""
        before = [it for it in self.headings[page] if it.line <= line]
        return before[-1] if before else self.chapter(page)

    @cached_property
    def headings(self):
        """The chapter, sections and exercises of each page, in their order."""
        kinds, found = ("chapter", "section", "exercise"), defaultdict(list)
        for thing in (it for it in self.things.values() if it.kind in kinds):
            found[thing.page].append(thing)
        return found


def of_book(folder):
    """The contents of the book in a folder, read anew when one of its pages changes."""
    folder = Path(folder).resolve()
    files = [*tangle.chapter_files(folder)[0], *variant_files(folder)]
    return of_files(folder, tuple((file, file.read_bytes()) for file in files))


def of_page(folder, page):
    """The contents of the book as one of its pages tells them.

    To a variant it is the last chapter; to all others there is no variant's block.
    """
    found, path = of_book(folder), Path(folder, page)
    if path.resolve() not in variant_files(folder):
        return found
    return with_variant(found, page, tangle.decode(path.read_bytes()))


@lru_cache(maxsize=64)
def with_variant(found, page, text):
    """The contents of a book with the blocks of a variant behind its own."""
    path = f"{found.book.folder}/{page}"
    return replace(found, book=tangle.vary(found.book, [(path, text)]))


def variant_files(folder):
    """The pages of a book that are variants of its program."""
    folder = Path(folder).resolve() / tangle.VARIANTS
    found = sorted(folder.glob("*.md"))
    return [file for file in found if tangle.is_page(file.name) and file.is_file()]


@lru_cache(maxsize=2)
def of_files(folder, files):
    """The contents of a book; files: what its pages hold, by which it is known."""
    book = tangle.read_book(folder)
    texts = {}
    for path in book.chapters:
        name = path.removeprefix(f"{folder.name}/")
        texts[name] = tangle.decode((folder / name).read_bytes())
    variants = {
        f"{tangle.VARIANTS}/{file.name}": tangle.decode(file.read_bytes())
        for file in variant_files(folder)
    }
    return read(book, texts, variants)


def read(book, texts, variants):
    """The contents of a book whose pages are {file: text}, in their order."""
    found = Contents(book)
    labels = {page: label for label, page in ENTRY.findall(texts.get("index.md", ""))}
    for page, text in texts.items():
        found.numbers[page] = labels.get(page, "")
        blocks = [b for b in book.blocks if page_of(book, b) == page]
        prose = blank(text, blocks)
        things = [*headings(page, prose, found), *figures(page, prose, found)]
        things += questions(page, prose, found)
        things += [
            Thing("block", b.id, page, b.line, "", b.id) for b in blocks if b.tangled
        ]
        for thing in sorted(things, key=lambda thing: thing.line):
            add(found, thing)
        if listed := entries.read(page, prose):
            found.listed[page] = listed
            found.anchors[page] |= {entry.id for entry in listed}
        found.links += links(page, prose)
    for page, text in variants.items():
        read_variant(page, text, found)
    found.problems += broken_links(found)
    return found


def read_variant(page, text, found):
    """Enter a variant: a thing by itself, in which sections and blocks are places."""
    found.numbers[page], blocks = "", tangle.parse(text, page)[0]
    prose = blank(text, blocks)
    *places, whole = headings(page, prose, found)
    add(found, replace(whole, kind="variant", id=Path(page).stem))
    found.anchors[page] |= {place.id for place in places}
    found.anchors[page] |= {block.id for block in blocks if block.tangled}
    found.links += links(page, prose)


def links(page, prose):
    """The links of a page to pages and places of the book: [(page, line, link)]."""
    lines = enumerate(prose.split("\n"), 1)
    return [(page, number, to) for number, s in lines for to in LINK.findall(s)]


def page_of(book, block):
    """The file of a block's page, below the book's folder."""
    return block.path.removeprefix(f"{book.folder}/")


def blank(text, blocks):
    """A page's text without blocks and comments, every line at its place."""
    lines = text.split("\n")
    for block in blocks:
        size = min(block.end, len(lines)) - block.line + 1
        lines[block.line - 1 : block.end] = [""] * size
    prose = "\n".join(lines)
    return COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), prose)


def headings(page, prose, found):
    """The page itself, and its sections; those of a page with a number are counted."""
    counts, number = [0] * 7, found.numbers[page]
    chapter = Thing("chapter", page.removesuffix(".md"), page, 1, number, page)
    for line, text in enumerate(prose.split("\n"), 1):
        if not (heading := HEADING.match(text)):
            continue
        level, title = len(heading[1]), plain(heading[2])
        if level == 1:
            chapter = Thing("chapter", chapter.id, page, line, number, title)
            continue
        counts[level:] = [counts[level] + 1] + [0] * (6 - level)
        whole = ".".join(str(c) for c in (number, *counts[2 : level + 1]))
        if heading[3]:
            kind = "exercise" if title.startswith("Exercise: ") else "section"
            yield Thing(kind, heading[3], page, line, number and whole, title)
        else:
            what = f"the section {title} has no id, so it cannot have a tag"
            remedy = "write {#its-id} behind it, then run python -m tools.weave.tags"
            found.problems.append(problem(found, page, line, what, remedy))
    yield chapter


def figures(page, prose, found):
    """The drawings of a page."""
    for count, picture in enumerate(PICTURE.finditer(prose), 1):
        line = prose.count("\n", 0, picture.start()) + 1
        number = found.numbers[page] and f"{found.numbers[page]}.{count}"
        title = plain(" ".join((picture[3] or picture[1]).split()))
        yield Thing("figure", figure_id(picture[2]), page, line, number, title)


def questions(page, prose, found):
    """The questions of a page."""
    for count, asked in enumerate(QUESTION.finditer(prose), 1):
        line = prose.count("\n", 0, asked.start()) + 1
        number = found.numbers[page] and f"{found.numbers[page]}.{count}"
        title = " ".join(plain(asked[2]).removeprefix("Predict:").split())
        if id := ID.search(asked[1]):
            yield Thing("question", id[1], page, line, number, title)
        else:
            what = f"the question “{title[:40]}…” has no id, so it cannot have a tag"
            remedy = 'write id="its-id" into its <details>, then run '
            remedy += "python -m tools.weave.tags"
            found.problems.append(problem(found, page, line, what, remedy))


def figure_id(path):
    """The id of the figure that is drawn in a file."""
    return f"figure-{Path(path).stem}"


def plain(markdown):
    """The text of a title without its markup, with the signs that the site shows."""
    text = MARKUP.sub("", markdown)
    for pattern, quote in SHOWN:
        text = re.sub(pattern, quote, text)
    return text


def problem(found, page, line, what, remedy):
    return Problem(f"{found.book.folder}/{page}", line, what, remedy)


def add(found, thing):
    """Enter a thing, if its id is free."""
    anchors = found.anchors.setdefault(thing.page, set())
    key = thing.kind, thing.id
    if (first := found.things.setdefault(key, thing)) is not thing:
        if thing.kind != "block":  # tangle speaks of those
            what = f"{thing.kind} {thing.id} stands at {first.page}:{first.line} too"
            remedy = "choose another id"
            found.problems.append(problem(found, thing.page, thing.line, what, remedy))
    elif thing.kind not in PAGES:
        anchors.add(thing.id)


def broken_links(found):
    """The links whose page, or place in the page, does not exist."""
    for page, line, link in found.links:
        path, _, anchor = link.partition("#")
        target = normpath(join(dirname(page), path)) if path else page
        if target not in found.anchors:
            what, remedy = f"there is no page {target}", "name one of the book's pages"
        elif anchor and anchor not in found.anchors[target]:
            what = f"there is no block, section or figure {anchor} in {target}"
            remedy = "name one that stands there, by its id"
        else:
            continue
        yield problem(
            found, page, line, f"the link {link} leads nowhere, {what}", remedy
        )
