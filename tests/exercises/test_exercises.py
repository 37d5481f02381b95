"""The exercises: every check lets the solution pass, and nothing that is wrong."""

import os

import pytest

from tools.proof import exercises

EVERY = [it for name in exercises.chapters() for it in exercises.of_chapter(name)]
READY = [it for it in EVERY if (exercises.CHECKS / f"{it.chapter}.py").exists()]

each = pytest.mark.parametrize("exercise", READY, ids=lambda it: it.id[9:])


@each
def test_the_solution_passes_and_what_is_wrong_fails_in_these_words(exercise):
    if os.environ.get("CI") != "true":
        solution = exercises.SOLUTIONS / f"{exercise.chapter}.py"
        found = exercises.check(exercise, solution)
        if found["outcome"] == "missing":
            pytest.skip(f"needs {found['what']}")
    problems = [*exercises.problems(exercise)]
    assert not problems, "\n".join(map(str, problems))


def test_of_a_link_a_terminal_shows_what_a_reader_reads():
    text = "See [the next](heads.md#layers), [a](#b) or [Adam](adam.md), and f[0](x)."
    assert exercises.plain(text) == "See the next, a or Adam, and f[0](x)."
