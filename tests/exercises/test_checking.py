"""Checking: what counts as equal, what is shown, and what comes of a check."""

import json
import math
import subprocess
import sys

import pytest

from tools.proof import answers

sys.path.insert(0, str(answers.CHECKS))
import checking

sys.path.remove(str(answers.CHECKS))


@pytest.mark.parametrize(
    "got, expected",
    [
        (1, 1), (1.0, 1), (1, 1.0), (0.1 + 0.2, 0.3), (1e12 + 1, 1e12 + 1.5),
        ("a", "a"), (True, True), (None, None), ([1, 2.0], (1.0, 2)), ([], ()),
        ({"a": [0.3]}, {"a": [0.1 + 0.2]}), ({1, 2}, {2, 1}),
    ],
)  # fmt: skip
def test_values_are_close_whatever_holds_them(got, expected):
    assert checking.close(got, expected)


@pytest.mark.parametrize(
    "got, expected",
    [
        (1, 2), (0.3001, 0.3), (math.nan, 0.0), (math.inf, 1.0), (None, 0.0),
        (True, 1.0), (1, True), (0, False), (0, None), ("", None), ("1", 1.0),
        ([1], [1, 2]), ([1, 2], [1]), (5, [5]), ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1, "b": 2}), ([("a", 1)], {"a": 1}), ("ab", "ac"),
        (iter([1]), [1]),
    ],
)  # fmt: skip
def test_what_differs_is_not_close(got, expected):
    assert not checking.close(got, expected)


def test_a_long_value_is_cut_and_stays_in_one_line():
    assert checking.shown([1, "a"]) == "[1, 'a']"
    long = checking.shown(list(range(999)))
    assert len(long) == checking.LONGEST and long.endswith(" …")

    class Lines:
        def __repr__(self):
            return "one\n  two"

    assert checking.shown(Lines()) == "one two"


def test_rounded_floats_keep_what_holds_them():
    assert checking.rounded([0.1 + 0.2, (1.23456, "a")], 3) == [0.3, (1.235, "a")]
    assert checking.rounded(None) is None


def cases(answers):
    yield checking.case("one", lambda: answers.one, 1)
    yield checking.holds("two", lambda: answers.two(), "more", lambda got: got > 1)


class Answers:
    one = 1

    def __init__(self, two):
        self.two = two


def test_the_first_case_that_fails_ends_a_check():
    found = checking.check(Answers(lambda: 1), cases, "answers.py")
    said = {"case": 2, "tried": "two", "expected": "more", "got": "1"}
    assert found == {"outcome": "failed", **said}
    found = checking.check(Answers(lambda: 2), cases, "answers.py")
    assert found == {"outcome": "solved", "cases": 2}


def test_every_case_is_told_before_it_is_tried():
    told = []
    checking.check(
        Answers(lambda: told.append("tried") or 2), cases, "a.py", told.append
    )
    assert [it if it == "tried" else it["case"] for it in told] == [1, 2, "tried"]


def test_an_error_of_an_answer_is_got_and_not_ours():
    found = checking.check(Answers(lambda: 1 / 0), cases, __file__)
    assert found["got"].startswith("ZeroDivisionError: ")
    assert f", at {__file__}:" in found["got"]

    def to_be_written():
        raise NotImplementedError

    found = checking.check(Answers(to_be_written), cases, "elsewhere.py")
    assert found["got"] == "nothing: it is still to be written"


def test_what_is_not_installed_is_missing_and_not_wrong():
    def needs(answers):
        checking.need("json", "no_such_module")
        yield checking.case("x", lambda: 1, 1)

    found = checking.check(None, needs, "answers.py")
    assert found == {"outcome": "missing", "what": "no_such_module"}


def outcome_of(folder, checks, name="check"):
    """What comes of a check in a process of its own, as the command starts it."""
    (folder / "checks.py").write_text(checks, "utf-8")
    (folder / "answers.py").write_text("", "utf-8")
    task = {
        "answers": [[("answers.py", str(folder / "answers.py"))]],
        "checks": str(folder / "checks.py"),
        "name": name,
        "seconds": 60,
    }
    _, said = answers.process(folder, json.dumps(task), 90)
    return json.loads(said.splitlines()[-2])


def test_a_check_may_say_in_its_own_process_what_is_missing(tmp_path):
    checks = "from checking import need\ndef check(answers):\n    need('none_such')\n"
    checks += "    yield\n"
    found = outcome_of(tmp_path, checks)
    assert found == {"outcome": "missing", "what": "none_such"}


def test_the_files_of_the_checks_hide_no_module_of_python(tmp_path):
    checks = """
from importlib.util import find_spec
from checking import case
def check(answers):
    for name in ("backward", "names", "values"):
        yield case(name, lambda: find_spec(name), None)
"""
    found = outcome_of(tmp_path, checks)
    assert found == {"outcome": "solved", "cases": 3}


def test_checking_needs_nothing_but_python():
    code = "import sys; sys.path.insert(0, sys.argv[1]); import checking"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(answers.CHECKS)],
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
