"""Offprints: every figure as a file that stands alone and says whose it is."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tools.draw import palette
from tools.weave import cite, contents, edition, offprint, tagpages, tags

pytestmark = pytest.mark.site
ROOT = Path(__file__).resolve().parents[2]
SITE = "https://example.org/book/"
SVG = "{http://www.w3.org/2000/svg}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
CC = "{http://creativecommons.org/ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"


@pytest.fixture(scope="module")
def offprints():
    """The offprints of all figures that have a tag: {tag: (thing, text)}."""
    return made(SITE)


def made(address):
    """The same, for a site with an address, "" while there is none."""
    folder = ROOT / "docs"
    found, ledger, it = contents.of_book(folder), tags.read(folder), edition.read(ROOT)
    texts = {}
    for tag, key in ledger.things.items():
        thing = found.things.get(key)
        if thing and thing.kind == "figure":
            drawn = tagpages.drawing_of(folder, thing)
            form = tagpages.template("offprint.svg")
            text = offprint.render(form, it, found, thing, drawn, tag, address)
            texts[tag] = thing, text
    return texts


def test_every_figure_has_one_that_is_sound(offprints):
    assert len(offprints) > 50
    for thing, text in offprints.values():
        root = ElementTree.fromstring(text)
        drawn = ElementTree.fromstring(tagpages.drawing_of(ROOT / "docs", thing).svg)
        width = float(drawn.get("viewBox").split()[2])
        assert root.tag == f"{SVG}svg"
        assert float(root.get("width")) == width + 2 * offprint.ROOM
        assert width <= palette.WIDTH
        assert float(root.get("height")) > 2 * offprint.ROOM


def test_it_says_what_it_shows_who_made_it_and_under_which_licence(offprints):
    it = edition.read(ROOT)
    for tag, (thing, text) in offprints.items():
        root = ElementTree.fromstring(text)
        ids = {part.get("id"): part for part in root.iter() if part.get("id")}
        for reference in ("aria-labelledby", "aria-describedby"):
            assert len(ids[root.get(reference)].text) > 20
        work = root.find(f".//{CC}Work")
        assert thing.title in work.find(f"{DC}title").text
        assert thing.title.rstrip(".") in work.find(f"{DC}description").text
        assert work.find(f"{DC}creator/{CC}Agent/{DC}title").text == it.authors
        assert work.find(f"{DC}identifier").text == f"{SITE}t/{tag}/"
        licence = work.find(f"{CC}license").get(f"{RDF}resource")
        assert licence == cite.LICENCE.address
        assert root.find(f".//{CC}License").get(f"{RDF}about") == licence


def test_without_a_public_address_it_is_known_by_its_tag():
    tag, (_, text) = next(iter(made("").items()))
    assert f"<dc:identifier>tag {tag}</dc:identifier>" in text
    assert f"tag {tag}, {cite.LICENCE.name}" in text
    assert "{root}" not in text


def test_it_looks_right_without_a_page(offprints):
    for _, text in offprints.values():
        assert "var(" not in text
        root = ElementTree.fromstring(text)
        ground = root.find(f"{SVG}rect")
        assert ground.get("fill") == "#ffffff"
        box = " ".join(ground.get(it) for it in ("x", "y", "width", "height"))
        assert box == root.get("viewBox")
        drawn = root[[*root].index(ground) + 1 :]
        assert drawn
        for part in (one for top in drawn for one in top.iter()):
            for name in ("fill", "stroke"):
                colour = part.get(name, "none")
                assert colour in {"none", *offprint.LIGHT.values()}, colour


def test_its_colours_are_those_of_the_light_page():
    css = (ROOT / "docs" / "assets" / "book.css").read_text("utf-8")
    told = dict(re.findall(r"(--[\w-]+): (?:light-dark\()?([^,;]+)[,;]", css))

    def colour(name):
        value = told[name]
        other = re.fullmatch(r"var\((--[\w-]+)\)", value)
        return colour(other[1]) if other else value

    ground = "--md-default-bg-color"
    for name, value in offprint.LIGHT.items():
        assert value == ("#ffffff" if name == ground else colour(name))


def test_every_variable_of_the_palette_has_a_colour_or_a_face():
    names = (name for name in vars(palette).values() if isinstance(name, str))
    variables = {it[1] for name in names if (it := offprint.VARIABLE.fullmatch(name))}
    assert variables == {*offprint.LIGHT, *offprint.FACES}


def test_what_is_no_variable_of_the_book_has_its_own_fall_back():
    assert offprint.plain('fill="var(--other,#123)"') == 'fill="#123"'


def test_the_credit_names_the_figure_the_book_its_authors_and_the_licence(offprints):
    found, it = contents.of_book(ROOT / "docs"), edition.read(ROOT)
    for tag, (thing, _) in offprints.items():
        line = cite.credit(it, found, thing, tag)
        for part in (it.title, it.authors, f"t/{tag}/", *cite.LICENCE):
            assert part in line
        assert line.startswith("Figure ")


def test_the_licence_is_that_of_the_repository():
    text = (ROOT / "LICENSE-text").read_text("utf-8")
    assert f"({cite.LICENCE.name})" in text
    assert cite.LICENCE.address in text
