"""Tag pages: the page of each tag, and the list of them all.

A tag's page says what the tag was given to, where that stands, how to cite it and, of
a block, how its code came about; of a figure it shows the drawing, and offers it as a
file with its licence. It needs no script.
Its form is theme/tag.html.
"""

import posixpath
from functools import cache, lru_cache
from pathlib import Path

import jinja2

from tools.weave import cite, contents, edition, offprint, tags
from tools.weave.lines import coloured
from tools.weave.pictures import inline
from tools.weave.relations import relations
from tools.weave.views import place

THEME = Path(__file__).parent / "theme"


@cache
def template(name):
    """One of the templates of the theme."""
    loader = jinja2.FileSystemLoader(THEME)
    settings = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    return jinja2.Environment(loader=loader, **settings).get_template(name)


def pages(folder, found, root):
    """The pages of all tags, and the offprints of the figures: {their path: text}.

    root: the site's address, or "".
    """
    ledger, past, places = tags.read(folder), tags.releases(folder), tags.places(folder)
    it = edition.read(Path(folder).parent)
    rows, made = [], {}
    for tag, key in ledger.things.items():
        row = {"edition": it, "tag": tag, "kind": key[0], "id": key[1]}
        thing, retired = found.things.get(key), ledger.retired.get(tag)
        if retired is not None or not thing:
            row |= {"title": f"{key[0].title()} {key[1]}", "retired": retired or ""}
        else:
            row |= place_of(found, thing) | citations(it, found, thing, tag, root)
            row["moved"] = [*moved(found, thing, places.get(tag, []))]
            row |= code_of(found, thing, past) if thing.kind == "block" else {}
            drawn = drawing_of(folder, thing) if thing.kind == "figure" else None
            if drawn:
                row |= drawing(it, found, thing, drawn, tag, root)
                made[row["offprint"]] = offprint.render(
                    template("offprint.svg"), it, found, thing, drawn, tag, root
                )
        rows.append(row)
    page = template("tag.html")
    for row in rows:  # people type tags in lower case too, and some hosts know the case
        html = page.render(row)
        made |= {tags.path(tag): html for tag in (row["tag"], row["tag"].lower())}
    index = template("tags.html").render(edition=it, rows=rows)
    return made | {"t/index.html": index}


def place_of(found, thing):
    """What a thing of the book is called, and where it stands."""
    name, about = cite.named(found, thing)
    return {
        "title": name[:1].upper() + name[1:] or "The book",
        "about": about,
        "address": thing.address,
        "words": thing.title,
        "chapter": found.chapter(thing.page),
        "retired": None,
    }


def moved(found, thing, places):
    """Where a thing stood in earlier versions, if elsewhere: (version, page, title)."""
    for version, page in places:
        if page != tags.page_of(thing):
            other = found.things.get(("chapter", page))
            yield (
                version,
                f"{page}.html" if other else "",
                other.title if other else page,
            )


def citations(it, found, thing, tag, root):
    """How to cite a thing, and where to report a mistake in it."""
    cited = cite.texts(it, found, thing, tag).items()
    return {
        "texts": {format: text.replace(cite.ROOT, root) for format, text in cited},
        "report": cite.report(it, found, thing, tag),
        "root": root,
    }


def drawing(it, found, thing, drawn, tag, root):
    """A figure's drawing, and what one needs to use it elsewhere."""
    file = offprint.path(tag, drawn.file)
    return {
        "drawing": inline(drawn.svg),
        "alt": drawn.alt,
        "offprint": file,
        "file": posixpath.basename(file),
        "credit": cite.credit(it, found, thing, tag).replace(cite.ROOT, root),
        "licence": cite.LICENCE,
    }


def drawing_of(folder, thing):
    """A figure's drawing as the book has it; None if it is not there."""
    for alt, name, _ in contents.PICTURE.findall(source(Path(folder, thing.page))):
        if contents.figure_id(name) == thing.id:
            svg = Path(folder, thing.page).parent.joinpath(name).read_text("utf-8")
            return offprint.Drawn(svg, name, " ".join(alt.split()))
    return None


@lru_cache(maxsize=64)
def text_of(path, changed):
    """The text of a page; changed, the time of its change, keeps the memory fresh."""
    return path.read_text("utf-8")


def source(path):
    return text_of(path, path.stat().st_mtime_ns)


def code_of(found, thing, past):
    """The code of a block, what became of it, and what it was in each release."""
    block = found.book.ids[thing.id]
    later = relations(found)[block.id]["Replaced by"]
    replaced = [found.things["block", other.id] for other in later]
    return {
        "code": coloured(block),
        "place": place(found, block),
        "sha256": tags.code_hash(block),
        "history": past.get(block.id, []),
        "replaced": [(it.id, it.address, found.section(it)) for it in replaced],
    }
