"""How exercises and wrong answers are read, and the file to fill in is made."""

import ast

import pytest

from tools.proof import answers, exercises

PAGE = """\
# A chapter

## Exercises {#exercises-ch}

### Exercise: First one (easy) {#exercise-ch-first}

Write `f(x)`.
<!-- nobody sees this -->
It *returns* `x`.

<details class="hint" markdown="1">
<summary>First hint</summary>

One way.

</details>

<details class="hint" markdown="1">
<summary>Second hint</summary>

The way.

</details>

<details class="solution" markdown="1">
<summary>Solution</summary>

Like this.

```python {#solution-ch-first file="tests/solutions/ch.py"}
# not a heading
### Exercise: Nor this (easy) {#exercise-ch-nor}
def f(x):
    return x
```

It is short.

</details>

### Exercise: Second-best (break it) {#exercise-ch-two-words}

Break it.

<details class="solution" markdown="1">
<summary>Solution</summary>

No.

</details>

## After

Text.
"""


@pytest.fixture
def found(tmp_path):
    (tmp_path / "ch.md").write_text(PAGE, "utf-8")
    return exercises.of_chapter("ch", tmp_path)


def test_an_exercise_is_a_heading_with_its_parts(found):
    first, second = found
    assert (first.name, first.title, first.kind) == ("first", "First one", "easy")
    assert (first.id, first.line) == ("exercise-ch-first", 5)
    assert first.statement == "Write `f(x)`.\n\nIt *returns* `x`."
    assert first.hints == ("One way.", "The way.")
    assert (second.name, second.kind) == ("two-words", "break it")


def test_a_solution_keeps_its_code_and_what_follows_it(found):
    solution = found[0].solution
    assert solution.startswith("Like this.\n\n```python")
    assert "    return x\n```" in solution and solution.endswith("It is short.")


def test_a_section_ends_where_the_next_begins(found):
    assert found[1].solution == "No." and found[1].hints == ()
    assert found[1].statement == "Break it."


def test_the_check_is_a_function_with_the_exercise_s_name(found):
    assert answers.function(found[1]) == "two_words"


def test_a_page_without_exercises_has_none(tmp_path):
    (tmp_path / "bare.md").write_text("# Bare\n\nText.\n", "utf-8")
    assert exercises.of_chapter("bare", tmp_path) == ()


@pytest.mark.parametrize("end", ["", "\n"])
def test_wrong_answers_are_read_with_what_is_said_of_them(end):
    text = f"""\
# Wrong answers

## first: the sign: it is lost

```python
def f(x):
    return -x
```

```text
ch first: not yet.
```

## two-words: nothing

```python
f = None
```

```text
```{end}"""
    first, second = exercises.read_wrong(text, "ch.md")
    assert (first.name, first.what) == ("first", "the sign: it is lost")
    assert first.code == "def f(x):\n    return -x"
    assert first.said == "ch first: not yet."
    assert text.split("\n")[slice(*first.span)] == [first.said]
    assert (second.name, second.said) == ("two-words", "")
    assert second.span[0] == second.span[1]


def test_a_comment_wraps_its_text_and_keeps_its_code():
    said = exercises.as_comment("One\ntwo.\n\n```python\nx  =  1\n\ny = 2\n```\n\nEnd.")
    lines = ["# One two.", "#", "# x  =  1", "#", "# y = 2", "#", "# End."]
    assert said == "\n".join(lines) + "\n"
    assert all(
        len(line) < 79 for line in exercises.as_comment("word " * 99).split("\n")
    )


@pytest.mark.parametrize(
    "code, head",
    [
        ("def f(a, *, b=2):\n    return a", "def f(a, *, b=2):"),
        ("def f(a: int) -> int:\n    return a", "def f(a: int) -> int:"),
        ('def f():\n    """Says it."""\n    return 1', 'def f():\n    """Says it."""'),
    ],
)
def test_a_function_to_fill_in_has_its_head_and_no_body(code, head):
    [node] = ast.parse(code).body
    said = exercises.signature(node)
    assert said == f"{head}\n    raise NotImplementedError"
    compile(said, "answers", "exec")


@pytest.mark.parametrize(
    "code, said",
    [
        ("class A(B, C):\n    x = 1", "class A(B, C):\n    pass  # to be written"),
        ("class A:\n    x = 1", "class A:\n    pass  # to be written"),
        ("rate = 0.5", "rate = None  # to be found"),
    ],
)
def test_a_class_or_a_value_to_fill_in_has_its_name(code, said):
    [node] = ast.parse(code).body
    assert exercises.signature(node) == said


def test_time_limits_are_read_from_a_file_of_checks():
    assert answers.limits('X = 1\nSECONDS = {"loop": 2}\n') == {"loop": 2}
    assert answers.limits("def check(answers):\n    pass\n") == {}


def test_what_came_of_a_check_is_told_in_one_line_or_four(found):
    first = found[0]
    solved = {"outcome": "solved", "cases": 1}
    assert answers.words(first, solved) == "ch first: solved, 1 case tried."
    missing = {"outcome": "missing", "what": "torch"}
    said = "ch first: cannot be checked here, for it needs torch."
    assert answers.words(first, missing) == said
    failed = {"outcome": "failed", "case": 2, "tried": "f(1)", "expected": "1"}
    said = answers.words(first, failed | {"got": "2"}).splitlines()
    assert said[0] == "ch first: not yet, in case 2." and len(said) == 4
    assert [line[12:] for line in said[1:]] == ["f(1)", "1", "2"]


def test_every_name_that_an_answer_must_define_is_in_the_file_to_fill_in():
    for chapter in exercises.chapters():
        if (answers.CHECKS / f"{chapter}.py").exists():
            text = exercises.working_copy(chapter)
            defined = {
                name for node in ast.parse(text).body for name in answers.defined(node)
            }
            wanted = {
                n for it in exercises.of_chapter(chapter) for n in exercises.wanted(it)
            }
            assert wanted and wanted <= defined, chapter
