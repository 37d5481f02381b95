"""Citations: right for every thing of the book, whatever stands in its title."""

import re
from pathlib import Path

import pytest

from tools.weave import cite, contents, edition, tags

pytestmark = pytest.mark.site
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cited():
    """What is cited, and how: {tag: (thing, its citations)}."""
    found, ledger = contents.of_book(ROOT / "docs"), tags.read(ROOT / "docs")
    it = edition.read(ROOT)
    return {
        tag: (found.things[key], cite.texts(it, found, found.things[key], tag))
        for tag, key in ledger.things.items()
        if tag not in ledger.retired
    }


def test_what_tex_would_take_for_a_command_is_escaped():
    assert cite.tex(r"50% of a_b & {c} ~ \d^2 #1") == (
        r"50\% of a\_b \& \{c\} \textasciitilde{} \textbackslash{}d"
        r"\textasciicircum{}2 \#1"
    )


def test_every_citation_names_the_book_its_version_the_tag_and_the_address(cited):
    it = edition.read(ROOT)
    for tag, (_, texts) in cited.items():
        assert {*texts} == {"Text", "BibTeX", "Markdown", "Permalink"}
        assert texts["Permalink"] == f"{cite.ROOT}t/{tag}/"
        for text in (texts["Text"], texts["BibTeX"], texts["Markdown"]):
            assert it.title in text
            assert it.version in text
            assert texts["Permalink"] in text


def test_every_entry_of_bibtex_has_a_key_of_its_own_and_balanced_braces(cited):
    keys = set()
    for tag, (_, texts) in cited.items():
        entry = texts["BibTeX"]
        keys.add(re.match(r"@misc\{([\w-]+),\n", entry)[1])
        plain = entry.replace(r"\{", "").replace(r"\}", "")
        assert plain.count("{") == plain.count("}"), tag
        fields = re.findall(r"^  (\w+) +=", entry, re.M)
        assert fields == [*dict.fromkeys(fields)]
        assert fields == ["author", "title", "year", "month", "note", "url"]
        assert not [c for c in plain if ord(c) > 0xFF], entry  # for pdfLaTeX
    assert len(keys) == len(cited) > 600


def test_sections_are_cited_by_number_and_blocks_by_id(cited):
    for thing, texts in cited.values():
        if thing.kind == "block":
            assert f"block {thing.id}" in texts["Markdown"]
        elif thing.number:
            assert f" {thing.number}" in texts["Markdown"]
