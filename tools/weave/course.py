"""Course: what docs/data/course.json says to those who learn, and those who teach.

By hand stand there the goals of the chapters and of their sections, what a chapter
needs (the nearest chapters before it alone), what students get wrong, and plans for
lectures; by tools/weave/minutes.py how long each section takes.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from operator import index
from pathlib import Path

from tools.proof import stage
from tools.proof.stage import RunError
from tools.tangle import Problem

DATA = "data/course.json"
EXERCISES = {"easy": 15, "break it": 20, "problem": 45}  # minutes
PART = re.compile(r"^\*\*(?=[^\n]*\*\*$)", re.M)
ENTRY = re.compile(r"^\d+\. \[[^\]]*\]\(([\w-]+)\.md\)", re.M)
KINDS = ", ".join(f"({kind})" for kind in EXERCISES)
KIND = re.compile(r"\((easy|break it|problem)\)$")


@dataclass(frozen=True)
class Section:
    """A section: its id, about how long it takes, and what it teaches, or ""."""

    id: str
    minutes: int
    goal: str = ""


@dataclass(frozen=True)
class Chapter:
    """What course.json says of a chapter; wrong: pairs of a mistake and the truth."""

    name: str
    goals: tuple[str, ...]
    needs: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...]
    sections: dict[str, Section]

    @property
    def minutes(self):
        """All of its sections together, without the exercises."""
        return sum(section.minutes for section in self.sections.values())


def read(book=stage.BOOK):
    """The chapters by name, and the plans; of a book without the file, none of both."""
    path = Path(book, DATA)
    return told(path.read_text("utf-8")) if path.is_file() else ({}, {})


@lru_cache(maxsize=2)
def told(text):
    """What a text like course.json says."""
    data = parsed(text)
    chapters = {name: chapter(name, it) for name, it in data["chapters"].items()}
    return chapters, data["plans"]


def parsed(text):
    """The data of a text like course.json. Raises RunError if it has not their form."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise RunError(f"{DATA} is no JSON: {error}") from None
    for name in ("chapters", "plans"):
        if not isinstance(data, dict) or not isinstance(data.get(name), dict):
            raise RunError(f"{DATA} has no object {name}")
    return data


def chapter(name, it):
    """What the data say of a chapter. Raises RunError if they have not their form."""
    try:
        sections = {
            id: Section(id, index(one.get("minutes", 0)), one.get("goal", ""))
            for id, one in it.get("sections", {}).items()
        }
        wrong = tuple((claim, truth) for claim, truth in it.get("wrong", ()))
        goals, needs = (tuple(it.get(what, ())) for what in ("goals", "needs"))
    except (AttributeError, TypeError, ValueError) as error:
        raise RunError(
            f"{DATA}: {name} has not the form of a chapter: {error}"
        ) from None
    return Chapter(name, goals, needs, wrong, sections)


def parts(book=stage.BOOK):
    """The parts of the book, [(title, chapters)], as its first page has them."""
    index = Path(book, "index.md").read_text("utf-8")
    for part in PART.split(index)[1:]:
        title = part.partition("**")[0]
        if found := [name for name in ENTRY.findall(part) if name != "how-to-read"]:
            yield title, found


def names(found):
    """The chapters that are counted, in the book's order."""
    return [
        page.removesuffix(".md")
        for page, number in found.numbers.items()
        if number.isdecimal() and number != "0"
    ]


def exercises(found, name):
    """The exercises of a chapter: {id: (title, minutes)}."""
    things = (it for it in found.things.values() if it.kind == "exercise")
    return {
        it.id: (it.title, minutes_of_kind(found, it))
        for it in things
        if it.page == f"{name}.md"
    }


def minutes_of_kind(found, exercise):
    """The minutes of an exercise. Raises RunError if its title has no kind."""
    kind = KIND.search(exercise.title)
    if not kind:
        path = f"{found.book.folder}/{exercise.page}"
        what, remedy = "the exercise has no kind", f"end it with one of {KINDS}"
        raise RunError(str(Problem(path, exercise.line, what, remedy)))
    return EXERCISES[kind[1]]


def all_needs(chapters, name):
    """All that a chapter needs, directly or not."""
    found, left = set(), [name]
    while left:
        each = left.pop()
        new = {*chapters[each].needs} - found if each in chapters else set()
        found |= new
        left += new
    return found
