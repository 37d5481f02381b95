"""Listings: a block of the book as HTML, with its caption, its lines and its links.

Every line has the number that it has in the tangled file, every name that the program
defines is a link to its definition, and a block that replaces another one shows the
difference between the two.
"""

import posixpath
import re
import xml.etree.ElementTree as etree
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import PurePosixPath

from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

from tools import tangle
from tools.weave import contents, names, outline

LISTING = "program.md"  # the page that shows the whole program
LABELS = ["Replaces", "Takes the place of", "Part of", "Put in after", "Continues"]
LABELS += ["Continued in", "Used in", "Replaced by"]  # in this order below a block
LABELS += ["Leaves the program at"]
ENDS = {"Takes the place of": ", which leaves the program here "}
SHOWN = 6  # of the blocks that use one


@dataclass(eq=False)
class View:
    """The program at the end of a chapter, and what of it comes from where.

    places: for a line of the book, (path, line): the (file, line, indent) it has there;
    an import has no indent, since it is joined there with those of other blocks.
    spans: each block's (file, first line, last line). uses: the names in a line of a
    file, (file, line): {column: (length, Name)}. users: the ids of the blocks that use
    what a block defines. summary: what each block does.
    """

    files: list[tangle.File]
    places: dict[tuple[str, int], tuple[str, int, int]]
    spans: dict[str, tuple[str, int, int]]
    uses: dict[tuple[str, int], dict[int, tuple[int, names.Name]]]
    users: dict[str, dict[str, None]]
    summary: dict[str, str]
    program: names.Program


@lru_cache(maxsize=64)
def view(found, chapter=None):
    """The program of a book as far as a chapter; without one, the finished program."""
    files = tangle.tangle(found.book, chapter)[1]
    program = names.Program(files)
    uses, users, summary = (
        defaultdict(dict),
        defaultdict(dict),
        outline.summary(program),
    )
    it = View(files, {}, {}, uses, users, summary, program)
    for file in files:
        text = file.text.split("\n")
        for id, path, line, at, count in file.segments:
            block = found.book.ids[id]
            for n in range(max(block.start - line, 0), count):  # not its comment
                source = block.lines[line + n - block.start].rstrip()
                indent = len(text[at + n - 1]) - len(source)
                moved = at + n in file.imports
                place = file.path, at + n, None if moved else indent
                it.places.setdefault((path, line + n), place)
    it.spans.update(spans(found.book, it.places))
    segments = {file.path: file.segments for file in files}
    for use in program.uses:
        uses[use.path, use.line][use.column] = use.length, use.name
        user = tangle.where(segments[use.path], use.line)[2]
        inside = use.path.startswith(f"{names.PACKAGE}/")
        if use.kind == "use" and inside and user != use.name.block:
            users[use.name.block][user] = None
    return it


def spans(book, places):
    """The lines of each block; without its imports, unless it holds nothing else."""
    bodies, imports = {}, {}
    for block in book.blocks:
        for number in range(block.start, block.start + len(block.lines)):
            if place := places.get((block.path, number)):
                kept = imports if place[2] is None else bodies
                first = kept.get(block.id, place)[1]
                kept[block.id] = place[0], first, place[1]
    return imports | bodies


def view_of(found, block):
    """The program to number a block by: the finished one, if the block is in it."""
    whole = view(found)
    page = contents.page_of(found.book, block)
    return whole if block.id in whole.spans else view(found, page)


def names_of(found, block):
    """The program to look a block's names up in: that of its chapter.

    The solutions of exercises import from the finished one.
    """
    solution = view(found).spans.get(block.id, ("",))[0].startswith("tests/")
    return view(found) if solution else view(found, contents.page_of(found.book, block))


def place(found, block):
    """In which lines of which file a block stands; of the finished program, if any."""
    it = view_of(found, block)
    path, first, last = it.spans[block.id]
    text = f"{path}, lines {first}–{last}" if last > first else f"{path}, line {last}"
    number = found.numbers[contents.page_of(found.book, block)]
    return text if it is view(found) else f"{text}, as of chapter {number}"


@lru_cache(maxsize=2)
def relations(found):
    """How blocks hang together: {id: {one of LABELS: [blocks]}}."""
    book = found.book
    tangled = [block for block in book.blocks if block.tangled]
    openers = {name: block for block in tangled for _, name in block.slots()}
    rows, ties = defaultdict(list), defaultdict(lambda: defaultdict(list))
    for block in tangled:
        if block.kind in ("file", "into"):
            rows[block.kind, block.target].append(block)
        if block.kind == "into":
            ties[block.id]["Part of"].append(openers[block.target])
        elif block.kind == "after":
            ties[block.id]["Put in after"].append(book.ids[block.target])
        elif block.kind == "replaces":
            ties[block.id]["Replaces"].append(book.ids[block.target])
            ties[block.target]["Replaced by"].append(block)
        elif block.kind == "instead":
            ties[block.id]["Takes the place of"].append(book.ids[block.target])
            ties[block.target]["Leaves the program at"].append(block)
    for earlier, later in (pair for row in rows.values() for pair in pairwise(row)):
        ties[later.id]["Continues"].append(earlier)
        ties[earlier.id]["Continued in"].append(later)
    return ties


class Listing:
    """Draws the blocks of one page."""

    def __init__(self, found, page):
        self.found, self.page = found, page

    def href(self, block):
        """The address of a block, as Markdown would write it on this page."""
        page = contents.page_of(self.found.book, block)
        here = posixpath.dirname(self.page) or "."
        path = "" if page == self.page else posixpath.relpath(page, here)
        return f"{path}#{block.id}"

    def draw(self, figure, block, tag=""):
        """Fill a figure with a block of the page."""
        figure.set("class", f"block {block.kind}")
        whole = view_of(self.found, block) if block.tangled else None
        if block.id:
            figure.set("id", block.id)
        if block.id or block.kind != "run":
            self.caption(figure, block, whole, tag)
        lines = self.difference(block) if block.kind == "replaces" else plain(block)
        self.code(figure, block, whole, lines)
        if whole:
            self.links(figure, block)

    # The caption

    def caption(self, figure, block, whole, tag):
        """The block's name, what it does and where it stands; citing and copying it."""
        caption = etree.SubElement(figure, "figcaption")
        if block.kind == "output":
            what = etree.SubElement(caption, "span", {"class": "what"})
            etree.SubElement(what, "code").text = f"$ {block.target}"
        elif not whole:
            put(caption, "span", "an example, not part of the program", "what")
        else:
            put(caption, "a", block.id, "id", href=f"#{block.id}")
            does = block.does or whole.summary.get(block.id, "")
            phrase(put(caption, "span", None, "what"), does)
        end = put(caption, "span", None, "end")
        if whole:
            self.place(end, block, whole)
        tools = put(end, "span", None, "tools")
        if block.kind == "replaces":
            box = {
                "type": "checkbox",
                "checked": "checked",
                "id": f"changes-{block.id}",
            }
            figure.insert(0, etree.Element("input", {"class": "toggle", **box}))
            put(tools, "label", "changes", "switch", **{"for": box["id"]})
        if tag:
            name = f"Cite block {block.id}"
            put(tools, "a", "cite", "cite", href=tag, **{"aria-label": name})
        name = f"Copy {block.id or 'this text'}"
        put(tools, "button", "copy", "copy", type="button", **{"aria-label": name})

    def place(self, caption, block, whole):
        """Say in which lines of which file the block stands, and when."""
        path, first, _ = whole.spans[block.id]
        text, listed = place(self.found, block), LISTING in self.found.numbers
        if whole is view(self.found) and path.startswith("microgpt/") and listed:
            put(caption, "a", text, "place", href=f"{LISTING}#{line_id(path, first)}")
        else:
            put(caption, "span", text, "place")

    # The code

    def difference(self, block):
        """The lines of a block and of the one it replaces: [(mark, block, index)]."""
        old = self.found.book.ids[block.target]
        matcher = SequenceMatcher(None, old.lines, block.lines, autojunk=False)
        lines = []
        for what, a, b, c, d in matcher.get_opcodes():
            if what == "equal":
                lines += [("same", block, n) for n in range(c, d)]
            else:
                lines += [("del", old, n) for n in range(a, b)]
                lines += [("ins", block, n) for n in range(c, d)]
        return lines

    def code(self, figure, block, whole, lines):
        """The lines of a block, each an element of its own."""
        parent = code_element(figure, len(lines))
        slots = {line - block.start: name for line, name in block.slots()}
        sources = {source.id: source for _, source, _ in lines}
        tokens = {id: tokens_of(b.lang, b.lines) for id, b in sources.items()}
        for mark, source, index in lines:
            tag = mark if mark in ("ins", "del") else "span"
            css = "line same" if mark == "same" else "line"
            line = put(parent, tag, None, css)
            if not whole:
                write(line, tokens[source.id][index])
            elif mark == "del":
                self.gone(line, source.lines[index])
            elif index in slots:
                put(line, "span", None, "ln")
                self.slot(line, source.lines[index], slots[index])
            elif (place := (source.path, source.start + index)) not in whole.places:
                put(line, "span", None, "ln").tail = "\n"  # blank, among the imports
            else:
                number = str(whole.places[place][1])
                put(line, "span", None, "ln", **{"data-n": number})
                it, text = names_of(self.found, block), source.lines[index]
                links = self.names(it, place, text)
                self.line(line, tokens[source.id][index], links, block.id)

    def names(self, it, place, text):
        """The names in a line of the book: {its column: (length, Name)}."""
        path, number, indent = it.places[place]
        if indent is None:
            return imported(it, path, text)
        return {column - indent: use for column, use in it.uses[path, number].items()}

    def gone(self, line, text):
        """A line that was replaced; its indentation is not struck through."""
        line.set("data-search-exclude", "")
        put(line, "span", None, "ln").tail = text[: len(text) - len(text.lstrip())]
        put(line, "s", text.strip()).tail = "\n"

    def slot(self, line, text, name):
        """A line that opens a slot, with a link to the first block that fills it."""
        blocks, at = self.found.book.blocks, text.index("<<")
        first = next(b for b in blocks if (b.kind, b.target) == ("into", name))
        put(line, "span", text[:at], "c1")
        put(line, "a", text[at:].rstrip(), "slot", href=self.href(first)).tail = "\n"

    def line(self, line, tokens, links, own):
        """Append the tokens of a line; its links are {column: (length, Name)}."""
        at = 0
        for css, text in tokens:
            inside = {column - at for column in links}
            cuts = [0, *sorted(n for n in inside if 0 < n < len(text)), len(text)]
            for start, end in pairwise(cuts):  # a name may begin late: @dataclass
                length, name = links.get(at + start, (0, None))
                if start < end and name and name.block != own:
                    href = self.href(self.found.book.ids[name.block])
                    put(line, "a", text[start : start + length], css, href=href)
                    start += length
                append(line, text[start:end], css)
            at += len(text)
        append(line, "\n", "")

    # The whole program, and its outline

    def whole(self, figure, path):
        """A file of the finished program, every line with the way back to the book."""
        it = view(self.found)
        file = next(file for file in it.files if file.path == path)
        figure.clear()
        figure.tag = "figure"
        figure.set("class", "block whole")
        lines = file.text.split("\n")[:-1]
        parent = code_element(figure, len(lines))
        language = "c" if path.endswith(".c") else "python"
        for number, tokens in enumerate(tokens_of(language, lines), 1):
            id = tangle.where(file.segments, number)[2]
            block = self.found.book.ids[id]
            css = "line banner" if number == 1 else "line"  # it is a long one
            line = put(parent, "span", None, css, id=line_id(path, number))
            told = {"data-n": str(number), "href": self.href(block), "tabindex": "-1"}
            put(line, "a", None, "ln", **told, **{"aria-label": f"line {number}, {id}"})
            text = lines[number - 1]
            if text.strip() in (f"# [{id}]", f"// [{id}]"):
                append(line, text[: text.index("[")], "c1")
                put(line, "a", f"[{id}]", "c1", href=self.href(block)).tail = "\n"
            else:
                self.line(line, tokens, it.uses[path, number], id)

    def outline(self, root, number):
        """What the package defines as of a chapter, file by file."""
        shown = outline.outline(view(self.found, self.page).program)
        if not shown:
            return
        lines = sum(count for _, count, _ in shown)
        attributes = {"data-search-exclude": "", "open": "open"}
        details = put(root, "details", None, "outline", **attributes)
        summary = put(
            details, "summary", f"Outline of the program after chapter {number}"
        )
        files = "1 file" if len(shown) == 1 else f"{len(shown)} files"
        told = f" {files}, {lines:,} lines; bold: begun or rewritten in this chapter"
        put(summary, "span", told, "what")
        table = put(details, "dl", None)
        for path, count, defined in shown:
            term = put(table, "dt", None)
            put(term, "code", path)
            put(term, "span", f" {count}", "what")
            entry = put(table, "dd", None if defined else "imports only")
            for name in defined:
                block = self.found.book.ids[name.block]
                new = contents.page_of(self.found.book, block) == self.page
                css = "new" if new else ""
                link = put(entry, "a", None, css, href=self.href(block))
                put(link, "code", name.whole)
                link.tail = " "

    # The links

    def links(self, figure, block):
        """Say which blocks this one belongs together with, and which use it."""
        found = dict(relations(self.found)[block.id])
        ids, first = self.found.book.ids, block
        while first.kind in tangle.SWAPS:
            first = ids[first.target]
        if first is not block:  # it is part of what that one was part of
            found |= {"Part of": relations(self.found)[first.id]["Part of"]}
        users = [ids[id] for id in view_of(self.found, block).users[block.id]]
        found["Used in"] = users[:SHOWN]
        paragraph = put(figure, "p", None, "links", **{"data-search-exclude": ""})
        for label in (label for label in LABELS if found.get(label)):
            group = etree.SubElement(paragraph, "span")
            group.text = f"{label} "
            for other in found[label]:
                put(group, "a", other.id, "", href=self.href(other)).tail = " "
            group[-1].tail = ENDS.get(label, " ")
            if label == "Used in" and len(users) > SHOWN:
                group[-1].tail = f" and {len(users) - SHOWN} more"
        if not len(paragraph):
            figure.remove(paragraph)


def imported(it, path, text):
    """The names in a line of imports, which is joined with others in its file."""
    file = next(file for file in it.files if file.path == path)
    lines, known = file.text.split("\n"), {}
    for number in file.imports:
        for column, use in it.uses[path, number].items():
            known[lines[number - 1][column : column + use[0]]] = use
    begin = max(text.find(" import "), 0)  # a module may be called like what it holds
    words = re.compile(r"\w+").finditer(text, begin)
    return {word.start(): known[word[0]] for word in words if word[0] in known}


def line_id(path, line):
    """The id of a line on the page of the whole program."""
    return f"line-{PurePosixPath(path).stem.strip('_')}-{line}"


def phrase(parent, text):
    """Append a phrase in which `code` may stand."""
    for n, part in enumerate(text.split("`")):
        if n % 2:
            put(parent, "code", part)
        else:
            append(parent, part, "")


def plain(block):
    """The lines of a block as they are: [(mark, block, index)]."""
    return [("", block, index) for index in range(len(block.lines))]


def coloured(block):
    """The code of a block, for a page without links and numbers: HTML."""
    figure = etree.Element("div")
    parent = code_element(figure, len(block.lines))
    for tokens in tokens_of(block.lang, block.lines):
        write(put(parent, "span", None, "line"), tokens)
    return etree.tostring(figure[0], "unicode", method="html")


def code_element(figure, count):
    """The element of a figure that takes so many lines of code."""
    outer = put(figure, "div", None, "highlight", style=f"--lines: {count}")
    pre = put(outer, "pre", None, tabindex="0")
    # The span hides the code from Material, whose script measures every "pre > code".
    return put(put(pre, "span", None), "code", None)


@cache
def lexer(language):
    return get_lexer_by_name(language, stripnl=False)


def tokens_of(language, lines):
    """The tokens of each line: [[(short CSS class, text)]]."""
    found = [[]]
    for kind, text in lexer(language).get_tokens("\n".join(lines)):
        while kind not in STANDARD_TYPES:
            kind = kind.parent
        first, *rest = text.split("\n")
        found[-1].append((STANDARD_TYPES[kind], first))
        found += [[(STANDARD_TYPES[kind], part)] for part in rest]
    return found[: len(lines)]


def put(parent, tag, text, css="", **attributes):
    """Append an element."""
    css = {"class": css} if css else {}
    element = etree.SubElement(parent, tag, {**css, **attributes})
    element.text = text
    return element


def write(line, tokens):
    """Append tokens and the end of the line."""
    for css, text in tokens:
        append(line, text, css)
    append(line, "\n", "")


def append(line, text, css):
    """Append text to a line, in a span if it has a class."""
    if css not in ("", "p", "n", "o") and text.strip():
        put(line, "span", text, css)
    elif len(line):
        line[-1].tail = (line[-1].tail or "") + text
    else:
        line.text = (line.text or "") + text
