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


def frames(it):
    """The citations of anything, with blanks in braces: {format: text}."""
    url, day = f"{ROOT}t/{{tag}}/", f"version {it.version} ({it.date})"
    return {
        "Text": f"{it.authors}: “{it.title}”, {day}{{part}}. Tag {{tag}}, {url}",
        "BibTeX": bibtex(it, url),
        "Markdown": f"{it.authors}, [{it.title}{{name}}]({url}){{about}}, {day}, "
        "tag {tag}",
        "Permalink": url,
    }


def blanks(found, thing):
    """What is to be written in the blanks for a thing, but for its tag."""
    name, about = named(found, thing)
    counted = thing.number or thing.is_named
    part = f"{name}{',' if counted else ''} {about}".strip()
    return {
        "part": part and f", {part}",
        "tex": part and f": {tex(part)}",
        "name": name and f", {name}",
        "about": about and f" ({about})",
    }


def texts(it, found, thing, tag):
    """The citations of a thing: {format: text}, with ROOT for the site's address."""
    known = blanks(found, thing) | {"tag": tag}

    def value(blank):
        return known.get(blank[1], blank[0])

    return {
        format: re.sub(r"\{(\w+)\}", value, frame)
        for format, frame in frames(it).items()
    }


def credit(it, found, thing, tag):
    """The line to write beside a figure that is used elsewhere, with ROOT in it."""
    name = named(found, thing)[0].capitalize()
    book = f"“{it.title}” (version {it.version}) by {it.authors}"
    return f"{name} of {book}, {ROOT}t/{tag}/, {LICENCE.name}, {LICENCE.address}"


def bibtex(it, url):
    """The entry of a part of the book for BibTeX, with the blanks of `frames`."""
    fields = {
        "author": f"{{{{{tex(it.authors)}}}}}",
        "title": f"{{{{{tex(it.title)}{{tex}}}}}}",
        "year": f"{{{it.date[:4]}}}",
        "month": MONTHS[int(it.date[5:7]) - 1],  # a name that BibTeX knows
        "note": f"{{Version {it.version}, tag {{tag}}}}",  # shown by plain styles
        "url": f"{{{url}}}",
    }
    lines = "".join(f"  {key:6} = {value},\n" for key, value in fields.items())
    return f"@misc{{microgpt-book-{{tag}},\n{lines}}}"


def report(it, found, thing, tag):
    """The address at which to report a mistake in a thing; "" if there is none."""
    what = " ".join(named(found, thing)).strip()
    return it.report(f"Tag {tag}: {what}" if what else f"Tag {tag}")


def tex(text):
    """A text as TeX wants it."""
    text = re.sub("“([^”]*)”", r"``\1''", text)
    return "".join(TEX.get(character, character) for character in text)
