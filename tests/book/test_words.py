"""Words and works: chapters say what the glossary explains, and cite what is listed."""

import re
from pathlib import Path

import pytest

from tools import tangle
from tools.weave import contents, entries
from tools.weave.contents import GLOSSARY, WORKS

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOUND = contents.of_book(DOCS)
ENTRIES = FOUND.listed[GLOSSARY]
CITED = re.compile(r"(?:19|20)\d\d\b")  # a note with a year and a title cites a work
TITLE = re.compile(r"\"[A-Z][^\"]+\"|\*[A-Z][^*]+\*")
NOTE = re.compile(r"^\[\^[\w-]+\]: (.*(?:\n    .*)*)", re.M)
TERM = re.compile(r"^(\S.*)\n:   ", re.M)


def page(name):
    return (DOCS / name).read_text("utf-8")


def plain(text):
    """A text in small letters, with a blank for all that is none: top_k is top k."""
    return " ".join(re.sub(r"[\W_]+", " ", text.lower()).split())


def section(name, id):
    """The text of a section, of all within it; of the page, if it has no id."""
    text = page(name)
    if not id:
        return text
    heading = re.search(rf"^(#+) .*\{{#{id}\b.*\n", text, re.M)
    after = text[heading.end() :]
    blocks = contents.blank(after, tangle.parse(after, name)[0])
    end = re.search(rf"^#{{1,{len(heading[1])}}} ", blocks, re.M)
    size = blocks.count("\n", 0, end.start()) if end else None
    return heading[0] + "\n".join(after.split("\n")[:size])


@pytest.mark.parametrize("name", [GLOSSARY, WORKS])
def test_every_entry_has_an_id_of_its_own_that_can_be_linked(name):
    listed = FOUND.listed[name]
    assert len(listed) == len(TERM.findall(page(name)))
    ids = [entry.id for entry in listed]
    assert len(ids) == len(set(ids))
    assert set(ids) <= FOUND.anchors[name]


@pytest.mark.parametrize("name", [GLOSSARY, WORKS])
def test_the_braces_of_an_entry_say_nothing_unknown(name):
    for found in entries.ENTRY.finditer(page(name)):
        marks = entries.WORDS.sub("", found["data"]).split()
        assert {*marks} <= {"after", "once"}, found["term"]


def is_said(entry):
    """Whether the section that a word sends for says it."""
    said = plain(section(*entry.home)) if entry.home else ""
    names = [*entry.names, *entry.term.split(", ")]
    return any(plain(name) in said for name in names)


def test_a_word_of_the_glossary_is_said_in_the_section_that_it_sends_for():
    assert not [entry.term for entry in ENTRIES if not is_said(entry)]


def test_the_field_s_words_are_in_the_glossary():
    words = """Ablation, Autoregressive, Backpropagation, Batch, Cross-entropy, Epoch,
    Derivative, Gradient, Held out, Hyperparameter, Jacobian, Learning rate, Logit,
    Perplexity, Regularisation, Self-attention, Teacher forcing, maximum likelihood,
    Automatic differentiation, Vector-Jacobian product, Causal, Residual connection"""
    there = {part for it in ENTRIES for part in it.term.split(", ")}
    assert not {" ".join(word.split()) for word in words.split(",")} - there


def test_no_two_words_of_the_glossary_are_linked_by_the_same_form():
    forms = [form for entry in ENTRIES for form in entry.words]
    assert sorted(set(forms)) == sorted(forms)


@pytest.mark.parametrize("name", [GLOSSARY, WORKS])
def test_entries_stand_in_the_order_of_the_alphabet(name):
    terms = [entry.term.lower() for entry in FOUND.listed[name]]
    assert terms == sorted(terms)


def notes():
    for path in [*DOCS.glob("*.md"), *DOCS.glob("variants/*.md")]:
        for found in NOTE.finditer(path.read_text("utf-8")):
            if CITED.search(found[1]) and TITLE.search(found[1]):
                yield path.relative_to(DOCS).as_posix(), found[1]


def test_every_note_that_cites_a_work_leads_to_its_entry():
    found = [*notes()]
    assert len(found) > 50
    assert not [it for it in found if "bibliography.md#" not in it[1]]


def test_every_work_is_cited_or_is_to_be_read_next_after_a_section():
    lost = [
        work.id
        for work in FOUND.listed[WORKS]
        if not (FOUND.cited[work.id] or work.links)
    ]
    assert not lost


def test_every_work_says_where_it_can_be_found_and_what_it_is_for():
    for term, text in re.findall(r"^(\S.*) \{#.*\n:   (.*)$", page(WORKS), re.M):
        link = re.search(r"\]\(https?://[^)]+\)", text)
        assert link, term
        assert len(re.sub(r"[\W\d]+", "", text[link.end() :])) > 10, term


def test_a_note_says_the_year_and_the_title_that_the_bibliography_says():
    works = {work.id: work for work in FOUND.listed[WORKS]}
    for name, text in notes():
        said = " ".join(text.split())
        for after in said.split("bibliography.md#")[1:]:
            work = works[re.match(r"[\w-]+", after)[0]]
            title = TITLE.search(after)
            if title:
                assert plain(title[0]) in plain(work.text), (name, title[0])


INDEX = """# A

1. [One](one.md)
- A. [Glossary](glossary.md)
- B. [Works](bibliography.md)
"""
ONE = """# One

## Here {#here}

A *batch*.[^a]

[^a]: [B](bibliography.md#b).
"""
WORDS = """# Glossary

Said.

Batch {#batch}
:   Some. [One](one.md#here)
"""
LISTED = """# Works

## All {#all}

B, 1999 {#b}
:   Read it.
"""
PAGES = {"index": INDEX, "one": ONE, "glossary": WORDS, "bibliography": LISTED}


@pytest.fixture
def book(tmp_path):
    """change(page, old, new) changes a small book and returns its contents."""
    for name, text in PAGES.items():
        (tmp_path / f"{name}.md").write_text(text, "utf-8")

    def change(name="index.md", old="", new=""):
        path = tmp_path / name
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
        return contents.of_book(tmp_path)

    return change


@pytest.mark.parametrize(
    ("name", "old", "new", "same"),
    [
        ("glossary.md", "Some.", "Many.", False),
        ("glossary.md", "{#batch}", '{#batch words="batch, heap"}', False),
        ("glossary.md", "Said.", "Said in other words.\n\nAnd more.", True),
        ("one.md", "[B](bibliography.md#b)", "B", False),
        ("one.md", "A *batch*", "One *batch*", True),
    ],
)
def test_pages_are_made_anew_when_an_entry_changes(book, name, old, new, same):
    before = book().digest
    assert (book(name, old, new).digest == before) == same


def test_a_link_to_an_entry_that_is_not_there_is_told_with_its_line(book):
    assert not book().problems
    [problem] = book("one.md", "bibliography.md#b", "bibliography.md#c").problems
    assert "one.md:7: the link bibliography.md#c leads nowhere" in str(problem)


def test_a_work_knows_the_section_that_cites_it(book):
    assert book().cited == {"b": [("section", "here")]}
