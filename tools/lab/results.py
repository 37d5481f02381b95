"""Results: what the table says, as chapters and figures ask for it.

In the checks of a page these stand under the name of the room: `lab.mean(steps=1000)`.
What is not said is as in the book, but for the seeds, of which all that were run count,
and the rate, which is the one that was chosen for the kind of run.

    lab.mean("rotary", steps=1000)                the mean loss over seeds
    lab.sd(steps=1000, order=42)                  its spread over seeds
    lab.error("rotary", steps=1000)               the standard error of the mean
    lab.count("rotary", steps=1000)               how many seeds
    lab.diff("rotary", steps=1000)                less the book's, by the same seeds
    lab.diff("rotary", against="gelu", …)         less another's
    lab.diff("book", against={"heads": 1}, …)     less the same with other sizes
    lab.diff_error("rotary", steps=1000)          the standard error of that
    lab.name_error("no-mlp", steps=1000)          that over held-out names instead
    lab.rate("rotary", steps=1000)                the rate that was chosen
    lab.rung("attention", 1000)                   a chapter's model: ten first weights
    lab.rung_error("attention", 1000)             the standard error of that
    lab.rows(width=range(8, 65), …)               the rows, where some values differ

A value may be a collection: `weights=range(1, 11)`.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from tools.lab import catalogue, questions, rates, table
from tools.lab.runs import Found, Run, values
from tools.proof import tables
from tools.proof.tables import NotYet, remedy

SEEDS = ("weights", "order")
NAMES = tuple(field.name for field in fields(Run))
Value = Any  # of a column, or a collection of such
Rows = dict[Run, Found]


def isone(value: Value) -> bool:
    """Is this the value of a column, and not a collection of them?"""
    return isinstance(value, str) or not isinstance(value, Collection)


def fits(run: Run, where: Mapping[str, Value]) -> bool:
    """Has a run these values?"""
    for name, value in where.items():
        own = getattr(run, name)
        if own != value if isone(value) else own not in value:
            return False
    return True


def rows(variant: str = catalogue.BOOKS, **where: Value) -> Rows:
    """Returns the rows of a variant that have these values, and else the book's.

    Raises NotYet if there are none, or if a rate is to be chosen yet.
    """
    if unknown := where.keys() - set(NAMES):
        raise TypeError(f"the table has no column {', '.join(sorted(unknown))}")
    asked = ((name, one if isone(one) else tuple(one)) for name, one in where.items())
    return dict(looked_up(variant, tuple(asked), table.stamp()))


@lru_cache(maxsize=1024)
def looked_up(variant: str, asked: tuple, stamp: tuple) -> Rows:
    """Returns the rows that have these values, looked up once while none is added."""
    own, where = catalogue.canonical(variant), dict(asked)
    there = {run: what for run, what in table.read().items() if run.variant == own}
    free = {"variant", "rate", "steps", *SEEDS}
    usual = {name: getattr(Run, name) for name in NAMES if name not in free}
    found = {run: what for run, what in there.items() if fits(run, usual | where)}
    if "rate" not in where:
        kinds = {replace(run.setting, rate=Run.rate) for run in found}
        best = {kind: rates.chosen(kind, there) for kind in kinds}
        found = {
            run: what
            for run, what in found.items()
            if run.rate == best[replace(run.setting, rate=Run.rate)]
        }
    if not found:
        told = ", ".join(f"{name} {value}" for name, value in where.items())
        raise NotYet(f"lab.csv has no run of {variant}, {told}; {remedy('lab')}")
    return dict(sorted(found.items(), key=lambda row: values(row[0])))


def alike(variant: str, where: Mapping[str, Value]) -> dict[tuple[int, int], float]:
    """Returns the losses of runs that differ in their seeds alone, by these."""
    found = rows(variant, **where)
    for name in NAMES:
        values = {getattr(run, name) for run in found}
        if name not in SEEDS and len(values) > 1:
            told = ", ".join(map(str, sorted(values)))
            raise LookupError(f"these runs differ in {name}: say which of {told}")
    return {(run.weights, run.order): what.loss for run, what in found.items()}


def middle(numbers: Iterable[float]) -> float:
    """Returns the mean of numbers."""
    kept = list(numbers)
    return math.fsum(kept) / len(kept)


def spread(numbers: Iterable[float]) -> float:
    """Returns the standard deviation of numbers, as an estimate."""
    kept = list(numbers)
    if len(kept) < 2:
        raise NotYet(f"one run has no spread; {remedy('lab')}")
    mean = middle(kept)
    return math.sqrt(math.fsum((x - mean) ** 2 for x in kept) / (len(kept) - 1))


def standard_error(numbers: Iterable[float]) -> float:
    """Returns the standard error of the mean of numbers."""
    kept = list(numbers)
    return spread(kept) / math.sqrt(len(kept))


# What chapters ask


def mean(variant: str = catalogue.BOOKS, **where: Value) -> float:
    """Returns the mean loss over seeds."""
    return middle(alike(variant, where).values())


def sd(variant: str = catalogue.BOOKS, **where: Value) -> float:
    """Returns the standard deviation of the loss over seeds."""
    return spread(alike(variant, where).values())


def error(variant: str = catalogue.BOOKS, **where: Value) -> float:
    """Returns the standard error of the mean loss, over seeds."""
    return standard_error(alike(variant, where).values())


def count(variant: str = catalogue.BOOKS, **where: Value) -> int:
    """Returns the number of runs, each with seeds of its own."""
    return len(alike(variant, where))


def rate(variant: str = catalogue.BOOKS, **where: Value) -> float:
    """Returns the rate that was chosen for a kind of run."""
    kind = replace(Run(), variant=catalogue.canonical(variant), **where)
    return rates.chosen(kind, table.read())


def differences(
    variant: str = catalogue.BOOKS,
    against: str | Mapping[str, Value] = catalogue.BOOKS,
    **where: Value,
) -> list[float]:
    """Returns the losses less those of the runs with the same seeds.

    against: another variant, or the columns in which the other runs differ.
    """
    changed = {"variant": against} if isinstance(against, str) else dict(against)
    other = changed.pop("variant", variant)
    ours, theirs = alike(variant, where), alike(other, {**where, **changed})
    both = sorted(ours.keys() & theirs.keys())
    if not both:
        raise NotYet(f"{variant} and {other} have no seeds in common; {remedy('lab')}")
    return [ours[seeds] - theirs[seeds] for seeds in both]


def diff(variant=catalogue.BOOKS, against=catalogue.BOOKS, **where) -> float:
    """Returns the mean of the differences of runs with the same seeds."""
    return middle(differences(variant, against, **where))


def diff_error(variant=catalogue.BOOKS, against=catalogue.BOOKS, **where) -> float:
    """Returns the standard error of that mean."""
    return standard_error(differences(variant, against, **where))


def name_error(variant=catalogue.BOOKS, heads=Run.heads, steps=Run.steps) -> float:
    """Returns the standard error of a difference from the book, over held-out names."""
    for row in tables.read("pairs"):
        if (row["variant"], row["heads"], row["steps"]) == (
            variant, str(heads), str(steps),
        ):  # fmt: skip
            return float(row["error"])
    raise NotYet(f"pairs.csv has no {variant}, {steps}; {remedy('pairs')}")


# The ladder of the chapters


def step(chapter: str, steps: int) -> dict[tuple[int, int], float]:
    """Returns the losses of a chapter's model, with ten first weights.

    After 1,000 names the rate is the program's own, else the one that was chosen.
    """
    where = {"variant": catalogue.BOOKS, **questions.LADDER[chapter], "steps": steps}
    where |= {"weights": questions.TEN, "order": Run.order}
    if steps == questions.SHORT:
        where["rate"] = Run.rate
    return alike(where.pop("variant"), where)


def rung(chapter: str, steps: int) -> float:
    """Returns the mean loss of a chapter's model over ten first weights."""
    return middle(step(chapter, steps).values())


def rung_error(chapter: str, steps: int) -> float:
    """Returns the standard error of that mean."""
    return standard_error(step(chapter, steps).values())
