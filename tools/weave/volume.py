"""Volume: the articles of the site, joined into one HTML document for print.

A volume has them in the order of the navigation, behind a title and its contents;
links between pages become links within the document. What it cannot join it says in a
`Fault`; what it looks like is said by tools/weave/print.css.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from posixpath import dirname, join, normpath

from bs4 import Tag

from tools.weave.articles import Fault, Page, anchor, prepare


@dataclass
class Volume:
    """The book as one document, and what the title page says of it."""

    name: str
    description: str
    authors: str
    version: str
    address: str  # of the site, with a slash at its end; "" if it has none
    pages: list[Page] = field(default_factory=list)

    def html(self) -> str:
        """The document. Raises Fault for a link that leads nowhere."""
        for page in self.pages:
            prepare(page, self.address, first=page is self.pages[0])
        outlines = [it for page in self.pages for it in page.article.select(".outline")]
        for outline in outlines[:-1]:  # the last says all that the others do
            outline.decompose()
        known = {"contents": ""}
        for page in self.pages:
            known |= sections(page)
        for page in self.pages:
            link(page, known, self.address)
        chapters = "\n".join(map(chapter, self.pages))
        return DOCUMENT.format(
            name=escape(self.name),
            authors=escape(self.authors),
            description=escape(self.description),
            title=title_pages(self),
            contents="\n".join(contents(self.pages)),
            chapters=chapters,
        )


DOCUMENT = """<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<title>{name}</title>
<meta name="author" content="{authors}">
<meta name="description" content="{description}">
</head>
<body>
{title}
<nav class="contents" id="contents">
<h1>Contents</h1>
{contents}
</nav>
{chapters}
</body>
</html>
"""

TITLE = """<section class="title">
<p class="name">{name}</p>
<p class="description">{description}</p>
<p class="after">The algorithm is Andrej Karpathy’s, published as <i>microgpt.py</i> in
February 2026. The words and the code are those of</p>
<p class="authors">{authors}</p>
<p class="version">Version {version}</p>
</section>
<section class="imprint">
<p>{name}, version {version}. {address}</p>
<p>The text and the figures may be shared and adapted under the Creative Commons
Attribution 4.0 International licence (creativecommons.org/licenses/by/4.0); the code,
every block of the chapters included, under the MIT licence.</p>
<p>The four characters beside a heading, in a caption and under a block of code are its
tag. {tags} The tag stays the same for ever, and is the best thing to cite.</p>
<p>Questions are printed with their answers, and exercises with their solutions. Two
pages of the website are left out because they repeat the code that the chapters show:
the listing of the whole program and the reference of the package. Variants of the
model have their pages there, too.</p>
<p>Set in Source Serif, Inter and JetBrains Mono, the formulas in the fonts of
KaTeX.</p>
</section>"""


# --- Links -------------------------------------------------------------------


def sections(page: Page) -> dict[str, str]:
    """{id on the page: the number of its section, "" on a page without numbers}."""
    found, number = {}, ""
    for tag in page.article.find_all(True):
        if tag.name in ("h1", "h2", "h3"):
            number = number_of(tag)
        if "id" in tag.attrs:
            found[tag["id"]] = number
    return {page.anchor: number_of(page.title)} | found


def number_of(heading: Tag) -> str:
    """The number of a heading, "" if it has none."""
    number = heading.select_one(".number")
    return number.get_text().strip() if number else ""


def link(page: Page, known: dict[str, str], address: str) -> None:
    """Turn the links between pages into links within the volume.

    known: {id in the volume: the number of its section}. On paper a link to another
    page says this number; one of an index, the number of the sheet.
    """
    for tag in page.article.find_all("a", href=True):
        href = tag["href"]
        if re.match(r"[a-z]+:", href):
            continue
        path, _, fragment = href.partition("#")
        file = normpath(join(dirname(page.file), path)) if path else page.file
        target = "contents" if fragment == "contents" else anchor(file, fragment)
        if target in known:
            tag["href"] = f"#{target}"
            if tag.code and not number_of(page.title):
                tag["class"] = [*tag.get("class", []), "sheet"]
            elif file != page.file and (number := known[target]) not in tag.get_text():
                tag["data-section"] = number
        elif anchor(file) in known:
            raise Fault(
                f"{page.file} has a link to {href}, which leads nowhere. Build the "
                "site with --strict, which says where the link stands"
            )
        elif address:
            tag["href"] = address + file + (f"#{fragment}" if fragment else "")
        else:
            tag.unwrap()


# --- Writing -----------------------------------------------------------------


def chapter(page: Page) -> str:
    """A page's article, under the name of the part that it begins."""
    part = f'<p class="part">{escape(page.part)}</p>' if page.part else ""
    kind = "chapter" if number_of(page.title) else "chapter index"
    inner = page.article.decode_contents()
    return f'<article class="{kind}" id="{page.anchor}">\n{part}{inner}</article>'


def title_pages(volume: Volume) -> str:
    """The title, and what stands on its back."""
    place = f"{volume.address}t/" if volume.address else "t/ on the site"
    return TITLE.format(
        name=escape(volume.name),
        description=escape(volume.description),
        authors=escape(volume.authors),
        version=escape(volume.version),
        address=escape(volume.address),
        tags=f"Behind {escape(place)} it is a short address.",
    )


def contents(pages: list[Page]) -> Iterator[str]:
    """The lines of the table of contents."""
    for page in pages:
        if page.part:
            yield f'<p class="part-entry">{escape(page.part)}</p>'
        yield entry("chapter-entry", page.anchor, page.title)
        found = [it for it in page.article.select("h2[id]") if not exercises(it)]
        if found:
            run = "\n".join(entry("section-entry", it["id"], it) for it in found)
            yield f'<p class="section-entries">{run}</p>'


def exercises(heading: Tag) -> bool:
    """Whether a heading is that of the exercises, which every chapter has."""
    return heading.get_text().split()[-1:] == ["Exercises"]


def entry(kind: str, target: str, heading: Tag) -> str:
    """A heading in the table of contents, without links within it.

    A chapter has a line of its own, its sections are run in.
    """
    text = re.sub(r"</?a\b[^>]*>| id=\"[^\"]*\"", "", heading.decode_contents())
    link = f'<a href="#{target}">{text.strip()}</a>'
    tag = "p" if kind == "chapter-entry" else "span"
    return f'<{tag} class="{kind}">{link}</{tag}>'
