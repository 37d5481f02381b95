"""The one Markdown extension that renders this book.

It takes the blocks out of a page before Markdown sees them, puts their listings where
they were, and adds what stands at the end of a page; the other steps are in modules of
their own. What is wrong stops a strict build, with file and line.
"""

import json
import logging
import posixpath
import re
import xml.etree.ElementTree as etree

from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from tools import tangle
from tools.weave import cite, tagpages, tags
from tools.weave.card import ShowCard
from tools.weave.finding import ShowToSearch
from tools.weave.glossary import ShowWords
from tools.weave.headings import (
    ShowHandles,
    ShowNumbers,
    ShowProgress,
    ShowQuestions,
)
from tools.weave.lines import put
from tools.weave.listing import LISTING, Listing
from tools.weave.maths import ShowMaths
from tools.weave.notes import ShowNotes
from tools.weave.page import BuildError, Page, Step
from tools.weave.pictures import ShowPictures
from tools.weave.unbroken import KeepTogether, ShowCode
from tools.weave.works import ShowCited

try:
    from mkdocs.structure.files import File
except ImportError:  # another site builder
    File = None

log = logging.getLogger("mkdocs.book")  # a strict build fails for its warnings
MARK = "\ue000{}\ue000"  # stands for a block; no text has these private characters
SOURCE = re.compile(r"<!--=.*?-->", re.S)


class Begin(Preprocessor):
    """Note which page it is, tell what is wrong with it, and take its blocks out."""

    def run(self, lines):
        page = self.md.book_page = Page(self.md)
        self.md.book_blocks = []
        if not page.name:
            return lines
        if faults := page.found.faults:
            raise BuildError("\n".join(map(str, faults)))
        self.warn(page)
        if page.tagged and page.files:
            self.publish(page)
        return self.without_blocks(lines, page)

    def warn(self, page):
        """Tell what is wrong on the page; the first page speaks for the ledger too."""
        places = {page.path}
        if page.path == page.found.book.chapters[0]:
            places.add(f"{page.found.book.folder}/{tags.LEDGER}")
        found = page.found.problems
        if page.tagged:
            found = tags.problems(page.ledger, page.found)
        for problem in (problem for problem in found if problem.path in places):
            log.warning(problem)

    def publish(self, page):
        """Add the pages of the tags to the site's files, once a build."""
        if not page.files.get_file_from_path(tags.path("0001")):
            root = page.site.site_url or ""
            for path, html in tagpages.pages(page.folder, page.found, root).items():
                page.files.append(File.generated(page.site, path, content=html))

    def without_blocks(self, lines, page):
        blocks, _ = tangle.parse("\n".join(lines), page.path)
        text, end = [], 0
        for block in blocks:
            text += without_sources(lines[end : block.line - 1])
            if block.kind == "plain":
                text += lines[block.line - 1 : block.end]
            else:
                text += ["", MARK.format(len(self.md.book_blocks)), ""]
                self.md.book_blocks.append(page.found.book.ids.get(block.id, block))
            end = block.end
        return text + without_sources(lines[end:])


def without_sources(lines):
    """Lines without the comments that say how to come by a number."""
    return SOURCE.sub("", "\n".join(lines)).split("\n") if lines else []


class AlignCells(Treeprocessor):
    """Say by a class, and not by a style of its own, how a cell is aligned."""

    def run(self, root):
        for cell in root.iter():
            if cell.tag in ("td", "th") and (found := cell.attrib.pop("style", "")):
                cell.set("class", found.removeprefix("text-align:").strip(" ;"))


class ShowBlocks(Step):
    """Put each block's listing where its mark is, and files where they are linked."""

    def show(self, root):
        listing = Listing(self.page.found, self.page.name)
        marks = {MARK.format(i): b for i, b in enumerate(self.md.book_blocks)}
        for paragraph in root.iter():  # also what became a <dt>
            if block := marks.pop(paragraph.text, None):
                paragraph.tag, paragraph.text = "figure", ""
                key = "block", block.id
                if tag := self.page.ledger.tags.get(key):
                    paragraph.set("data-tag", tag)
                listing.draw(paragraph, block, self.page.cite_address(key))
            elif self.page.name == LISTING and whole(paragraph):
                path = paragraph[0].get("href", "").removeprefix("../")
                listing.whole(paragraph, path)
        for block in marks.values():
            what = f"the block {block.id} is in the book and not shown"
            raise BuildError(str(block.problem(what, "see what stands around it")))


def whole(element):
    """Whether an element is a paragraph of a link, where a whole file is to stand."""
    return element.tag == "p" and len(element) == 1


class End(Step):
    """Below the page: the program so far, where its source is, and how to cite it."""

    def show(self, root):
        self.page.describe()
        if self.page.in_story:
            listing = Listing(self.page.found, self.page.name)
            listing.outline(root, self.page.number)
        if address := self.page.edition().source(self.page.path):
            line = put(root, "p", None, "source", **{"data-search-exclude": ""})
            put(line, "a", "Source of this page", href=address)
        if self.page.tagged:
            self.citations(root)

    def citations(self, root):
        """The citations of all that is on the page, for assets/book.js to show."""
        page, it = self.page, self.page.edition()
        tagged = {tag: t for t in page.things().values() if (tag := page.tag(t))}
        top = posixpath.relpath(".", posixpath.dirname(page.name) or ".") + "/"
        data = {"site": (page.site and page.site.site_url) or "", "root": top}
        data["frames"] = cite.frames(it)
        data["blanks"] = {
            tag: cite.blanks(page.found, thing) for tag, thing in tagged.items()
        }
        if it.repository:
            data["reports"] = {
                tag: cite.report(it, page.found, thing, tag)
                for tag, thing in tagged.items()
            }
        text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
        script = f'<script type="application/json" id="citations">{text}</script>'
        etree.SubElement(root, "div", hidden="").text = self.md.htmlStash.store(script)


class Book(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Begin(md), "book-begin", 27)  # superfences: 25
        for processor, name, priority in (
            (ShowPictures, "book-pictures", 30),  # before the inline patterns, 20
            (ShowCard, "book-card", 7.4),  # after the inline patterns, before 7
            (ShowNumbers, "book-numbers", 7.3),  # after them and attr_list, 8
            (ShowNotes, "book-notes", 7.2),
            (ShowMaths, "book-maths", 7.1),
            (ShowWords, "book-words", 7.05),
            (ShowCited, "book-cited", 7.03),
            (ShowCode, "book-code", 7.01),
            (KeepTogether, "book-together", 7),
            (AlignCells, "book-cells", 6.5),
            (ShowBlocks, "book-blocks", 5.5),  # after smarty, 6, before toc, 5
            (ShowHandles, "book-handles", 0.7),  # after MkDocs' titles, 1
            (ShowQuestions, "book-questions", 0.65),
            (ShowProgress, "book-progress", 0.6),
            (ShowToSearch, "book-search", 0.55),
            (End, "book-end", 0.5),  # before its links, 0
        ):
            md.treeprocessors.register(processor(md), name, priority)
