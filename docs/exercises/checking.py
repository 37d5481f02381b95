"""Checking: what a check of an exercise is, and what it says of an answer.

A check is a function named after its exercise, in the file of its chapter beside this
one. It gets the module with the answers, and yields cases, one after the other:

    def paths(answers):
        x = Value(1.0)
        yield case("paths(x + x, x)", lambda: answers.paths(x + x, x), 2)

The first case that fails ends the check. Nothing here needs more than Python, so that
the same files can run wherever the chapter's program runs.
"""

import contextlib
import gc
import importlib.util
import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LONGEST = 66  # characters of a value that is shown
OPTIONAL = {"numpy", "torch"}  # what a check may need beside Python


class Missing(Exception):
    """A check needs something that is not installed here."""


@dataclass(frozen=True)
class Case:
    """Something to try: what it is in words, how to do it, what should come out.

    good: is what came out right?
    """

    tried: str
    compute: object
    expected: str
    good: object


def case(tried, compute, expected, within=1e-9):
    """A case that must give a value; floats may differ by `within`, or as a share."""

    def good(got):
        return close(got, expected, within)

    return Case(tried, compute, shown(expected), good)


def holds(tried, compute, expected, good):
    """A case for whose outcome `good` must be true; `expected` says so in words."""
    return Case(tried, compute, expected, good)


def need(*modules):
    """Give up, and say so, where one of the modules is not installed."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise Missing(module)


def close(got, expected, within=1e-9):
    """Are two values equal, their floats nearly so?"""
    if isinstance(expected, str | bytes | bool) or expected is None:
        return type(got) is type(expected) and got == expected
    if isinstance(expected, Mapping):
        return (
            isinstance(got, Mapping)
            and got.keys() == expected.keys()
            and all(close(got[key], expected[key], within) for key in expected)
        )
    if isinstance(expected, Sequence):
        return (
            isinstance(got, Sequence)
            and len(got) == len(expected)
            and all(close(a, b, within) for a, b in zip(got, expected))
        )
    if isinstance(expected, float):
        number = isinstance(got, int | float) and not isinstance(got, bool)
        return number and abs(got - expected) <= within * max(1.0, abs(expected))
    return got == expected


def rounded(value, digits=9):
    """A value whose floats are rounded: short, and the same on every machine."""
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, list | tuple):
        return type(value)(rounded(item, digits) for item in value)
    return value


def shown(value):
    """A value as it is told: its repr, cut if it is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"


# Running a check


def check(answers, cases, where, say=lambda case: None):
    """Try the cases of a check: {"outcome": …} and, of a failure, what and why.

    where: what messages call the file of the answers. say: is told of each case before
    it is tried, so that a case without an end has a name.
    """
    case = described(0, "the check", "that it can be tried")
    try:
        for number, it in enumerate(cases(answers), 1):
            say(case := described(number, it.tried, it.expected))
            got = it.compute()
            if not it.good(got):
                return failed(case, shown(got))
    except Missing as error:
        return {"outcome": "missing", "what": str(error)}
    except (Exception, SystemExit) as error:
        return failed(case, told(error, where))
    return {"outcome": "solved", "cases": case["case"]}


def described(number, tried, expected):
    return {"case": number, "tried": tried, "expected": expected}


def failed(case, got):
    return {"outcome": "failed", **case, "got": got}


def told(error, where):
    """An error in one line, with the line of the answers that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == where]
    if isinstance(error, SyntaxError) and error.filename == where:
        lines = [error.lineno]
    if isinstance(error, NotImplementedError) and not str(error):
        text = "nothing: it is still to be written"
    elif isinstance(error, AttributeError) and error.name == "data" and not lines:
        text = f"{shown(error.obj)}, which is no Value"
    else:
        text = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
    return f"{text[:120]}, at {where}:{lines[-1]}" if lines else text[:120]


def module(name, files):
    """A module made of the text of some files, one after the other."""
    made = type(sys)(name)
    sys.modules[name] = made
    for called, path in files:
        with open(path, "rb") as file:  # Python knows what the bytes mean
            code = compile(file.read(), called, "exec")
        made.__dict__["__file__"] = path
        exec(code, made.__dict__)
    return made


def run(files, checks, name, say=lambda case: None):
    """Check an exercise: files is [(what to call it, its path)], the answers' last."""
    where = files[-1][0]
    try:
        cases = getattr(module("checks", [(checks, checks)]), name)
        answers = module("answers", files)
    except ModuleNotFoundError as error:
        if error.name in OPTIONAL:
            return {"outcome": "missing", "what": error.name}
        return unloadable(error, where)
    except (Exception, SystemExit) as error:
        return unloadable(error, where)
    return check(answers, cases, where, say)


def unloadable(error, where):
    case = described(0, f"to load {where}", "that it can be loaded")
    return failed(case, told(error, where))


def stand_in():
    """Be the module that checks import, and hide the files beside it.

    One of these is called profile, as a module of Python is.
    """
    sys.modules["checking"] = sys.modules[__name__]
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]


def main():
    """Do the task that comes in as JSON: checks, name, and answers to try.

    Each case goes out as a line of JSON before it is tried, and at last the outcome.
    """
    stand_in()
    gc.disable()  # as the program does when it trains
    task = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the answers print is not ours

    def say(what):
        print(json.dumps(what), file=out, flush=True)

    def attempt(files):
        say(run(files, task["checks"], task["name"], say))

    with contextlib.suppress(Exception):  # loaded once, for all of them
        module("checks", [(task["checks"], task["checks"])])
    for files in task["answers"]:
        say({"ended": apart(lambda files=files: attempt(files), task["seconds"])})
    end()


def end():
    """End at once, with all threads and processes that the answers have started."""
    if hasattr(os, "getpgrp") and os.getpgrp() == os.getpid():  # it leads its group
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def apart(action, seconds):
    """Do something in a copy of this process: its exit code; None if time ran out.

    seconds: the limit; None if processes cannot be copied here: then do it in this one.
    """
    if seconds is None:
        action()
        return 0
    if not (process := os.fork()):
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(seconds)
            action()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(process, 0)
    code = os.waitstatus_to_exitcode(status)
    return None if code == -signal.SIGALRM else code


if __name__ == "__main__":
    main()
