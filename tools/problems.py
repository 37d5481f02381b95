"""Problems: sheets whose numbers are drawn from a seed, and a check of the answers.

    python -m tools.problems SEED                      prints a sheet
    python -m tools.problems SEED --student ada        with numbers of ada's own
    python -m tools.problems SEED --only softmax adam  some kinds; --list shows all
    python -m tools.problems SEED --check FILE         checks answers: 1a 0.665
    python -m tools.problems SEED --key                prints the answers

The seed may be any word, and it does not stand on the sheet: who knows it can check,
and print the answers. No solution is written down anywhere; they are worked out by the
book's own program when they are asked for. Exit code 0 if all answers are right, 1 if
not, 2 for misuse or for a file that cannot be read.
"""

import argparse
import re
import sys
import textwrap
from pathlib import Path

from tools.proof import problems
from tools.proof.about import about
from tools.proof.exits import Parser, ended

WIDTH = 76
WHOLE = re.compile(r"`[^`]*`|\([−\d., ]+\)")
MOST = 1 << 20  # bytes of a file of answers
HEAD = """Give whole numbers exactly and all others to three decimals. Write an answer
on a line of its own, with its number and letter before it, as in `1a 0.665`."""


def filled(text, indent=""):
    """A text in lines of one width; code and vectors are not broken."""
    words = WHOLE.sub(lambda it: it[0].replace(" ", "\0"), " ".join(text.split()))
    found = textwrap.fill(words, WIDTH, initial_indent=indent, subsequent_indent=indent)
    return found.replace("\0", " ")


def sheet(drawn, student):
    """The lines of a sheet."""
    yield f"Problems for {student}" if student else "Problems"
    yield f"\n{filled(HEAD)}"
    for number, (kind, problem) in enumerate(drawn, 1):
        yield f"\n{number}. {kind.title} ({kind.chapter})\n"
        yield filled(problem.text, "   ")
        yield ""
        for letter, (asked, _) in zip(problems.LETTERS, problem.asked):
            yield f"   {number}{letter}  {asked}"


def met(key, given):
    """The labels of the answers that are right."""
    there = [label for label in key if label in given]
    return {label for label in there if problems.right(key[label], given[label])}


def compared(key, given, odd):
    """The lines of a check: each answer, what is none, and how many are right."""
    good = met(key, given)
    for label in key:
        state = "right" if label in good else "wrong" if label in given else "missing"
        yield f"{label:4} {state}"
    for label in (label for label in given if label not in key):
        yield f"{label:4} is not on this sheet"
    for number in odd:
        yield f"line {number} is no answer; write them like this: 1a 0.665"
    yield f"{len(good)} of {len(key)} are right."


def check(drawn, path):
    """Check a file of answers; 0 if all are right."""
    key = problems.key(drawn)
    try:
        with open(path, "rb") as file:
            text = file.read(MOST).decode("utf-8", "replace")
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)
        return 2
    given, odd = problems.read_answers(text)
    print(*compared(key, given, odd), sep="\n")
    return 0 if met(key, given) == key.keys() else 1


def kinds():
    """The lines of the list of kinds."""
    for kind in problems.KINDS.values():
        yield f"{kind.name:12} {kind.title} ({kind.chapter})"


def parser():
    form = argparse.RawDescriptionHelpFormatter
    found = Parser(
        prog="python -m tools.problems",
        description=about(__file__),
        formatter_class=form,
    )
    found.add_argument("seed", nargs="?", metavar="SEED", help="any word or number")
    found.add_argument("--student", default="", metavar="NAME", help="other numbers")
    found.add_argument("--only", nargs="+", metavar="KIND", help="[all kinds]")
    which = found.add_mutually_exclusive_group()
    which.add_argument("--check", metavar="FILE", type=Path, help="a file of answers")
    which.add_argument("--key", action="store_true", help="print the answers")
    which.add_argument("--list", action="store_true", help="print the kinds")
    return found


def run(options):
    """Do what is asked for; the exit code."""
    if options.list:
        return print(*kinds(), sep="\n")
    drawn = problems.drawn(options.seed, options.only or (), options.student)
    if options.check:
        return check(drawn, options.check)
    if options.key:
        answers = problems.key(drawn).items()
        lines = (f"{label} {problems.told(answer)}" for label, answer in answers)
    else:
        lines = sheet(drawn, options.student)
    return print(*lines, sep="\n")


def main(argv=None):
    """Print a sheet, its key or its kinds, or check answers."""
    found = parser()
    options = found.parse_args(argv)
    if options.seed is None and not options.list:
        found.error(
            "give a SEED, any word or number; the same one gives the same sheet"
        )
    if unknown := [it for it in options.only or () if it not in problems.KINDS]:
        found.error(f"no kind {', '.join(unknown)}; --list shows all")
    return ended(lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
