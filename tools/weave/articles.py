"""Articles: the pages of the built site, each made fit for paper.

An article loses what only a screen can use; what is folded is opened, notes stand where
their marks are, and lines of code may be wrapped. Its ids become unique in the volume
(tools/weave/volume.py), which it will be a part of.
"""

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Comment, SoupStrainer, Tag

LEFT_OUT = ("program", "api")  # both repeat the code that the chapters show
SCREEN_ONLY = ".headerlink, .cite, .download, .tools, .katex-mathml"
SCREEN_ONLY += ", button, input, label"
SCREEN_ONLY += ", script, style, template, [hidden], .sidenote-ref"
SCREEN_ONLY += ", .sidenote > .number, .progress, .source, .upright"
# Classes of Pygments that look like plain code in print, and one twice in a row.
PLAIN = "n p o w nn nc nf fm si bp nb go gp mi mf mh ne vm nd".replace(" ", "|")
PLAIN = re.compile(rf'<span class="(?:{PLAIN})">([^<]*)</span>')
NUMBER = re.compile(r'<span class="ln" data-n="(\d+)"></span>')
# A name in the code is a link to its definition: 7,000 of them are too many for a PDF.
NAME = re.compile(r'<a class="n" href="[^"]*">([^<]*)</a>')
TWICE = re.compile(r'(<span class="(\w\w?)">[^<]*)</span><span class="\2">')
COLUMNS = 72  # so many columns of code surely fit into a line of print
LONG = 9  # lines: a block with more may be broken over two pages
PROMPT = re.compile(r"(?:>>> |\.\.\. )?\s*")
VARIABLE = re.compile(r"var\((--[\w-]+),([^()]*)\)")
SVG_SCALE = 0.55  # points of print for a unit of a drawing


class Fault(Exception):
    """What is wrong with the site, and how to mend it."""


@dataclass
class Page:
    """A page of the site: its file, its part of the book, and what it says."""

    file: str
    article: Tag
    part: str = ""  # of the first page of a part only

    @property
    def anchor(self) -> str:
        return anchor(self.file)

    @property
    def title(self) -> Tag:
        return self.article.h1


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def anchor(file: str, fragment: str = "") -> str:
    """The id, in the volume, of a page or of an id on it."""
    page = file.removesuffix(".html").replace("/", "-")
    return f"{page}--{fragment}" if fragment else page


# --- Reading ----------------------------------------------------------------


def read_pages(site: Path, files: list[str], colours: dict[str, str]) -> Iterator[Page]:
    """The site's pages, each with the part of the book that it begins.

    colours: {"--ink": "#000"}, for the drawings: there WeasyPrint knows no variables.
    """
    parts = {}
    for file in files:
        if (path := site / file).stem in LEFT_OUT:
            continue
        if not path.is_file():
            raise Fault(
                f"{path} is not there. Build the site first: "
                "python -m mkdocs build --strict"
            )
        text = without_spans(path.read_text("utf-8"))
        text = VARIABLE.sub(lambda found: colours.get(found[1], found[2]), text)
        soup = BeautifulSoup(text, "html.parser", parse_only=SoupStrainer("article"))
        if not (soup.article and soup.article.h1):
            raise Fault(f"{path} has no article with a heading. Build the site again")
        if not parts:
            parts = parts_of(soup.article) | {"": ""}
        yield Page(file, soup.article, parts.get(file, ""))


def without_spans(text: str) -> str:
    """A page without the elements that make no difference, a third of them all."""
    text = NUMBER.sub(lambda found: f'<span class="ln">{found[1]:>4}</span>', text)
    text = NAME.sub(r"\1", text.replace('<span class="ln"></span>', ""))
    text, found = PLAIN.sub(r"\1", text), 1
    while found:
        text, found = TWICE.subn(r"\1", text)
    return text


def parts_of(article: Tag) -> dict[str, str]:
    """{file of the first page of a part: the part}, from the table of contents.

    There a part is a paragraph in bold type, and a list with a link to each page.
    """
    parts, part = {}, ""
    for tag in article.select("p > strong:only-child, li > a, li > p > a"):
        if tag.name == "strong":
            part = tag.get_text()
        elif part:
            parts[tag.get("href", "")] = part
            part = ""
    return parts


# --- Preparing a page --------------------------------------------------------


def prepare(page: Page, address: str, first: bool = False) -> None:
    """Make an article fit for print, and its ids unique in the volume.

    address: that of the site, "" if it has none. first: it is the book's first page.
    """
    article = page.article
    place_footnotes(article)
    for tag in article.select(SCREEN_ONLY):
        tag.decompose()
    for word in article.select("a.term"):
        word.unwrap()  # the glossary is a few pages away
    for text in article.find_all(string=lambda text: "\n" in text):
        if isinstance(text, Comment):
            text.extract()
        elif not text.find_parent("pre"):  # WeasyPrint breaks some lines there
            text.replace_with(text.replace("\n", " "))
    if first:
        make_preface(article)
    for svg in article.select("figure.figure svg"):
        draw(svg)
    for tag in article.find_all(id=True):
        tag["id"] = anchor(page.file, tag["id"])
    article["id"] = page.anchor
    for tag in article.find_all("details"):
        unfold(tag)
    for code in article.select("pre code"):
        set_lines(code)
    for block in article.select("figure.block"):
        set_address(block, address)
    for table in article.find_all("table"):
        set_columns(table)
    keep_leads(article)


def place_footnotes(article: Tag) -> None:
    """Put the text of Markdown's footnotes where their mark is, as a side note is."""
    notes = {note["id"]: note for note in article.select(".footnote li[id]")}
    for mark in article.select("a.footnote-ref"):
        note = parse('<span class="sidenote"></span>').span
        for paragraph in notes[mark["href"].removeprefix("#")].select("p"):
            note.extend(map(copy, paragraph.contents))
        (mark.find_parent("sup") or mark).replace_with(note)
    for tag in article.select("div.footnote"):
        tag.decompose()


def make_preface(article: Tag) -> None:
    """The first page: the title page has its heading, the contents its list."""
    article.h1.string, article.h1["class"] = "Preface", "preface"
    if heading := article.find(id="contents"):
        for tag in [heading, *heading.find_next_siblings()]:
            tag.decompose()


def draw(svg: Tag) -> None:
    """Give a drawing its size in print, and its description as title."""
    box = svg.get("viewbox", svg.get("viewBox", "")).split()
    if len(box) == 4:
        svg["style"] = f"width:{float(box[2]) * SVG_SCALE:.1f}pt"
    drawing = svg.find_parent(attrs={"aria-label": True})
    if svg.title:
        del svg.title["id"]
        svg.title.string = drawing["aria-label"] if drawing else svg.title.get_text()


def unfold(details: Tag) -> None:
    """A question or a solution, open."""
    details.name = "div"
    if summary := details.summary:
        summary.name, summary["class"] = "p", "summary"


def set_lines(code: Tag) -> None:
    """One element a line of code; a line that will be wrapped hangs by its indent."""
    if not code.select_one(".line"):
        lines = code.decode_contents().rstrip("\n").split("\n")
        spans = "\n".join(f'<span class="line">{line}</span>' for line in lines)
        code.clear()
        code.extend(list(parse(f"<pre>{spans}</pre>").pre.contents))
    lines = code.find_all(class_="line", recursive=False)
    for line in lines:
        if line.contents and isinstance(line.contents[-1], str):
            line.contents[-1].replace_with(line.contents[-1].rstrip("\n"))
        text = "".join(line.find_all(string=lambda s: s.parent.get("class") != ["ln"]))
        if len(text) > COLUMNS:
            line["class"] = [*line["class"], "hang"]
            line["style"] = f"--hang:{PROMPT.match(text).end() + 4}ch"
    for child in list(code.find_all(string="\n", recursive=False)):
        child.extract()
    if len(lines) > LONG and (figure := code.find_parent("figure")):
        figure["class"] = [*figure.get("class", []), "long"]


def set_address(block: Tag, address: str) -> None:
    """The short address of its tag, under a block that has one."""
    if tag := block.get("data-tag"):
        text = f"{address}t/{tag}"
        link = f'<a href="{escape(text)}/">{escape(text)}</a>' if address else text
        block.append(parse(f'<p class="address">{link}</p>'))


def keep_leads(article: Tag) -> None:
    """A paragraph that leads to what is below it, with a colon, stays with that."""
    for tag in article.find_all(["p", "li"]):
        if tag.get_text().rstrip().endswith(":") and not tag.get("class"):
            tag["class"] = ["leads"]


def set_columns(table: Tag) -> None:
    """A table whose cells are short keeps its width; others fill the measure."""
    longest = max((len(cell.get_text()) for cell in table.select("td")), default=0)
    if longest > 40:
        table["class"] = [*table.get("class", []), "wide"]
