"""Learned: what the model knows after 1,000 names, after all, and after ten epochs.

`python -m tools.lab.learned` trains the pupils of every school, with ten first weights
each, and asks them every lesson; the answers go into docs/data/learned.json, as lists
by seed. It takes some minutes, and goes on where it was stopped. `--check SCHOOL` asks
one pupil again, the book's own, and says what has changed.
"""

import argparse
import json
import sys
from typing import Any

from tools.lab.counts import count
from tools.lab.lessons import Numbers, ask, counted
from tools.lab.pupils import SCHOOLS, pupil
from tools.proof.about import about
from tools.proof.exits import ended
from tools.proof.progress import Progress
from tools.proof.stage import BOOK, write_file

TARGET = BOOK / "data" / "learned.json"
SEEDS = (42, *range(1, 10))
ORDERS = (2, 3, 4)  # of the tables of counts that write beside the pupils
Answers = dict[str, dict[str, list[Numbers]]]  # by school and lesson, one a seed


def asked(school: str, seed: int) -> dict[str, Numbers]:
    """Returns the answers of a pupil to every lesson."""
    answers = ask(pupil(school, seed), SCHOOLS[school].text)
    return {lesson: rounded(numbers) for lesson, numbers in answers.items()}


def tables(seed: int) -> dict[str, dict[str, Numbers]]:
    """Returns what tables of counts write that have read all names, by their name."""
    reader = pupil("all")
    found = {}
    for n in ORDERS:
        model = count(n, reader.seen, reader.tokenizer)
        found[f"{n}-gram"] = {"samples": rounded(counted(model, reader, seed))}
    return found


def rounded(numbers: Numbers) -> Numbers:
    """Returns the numbers with as many digits as are kept."""
    return {name: float(f"{number:.6g}") for name, number in numbers.items()}


def known() -> Answers:
    """Returns what stands in the file."""
    return json.loads(TARGET.read_text("utf-8")) if TARGET.exists() else {}


def add(answers: Answers, school: str, found: dict[str, Numbers]) -> None:
    """Adds the answers of one more seed, and writes the file."""
    for lesson, numbers in found.items():
        answers.setdefault(school, {}).setdefault(lesson, []).append(numbers)
    text = json.dumps(answers, indent=None, separators=(",", ":"))
    write_file(TARGET, text.replace('}],"', '}],\n"').replace("},{", "},\n {") + "\n")


def done(answers: Answers, school: str) -> int:
    """Returns how many seeds of a school have answered."""
    return min((len(rows) for rows in answers.get(school, {}).values()), default=0)


def make() -> None:
    """Asks whoever has not answered yet."""
    answers = known()
    with Progress() as progress:
        for i, seed in enumerate(SEEDS):
            for school in SCHOOLS:
                if done(answers, school) == i:
                    progress.tell(f"{school}, first weights {seed}")
                    add(answers, school, asked(school, seed))
            if done(answers, f"{ORDERS[0]}-gram") == i:
                progress.tell(f"tables of counts, {seed}")
                for name, found in tables(seed).items():
                    add(answers, name, found)


def changed(school: str) -> list[str]:
    """Asks the book's own pupil of a school again; returns what has changed."""
    now, before = asked(school, SEEDS[0]), known()[school]
    return [
        f"{lesson}, {what}: {before[lesson][0].get(what)}, now {number}"
        for lesson, numbers in now.items()
        for what, number in numbers.items()
        if not alike(before[lesson][0].get(what), number)
    ]


def alike(before: Any, now: float) -> bool:
    """Are two numbers the same, but for what another machine may round otherwise?"""
    return before is not None and abs(before - now) <= 1e-3 * max(1, abs(now))


def main() -> int:
    """Makes the file, or asks again."""
    parser = argparse.ArgumentParser(description=about(__file__).splitlines()[0])
    parser.add_argument("--check", metavar="SCHOOL", choices=SCHOOLS)
    options = parser.parse_args()
    if not options.check:
        make()
        return 0
    problems = changed(options.check)
    print("\n".join(problems) or "the answers are the same")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(ended(main))
