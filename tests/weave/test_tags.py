"""Contents and tags: what has a number, what has a tag, and that tags stay."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.weave import contents, tags

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "docs"
FROZEN = ROOT / "tests/golden"  # ledgers as they were when versions were released

INDEX = """# A book

1. [One](one.md): the first
- A. [More](more.md): an appendix
- [Words](words.md): an index
"""
ONE = """# One {#one-itself}

## First {#first}

```python {#start file="pkg/a.py"}
x = 1  # not a heading
```

### Exercise: Do it {#exercise-do}

<!--run
# not a heading
-->

## Second, with `code` {#second}

![A line.](figures/line.svg
"A line that
rises.")

See [the first](#first), [more](more.md#deep) and [words](words.md).
"""
MORE = "# More\n\n## Deep {#deep}\n"
WORDS = "# Words\n\n## Letters {#letters}\n"


@pytest.fixture
def book(tmp_path):
    """The folder of a book of four pages, without a ledger."""
    folder = tmp_path / "docs"
    folder.mkdir()
    pages = {"index": INDEX, "one": ONE, "more": MORE, "words": WORDS}
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    return folder


def change(book, page, old, new):
    path = book / f"{page}.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def told(book):
    return [str(problem) for problem in tags.check(book)]


def ledger_lines(book):
    return (book / tags.LEDGER).read_text("utf-8").splitlines()


def test_processes_that_give_tags_at_the_same_time_give_each_thing_one(book):
    command = [sys.executable, "-m", "tools.weave.tags", "--book", str(book)]
    several = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [each.wait() for each in several] == [0, 0, 0]
    ids = [row["id"] for row in csv.DictReader(ledger_lines(book))]
    assert ids and len(ids) == len({*ids}) and not told(book)


# Contents


def test_sections_and_figures_are_counted_within_their_page(book):
    found = contents.of_book(book)
    numbers = {thing.id: thing.number for thing in found.things.values()}
    assert numbers["one"] == "1"
    assert numbers["first"] == "1.1"
    assert numbers["exercise-do"] == "1.1.1"
    assert numbers["second"] == "1.2"
    assert numbers["figure-line"] == "1.1"
    assert (numbers["more"], numbers["deep"]) == ("A", "A.1")
    assert (numbers["words"], numbers["letters"]) == ("", "")


def test_every_thing_has_its_kind_its_line_and_a_plain_title(book):
    things = contents.of_book(book).things
    assert things["chapter", "one"].title == "One"
    assert things["block", "start"].line == 5
    assert things["exercise", "exercise-do"].line == 9
    assert things["section", "second"].title == "Second, with code"
    assert things["figure", "figure-line"].title == "A line that rises."
    kinds = sorted(kind for kind, _ in things)
    assert kinds == ["block", *["chapter"] * 4, "exercise", "figure", *["section"] * 4]


def test_contents_are_equal_while_only_the_words_between_things_change(book):
    before = contents.of_book(book)
    change(book, "one", "See", "More words.\n\nSee")
    change(book, "one", "# One {#one-itself}", "# One {#one-itself}\n\nA line more.")
    assert contents.of_book(book) == before
    assert contents.of_book(book).things["block", "start"].line == 7
    for old, new in (("x = 1", "x = 2"), ("## First", "## Foremost")):
        change(book, "one", old, new)
        assert contents.of_book(book) != before
        change(book, "one", new, old)
        assert contents.of_book(book) == before


def test_what_stands_in_blocks_and_comments_is_no_heading(book):
    found = contents.of_book(book)
    assert not [t for t in found.things.values() if "heading" in t.title]
    assert found.problems == []


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("[x](gone.md)", "there is no page gone.md"),
        ("[x](more.md#gone)", "no block, section or figure gone in more.md"),
        ("[x](#gone)", "no block, section or figure gone in one.md"),
    ],
)
def test_a_link_to_nothing_is_reported_with_its_line(book, link, why):
    change(book, "one", "See ", f"See {link}, ")
    (problem,) = map(str, contents.of_book(book).problems)
    assert problem.startswith("docs/one.md:21: the link ")
    assert why in problem


def test_a_heading_without_an_id_is_reported_with_its_line(book):
    change(book, "more", "## Deep {#deep}", "## Deep {#deep}\n\n## Deeper")
    (problem,) = map(str, contents.of_book(book).problems)
    assert problem.startswith("docs/more.md:5: the section Deeper has no id")


def test_the_pages_of_the_book_are_numbered_without_a_gap():
    numbers = [n for n in contents.of_book(BOOK).numbers.values() if n]
    chapters = [int(n) for n in numbers if n.isdecimal()]
    letters = [n for n in numbers if not n.isdecimal()]
    assert chapters == [*range(len(chapters))]
    assert letters == [chr(ord("A") + n) for n in range(len(letters))]


# Tags


def test_tags_count_in_digits_and_letters_without_the_letter_o():
    counted = [tags.tag_of(n) for n in range(1, 2000)]
    assert counted[:10] == [f"000{c}" for c in "123456789A"]
    assert tags.tag_of(35) == "0010"
    assert len({*counted}) == len(counted) == 1999
    assert counted == sorted(counted)
    assert all(re.fullmatch("[0-9A-NP-Z]{4}", tag) for tag in counted)


def test_things_get_their_tags_in_the_order_of_the_book(book):
    assert tags.assign(book) == []
    rows = [line.split(",")[:3] for line in ledger_lines(book)]
    assert rows[0] == ["tag", "kind", "id"]
    assert rows[1] == ["0001", "chapter", "index"]
    assert rows[3] == ["0003", "section", "first"]
    assert rows[4] == ["0004", "block", "start"]
    assert rows[5] == ["0005", "exercise", "exercise-do"]


def test_a_new_thing_is_told_to_have_no_tag_and_gets_the_next(book):
    tags.assign(book)
    before = ledger_lines(book)
    change(book, "more", "## Deep", "## New {#new}\n\n## Deep")
    assert told(book) == [
        "docs/more.md:3: the section new has no tag. run python -m tools.weave.tags."
    ]
    assert tags.assign(book) == []
    assert ledger_lines(book) == [*before, f"{tags.tag_of(len(before))},section,new,"]


def test_a_tag_follows_its_thing_to_another_page_and_number(book):
    tags.assign(book)
    change(book, "more", "## Deep {#deep}", "## Other")
    change(book, "one", "## First", "## Deep, retitled {#deep}\n\n## First")
    change(book, "one", "(more.md#deep)", "(#deep)")
    change(book, "more", "\n\n## Other", "")
    assert told(book) == []


def test_a_thing_that_vanishes_is_reported_with_its_tag(book):
    tags.assign(book)
    change(book, "words", "## Letters {#letters}", "")
    line = next(n for n, s in enumerate(ledger_lines(book), 1) if "letters" in s)
    (problem,) = told(book)
    assert problem.startswith(f"docs/data/tags.csv:{line}: the section letters is gone")


def test_a_retired_tag_keeps_its_note_and_is_never_given_again(book):
    tags.assign(book)
    tag = tags.read(book).tags["section", "letters"]
    change(book, "words", "## Letters {#letters}", "")
    assert tags.retire(book, tag, "now part of 0001, the title page") == []
    assert told(book) == []
    assert tags.read(book).retired == {tag: "now part of 0001, the title page"}
    change(book, "words", "# Words", "# Words\n\n## Letters {#letters}")
    assert "which is retired" in told(book)[0]


def test_what_is_in_the_book_cannot_be_retired(book):
    tags.assign(book)
    before = ledger_lines(book)
    assert "is in the book" in str(tags.retire(book, "0003", "why")[0])
    assert "is no tag in use" in str(tags.retire(book, "ZZZZ", "why")[0])
    assert ledger_lines(book) == before


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("0003,section,first,\n", "", "where 0003 is due"),
        ("0003,section,first,", "0003,section,index-of,", "is gone from the book"),
        ("0003,section,first,", "0003,chapter,index,", "a second tag"),
        ("0003,section,first,", "0003,thing,first,", "none of chapter, section"),
        ("0003,section,first,", "0003,section,first", "has not four cells"),
        ("0003,section,first,", "ZZZZ,retired,,gone", "no tag in use"),
    ],
)
def test_a_ledger_that_was_changed_is_refused(book, old, new, why):
    tags.assign(book)
    path = book / tags.LEDGER
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    assert any(why in problem for problem in told(book)), told(book)


# Releases


def test_a_release_notes_the_code_that_changed_since_the_last(book):
    assert tags.release(book, "1.0", "2026-01-01") == []
    change(book, "one", "x = 1", "x = 2")
    block = contents.of_book(book).book.ids["start"]
    history = tags.releases(book)["start"]
    assert tags.last_change(history, tags.code_hash(block)) is None
    assert tags.release(book, "1.1", "2026-02-02") == []
    assert tags.release(book, "1.2", "2026-03-03") == []
    history = tags.releases(book)["start"]
    assert [version for version, _, _ in history] == ["1.0", "1.1"]
    assert tags.last_change(history, tags.code_hash(block)) == ("1.1", "2026-02-02")


def test_a_version_that_is_released_does_not_change_any_more(book):
    tags.release(book, "1.0", "2026-01-01")
    before = (book / tags.RELEASES).read_text("utf-8")
    change(book, "one", "x = 1", "x = 2")
    (problem,) = tags.release(book, "1.0", "2026-02-02")
    assert "version 1.0 is released, and 1 blocks changed since" in str(problem)
    assert (book / tags.RELEASES).read_text("utf-8") == before


def test_a_release_notes_where_things_stand_and_what_moved_since_the_last(book):
    tags.assign(book)
    assert tags.release(book, "1.0", "2026-01-01") == []
    ledger = tags.read(book)
    deep, first = ledger.tags["section", "deep"], ledger.tags["section", "first"]
    change(book, "more", "\n## Deep {#deep}\n", "")
    change(book, "one", "## Second", "## Deep {#deep}\n\n## Second")
    change(book, "one", "more.md#deep", "#deep")
    assert tags.release(book, "1.1", "2026-02-02") == []
    found = tags.places(book)
    assert found[deep] == [("1.0", "more"), ("1.1", "one")]
    assert found[first] == [("1.0", "one")]


# The book's own ledger


def test_everything_in_the_book_has_a_tag_and_every_tag_its_thing():
    assert [str(problem) for problem in tags.check(BOOK)] == []


@pytest.mark.parametrize("name", [tags.LEDGER, tags.RELEASES, tags.PLACES])
def test_the_ledgers_begin_with_what_they_held_at_every_release(name):
    now = (BOOK / name).read_text("utf-8")
    frozen = sorted(FROZEN.glob(f"{Path(name).stem}-*.csv"))
    assert frozen
    for path in frozen:
        assert now.startswith(path.read_text("utf-8")), path.name


@pytest.mark.parametrize("name", [tags.LEDGER, tags.RELEASES, tags.PLACES])
def test_no_line_of_a_ledger_was_ever_removed_in_the_history(name):
    command = ["git", "log", "--format=", "-p", "--unified=0", "--", f"docs/{name}"]
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("git is missing, so there is no history to look at")
    if run.returncode or not run.stdout:
        pytest.skip("this copy of the book has no history")
    removed = re.findall(r"^-(?!-- ).*", run.stdout, re.M)
    assert removed == []


def test_the_ledger_of_releases_names_blocks_of_the_ledger_of_tags():
    ledger = tags.read(BOOK)
    with (BOOK / tags.RELEASES).open(newline="") as file:
        for row in csv.DictReader(file):
            assert ("block", row["block"]) in ledger.tags
            assert re.fullmatch("[0-9a-f]{64}", row["sha256"])


def test_everything_of_a_version_has_a_place_now_or_a_note_why_it_has_none():
    ledger, found = tags.read(BOOK), contents.of_book(BOOK)
    for path in FROZEN.glob("places-*.csv"):
        for _, (_, tag, _) in tags.rows(path.read_text("utf-8")):
            thing = found.things.get(ledger.things[tag])
            assert thing or ledger.retired[tag], tag
            assert not thing or (BOOK / thing.page).exists(), tag


@pytest.mark.parametrize(
    "path", sorted(FROZEN.glob("tags-*.csv")), ids=lambda it: it.stem
)
def test_a_version_has_the_place_of_each_tag_that_it_had(path):
    ledger = tags.parse(path.name, path.read_text("utf-8"))
    version = path.stem.partition("-")[2]
    known = {t: {v for v, _ in found} for t, found in tags.places(BOOK).items()}
    assert [t for t in ledger.things if version not in known.get(t, ())] == []


def test_nothing_was_lost_when_the_book_got_its_order():
    """tests/golden/stood.csv: the page of each tag before the loop came before GPT."""
    ledger, found = tags.read(BOOK), contents.of_book(BOOK)
    with (FROZEN / "stood.csv").open(newline="") as file:
        stood = {row["tag"]: row["page"] for row in csv.DictReader(file)}
    now = {tag: found.things.get(ledger.things[tag]) for tag in stood}
    gone = [tag for tag, thing in now.items() if not thing]
    assert all(ledger.retired[tag] for tag in gone)
    moved = {tag for tag, it in now.items() if it and tags.page_of(it) != stood[tag]}
    assert len(stood) > 1300 and len(moved) > 150 and len(gone) < 10
    addresses = {it.address for it in now.values() if it}
    assert len(addresses) == len(stood) - len(gone)
