"""The fonts of the site and of the printed book have every character that these use."""

import html
import re

import pytest
from fontTools import ttLib

from tools.weave import fonts

pytestmark = pytest.mark.site
SHOWN = re.compile(r"<(script|style|math|bdi|annotation)\b.*?</\1>|<[^>]*>", re.S)
SYMBOLS = fonts.FOLDER / "book-symbols.woff2"
OURS = re.compile("Source-Serif|Inter|JetBrains-Mono|Book-Symbols|KaTeX")
UNSEEN = {*"\n\t\u00a0\u200b"}  # no font need draw them


@pytest.mark.parametrize("file", sorted(fonts.FONTS))
def test_a_font_has_every_letter_that_the_book_uses(file):
    font = ttLib.TTFont(fonts.FOLDER / f"{file}.woff2")
    lacking = fonts.characters() - {*map(chr, font.getBestCmap()), "\n"}
    assert not [c for c in lacking if c.isalpha() and ord(c) < 0x370], sorted(lacking)
    assert font["name"].getDebugName(1).startswith("Book ")


@pytest.mark.parametrize("file", sorted(fonts.FONTS))
def test_what_a_font_lacks_the_one_behind_it_has(file):
    both = fonts.has(fonts.FOLDER / f"{file}.woff2") | fonts.has(SYMBOLS)
    assert not fonts.characters() - both - UNSEEN
    assert {*"─│└►₁Σ½"} <= both


def test_every_character_of_every_page_is_in_a_font_of_the_site(site):
    texts = [fonts.has(fonts.FOLDER / f"{file}.woff2") for file in fonts.FONTS]
    lacking = {}
    for path in site.folder.rglob("*.html"):
        text = html.unescape(SHOWN.sub("", path.read_text("utf-8")))
        for char in {*text} - set.intersection(*texts) - fonts.has(SYMBOLS) - UNSEEN:
            lacking.setdefault(char, path.name)
    assert not lacking


@pytest.mark.parametrize("sheet", ["docs/assets/book.css", "tools/weave/print.css"])
def test_the_symbols_stand_behind_every_typeface_of_the_text(sheet):
    css = (fonts.stage.ROOT / sheet).read_text("utf-8")
    css = re.sub(r"@font-face \{.*?\}", "", css, flags=re.S)
    lists = re.findall(r"^\s+(?:font|font-family|--\w+): ([^;]*);", css, re.M)
    lists = [it for it in lists if re.search(r"Serif|Inter|Mono", it)]
    assert len(lists) >= 3
    assert not [it for it in lists if "Book Symbols" not in it]


@pytest.mark.pdf
def test_the_printed_book_has_no_font_of_the_machine(whole_pdf):
    pypdf = pytest.importorskip("pypdf")
    names = set()
    for page in pypdf.PdfReader(whole_pdf).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            names.add(font.get_object()["/BaseFont"].partition("+")[2])
    foreign = {it for it in names if not OURS.match(it)}
    assert not foreign
