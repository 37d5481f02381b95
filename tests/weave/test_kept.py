"""What is kept of a book while `mkdocs serve` runs is kept by what its files hold."""

import os
import time

import pytest

from tools.proof import pages
from tools.weave import contents, edition, tags

pytestmark = pytest.mark.site
BLOCK = '# One\n\n```python {{#a file="a.py"}}\nX = {}\n```\n'
CITATION = (
    "title: Book {}\nauthors: [{{name: A}}]\nversion: 1\ndate-released: 2026-01-01\n"
)


@pytest.fixture
def book(tmp_path):
    """A book of two chapters, of which the second is the newest file."""
    docs = tmp_path / "docs"
    (docs / "data").mkdir(parents=True)
    (docs / "index.md").write_text("# Book\n\n- 1. [One](one.md)\n- 2. [Two](two.md)\n")
    (docs / "one.md").write_text(BLOCK.format(1))
    (docs / "two.md").write_text("# Two\n")
    return docs


def replace(file, text):
    """Put another text of the same length in a file's place, with an older date."""
    new = file.with_name("new")
    new.write_text(text)
    os.utime(new, (time.time() - 86400,) * 2)
    new.replace(file)


def rewrite(file, text):
    """Write another text into a file, whose date stays."""
    then = file.stat()
    file.write_text(text)
    os.utime(file, ns=(then.st_atime_ns, then.st_mtime_ns))


@pytest.mark.parametrize("change", [replace, rewrite])
@pytest.mark.parametrize("read", ["contents", "pages"])
def test_a_chapter_with_an_older_date_is_read_anew(book, change, read):
    def line():
        it = contents.of_book(book).book if read == "contents" else pages.read(book)
        return it.ids["a"].lines

    assert line() == ["X = 1"]
    change(book / "one.md", BLOCK.format(2))
    assert line() == ["X = 2"]


@pytest.mark.parametrize("change", [replace, rewrite])
def test_a_ledger_with_an_older_date_is_read_anew(book, change):
    ledger = book / tags.LEDGER
    ledger.write_text("tag,kind,id,note\n0001,chapter,one,\n")
    assert tags.read(book).tags == {("chapter", "one"): "0001"}
    change(ledger, "tag,kind,id,note\n0001,chapter,two,\n")
    assert tags.read(book).tags == {("chapter", "two"): "0001"}


@pytest.mark.parametrize("change", [replace, rewrite])
def test_an_edition_with_an_older_date_is_read_anew(book, change):
    citation = book.parent / "CITATION.cff"
    citation.write_text(CITATION.format(1))
    assert edition.read(book.parent).title == "Book 1"
    change(citation, CITATION.format(2))
    assert edition.read(book.parent).title == "Book 2"
