"""The exercises: every check lets the solution pass, and nothing that is wrong."""

import os

import pytest

from tests import needs
from tools.proof import answers, exercises

EVERY = [it for name in exercises.chapters() for it in exercises.of_chapter(name)]


@pytest.mark.parametrize("exercise", EVERY, ids=lambda it: it.id[9:])
def test_the_solution_passes_and_what_is_wrong_fails_in_these_words(exercise):
    """With all that can be installed every wrong answer is tried, otherwise one."""
    few = 1 if needs.missing("long") and not needs.required() else None
    try:
        problems = [*exercises.problems(exercise, few)]
    except answers.Missing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"needs {missing}")
    assert not problems, "\n".join(map(str, problems))


def test_of_a_link_a_terminal_shows_what_a_reader_reads():
    text = "See [the next](heads.md#layers), [a](#b) or [Adam](adam.md), and f[0](x)."
    assert exercises.plain(text) == "See the next, a or Adam, and f[0](x)."


@pytest.mark.parametrize("forks", [answers.FORKS, False])
def test_what_never_ends_and_what_ends_its_process_are_told_apart(tmp_path, forks):
    exercise = exercises.of_chapter("names")[0]
    bodies = ["while True: pass", "import os; os._exit(3)", "return docs"]
    paths = [[tmp_path / f"{number}.py"] for number in range(len(bodies))]
    for [path], body in zip(paths, bodies):
        path.write_text(f"def repeated(docs):\n    {body}\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answers, "SECONDS", 1)
        patch.setattr(answers, "FORKS", forks)
        found = answers.check_each(exercise, paths)
    assert [it["outcome"] for it in found] == ["failed"] * 3
    assert found[0]["got"].startswith("nothing within 1 second:")
    assert found[1]["got"] == "the process ended with exit code 3"
