"""Cite: how to cite a thing of the book, and how to report a mistake in it.

What is said of the book itself stands in CITATION.cff; what a citation is of, in the
ledger of tags.
"""

import re
from typing import NamedTuple


class Licence(NamedTuple):
    """A licence: what it is called, and where it stands."""

    name: str
    address: str


# Of the text and the figures; LICENSE-text says it in full.
LICENCE = Licence("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")
ROOT = "{root}"  # stands for the site's address in a text
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun"]
MONTHS += ["jul", "aug", "sep", "oct", "nov", "dec"]
TEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "²": "$^2$",
    "’": "'",
    "‘": "`",
    "×": r"$\times$",
    "√": r"$\surd$",
}


def named(found, thing):
    """What a thing is called, and what it is about: (section 10.2, its title)."""
    chapter = found.chapter(thing.page)
    if thing.kind in ("block", "figure", "question"):
        at = found.section(thing)
        title = at.title.removeprefix("Exercise: ")
        return thing.name, " ".join((at.name, f"“{title}”"))
    if thing.kind == "variant":
        return thing.name, f"“{thing.title}”"
    if thing.kind == "chapter" and not thing.number:
        return ("page", f"“{thing.title}”") if thing.id != "index" else ("", "")
    title = f"“{thing.title.removeprefix('Exercise: ')}”"
    return thing.name, title if thing.number else f"{title} of “{chapter.title}”"


def texts(it, found, thing, tag):
    """The citations of a thing: {format: text}, with ROOT for the site's address."""
    name, about = named(found, thing)
    url, day = f"{ROOT}t/{tag}/", f"version {it.version} ({it.date})"
    counted = thing.number or thing.is_named
    part = f"{name}{',' if counted else ''} {about}".strip()
    link = f"[{it.title}{name and f', {name}'}]({url})"
    return {
        "Text": f"{it.authors}: “{it.title}”, {day}{part and f', {part}'}. "
        f"Tag {tag}, {url}",
        "BibTeX": bibtex(it, part, tag, url),
        "Markdown": f"{it.authors}, {link}{about and f' ({about})'}, {day}, tag {tag}",
        "Permalink": url,
    }


def credit(it, found, thing, tag):
    """The line to write beside a figure that is used elsewhere, with ROOT in it."""
    name = named(found, thing)[0].capitalize()
    book = f"“{it.title}” (version {it.version}) by {it.authors}"
    return f"{name} of {book}, {ROOT}t/{tag}/, {LICENCE.name}, {LICENCE.address}"


def bibtex(it, part, tag, url):
    """The entry of a part of the book for BibTeX."""
    fields = {
        "author": f"{{{{{tex(it.authors)}}}}}",
        "title": f"{{{{{tex(it.title)}{part and f': {tex(part)}'}}}}}",
        "year": f"{{{it.date[:4]}}}",
        "month": MONTHS[int(it.date[5:7]) - 1],  # a name that BibTeX knows
        "note": f"{{Version {it.version}, tag {tag}}}",  # plain styles show no version
        "url": f"{{{url}}}",
    }
    lines = "".join(f"  {key:6} = {value},\n" for key, value in fields.items())
    return f"@misc{{microgpt-book-{tag},\n{lines}}}"


def report(it, found, thing, tag):
    """The address at which to report a mistake in a thing; "" if there is none."""
    what = " ".join(named(found, thing)).strip()
    return it.report(f"Tag {tag}: {what}" if what else f"Tag {tag}")


def tex(text):
    """A text as TeX wants it."""
    text = re.sub("“([^”]*)”", r"``\1''", text)
    return "".join(TEX.get(character, character) for character in text)
