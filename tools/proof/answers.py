"""Answers: what a check says of them, on the program as it is at their chapter's end.

The checks are functions of docs/exercises/CHAPTER.py, see checking.py there. Each set
of answers is tried in a process of its own, with a time limit.
"""

import ast
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from tools.proof import stage

CHECKS = stage.BOOK / "exercises"
SECONDS = 10  # for a check, but for those whose file names another limit
LOADING = 60  # seconds for the program to be loaded, of which none counts
GROUPS = hasattr(os, "killpg")  # not on Windows
# Not there, either; and macOS forbids much to a process that has divided.
FORKS = hasattr(os, "fork") and sys.platform != "darwin"


class Missing(Exception):
    """A check needs a package that is not installed here."""


def function(exercise):
    """The name of the function that checks an exercise."""
    return exercise.name.replace("-", "_")


def defined(node):
    """The names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def check(exercise, answers):
    """Check answers, a path: what came of it.

    {"outcome": "solved", "cases": …}, or "failed" with case, tried, expected and got,
    or "missing" with what is not installed.
    """
    return check_each(exercise, [[answers]])[0]


def check_each(exercise, tried):
    """As check, of several answers: of each, paths of which the last one counts.

    The program is loaded once, and its process divides for each of the answers.
    """
    groups = [tried] if FORKS else [[paths] for paths in tried]
    return [found for group in groups for found in check_group(exercise, group)]


def check_group(exercise, tried):
    """Check some answers in one process, or in what it divides into."""
    limit = seconds(exercise)
    found, lines = [], []
    code, said = child(exercise, tried, limit)
    for line in said:
        if "ended" in line:
            found.append(outcome(lines, line["ended"], limit))
            lines = []
        else:
            lines.append(line)
    missing = len(tried) - len(found)  # of those whose process came to no end
    return found + [outcome(lines, code, limit)] * missing


def outcome(said, code, limit):
    """What a check said last, or how its process ended; code is None if in no time."""
    last = said[-1] if said else {}
    if "outcome" in last:
        return last
    got = f"the process ended with exit code {code}"
    if code is None:
        time = f"{limit} second{'s' * (limit != 1)}"
        got = f"nothing within {time}: too slow, or it never ends"
    case = {"case": 0, "tried": "the check", "expected": "an end"} | last
    return {"outcome": "failed", **case, "got": got}


def child(exercise, tried, limit):
    """Try answers in another process, each within a limit: as process, by lines."""
    called = f"answers/{exercise.chapter}.py"
    task = {
        "answers": [named(paths, called) for paths in tried],
        "checks": str(CHECKS / f"{exercise.chapter}.py"),
        "name": function(exercise),
        "seconds": limit if FORKS else None,
    }
    patience = limit * len(tried) + (LOADING if FORKS else 0)
    folder = stage.stage(exercise.chapter)
    code, said = process(folder, json.dumps(task), patience)
    return code, [json.loads(line) for line in said.splitlines()]


def named(paths, called):
    """Files and what messages call them: the last one is the student's."""
    *before, last = (str(Path(path).resolve()) for path in paths)
    return [*zip(before, before), (called, last)]


def process(folder, task, limit):
    """Run a task in a process of its own, at most so many seconds.

    Returns its exit code, None if the time ran out, and what it said.
    """
    command = [sys.executable, str(CHECKS / "checking.py")]
    paths = {"PYTHONPATH": str(folder)}
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | stage.SURROUNDINGS | paths,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        start_new_session=True,
    ) as started:  # fmt: skip
        try:
            with suppress(subprocess.TimeoutExpired):
                said, _ = started.communicate(task, timeout=limit)
                return started.returncode, said
        finally:  # somebody may have pressed Ctrl-C
            kill(started)
        return None, started.communicate()[0]


def kill(process):
    """End a process and all that it has started, for it leads a group of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL) if GROUPS else process.kill()


@cache
def limits(text):
    """The time limits that a file of checks sets: SECONDS = {"name": 30}."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and defined(node) == ["SECONDS"]:
            return ast.literal_eval(node.value)
    return {}


def seconds(exercise):
    """The time limit of an exercise."""
    text = (CHECKS / f"{exercise.chapter}.py").read_text("utf-8")
    return limits(text).get(exercise.name, SECONDS)


def words(exercise, found):
    """What came of a check, in one line for a success and at most six otherwise."""
    name = f"{exercise.chapter} {exercise.name}"
    if found["outcome"] == "solved":
        cases = found["cases"]
        return f"{name}: solved, {cases} case{'s' * (cases != 1)} tried."
    if found["outcome"] == "missing":
        what = found["what"]
        return f"{name}: cannot be checked here, for it needs {what}."
    case = f", in case {found['case']}" if found["case"] else ""
    return (
        f"{name}: not yet{case}.\n"
        f"  tried     {found['tried']}\n"
        f"  expected  {found['expected']}\n"
        f"  got       {found['got']}"
    )
