"""Reuse: a second build makes what has changed, and the same as a first would make."""

from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.structure.pages import Page

from tools.weave import search, tags
from tools.weave.reuse import memory

pytestmark = pytest.mark.site
CITATION = """
title: "A small book"
authors: [{name: "Its authors"}]
version: 1.2.0
date-released: 2026-03-04
"""
CONFIG = """
site_name: small
site_url: https://book.example/
use_directory_urls: false
theme: {name: material, font: false}
plugins: [search]
hooks: HOOKS
markdown_extensions: [attr_list, footnotes, md_in_html, tables, toc,
  pymdownx.superfences, pymdownx.highlight, {pymdownx.arithmatex: {generic: true}},
  'tools.weave.extension:Book']
"""
HOOKS = Path(__file__).resolve().parents[2] / "tools" / "weave" / "hooks.py"
INDEX = "# A book\n\n1. [One](one.md)\n2. [Two](two.md)\n"
ONE = """# One

The first sentence, and [the block](two.md#value).

## Here {#here}

![A line](line.svg "It rises.")

$x^2$
"""
TWO = """# Two

A sentence.

```python {#value file="microgpt/value.py"}
value = 1
```
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="{}"/></svg>'
LEDGER = """0001,chapter,index,
0002,chapter,one,
0003,section,here,
0004,figure,figure-line,
0005,chapter,two,
0006,block,value,
"""


class Book:
    """A small book, built again and again by one process."""

    def __init__(self, root):
        self.root, self.docs, self.count = root, root / "docs", 0
        (self.docs / "data").mkdir(parents=True)
        ledger = f"{tags.HEADS[tags.LEDGER]}\n{LEDGER}"
        files = {"index.md": INDEX, "one.md": ONE, "two.md": TWO, tags.LEDGER: ledger}
        for name, text in files.items():
            (self.docs / name).write_text(text, "utf-8")
        (self.docs / "line.svg").write_text(SVG.format("M0 0"), "utf-8")
        (root / "CITATION.cff").write_text(CITATION, "utf-8")

    def change(self, name, old, new):
        path = self.docs / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def build(self, hooks=f"['{HOOKS}']"):
        """Build the site into a new folder: {path: bytes}."""
        self.count += 1
        site, config = self.root / f"site-{self.count}", self.root / "mkdocs.yml"
        config.write_text(CONFIG.replace("HOOKS", hooks), "utf-8")
        build(load_config(config_file=str(config), site_dir=str(site)))
        files = (path for path in site.rglob("*") if path.is_file())
        found = {str(path.relative_to(site)): path.read_bytes() for path in files}
        return {path: data for path, data in found.items() if "sitemap" not in path}

    def build_afresh(self):
        """The same, by a process that has built nothing before."""
        forget()
        return self.build()


def forget():
    memory.pages.clear()
    search.found.clear()


@pytest.fixture
def book(tmp_path):
    forget()
    yield Book(tmp_path)
    forget()
    search.end()


@pytest.fixture
def made(monkeypatch):
    """The pages that are rendered."""
    made, render = [], Page.render

    def note(page, config, files):
        made.append(page.file.src_uri)
        render(page, config, files)

    monkeypatch.setattr(Page, "render", note)
    return made


def test_a_changed_sentence_makes_its_page_anew_and_no_other(book, made):
    book.build()
    assert made == ["index.md", "one.md", "two.md"]
    made.clear()
    book.change("one.md", "The first sentence", "Another one")
    site = book.build()
    assert made == ["index.md", "one.md"]  # with the home page come those of the tags
    assert b"Another one" in site["one.html"]
    assert b"Another one" in site["search/search_index.json"]
    assert site == book.build_afresh()
    assert "t/0006/index.html" in site


def test_a_build_without_a_change_is_the_same(book):
    assert book.build() == book.build()


@pytest.mark.parametrize(
    "name, old, new",
    [
        ("two.md", "value = 1", "value = 2"),
        ("one.md", "## Here", "## There"),
        ("line.svg", "M0 0", "M1 1"),
        ("../CITATION.cff", "1.2.0", "1.3.0"),
        (tags.LEDGER, "0006,block,value,", "0006,block,other,\n0007,block,value,"),
    ],
)
def test_what_pages_tell_of_one_another_makes_them_all_anew(book, made, name, old, new):
    book.build()
    made.clear()
    book.change(name, old, new)
    site = book.build()
    assert made == ["index.md", "one.md", "two.md"]
    assert site == book.build_afresh()


def test_what_is_wrong_with_a_page_is_said_in_every_build(book, caplog):
    book.change("one.md", "two.md#value", "gone.md")
    book.build()
    assert "gone.md" in caplog.text
    caplog.clear()
    book.change("two.md", "A sentence", "Another")
    book.build()
    assert "gone.md" in caplog.text


def test_without_the_hooks_the_site_is_the_same(book):
    with_hooks = book.build()
    search.plugin.Parser = search.PARSER
    assert book.build(hooks="[]") == with_hooks
