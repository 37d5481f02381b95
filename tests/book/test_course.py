"""What the book says to those who learn and those who teach, and that it agrees."""

import json

import pytest

from tools.proof import stage
from tools.weave import contents, course, minutes, plans, teaching

INDEX = "# A\n\n**One**\n\n1. [B](b.md)\n2. [C](c.md)\n"
PAGE = """# B

Some words at the beginning.

## First {#first}

{words}

<details class="aside" markdown="1">
<summary>More</summary>

A fold of which no word is counted.

</details>

## Exercises {#exercises-b}

### Exercise: Try (easy) {#exercise-b-try}
"""
PLACES = "".join(f"<!--course {it}-->\n<!--/course-->\n" for it in ("goals", "wrong"))
ENTRY = {"goals": ["see", "say"], "needs": [], "wrong": [["No.", "Yes."]]}


@pytest.fixture
def small(tmp_path):
    """A small book of two chapters: what is wrong with it, and what it says."""
    (tmp_path / "data").mkdir()
    pages = {"b": PAGE, "c": PAGE.replace("b-", "c-").replace("-b", "-c")}
    for name, page in pages.items():
        page = page.replace("first", f"first-{name}").replace("{words}", "word " * 330)
        (tmp_path / f"{name}.md").write_text(page)
    (tmp_path / "index.md").write_text(INDEX)
    (tmp_path / "teaching.md").write_text(PLACES)
    return tmp_path


def says(folder, **entries):
    """Write the course of a small book."""
    data = {"chapters": entries, "plans": {}}
    (folder / course.DATA).write_text(json.dumps(data))


def wrong(folder):
    return [what for what, _ in teaching.problems(contents.of_book(folder), folder)]


@pytest.fixture(scope="module")
def book():
    """The contents of this book, its chapters as the course has them, and the plans."""
    return contents.of_book(stage.BOOK), *course.read()


# This book


def test_goals_minutes_plans_and_tables_agree_with_the_book():
    assert [*teaching.check()] == []


def test_a_goal_is_a_short_phrase_that_goes_on_a_sentence(book):
    for chapter in book[1].values():
        lines = [it.goal for it in chapter.sections.values() if it.goal]
        for goal in [*chapter.goals, *lines]:
            assert goal[0].islower() and goal[-1] != ".", goal
        assert max(map(len, chapter.goals)) <= 66, chapter.name


def test_a_section_that_teaches_says_what(book):
    end = ("gpt2-", "program-", "five-lines")
    for chapter in book[1].values():
        for section in chapter.sections.values():
            assert section.goal or section.id.startswith(end), section.id


def test_a_chapter_that_may_be_skipped_is_needed_by_none_that_may_not(book):
    index = (stage.BOOK / "index.md").read_text("utf-8").split("\n")
    lines = [line for line in index if "(may be skipped)" in line]
    skipped = {line.partition("](")[2].partition(".md")[0] for line in lines}
    assert len(skipped) == 3
    for chapter in book[1].values():
        assert chapter.name in skipped or not skipped & {*chapter.needs}, chapter.name


def test_the_plans_fill_their_time_and_each_is_a_part_of_the_next(book):
    found, chapters, wanted = book
    assert plans.all_minutes(chapters, wanted["lecture"]) <= plans.LECTURE
    assert {*wanted["lecture"]} <= {*plans.of_four(wanted)}
    taught = [name for week in wanted["term"] for name in week["chapters"]]
    assert taught == [name for name in course.names(found) if name in taught]


# Of a plan that does not agree


def changed(book, **parts):
    """What is wrong with the plans when a part of them is another."""
    found, chapters, wanted = book
    order = course.names(found)
    told = plans.problems(found, chapters, {**wanted, **parts}, order)
    return [what for what, _ in told]


def test_the_plans_as_they_are_are_right(book):
    assert changed(book) == []


def test_a_lecture_that_takes_too_long_is_told(book):
    places = [*book[2]["lecture"], "sampling#temperature"]
    minutes = plans.all_minutes(book[1], places)
    told = changed(book, lecture=places)
    assert f"the lecture takes {minutes} minutes, not 60 to 90" in told


def test_a_section_of_the_one_lecture_that_the_four_have_not_is_told(book):
    lecture = ["names#the-list", *book[2]["lecture"]]
    told = changed(book, lecture=lecture)
    assert "the one lecture has names#the-list, and the four have not" in told


def test_a_plan_that_is_not_there_is_told_alone(book):
    found, chapters, wanted = book
    plan = {"lecture": wanted["lecture"], "term": [{"chapters": []}]}
    told = plans.problems(found, chapters, plan, course.names(found))
    assert [what for what, _ in told] == [
        "the plans have no four",
        "the plans have no exercises in week 1",
    ]


def test_a_section_that_is_gone_is_told_alone(book):
    assert changed(book, lecture=["names#gone"]) == [
        "the plans name names#gone, which is not there"
    ]


def test_sections_in_another_order_than_the_books_are_told(book):
    told = changed(book, lecture=book[2]["lecture"][::-1])
    assert told == ["the sections of one lecture are not in the order of the book"]


def test_a_section_that_stands_twice_in_a_lecture_is_told(book):
    told = changed(book, lecture=[book[2]["lecture"][0], *book[2]["lecture"]])
    assert "the sections of one lecture are not in the order of the book" in told


def test_a_week_that_is_too_full_is_told(book):
    first, *rest = book[2]["term"]
    full = {**first, "exercises": [id for week in rest for id in week["exercises"]]}
    minutes = sum(plans.week_minutes(*book[:2], full))
    told = changed(book, term=[full, *rest])
    assert f"week 1 takes {minutes} minutes, not 100 to 300" in told


def test_a_week_before_what_it_needs_is_told(book):
    first, second, *rest = book[2]["term"]
    told = changed(book, term=[second, first, *rest])
    assert "in week 1 counting needs names, not taught yet" in told


# The rule, on a small book


def test_words_outside_of_folds_and_the_opening_make_the_minutes(small):
    told = minutes.estimates(contents.of_book(small), small)["b"]
    assert list(told) == ["first-b"]
    assert told["first-b"] == pytest.approx(336 / minutes.WORDS, abs=0.05)


def test_formulas_figures_and_questions_take_time():
    assert minutes.of_prose("$$\nx\n$$\n") == pytest.approx(1, abs=0.01)
    assert minutes.of_prose("![](a.svg)\n") == 1
    assert minutes.of_prose("<details>\n</details>\n") == minutes.QUESTION


def test_some_other_words_change_no_minutes_and_many_do():
    assert minutes.near(6, 7) and minutes.near(8, 9.9) and minutes.near(1, 0.2)
    assert not minutes.near(6, 9) and not minutes.near(10, 14)


def test_an_exercise_takes_as_long_as_its_kind(small):
    found = contents.of_book(small)
    told = {"exercise-b-try": ("Exercise: Try (easy)", 15)}
    assert course.exercises(found, "b") == told


def test_an_exercise_of_no_kind_is_told_with_its_line(small):
    page = small / "b.md"
    page.write_text(page.read_text().replace("(easy)", "(eazy)"))
    with pytest.raises(stage.RunError, match=r"b\.md:18: the exercise has no kind"):
        course.exercises(contents.of_book(small), "b")


def test_the_command_writes_minutes_and_tables(small):
    says(small, b=ENTRY | {"sections": {}}, c=ENTRY | {"sections": {}, "needs": ["b"]})
    assert "the section first-b of b has no minutes" in wrong(small)
    assert [*teaching.check(small, write=True)] == []
    data = json.loads((small / course.DATA).read_text())["chapters"]
    assert data["b"]["sections"] == {"first-b": {"minutes": 3}}
    page = (small / "teaching.md").read_text()
    assert "<summary>B (3 minutes)</summary>" in page
    assert "| [First](b.md#first-b) | – | 3 |" in page
    assert [*teaching.check(small)] == []


def test_a_chapter_without_goals_is_told(small):
    says(small, b=ENTRY | {"sections": {}})
    assert "the chapter c is not there" in wrong(small)


def test_a_need_that_another_need_has_already_is_told():
    needs = {"b": (), "c": ("b",), "d": ("b", "c")}
    wrong = (("No.", "Yes."),)
    chapters = {
        name: course.Chapter(name, ("see", "say"), needs[name], wrong, {})
        for name in needs
    }
    order = [*needs]
    assert not [*teaching.of_one(chapters, "c", order)]
    [(told, _)] = teaching.of_one(chapters, "d", order)
    assert told == "d needs b, as c does already"


def test_a_need_that_comes_later_is_told(small):
    first = ENTRY | {"sections": {}, "needs": ["c"]}
    says(small, b=first, c=ENTRY | {"sections": {}})
    assert "b needs c, which is no chapter before it" in wrong(small)


def test_needs_that_go_round_in_a_ring_are_told(small):
    first = ENTRY | {"sections": {}, "needs": ["c"]}
    says(small, b=first, c=ENTRY | {"sections": {}, "needs": ["b"]})
    assert "b needs c, which is no chapter before it" in wrong(small)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON"),
        ("[]", "has no object chapters"),
        ('{"chapters": {}}', "has no object plans"),
        ('{"chapters": {"b": []}, "plans": {}}', "b has not the form of a chapter"),
        (
            '{"chapters": {"b": {"wrong": [["No."]]}}, "plans": {}}',
            "b has not the form",
        ),
        (
            '{"chapters": {"b": {"sections": {"a": {"minutes": "6"}}}}, "plans": {}}',
            "b has not the form",
        ),
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_data_that_cannot_be_read_are_told_in_a_line(small, text, told, write):
    (small / course.DATA).write_text(text)
    with pytest.raises(stage.RunError, match=told):
        [*teaching.check(small, write=write)]


def test_what_is_left_out_of_a_chapter_is_told(small):
    says(small, b={}, c=ENTRY)
    assert {
        "b has 0 goals",
        "b has 0 mistakes",
        "the section first-c of c has no minutes",
    } <= {*wrong(small)}


@pytest.mark.parametrize(
    "page", ["", PLACES + PLACES, PLACES.replace("wrong", "wrnog")]
)
def test_a_page_on_teaching_without_the_mark_of_a_table_is_told(small, page):
    says(small, b=ENTRY | {"sections": {}}, c=ENTRY | {"sections": {}})
    (small / "teaching.md").write_text(page)
    [told] = teaching.check(small, write=True)
    assert "each table's mark once" in str(told) and "goals, wrong" in str(told)


def test_a_page_on_teaching_that_says_something_else_is_told(small):
    says(small, b=ENTRY | {"sections": {}}, c=ENTRY | {"sections": {}})
    assert [*teaching.check(small, write=True)] == []
    page = small / "teaching.md"
    page.write_text(page.read_text().replace("(3 minutes)", "(4 minutes)"))
    [told] = teaching.check(small)
    assert "teaching.md:" in str(told) and "is not what course.json says" in str(told)
