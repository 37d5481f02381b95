"""Variants on the site: pages of their own, which no index and no outline knows."""

import posixpath
import xml.etree.ElementTree as etree

import pytest
import website

from tests.tangle.desk import block
from tests.weave.test_listing import INDEX, ONE, TWO, lines, links, told
from tools.weave import cite, contents, edition, fonts, indexes, tagpages, tags
from tools.weave.listing import Listing
from tools.weave.views import view

pytestmark = pytest.mark.site
DEEP = """# Deeper

Boxes in boxes, as [the book](../two.md#box-shut-twice) has them.

## Why {#why}

```python {#deep-shut replaces="box-shut-twice"}
def shut(self, thing):
    # as it was
    self.thing = [thing, self]
    self.open()
```

```python {#deep-help after="box-open"}
def help(self):
    return self.shut(full)
```
"""
PAGE = "variants/deep.md"


@pytest.fixture
def folder(tmp_path):
    """The folder of a small book with a variant."""
    folder = tmp_path / "docs"
    pages = {"index": INDEX, "one": ONE, "two": TWO, "variants/deep": DEEP}
    for name, text in pages.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def drawn(folder, id):
    """A block's figure, as the page of the variant shows it."""
    found, figure = contents.of_page(folder, PAGE), etree.Element("figure")
    Listing(found, PAGE).draw(figure, found.book.ids[id])
    return figure


def change(folder, page, old, new):
    path = folder / f"{page}.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_block_of_a_variant_is_a_difference_from_the_book_s(folder):
    marks = [(tag, text.strip()) for tag, _, text in lines(drawn(folder, "deep-shut"))]
    assert marks[2:4] == [
        ("del", "self.thing = [thing, thing]"),
        ("ins", "self.thing = [thing, self]"),
    ]
    assert {tag for tag, _ in marks} == {"span", "del", "ins"}


def test_its_lines_have_the_numbers_of_the_program_with_the_variant(folder):
    figure = drawn(folder, "deep-help")
    file = view(contents.of_page(folder, PAGE)).file("microgpt/box.py")
    (_, number, text), *_ = lines(figure)
    assert file.text.split("\n")[number - 1].strip() == text.strip()
    place = figure.find(".//*[@class='place']")
    assert place.text == "microgpt/box.py, lines 15–16, with this variant"
    assert place.tag == "span"


def test_its_blocks_have_links_to_the_book_and_to_each_other(folder):
    replaced, put_in = (drawn(folder, id) for id in ("deep-shut", "deep-help"))
    assert told(replaced).startswith("Replaces box-shut-twice")
    assert ("box-shut-twice", "../two.md#box-shut-twice") in links(replaced)
    assert ("deep-help", "#deep-help") in links(replaced)
    assert ("box-open", "../one.md#box-open") in links(put_in)
    assert ("shut", "#deep-shut") in links(put_in)


def test_a_variant_may_replace_a_block_of_its_own(folder):
    second = block('#deep-second replaces="deep-help"', "def help(self):", "    pass")
    (folder / PAGE).write_text(f"{DEEP}\n{second}", "utf-8")
    assert [text.strip() for tag, _, text in lines(drawn(folder, "deep-second"))] == [
        "def help(self):",
        "return self.shut(full)",
        "pass",
    ]
    first = drawn(folder, "deep-help")
    assert "Replaced by deep-second" in told(first) and lines(first)[0][1] == 15


def test_no_other_page_knows_the_blocks_of_a_variant(folder):
    found = contents.of_book(folder)
    for page in ("index.md", "two.md"):
        assert contents.of_page(folder, page) is found
    assert not [block for block in found.book.blocks if "deep" in block.id]
    figure = etree.Element("figure")
    Listing(found, "two.md").draw(figure, found.book.ids["box-shut-twice"])
    assert "Replaced by" not in told(figure)


def test_a_variant_is_in_no_index_and_in_no_outline(folder):
    assert not [name for name, text in indexes.texts(folder).items() if "deep" in text]
    root = etree.Element("div")
    Listing(contents.of_book(folder), "two.md").outline(root, "2")
    assert "Box.help" not in "".join(root.itertext())


def test_a_variant_is_one_thing_and_has_one_tag(folder):
    found = contents.of_book(folder)
    here = {key: it for key, it in found.things.items() if it.page == PAGE}
    assert [*here] == [("variant", "deep")]
    thing = here["variant", "deep"]
    assert (thing.title, thing.number, thing.name) == ("Deeper", "", "variant deep")
    assert thing.address == "variants/deep.html"
    (folder / "data").mkdir()
    assert tags.assign(folder) == []
    tag = tags.read(folder).tags["variant", "deep"]
    (folder / PAGE).unlink()
    (problem,) = map(str, tags.check(folder))
    assert f"variant deep is gone from the book, and people cite it as {tag}" in problem


def test_the_page_of_its_tag_leads_to_a_variant(folder):
    (folder.parent / "CITATION.cff").write_text(CITATION, "utf-8")
    (folder / "data").mkdir()
    tags.assign(folder)
    found = contents.of_book(folder)
    tag = tags.read(folder).tags["variant", "deep"]
    page = tagpages.pages(folder, found, "")[tags.path(tag)]
    assert 'class="go" href="../../variants/deep.html">Read it in\nits place<' in page
    it, thing = edition.read(folder.parent), found.things["variant", "deep"]
    assert ", variant deep, “Deeper”. Tag" in cite.texts(it, found, thing, tag)["Text"]


CITATION = """
title: "A small book"
authors: [{name: "Its authors"}]
version: 1.2.0
date-released: 2026-03-04
"""


def test_links_lead_to_a_variant_and_to_the_places_in_it(folder):
    for to in ("", "#why", "#deep-help"):
        change(folder, "one", "# One\n", f"# One\n\n[deep](variants/deep.md{to})\n")
    assert contents.of_book(folder).problems == []
    change(folder, "one", "deep.md#why", "deep.md#how")
    (problem,) = map(str, contents.of_book(folder).problems)
    assert problem.startswith("docs/one.md:5: the link variants/deep.md#how leads now")


def test_a_link_of_a_variant_that_leads_nowhere_is_told_with_its_line(folder):
    change(folder, "variants/deep", "#box-shut-twice)", "#box-shut-thrice)")
    (problem,) = map(str, contents.of_book(folder).problems)
    assert problem.startswith("docs/variants/deep.md:3: the link ../two.md#box-shut-th")


def test_what_a_variant_looks_like_follows_its_text_and_the_book_s(folder):
    before = contents.of_page(folder, PAGE)
    assert contents.of_page(folder, PAGE) is before
    change(folder, "variants/deep", "[thing, self]", "[self, thing]")
    assert contents.of_page(folder, PAGE) != before
    assert contents.of_page(folder, PAGE).book.ids["deep-shut"].lines[2].endswith("ng]")
    change(folder, "one", "return self.thing, Box", "return self.thing")
    assert contents.of_page(folder, PAGE).book.ids["box-open"].lines[1].endswith("ing")


# As MkDocs builds them


@pytest.fixture
def build(folder, tmp_path):
    """Build the small book; what the build said, and the site's folder."""
    (tmp_path / "CITATION.cff").write_text(CITATION, "utf-8")
    (tmp_path / "theme").mkdir()
    (tmp_path / "theme/main.html").write_text("{{ page.content }}")
    config = tmp_path / "mkdocs.yml"
    config.write_text(
        "site_name: small\nplugins: []\nuse_directory_urls: false\n"
        "theme: {name: null, custom_dir: theme}\n"
        "nav: [index.md, one.md, two.md]\nnot_in_nav: /variants/\n"
        "validation: {nav: {omitted_files: warn}}\n"
        "markdown_extensions: [attr_list, pymdownx.superfences, pymdownx.highlight,"
        " 'tools.weave.extension:Book']\n"
    )
    return lambda: (website.build(tmp_path / "site", config), tmp_path / "site")


def test_the_site_has_a_page_for_each_variant_without_a_warning(folder, build):
    change(folder, "index", "# A book\n", f"# A book\n\n[Deeper]({PAGE}#deep-help)\n")
    (folder / "data").mkdir()
    tags.assign(folder)
    run, site = build()
    assert run.returncode == 0, run.stderr
    page = (site / "variants/deep.html").read_text("utf-8")
    shown = website.Page(page)
    assert shown.blocks == ["deep-shut", "deep-help"]
    assert "self.thing = [thing, self]" in shown.code[0]
    assert "<s>self.thing = [thing, thing]</s>" in page
    tag = tags.read(folder).tags["variant", "deep"]
    assert page.count('class="cite"') == 1
    assert f'href="{posixpath.relpath(tags.path(tag), "variants")}"' in page
    assert "Outline of the program" not in page


def test_a_variant_that_no_longer_fits_stops_the_build_at_its_line(folder, build):
    change(folder, "variants/deep", 'after="box-open"', 'after="box-opened"')
    run, _ = build()
    assert run.returncode != 0
    assert "docs/variants/deep.md:14: no block box-opened stands before" in run.stderr


def test_the_fonts_have_the_letters_of_variants_too(monkeypatch, folder):
    change(folder, "variants/deep", "Boxes in boxes", "Boxes in ボ")
    monkeypatch.setattr(fonts.stage, "BOOK", folder)
    assert "ボ" in fonts.characters()
