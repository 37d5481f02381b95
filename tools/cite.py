"""Cite: how to cite a thing of the book, and the page of its tag.

What is said of the book itself stands in CITATION.cff; what a citation is of, in the
ledger of tags.
"""

import re
from functools import cache
from pathlib import Path

import jinja2

from tools import edition, listing, tags

TEMPLATE = Path(__file__).parent / "theme" / "tag.html"
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
}


def path(tag):
    """Where a tag's page lies on the site."""
    return f"t/{tag}/index.html"


def named(found, thing):
    """A thing's name and what it is about: (section 10.2, its title)."""
    if thing.kind == "block":
        section = found.section(thing)
        return f"block {thing.id}", f"{section.name}, {section.title}"
    if thing.kind == "figure":
        return thing.name, thing.title.split(". ")[0].rstrip(".")
    return thing.name, thing.title.removeprefix("Exercise: ")


def texts(it, found, thing, tag):
    """The citations of a thing: {format: text}, with ROOT for the site's address."""
    name, about = named(found, thing)
    url, year, month = f"{ROOT}t/{tag}/", it.date[:4], MONTHS[int(it.date[5:7]) - 1]
    Name = name[0].upper() + name[1:]
    title = tex(f"{it.title}. {Name}: {about}")
    fields = {
        "author": f"{{{tex(it.authors)}}}",
        "title": f"{{{title}}}",
        "year": year,
        "month": month,
        "version": it.version,
        "note": f"Tag {tag}",
        "url": url,
    }
    width = max(map(len, fields))
    lines = [
        f"  {key:{width}} = {value if key == 'month' else f'{{{value}}}'},\n"
        for key, value in fields.items()
    ]
    day = f"version {it.version} ({it.date})"
    return {
        "Text": f"{it.authors}: {it.title}, {day}. {Name}, {about}. Tag {tag}, {url}",
        "BibTeX": f"@misc{{microgpt-book-{tag},\n{''.join(lines)}}}",
        "Markdown": f"[{it.title}, {name}]({url}): {about}; {day}",
        "Permalink": url,
    }


def tex(text):
    """A text as TeX wants it."""
    return re.sub(r"[&%$#_{}~^\\]", lambda found: TEX[found[0]], text)


# The page of a tag


@cache
def template():
    loader = jinja2.FileSystemLoader(TEMPLATE.parent)
    settings = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    return jinja2.Environment(loader=loader, **settings).get_template(TEMPLATE.name)


def pages(folder, found, root):
    """The pages of all tags: {their path: HTML}; root is the site's address or ""."""
    ledger, past = tags.read(folder), tags.releases(folder)
    it = edition.read(Path(folder).parent)
    made = {}
    for tag, key in ledger.things.items():
        thing, retired = found.things.get(key), ledger.retired.get(tag)
        data = {"edition": it, "tag": tag, "kind": key[0], "id": key[1]}
        if retired is not None or not thing:
            data |= {"title": f"{key[0].title()} {key[1]}", "retired": retired or ""}
        else:
            data |= live(found, thing, past) | {"root": root}
            cited = texts(it, found, thing, tag).items()
            data["texts"] = {k: v.replace(ROOT, root) for k, v in cited}
        made[path(tag)] = template().render(data)
    return made


def live(found, thing, past):
    """What the page of a thing that is in the book says."""
    name, about = named(found, thing)
    data = {
        "title": name[0].upper() + name[1:],
        "about": about,
        "address": f"{thing.page.removesuffix('.md')}.html{thing.anchor}",
        "chapter": found.chapter(thing.page),
        "retired": None,
    }
    if thing.kind == "block":
        block = found.book.ids[thing.id]
        sha256 = tags.code_hash(block)
        data |= {"code": "\n".join(block.lines), "sha256": sha256}
        data["place"] = listing.place(found, block)
        history = past.get(block.id, [])
        data["changed"] = tags.last_change(history, sha256)
        data["before"] = history[-1][:2] if history else None
    return data
