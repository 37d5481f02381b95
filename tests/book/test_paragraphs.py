"""Paragraphs: each ends as a sentence does, or goes on in a formula or a list below it.

What is hidden from readers, a comment or a run of which nothing is shown, stands
between paragraphs and never within one: Markdown would tear that in two.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tools import tangle

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PATHS = [*DOCS.glob("*.md"), *DOCS.glob("variants/*.md")]
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in PATHS)
SHOWN = "\ue000"  # stands for a block that readers see
COMMENT = re.compile(r"<!--.*?-->", re.S)
# What is no paragraph of prose: headings, lists, tables, tags, definitions, formulas.
OTHER = re.compile(rf"#|\||<|!\[|[-*+] |\d+\. |:::|\[\^|\*\[|: |>|---|\$\$|{SHOWN}|\s")
BEHIND = re.compile(r"(\[\^[\w-]+\]|\s*\[[^\]]*\]\([^)]*\))+$")  # a sentence
ENDS = re.compile(r"[.:!?…][\"”’*_)\]`]*$|^\*\*[^*]+\*\*$")


def parts(text, path="docs/x.md"):
    """The parts of a page as readers see them, blank lines between: [(line, text)]."""
    lines = text.split("\n")
    for block in tangle.parse(text, path)[0]:
        shown = lines[block.line - 1].lstrip().startswith(("`", "~"))
        size = min(block.end, len(lines)) - block.line + 1
        lines[block.line - 1 : block.end] = [SHOWN if shown else ""] + [""] * (size - 1)
    text = COMMENT.sub(lambda it: "\n" * it[0].count("\n"), "\n".join(lines))
    found, line = [], 1
    for part in re.split(r"(\n\s*\n)", text):
        if part.strip():
            found.append((line, " ".join(part.split())))
        line += part.count("\n")
    return found


def torn(text):
    """The paragraphs that end within a sentence: [(line, their end, what follows)]."""
    wrong = []
    for (line, part), (_, after) in pairwise([*parts(text), (0, "## End")]):
        if OTHER.match(part) or after.startswith(("$$", "- ")):
            continue
        if not (ENDS.search(part) or ENDS.search(BEHIND.sub("", part))):
            wrong.append((line, part[-60:], after[:30]))
    return wrong


@pytest.mark.parametrize("page", PAGES)
def test_a_paragraph_ends_where_a_sentence_does(page):
    text = (DOCS / page).read_text("utf-8")
    if page in ("glossary.md", "program.md"):
        return  # entries and links
    assert torn(text.partition("\n---\n")[2] if text.startswith("---") else text) == []


HIDDEN = "<!--run\nn = 16\n-->"
COMMENTED = "<!-- how we know -->"
BLOCK = '```python {#x file="x.py"}\nx = 1\n```'


@pytest.mark.parametrize("hidden", [HIDDEN, COMMENTED])
def test_a_sentence_that_something_hidden_tears_is_found(hidden):
    assert torn(f"# A\n\nThat is\n\n{hidden}\n\n16 numbers.\n")
    assert not torn(f"# A\n\nThat is so.\n\n{hidden}\n\nThere are 16.\n")


def test_a_paragraph_without_a_colon_before_its_block_is_found():
    assert torn(f"# A\n\nSo does the run\n\n{BLOCK}\n")
    assert not torn(f"# A\n\nSo does the run:\n\n{BLOCK}\n")


def test_a_sentence_may_go_on_in_a_formula_and_end_with_a_note():
    assert not torn("# A\n\nThe mean is\n\n$$m$$\n\nIt is so.[^why]\n")


def nameless(text):
    """The tables with a column that has no name: [(line, its first row)]."""
    lines = COMMENT.sub(lambda it: "\n" * it[0].count("\n"), text).split("\n")
    wrong = []
    for number, (head, below) in enumerate(pairwise(lines), 1):
        cells = head.strip().strip("|").split("|")
        if re.fullmatch(r"\|[-:| ]+\|", below) and not all(map(str.strip, cells)):
            wrong.append((number, head))
    return wrong


@pytest.mark.parametrize("page", PAGES)
def test_every_column_of_a_table_has_a_name(page):
    assert nameless((DOCS / page).read_text("utf-8")) == []


def test_a_column_without_a_name_is_found():
    assert nameless("| | b |\n|---|---:|\n| 1 | 2 |\n") == [(1, "| | b |")]
    assert nameless("| a <!--=1--> | b |\n|---|---:|\n| | 2 |\n") == []


def alone(text):
    """The paragraphs that begin with a number and a point, and so become a list."""
    found = [(line, part[:40]) for line, part in parts(text)]
    items = [bool(re.match(r"\d+\. ", part)) for _, part in found]
    near = [False, *items, False]
    return [
        it
        for n, it in enumerate(found)
        if items[n] and not (near[n] or near[n + 2] or it[1].startswith("1. "))
    ]


@pytest.mark.parametrize("page", PAGES)
def test_no_paragraph_is_taken_for_a_list_since_it_begins_with_a_number(page):
    text = (DOCS / page).read_text("utf-8")
    assert page == "index.md" or alone(text) == []  # its contents begin with 0


def test_a_paragraph_that_begins_with_a_number_is_found():
    assert alone("What is it?\n\n0. It is nothing.\n") == [(3, "0. It is nothing.")]
    assert alone("Two:\n\n1. one\n2. two\n") == []
