"""Learned: what the model knows after 1,000 names, after all, and after ten epochs.

`python -m tools.lab.learned` trains the pupils of every school, with ten first weights
each, three where it takes long, and asks them every lesson. The answers go into
docs/data/learned.json, as lists by seed. It takes a quarter of an hour, and goes on
where it was stopped. `--check SCHOOL` asks one pupil again, the one with the book's own
first weights, and says what has changed.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterable
from typing import Any

from tools.lab.counts import count, share
from tools.lab.lessons import (
    LESSONS,
    SAMPLES,
    TEMPERATURES,
    Numbers,
    counted,
    lessons_of,
    listed,
)
from tools.lab.pupils import SCHOOLS, pupil
from tools.proof.about import about
from tools.proof.exits import ended
from tools.proof.progress import Progress
from tools.proof.stage import BOOK, write_file

TARGET = BOOK / "data" / "learned.json"
SEEDS = (42, *range(1, 10))
FEW = {"ten": 3}  # pupils of a school that takes long
ORDERS, TABLES = (2, 3, 4), 3  # tables of counts write beside the pupils, so often
Answers = dict[str, dict[str, list[Numbers]]]  # by school and lesson, one a seed


def asked(
    school: str, seed: int, lessons: Iterable[str] | None = None
) -> dict[str, Numbers]:
    """Returns the answers of a pupil to lessons, or to every one."""
    one = pupil(school, seed)
    chosen = lessons_of(school) if lessons is None else lessons
    return {lesson: rounded(LESSONS[lesson](one)) for lesson in chosen}


def written(n: int, seed: int) -> dict[str, Numbers]:
    """Returns the share in the list of what a table of all names writes."""
    reader, rng, found = pupil("all"), random.Random(seed), {}
    model = count(n, reader.seen, reader.tokenizer)
    for temperature in TEMPERATURES:
        names = [
            counted(model, reader.tokenizer, rng, temperature) for _ in range(SAMPLES)
        ]
        found[f"{temperature}"] = share(names, listed())
    return {"samples": rounded(found)}


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


def missing(answers: Answers, school: str, number: int) -> list[str]:
    """Returns the lessons that so many pupils of a school have answered, no more."""
    rows = answers.get(school, {})
    return [it for it in lessons_of(school) if len(rows.get(it, [])) == number]


def make() -> None:
    """Asks whoever has not answered yet; those that take long come last."""
    answers = known()
    with Progress() as progress:
        for number, seed, school in sorted(pupils(), key=lambda it: it[2] in FEW):
            if lessons := missing(answers, school, number):
                progress.tell(f"{school}, first weights {seed}")
                add(answers, school, asked(school, seed, lessons))
        for number, seed in enumerate(SEEDS[:TABLES]):
            for n in ORDERS:
                if len(answers.get(f"{n}-gram", {}).get("samples", [])) == number:
                    progress.tell(f"{n}-gram, {seed}")
                    add(answers, f"{n}-gram", written(n, seed))


def pupils() -> Iterable[tuple[int, int, str]]:
    """Yields the pupils that are asked: their number, first weights and school."""
    for number, seed in enumerate(SEEDS):
        for school in SCHOOLS:
            if number < FEW.get(school, len(SEEDS)):
                yield number, seed, school


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
