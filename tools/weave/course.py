"""Course: what docs/data/course.json says to those who learn, and those who teach.

By hand stand there the goals of the chapters and of their sections, what a chapter
needs (the nearest chapters before it alone), what students get wrong, and plans for
lectures; by tools/weave/minutes.py how long each section takes.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tools.proof import stage

DATA = "data/course.json"
EXERCISES = {"easy": 15, "break it": 20, "problem": 45}  # minutes
PART = re.compile(r"^\*\*(?=[^\n]*\*\*$)", re.M)
ENTRY = re.compile(r"^\d+\. \[[^\]]*\]\(([\w-]+)\.md\)", re.M)
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
    found, data = {}, json.loads(text)
    for name, it in data["chapters"].items():
        sections = {
            id: Section(id, one["minutes"], one.get("goal", ""))
            for id, one in it["sections"].items()
        }
        goals, needs, wrong = it["goals"], it["needs"], map(tuple, it["wrong"])
        found[name] = Chapter(name, (*goals,), (*needs,), (*wrong,), sections)
    return found, data["plans"]


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
        it.id: (it.title, EXERCISES[KIND.search(it.title)[1]])
        for it in things
        if it.page == f"{name}.md"
    }


def all_needs(chapters, name):
    """All that a chapter needs, directly or not."""
    found = set()
    for need in chapters[name].needs if name in chapters else ():
        found |= {need} | all_needs(chapters, need)
    return found
