"""Listings: a block of the book as HTML, with its caption, its lines and its links.

Every line has the number that it has in the tangled file, every name that the program
defines is a link to its definition, and a block that replaces another one shows the
difference between the two. (views.py knows the numbers, relations.py the links.)
"""

import posixpath
import re
import xml.etree.ElementTree as etree
from itertools import pairwise
from pathlib import PurePosixPath

from tools import tangle
from tools.weave import contents, outline
from tools.weave.difference import anew, difference, plain
from tools.weave.lines import append, code_element, put, tokens_of, write
from tools.weave.relations import LABELS, part_of, relations
from tools.weave.views import names_of, place, view, view_of

LISTING = "program.md"  # the page that shows the whole program
ENDS = {"Takes the place of": ", which leaves the program here "}
PHRASE = re.compile(r"`([^`]+)`|(?<!\*)\*([^*\s][^*]*)\*(?!\*)|([^`*]+|[`*])")
SHOWN = 6  # of the blocks that use one


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
        replaces = block.kind == "replaces"
        lines = difference(self.replaced(block), block) if replaces else plain(block)
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
            if does and not repeats(does, block):
                phrase(put(caption, "span", None, "what"), does)
        end = put(caption, "span", None, "end")
        if whole:
            self.place(end, block, whole)
        tools = put(end, "span", None, "tools")
        if block.kind == "replaces":
            box = {"type": "checkbox", "id": f"changes-{block.id}"}
            if not anew(self.replaced(block), block):
                box["checked"] = "checked"
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
        text, book = place(self.found, block), self.found.book
        listed = LISTING in self.found.numbers and block.path not in book.variants
        if whole is view(self.found) and path.startswith("microgpt/") and listed:
            put(caption, "a", text, "place", href=f"{LISTING}#{line_id(path, first)}")
        else:
            put(caption, "span", text, "place")

    # The code

    def replaced(self, block):
        """The block that another one replaces."""
        return self.found.book.ids[block.target]

    def code(self, figure, block, whole, lines):
        """The lines of a block, each an element of its own."""
        parent = code_element(figure, len(lines))
        slots = {line - block.start: name for line, name in block.slots()}
        sources = {source.id: source for _, source, _ in lines}
        tokens = {id: tokens_of(b.lang, b.lines) for id, b in sources.items()}
        it = names_of(self.found, block) if whole else None
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
            elif spot := whole.spot(source, index):
                put(line, "span", None, "ln", **{"data-n": str(spot.line)})
                links = it.names_at(it.spot(source, index), source.lines[index])
                self.line(line, tokens[source.id][index], links, block.id)
            else:
                put(line, "span", None, "ln").tail = "\n"  # blank, among the imports

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
        file, lines = it.file(path), it.lines[path][:-1]
        figure.clear()
        figure.tag = "figure"
        figure.set("class", "block whole")
        parent = code_element(figure, len(lines))
        tokens = self.tokens(it, file)
        for number, text in enumerate(lines, 1):
            id = tangle.where(file.segments, number)[2]
            href = self.href(self.found.book.ids[id])
            css = "line banner" if number == 1 else "line"  # it is a long one
            line = put(parent, "span", None, css, id=line_id(path, number))
            told = {"data-n": str(number), "href": href, "tabindex": "-1"}
            put(line, "a", None, "ln", **told, **{"aria-label": f"line {number}, {id}"})
            if text.strip() in (f"# [{id}]", f"// [{id}]"):
                append(line, text[: text.index("[")], "c1")
                put(line, "a", f"[{id}]", "c1", href=href).tail = "\n"
            else:
                self.line(line, tokens[number], it.uses[path, number], id)

    def tokens(self, it, file):
        """The tokens of a file's lines, {line: tokens}, coloured as in the chapters."""
        language = "c" if file.path.endswith(".c") else "python"
        lines, blocks = it.lines[file.path], self.found.book.ids
        imports = tokens_of(language, [lines[number - 1] for number in file.imports])
        found = dict(zip(file.imports, imports))
        for number, (id, index) in it.origins(file.path).items():
            text, own = lines[number - 1], blocks[id].lines[index]
            if text.endswith(own):  # it has not lost blanks at its end
                tokens = tokens_of(blocks[id].lang, blocks[id].lines)[index]
                found[number] = [("", text.removesuffix(own)), *tokens]
        for number, text in enumerate(lines, 1):
            if number not in found:
                found[number] = tokens_of(language, [text])[0]
        return found

    def outline(self, root, number):
        """What the package defines as of a chapter, file by file."""
        shown = outline.outline(view(self.found, self.page).program)
        if not shown:
            return
        lines = sum(count for _, count, _ in shown)
        details = put(root, "details", None, "outline", **{"data-search-exclude": ""})
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
        ids, users = self.found.book.ids, view_of(self.found, block).users[block.id]
        found = {
            **relations(self.found)[block.id],
            "Part of": part_of(self.found, block),
        }
        found["Used in"] = [ids[id] for id in users][:SHOWN]
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


def line_id(path, line):
    """The id of a line on the page of the whole program."""
    return f"line-{PurePosixPath(path).stem.strip('_')}-{line}"


def repeats(does, block):
    """Whether a phrase says what the docstring or a comment of the block says."""
    told, does = " ".join(" ".join(block.lines).split()).lower(), does.lower()
    return f'"""{does}.' in told or (does.count(" ") > 1 and does in told)


def phrase(parent, text):
    """Append a phrase in which `code` and *words* may stand."""
    for code, word, rest in PHRASE.findall(text):
        if code:
            put(parent, "code", code)
        elif word:
            put(parent, "em", word)
        else:
            append(parent, rest, "")
