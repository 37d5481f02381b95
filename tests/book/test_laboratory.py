"""The laboratory: its chapter tells of the variants what pages and results say."""

import re

import pytest

from tools import tangle
from tools.lab import catalogue, overview
from tools.proof.stage import BOOK

CHAPTER = (BOOK / "laboratory.md").read_text("utf-8")
ROW = re.compile(r"^\| \[([^]]+)\]\(variants/([\w-]+)\.md\) \|", re.M)


def blocks(page):
    """The fenced blocks of a page."""
    return tangle.parse((BOOK / page).read_text("utf-8"), page)[0]


def test_the_catalogue_has_every_variant_once_by_its_title():
    rows = {name: title for title, name in ROW.findall(CHAPTER)}
    assert rows == {name: catalogue.title(name) for name in catalogue.names()}
    assert len(ROW.findall(CHAPTER)) == len(rows)


def test_the_catalogue_is_sorted_by_what_the_variants_are_worth():
    assert [name for _, name in ROW.findall(CHAPTER)] == overview.in_order()
    assert min(map(overview.worth, catalogue.names())) > float("-inf")


def test_the_lines_that_the_chapter_writes_are_those_of_the_page():
    page = {line.strip() for b in blocks("variants/rotary.md") for line in b.lines}
    shown = [block for block in blocks("laboratory.md") if block.kind == "example"]
    assert len(shown) == 4
    for block in shown:
        assert {line.strip() for line in block.lines} <= page, block.line
    (turn,) = (b for b in blocks("variants/rotary.md") if b.id == "rotary-turn")
    assert shown[0].lines == turn.lines


@pytest.mark.parametrize("name", catalogue.names())
def test_the_page_of_a_variant_says_what_came_of_it_and_by_which_command(name):
    text = (BOOK / f"variants/{name}.md").read_text("utf-8")
    command = f"python -m tools.lab run {name} --seeds 10 --steps 31469"
    assert f"(`{command}`)" in " ".join(text.split())
    assert f'return what("{name}", steps=steps, weights=range(1, 11))' in text
    for what in ("abs(less(lab.diff, 31469))", "less(lab.diff_error, 31469)"):
        assert f"<!--={what}-->" in text
