"""Offprint: a figure as a file of its own, as one downloads it from its tag's page.

In a page a drawing takes its colours and faces from the page's style sheet. Its
offprint stands alone: it has the light page's colours on white, faces that systems
have, a size and room around it, and it says within itself what it shows, who made it,
and under which licence. Its form is theme/offprint.svg.
"""

import posixpath
import re
from typing import NamedTuple

from tools.weave import cite, tags

VARIABLE = re.compile(r"var\((--[\w-]+)(?:,([^()]*))?\)")
DRAWING = re.compile(r"<svg\b([^>]*)>\s*(<title.*?</title>)?\s*(.*)</svg>", re.S)
STYLE = re.compile(r"\sstyle=\"[^\"]*\"")
BOX = re.compile(r'viewBox="0 0 (\S+) (\S+)"')

ROOM = 12  # around the drawing

# The light page's colours, as docs/assets/book.css has them, on white.
LIGHT = {
    "--md-default-fg-color": "#24211c",
    "--md-default-fg-color--light": "#625b50",
    "--md-default-fg-color--lighter": "#a9a193",
    "--md-default-bg-color": "#ffffff",
    "--md-accent-fg-color": "#8f3a10",
    "--md-code-hl-keyword-color": "#1f4f9c",
    "--md-code-hl-string-color": "#17623b",
}
FACES = {
    "--sans": "Inter, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif",
    "--serif": "'Source Serif 4', Georgia, 'Liberation Serif', serif",
    "--mono": "'JetBrains Mono', Menlo, Consolas, 'Liberation Mono', monospace",
}


class Drawn(NamedTuple):
    """A figure as the book has it: its SVG, the file's name, its description."""

    svg: str
    file: str
    alt: str


def path(tag, name):
    """Where the offprint of a figure lies on the site: beside its tag's page."""
    return posixpath.join(posixpath.dirname(tags.path(tag)), posixpath.basename(name))


def plain(svg):
    """A drawing with colours and faces in place of the page's variables."""
    return VARIABLE.sub(lambda it: (LIGHT | FACES).get(it[1], it[2] or "none"), svg)


def framed(head):
    """The attributes of a drawing with room around it, and those of its ground."""
    box = BOX.search(head)
    if not box:
        return head, 'width="100%" height="100%"'
    wide, tall = (f"{float(length) + 2 * ROOM:g}" for length in box.groups())
    whole = f'width="{wide}" height="{tall}"'
    around = f'viewBox="{-ROOM} {-ROOM} {wide} {tall}" {whole}'
    return BOX.sub(around, head), f'x="{-ROOM}" y="{-ROOM}" {whole}'


def render(template, it, found, thing, drawn, tag, root):
    """The text of an offprint; it: the edition; root: the site's address, or ""."""
    page = f"{cite.ROOT}t/{tag}/"
    address = page.replace(cite.ROOT, root) if root else f"tag {tag}"
    head, title, rest = DRAWING.search(plain(drawn.svg)).groups()
    head, ground = framed(STYLE.sub("", head))
    return template.render(
        head=head,
        ground=ground,
        title=title or "",
        rest=rest,
        id=thing.id,
        name=cite.named(found, thing)[0].capitalize(),
        words=thing.title,
        described=described(drawn.alt, thing.title),
        credit=cite.credit(it, found, thing, tag).replace(page, address),
        licence=cite.LICENCE,
        address=address,
        edition=it,
    )


def described(alt, words):
    """What a drawing shows, in words, and what the book says of it."""
    return " ".join(text.strip().rstrip(".") + "." for text in (alt, words) if text)
