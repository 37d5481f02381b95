"""The one Markdown extension that renders this book.

It turns the blocks that tools/tangle.py reads into captioned figures to link to,
TeX into KaTeX's HTML, and a picture that stands alone, `![what it shows](x.svg
"caption")`, into inline SVG, whose colours then follow the page's. Whatever is
wrong stops the build and names the page.
"""

import json
import posixpath
import re
import xml.etree.ElementTree as etree
from functools import cache, lru_cache
from pathlib import Path

import quickjs
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from tools import tangle

try:
    from mkdocs.exceptions import BuildError
except ImportError:  # another site builder
    BuildError = RuntimeError

KATEX = Path(__file__).parent / "katex" / "katex.min.js"
MARK = "\ue000{}\ue000"  # stands for a block; no text has these private characters
SOURCE = re.compile(r"<!--=.*?-->", re.S)
PICTURE = re.compile(r'!\[([^\]]*)\]\(([^\s)]+\.svg)(?:\s+"(.*)")?\)', re.S)


def page_of(md):
    """A page's path in the book and the book's folder; of a docstring, no path."""
    if "relpath" not in md.treeprocessors:
        return "", Path("docs")
    file = md.treeprocessors["relpath"].file
    return file.src_uri, Path(file.src_dir)


@lru_cache(maxsize=1)
def landmarks(folder, stamp):
    """Where each block, slot and file of the program stands in the book."""
    found = {}
    for block in tangle.read_book(folder).blocks:
        if block.id:
            address = f"{block.path.removeprefix(folder.name + '/')}#{block.id}"
            found[block.id] = address
            found |= {f"into {slot}": address for _, slot in block.slots()}
            if block.kind == "file":
                found.setdefault(f"file {block.target}", address)
    return found


@cache
def katex():
    engine = quickjs.Context()
    engine.eval(KATEX.read_text("utf-8"))
    return engine


class TakeBlocks(Preprocessor):
    """Replace each block by a mark before superfences sees it."""

    def run(self, lines):
        page, _ = page_of(self.md)
        blocks, problems = tangle.parse("\n".join(lines), page) if page else ([], [])
        if problems := list(problems):
            raise BuildError("\n".join(map(str, problems)))
        self.md.book_blocks = [block for block in blocks if block.kind != "plain"]
        text, end = [], 0
        for block in blocks:
            text += self.without_sources(lines[end : block.line - 1])
            if block.kind == "plain":
                text += lines[block.line - 1 : block.end]
            else:
                text += ["", MARK.format(self.md.book_blocks.index(block)), ""]
            end = block.end
        return text + self.without_sources(lines[end:])

    def without_sources(self, lines):
        """Lines without the comments that say how to come by a number."""
        return SOURCE.sub("", "\n".join(lines)).split("\n") if lines else []


class ShowBlocks(Treeprocessor):
    """Put each block's figure where its mark is."""

    def run(self, root):
        marks = {MARK.format(i): b for i, b in enumerate(self.md.book_blocks)}
        for paragraph in root.iter("p"):
            if block := marks.get(paragraph.text):
                self.show(paragraph, block)

    def show(self, figure, block):
        figure.tag, figure.text = "figure", ""
        figure.set("class", f"block {block.kind}")
        if block.id:
            figure.set("id", block.id)
        if block.id or block.kind != "run":
            self.caption(etree.SubElement(figure, "figcaption"), block)
        lexer = get_lexer_by_name(block.lang, stripnl=False)
        html = highlight("\n".join(block.lines), lexer, HtmlFormatter(wrapcode=True))
        etree.SubElement(figure, "div").text = self.md.htmlStash.store(html)

    def caption(self, caption, block):
        if block.id:
            link = etree.SubElement(
                caption, "a", {"class": "id", "href": f"#{block.id}"}
            )
            link.text = block.id
        place = etree.SubElement(caption, "span")
        if block.kind == "output":
            etree.SubElement(place, "code").text = f"$ {block.target}"
        elif not block.tangled:
            place.text = "an example, not part of the program"
        else:
            place.text = "" if block.kind == "file" else f"{block.kind} "
            if href := self.address(block):
                place = etree.SubElement(place, "a", href=href)
            etree.SubElement(place, "code").text = block.target

    def address(self, block):
        """The relative address of what a block names; "" if that is the block."""
        page, folder = page_of(self.md)
        stamp = max(path.stat().st_mtime_ns for path in folder.rglob("*.md"))
        key = f"{block.kind} {block.target}"
        known = landmarks(folder, stamp)
        target = known.get(key if block.kind in ("file", "into") else block.target, "")
        own = target in ("", f"{page}#{block.id}")
        return "" if own else posixpath.relpath(target, posixpath.dirname(page) or ".")


class ShowMaths(Treeprocessor):
    """Set the TeX that arithmatex found."""

    def run(self, root):
        for element in root.iter():
            if element.get("class") == "arithmatex":
                tex = element.text.strip()
                html = self.render(tex[2:-2].strip(), display=tex.startswith(r"\["))
                element.text = self.md.htmlStash.store(html)

    def render(self, tex, display):
        arguments = json.dumps([tex, {"displayMode": display, "throwOnError": True}])
        call = f"JSON.stringify(katex.renderToString(...{arguments}))"
        try:
            return json.loads(katex().eval(call))
        except quickjs.JSException as error:
            why = str(error).splitlines()[0].removeprefix("ParseError: ")
            where = page_of(self.md)[0] or "a docstring"
            raise BuildError(f"{where}: {why}\n  in the TeX {tex}") from error


class ShowPictures(Treeprocessor):
    """Put the SVG of a paragraph that is one picture inline, with its caption."""

    def run(self, root):
        for paragraph in root.iter("p"):
            if found := PICTURE.fullmatch((paragraph.text or "").strip()):
                self.show(paragraph, *found.groups())

    def show(self, figure, alt, name, title):
        page, folder = page_of(self.md)
        path = folder / posixpath.dirname(page) / name
        if not path.is_file():
            raise BuildError(f"{page}: the figure {name} does not exist")
        svg = path.read_text("utf-8")
        figure.tag, figure.text = "figure", ""
        figure.set("class", "figure")
        drawing = etree.SubElement(figure, "div", {"role": "img", "aria-label": alt})
        drawing.text = self.md.htmlStash.store(svg[svg.index("<svg") :])
        if title:
            etree.SubElement(figure, "figcaption").text = title


class Book(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(TakeBlocks(md), "blocks-take", 27)  # superfences: 25
        for processor, name, priority in (
            (ShowPictures, "pictures", 30),  # before the inline patterns, 20
            (ShowMaths, "maths", 7),  # after them and attr_list, 8
            (ShowBlocks, "blocks-show", 6),  # before toc and MkDocs' anchors, 5
        ):
            md.treeprocessors.register(processor(md), name, priority)
