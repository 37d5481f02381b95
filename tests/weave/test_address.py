"""Where the book can be had is said in three pages, and known in one place."""

import pytest

from tools.tangle import ROOT
from tools.weave import address

pytestmark = pytest.mark.site

CITATION = """title: "a book"
authors: [{{name: "A. Author"}}]
version: 1.0.0
date-released: 2026-01-02
{}
"""


@pytest.fixture
def book(tmp_path):
    def book(line):
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "CITATION.cff").write_text(CITATION.format(line))
        for name in address.PAGES:
            path = tmp_path / name
            path.write_text("# One\n\n<!--address-->old<!--/address--> Then run it.\n")
        return tmp_path

    return book


def test_the_pages_say_what_citation_cff_knows():
    assert [*address.check(ROOT)] == []


def test_without_an_address_the_folder_is_meant(book):
    root = book("")
    assert len([*address.check(root)]) == 3
    assert [*address.check(root, write=True)] == []
    text = (root / "README.md").read_text()
    assert "-->Open a terminal in the folder that holds this book.<!--" in text


def test_with_an_address_it_is_cloned(book):
    root = book('repository-code: "https://git.example/book/"')
    assert [*address.check(root, write=True)] == []
    text = (root / "docs/index.md").read_text()
    assert "Fetch the book, `git clone https://git.example/book`, and" in text
    assert text.endswith("<!--/address--> Then run it.\n")
    assert [*address.check(root)] == []


def test_a_page_that_lost_its_place_is_told_of(book):
    root = book("")
    (root / "README.md").write_text("# One\n")
    problem = next(address.check(root, write=True))
    assert str(problem).startswith("README.md:1: does not say where")
