"""The indexes tell where everything is, on a small book and in this one."""

import pytest

from tests.proof.small import change, line_of, make, told
from tools.weave import indexes


@pytest.fixture
def book(tmp_path):
    return make(tmp_path)


def test_the_indexes_tell_where_everything_is(book):
    indexes.write(book)
    blocks = (book / "blocks.md").read_text("utf-8")
    assert "| [`package`](one.md#package) | [One](one.md) | replaced by [`pa" in blocks
    file = '`microgpt/__init__.py`, <span class="nowrap">lines'
    assert f"| [`package-two`](two.md#package-two) | [Two](two.md) | {file}" in blocks
    names = (book / "identifiers.md").read_text("utf-8")
    box = "| `Box` | `microgpt` | [`package-two`](two.md#package-two) | [`main`](one.md"
    size = "| `SIZE` | `microgpt` | [`package-two`](two.md#package-two) | [`box-open`]("
    method = "| `Box.open` | `microgpt` | [`box-open`](one.md#box-open) | [`main`](one."
    for row in (box, size, method):
        assert row in names
    assert indexes.check(book) == []


def test_the_index_of_blocks_tells_which_have_left(book):
    left = '```python {#box-gone instead="box-open"}\ndef open(self):\n    pass\n```\n'
    (book / "two.md").write_text((book / "two.md").read_text() + left)
    rows = indexes.block_index(book).split("\n")
    (row,) = (row for row in rows if row.startswith("| [`box-open`]("))
    assert row.endswith("| left the program at [`box-gone`](two.md#box-gone) |")


def test_an_index_that_is_out_of_date_is_reported_and_mended(book):
    indexes.write(book)
    change(book, "one", "box-open", "box-opened")
    problems = told(indexes.check(book))
    assert [problem.split(" ")[0] for problem in problems] == [
        f"docs/blocks.md:{line_of(book, 'blocks', '`box-open`')}:",
        f"docs/identifiers.md:{line_of(book, 'identifiers', '`box-open`')}:",
    ]
    indexes.write(book)
    assert indexes.check(book) == []


def test_the_command_exits_with_1_until_all_is_mended(book, capsys):
    where = ["--book", str(book)]
    assert indexes.main([*where, "--check"]) == 1
    assert "docs/" in capsys.readouterr().err
    assert indexes.main(where) == 0
    assert indexes.main([*where, "--check"]) == 0


def test_indexes_are_up_to_date():
    problems = indexes.check()
    assert not problems, "\n".join(map(str, problems))
