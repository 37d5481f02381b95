"""Pictures: drawings, put into the page with their captions."""

import posixpath
import re
import xml.etree.ElementTree as etree

from tools.weave import contents, offprint
from tools.weave.lines import put
from tools.weave.page import Step

STYLE = re.compile(r'^(<svg[^>]*?) style="[^"]*"')


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
        drawing = put(figure, "div", None, "drawing", role="img", **{"aria-label": alt})
        drawing.text = self.md.htmlStash.store(inline(svg))
        self.upright(figure, alt, path)
        caption = etree.SubElement(figure, "figcaption")
        if thing.number:
            number = put(caption, "span", f"Figure {thing.number}", "number")
            number.tail = f" {title or ''}"
        else:
            caption.text = title
        if address := page.cite_address(key):
            label = {"aria-label": f"Cite {thing.name}"}
            put(caption, "a", None, "cite", href=address, **label)
        label = {"aria-label": f"Download {thing.name} as SVG", "download": ""}
        put(caption, "a", "svg", "download", href=self.file(key, name), **label)

    def file(self, key, name):
        """The file to download: the offprint, or the drawing where there is none."""
        page = self.page
        if not (page.files and (tag := page.ledger.tags.get(key))):
            return name
        here = posixpath.dirname(page.name) or "."
        return posixpath.relpath(offprint.path(tag, name), here)

    def upright(self, figure, alt, path):
        """Add the drawing that stands in the margin where there is one.

        NAME-upright.svg beside NAME.svg is the same picture, high and narrow; the style
        sheet shows one of the two, and print the low one.
        """
        other = path.with_name(f"{path.stem}-upright.svg")
        if other.is_file():
            figure.set("class", "figure marginal")
            label = {"role": "img", "aria-label": alt}
            drawing = put(figure, "div", None, "drawing upright", **label)
            drawing.text = self.md.htmlStash.store(inline(other.read_text("utf-8")))


def inline(svg):
    """A drawing as it stands in a page, whose style sheet says how wide it is."""
    return STYLE.sub(r"\1", svg[svg.index("<svg") :], count=1)
