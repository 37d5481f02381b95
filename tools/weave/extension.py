"""The one Markdown extension that renders this book.

It turns the blocks that tools/tangle.py reads into listings, numbers the sections,
gives each thing the link to its tag, sets TeX with KaTeX, puts drawings inline and
footnotes beside the text. What is wrong stops a strict build, with file and line.
"""

import json
import logging
import posixpath
import re
import xml.etree.ElementTree as etree
from functools import cache, lru_cache
from pathlib import Path

import quickjs
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from tools import tangle
from tools.tangle import Problem
from tools.weave import cite, contents, edition, tags
from tools.weave.lines import put
from tools.weave.listing import LISTING, Listing

try:
    from mkdocs.exceptions import BuildError
    from mkdocs.structure.files import File
except ImportError:  # another site builder
    BuildError, File = RuntimeError, None

log = logging.getLogger("mkdocs.book")  # a strict build fails for its warnings
KATEX = Path(__file__).parent / "katex" / "katex.min.js"
MARK = "\ue000{}\ue000"  # stands for a block; no text has these private characters
SHORT = 30  # characters
SOURCE = re.compile(r"<!--=.*?-->", re.S)


class Page:
    """The page that is being rendered; name is its file, "" for a docstring."""

    def __init__(self, md):
        self.name, self.folder, self.files, self.site = "", Path("docs"), None, None
        if "mkdocstrings_ids" in md.treeprocessors:  # a docstring on some page
            return
        if "relpath" in md.treeprocessors:  # MkDocs
            it = md.treeprocessors["relpath"]
            self.name, self.folder = it.file.src_uri, Path(it.file.src_dir)
            self.files, self.site = it.files, it.config
        elif "rendering_context" in md.preprocessors:  # Zensical
            self.name = md.preprocessors["rendering_context"].page.path
        if self.name:
            self.found = contents.of_book(self.folder)
            self.path = f"{self.found.book.folder}/{self.name}"
            self.ledger = tags.read(self.folder)
            self.tagged = Path(self.folder, tags.LEDGER).exists()
            self.number = self.found.numbers.get(self.name, "")

    def things(self):
        """What can be cited on this page: {(kind, id): thing}."""
        found = self.found.things.items()
        return {key: thing for key, thing in found if thing.page == self.name}

    def cite_address(self, key):
        """The address of the page of a thing's tag, seen from here; "" without one."""
        tag = self.ledger.tags.get(key)
        here = posixpath.dirname(self.name) or "."
        return posixpath.relpath(cite.path(tag), here) if tag else ""

    def line_of(self, text):
        """The line of the page's source in which a text begins."""
        source = Path(self.folder, self.name).read_text("utf-8")
        return source.count("\n", 0, max(source.find(text), 0)) + 1

    def refuse(self, text, what, remedy):
        raise BuildError(str(Problem(self.path, self.line_of(text), what, remedy)))


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
        if not page.files.get_file_from_path(cite.path("0001")):
            root = page.site.site_url or ""
            for path, html in cite.pages(page.folder, page.found, root).items():
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


class Step(Treeprocessor):
    """A treeprocessor for pages of the book only."""

    def run(self, root):
        self.page = self.md.book_page
        if self.page.name:
            self.show(root)


class ShowPictures(Step):
    """Put the SVG of a paragraph that is one picture inline, with its caption."""

    def show(self, root):
        for paragraph in root.iter("p"):
            text = (paragraph.text or "").strip()
            if found := contents.PICTURE.fullmatch(text):
                self.picture(paragraph, *found.groups())

    def picture(self, figure, alt, name, title):
        page = self.page
        path = page.folder / posixpath.dirname(page.name) / name
        if not path.is_file():
            page.refuse(name, f"the figure {name} does not exist", "draw it")
        svg = path.read_text("utf-8")
        key = "figure", contents.figure_id(name)
        if not (thing := page.found.things.get(key)):
            page.refuse(name, f"the figure {name} is indented", "begin it at column 0")
        figure.tag, figure.text = "figure", ""
        figure.set("class", "figure")
        figure.set("id", thing.id)
        drawing = etree.SubElement(figure, "div", {"role": "img", "aria-label": alt})
        drawing.text = self.md.htmlStash.store(svg[svg.index("<svg") :])
        caption = etree.SubElement(figure, "figcaption")
        if thing.number:
            number = put(caption, "span", f"Figure {thing.number}", "number")
            number.tail = f" {title or ''}"
        else:
            caption.text = title
        if address := page.cite_address(key):
            label = {"aria-label": f"Cite {thing.name}"}
            put(caption, "a", None, "cite", href=address, **label)


class ShowNumbers(Step):
    """Put their numbers before the headings."""

    def show(self, root):
        things = {thing.id: thing for thing in self.page.things().values()}
        for heading in root.iter():
            if heading.tag == "h1" and "id" not in heading.attrib:
                heading.set("id", "top")
                thing = self.page.found.chapter(self.page.name)
            elif re.fullmatch("h[2-6]", str(heading.tag)):
                thing = things.get(heading.get("id"))
            else:
                continue
            if thing and thing.number:
                number = etree.Element("span", {"class": "number"})
                number.text, number.tail = thing.number, f" {heading.text or ''}"
                heading.text = None
                heading.insert(0, number)
            if thing and (tag := self.page.ledger.tags.get((thing.kind, thing.id))):
                heading.set("data-tag", tag)


class ShowNotes(Step):
    """Move every footnote beside the text that refers to it."""

    def show(self, root):
        parents = {child: parent for parent in root.iter() for child in parent}
        lists = [e for e in root if e.get("class") == "footnote"]
        notes = {li.get("id"): li for each in lists for li in each.iter("li")}
        for sup in [e for e in root.iter("sup") if e.get("id", "").startswith("fnref")]:
            note = notes[sup[0].get("href")[1:]]
            self.note(sup, sup[0].text, note)
        for each in lists:
            parents[each].remove(each)

    def note(self, sup, number, note):
        id, tail = f"note-{number}", sup.tail
        sup.clear()
        sup.tag, sup.tail = "span", tail
        sup.set("class", "note")
        attributes = {"type": "checkbox", "id": id, "aria-label": f"Note {number}"}
        put(sup, "input", None, "", **attributes)
        put(sup, "label", number, "", **{"for": id})
        side = put(sup, "small", None, "sidenote")
        put(side, "span", number, "number").tail = " "
        for paragraph in note.iter("p"):
            for back in [e for e in paragraph if "backref" in e.get("class", "")]:
                paragraph.remove(back)
            side[-1].tail += paragraph.text or ""
            side.extend(paragraph)


class KeepTogether(Step):
    """Keep a short piece of code within a sentence on one line."""

    def show(self, root):
        for code in root.iter("code"):
            if " " in (text := code.text or "") and len(text) <= SHORT:
                code.set("class", "nowrap")


class ShowMaths(Treeprocessor):
    """Set the TeX that arithmatex found."""

    def run(self, root):
        for element in root.iter():
            if element.get("class") == "arithmatex":
                tex = element.text.strip()
                html = self.render(tex[2:-2].strip(), display=tex.startswith(r"\["))
                for part in ('class="katex-html"', "<annotation"):  # MathML is enough
                    html = html.replace(part, f"{part} data-search-exclude")
                element.text = self.md.htmlStash.store(html)

    def render(self, tex, display):
        try:
            return formula(tex, display)
        except quickjs.JSException as error:
            why = str(error).splitlines()[0].removeprefix("ParseError: ")
            page, what = self.md.book_page, f"{why} in the TeX {tex}"
            if page.name:
                page.refuse(tex, what, "mend the formula")
            raise BuildError(f"a docstring: {what}") from error


@lru_cache(maxsize=2048)
def formula(tex, display):
    """A formula as KaTeX sets it: HTML."""
    arguments = json.dumps([tex, {"displayMode": display, "throwOnError": True}])
    return json.loads(
        katex().eval(f"JSON.stringify(katex.renderToString(...{arguments}))")
    )


@cache
def katex():
    engine = quickjs.Context()
    engine.eval(KATEX.read_text("utf-8"))
    return engine


class ShowBlocks(Step):
    """Put each block's listing where its mark is, and files where they are linked."""

    def show(self, root):
        listing = Listing(self.page.found, self.page.name)
        marks = {MARK.format(i): b for i, b in enumerate(self.md.book_blocks)}
        for paragraph in root.iter("p"):
            if block := marks.get(paragraph.text):
                paragraph.tag, paragraph.text = "figure", ""
                key = "block", block.id
                if tag := self.page.ledger.tags.get(key):
                    paragraph.set("data-tag", tag)
                listing.draw(paragraph, block, self.page.cite_address(key))
            elif self.page.name == LISTING and len(paragraph) == 1:
                path = paragraph[0].get("href", "").removeprefix("../")
                listing.whole(paragraph, path)


class End(Step):
    """After all else: how far it is, how to cite, and the program so far."""

    def show(self, root):
        things = {thing.id: key for key, thing in self.page.things().items()}
        things["top"] = "chapter", self.page.name.removesuffix(".md")
        for heading in [e for e in root.iter() if "data-tag" in e.attrib]:
            if heading.tag == "figure":
                continue
            key = things[heading.get("id")]
            handles = etree.SubElement(heading, "span", {"class": "handles"})
            for link in [e for e in heading if e.get("class") == "headerlink"]:
                heading.remove(link)
                handles.append(link)
            name = f"Cite {self.page.found.things[key].name}"
            address = self.page.cite_address(key)
            put(handles, "a", None, "cite", href=address, **{"aria-label": name})
        if self.page.number.isdecimal() and self.page.number != "0":
            self.progress(root)
            self.outline(root)
        if self.page.tagged:
            self.citations(root)

    def progress(self, root):
        """Which chapter of how many it is, below its title."""
        numbers = [n for n in self.page.found.numbers.values() if n.isdecimal()]
        number, last = int(self.page.number), max(map(int, numbers))
        line = etree.Element("p", {"class": "progress", "data-search-exclude": ""})
        line.text = f"Chapter {number} of {last}"
        style = f"--read: {100 * number / last:.0f}%"
        etree.SubElement(line, "span", {"class": "bar", "style": style})
        root.insert([e.tag for e in root].index("h1") + 1, line)

    def outline(self, root):
        """What the program defines as of this chapter, by files."""
        listing = Listing(self.page.found, self.page.name)
        listing.outline(root, self.page.number)

    def citations(self, root):
        """The citations of all that is on the page, for assets/book.js to show."""
        page, ledger = self.page, self.page.ledger
        it = edition.read(page.folder.parent)
        data = {
            ledger.tags[key]: cite.texts(it, page.found, thing, ledger.tags[key])
            for key, thing in page.things().items()
            if key in ledger.tags
        }
        top = posixpath.relpath(".", posixpath.dirname(page.name) or ".") + "/"
        site = page.site.site_url if page.site else ""
        data = {"site": site or "", "root": top, "texts": data}
        text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
        script = f'<script type="application/json" id="citations">{text}</script>'
        etree.SubElement(root, "div", hidden="").text = self.md.htmlStash.store(script)


class Book(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Begin(md), "book-begin", 27)  # superfences: 25
        for processor, name, priority in (
            (ShowPictures, "book-pictures", 30),  # before the inline patterns, 20
            (ShowNumbers, "book-numbers", 7.3),  # after them and attr_list, 8
            (ShowNotes, "book-notes", 7.2),
            (ShowMaths, "book-maths", 7.1),
            (KeepTogether, "book-together", 7),
            (ShowBlocks, "book-blocks", 5.5),  # after smarty, 6, before toc, 5
            (End, "book-end", 0.5),  # after MkDocs' titles, 1, before its links, 0
        ):
            md.treeprocessors.register(processor(md), name, priority)
