"""Marks: what the pupils have answered, as chapters and figures ask for it.

marks.mean("all", "endings", "on")             the mean over first weights
marks.error("all", "endings", "on")            the standard error of that mean
marks.mean("all", "endings", "on - an")        of a difference, or a ratio a / b
marks.one("all", "endings", "on")              of the pupil with the book's weights
marks.gain("all", "all, blind", "losses", "held out")   of two schools, by seed
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from tools.lab import results
from tools.proof.stage import BOOK
from tools.proof.tables import NotYet

FILE = BOOK / "data" / "learned.json"


@lru_cache(maxsize=2)
def parsed(path: Path, _: float) -> dict[str, Any]:
    """Returns what stands in a file, read once as long as it does not change."""
    return json.loads(path.read_text("utf-8"))


def answers(school: str, lesson: str) -> list[dict[str, float]]:
    """Returns the answers of a school's pupils. Raises NotYet if there are none."""
    known = parsed(FILE, FILE.stat().st_mtime) if FILE.exists() else {}
    if lesson not in known.get(school, {}):
        raise NotYet(f"{school} has no {lesson}; run python -m tools.lab.learned")
    return known[school][lesson]


def values(school: str, lesson: str, what: str) -> list[float]:
    """Returns a number of each pupil; `a - b` and `a / b` are two numbers' ones."""
    rows = answers(school, lesson)
    for sign in (" - ", " / "):
        if sign in what:
            a, b = what.split(sign)
            pairs = [(row[a], row[b]) for row in rows]
            return [x - y if sign == " - " else x / y for x, y in pairs]
    return [row[what] for row in rows]


def one(school: str, lesson: str, what: str) -> float:
    """Returns the number of the first pupil, who began with the book's weights."""
    return values(school, lesson, what)[0]


def mean(school: str, lesson: str, what: str) -> float:
    """Returns the mean over pupils."""
    return results.middle(values(school, lesson, what))


def error(school: str, lesson: str, what: str) -> float:
    """Returns the standard error of the mean."""
    return results.standard_error(values(school, lesson, what))


def gains(school: str, other: str, lesson: str, what: str) -> list[float]:
    """Returns the numbers of a school less those of another, by first weights."""
    both = zip(values(school, lesson, what), values(other, lesson, what))
    return [mine - theirs for mine, theirs in both]


def gain(school: str, other: str, lesson: str, what: str) -> float:
    """Returns the mean of these differences."""
    return results.middle(gains(school, other, lesson, what))


def gain_error(school: str, other: str, lesson: str, what: str) -> float:
    """Returns the standard error of that mean."""
    return results.standard_error(gains(school, other, lesson, what))
