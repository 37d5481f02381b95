"""Line by line: the ranges of the original's lines leave no gap, and lead somewhere."""

import pytest

from tools.proof import stage
from tools.weave import concordance, contents


@pytest.fixture(scope="module")
def book():
    return contents.of_book(stage.BOOK)


@pytest.fixture(scope="module")
def text():
    return (stage.BOOK / concordance.PAGE).read_text("utf-8")


def table(*ranges):
    """A page whose first table has these ranges."""
    rows = "".join(f"| {it} | what | [a](names.md#main) | b |\n" for it in ranges)
    return f"# Page\n\n{rows}\n## And back {{#original-back}}\n\n{concordance.HEAD}\n"


def told(*ranges):
    return [what for _, what in concordance.gaps(concordance.ranges(table(*ranges)))]


def test_every_line_of_the_original_stands_in_one_range(text):
    assert concordance.gaps(concordance.ranges(text)) == []


def test_every_range_leads_to_a_section_and_to_a_block(text, book):
    for row in text.partition("{#original-back}")[0].split("\n"):
        if concordance.ROW.match(row):
            *_, sections, blocks, _ = row.split(" | ") + [""]
            assert "](" in sections and "[`" in blocks, row


def test_all_links_of_the_page_resolve(book):
    assert [it for it in book.problems if concordance.PAGE in it.path] == []


def test_the_way_back_is_made_of_the_way_there(text, book):
    problems, new = concordance.check(text, book)
    assert not problems, "\n".join(map(str, problems))
    assert new == text


def test_no_line_of_code_stands_on_the_page_but_its_examples(text):
    inside = text.partition("{#port}")[0]
    assert "```" not in inside


def test_a_gap_is_told():
    assert told("1–10", "12–200") == ["12–200 does not begin at 11"]


def test_an_overlap_is_told():
    assert told("1–10", "10–200") == ["10–200 does not begin at 11"]


def test_a_range_that_runs_backwards_is_told():
    assert "9–3 does not begin at 1" in told("9–3", "4–200")


def test_an_end_before_the_last_line_is_told():
    assert told("1–10", "11–199") == ["it does not end at 200"]
    assert told() == ["it does not end at 200"]


def test_ranges_that_touch_become_one(book):
    found = concordance.ranges(table("1–3", "4", "5–200"))
    assert concordance.joined(found, "names.md") == "1–200"
    assert concordance.joined(found, "tokens.md") == ""
    back = concordance.back(found, book)
    assert back.endswith("| 1. [Names](names.md) | 1–200 |\n")


def test_a_way_back_that_is_not_there_is_told(book):
    page = table("1–200").replace(concordance.HEAD, "")
    [problem], new = concordance.check(page, book)
    assert problem.what == "0 tables lead back from the chapters, not one"
    assert new == page


def test_a_way_back_that_is_stale_is_told_with_what_mends_it(book):
    problems, _ = concordance.check(table("1–200"), book)
    assert [it.remedy for it in problems] == [concordance.REMEDY]
