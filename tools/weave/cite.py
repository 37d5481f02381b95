"""Cite: how to cite a thing of the book, and the page of its tag.

What is said of the book itself stands in CITATION.cff; what a citation is of, in the
ledger of tags.
"""

import re
from functools import cache
from pathlib import Path

import jinja2

from tools.weave import edition, tags
from tools.weave.lines import coloured
from tools.weave.relations import relations
from tools.weave.views import place

THEME = Path(__file__).parent / "theme"
ROOT = "{root}"  # stands for the site's address in a text
MONTHS = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
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


def path(tag):
    """Where a tag's page lies on the site."""
    return f"t/{tag}/index.html"


def named(found, thing):
    """What a thing is called, and what it is about: (section 10.2, its title)."""
    chapter = found.chapter(thing.page)
    if thing.kind in ("block", "figure"):
        at = found.section(thing)
        title = at.title.removeprefix("Exercise: ")
        return thing.name, " ".join((at.name, f"“{title}”"))
    if thing.kind == "chapter" and not thing.number:
        return ("page", f"“{thing.title}”") if thing.id != "index" else ("", "")
    title = f"“{thing.title.removeprefix('Exercise: ')}”"
    return thing.name, title if thing.number else f"{title} of “{chapter.title}”"


def texts(it, found, thing, tag):
    """The citations of a thing: {format: text}, with ROOT for the site's address."""
    name, about = named(found, thing)
    url, year, month = f"{ROOT}t/{tag}/", it.date[:4], MONTHS[int(it.date[5:7]) - 1]
    counted = thing.number or thing.kind == "block"
    part = f"{name}{',' if counted else ''} {about}".strip()
    day = f"version {it.version} ({it.date})"
    link = f"[{it.title}{name and f', {name}'}]({url})"
    fields = {
        "author": f"{{{tex(it.authors)}}}",
        "title": f"{{{tex(it.title)}{part and f': {tex(part)}'}}}",
        "year": year,
        "month": month,
        "note": f"Version {it.version}, tag {tag}",  # plain styles show no version
        "url": url,
    }
    lines = [
        f"  {key:6} = {value if key == 'month' else f'{{{value}}}'},\n"
        for key, value in fields.items()
    ]
    return {
        "Text": f"{it.authors}: “{it.title}”, {day}{part and f', {part}'}. "
        f"Tag {tag}, {url}",
        "BibTeX": f"@misc{{microgpt-book-{tag},\n{''.join(lines)}}}",
        "Markdown": f"{it.authors}, {link}{about and f' ({about})'}, {day}, tag {tag}",
        "Permalink": url,
    }


def tex(text):
    """A text as TeX wants it."""
    text = re.sub("“([^”]*)”", r"``\1''", text)
    return "".join(TEX.get(character, character) for character in text)


# The page of a tag


@cache
def template(name):
    loader = jinja2.FileSystemLoader(THEME)
    settings = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    return jinja2.Environment(loader=loader, **settings).get_template(name)


def pages(folder, found, root):
    """The pages of all tags: {their path: HTML}; root is the site's address or ""."""
    ledger, past = tags.read(folder), tags.releases(folder)
    it = edition.read(Path(folder).parent)
    made, rows = {}, []
    for tag, key in ledger.things.items():
        thing, retired = found.things.get(key), ledger.retired.get(tag)
        data = {"edition": it, "tag": tag, "kind": key[0], "id": key[1]}
        if retired is not None or not thing:
            data |= {"title": f"{key[0].title()} {key[1]}", "retired": retired or ""}
        else:
            data |= live(found, thing, past) | {"root": root}
            cited = texts(it, found, thing, tag).items()
            data["texts"] = {k: v.replace(ROOT, root) for k, v in cited}
        made[path(tag)] = template("tag.html").render(data)
        rows.append(data)
    made["t/index.html"] = template("tags.html").render(edition=it, rows=rows)
    return made


def live(found, thing, past):
    """What the page of a thing that is in the book says."""
    name, about = named(found, thing)
    data = {
        "title": name[:1].upper() + name[1:] or "The book",
        "about": about,
        "address": address(thing),
        "chapter": found.chapter(thing.page),
        "retired": None,
    }
    if thing.kind == "block":
        block = found.book.ids[thing.id]
        ties = relations(found)[block.id]
        data |= {
            "code": coloured(block),
            "place": place(found, block),
            "sha256": tags.code_hash(block),
            "history": past.get(block.id, []),
        }
        blocks = [found.things["block", b.id] for b in ties["Replaced by"]]
        data["replaced"] = [(b.id, address(b), found.section(b)) for b in blocks]
    return data


def address(thing):
    """Where a thing stands on the site."""
    return f"{thing.page.removesuffix('.md')}.html{thing.anchor}"
