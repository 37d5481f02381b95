"""Rates: each kind of run is given the best of the rates that were tried for it.

They are tried on names that are neither trained on nor reported: 1, 3, 10, 30 and so
on, times a power of ten, on to both sides until the best has a worse one on either
side. A rate at which training ends in numbers that are none is worse than any other.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from tools.lab import catalogue
from tools.lab.runs import EPOCH, Found, Run
from tools.proof.tables import NotYet

# The rung to begin at: 0.01 for short runs, and one below for long ones.
USUAL, OTHERS = -4, {"sgd": -1, "momentum": -2}
LONG = 10_000  # steps
FURTHEST = 6  # rungs from the middle, to either side
Table = Mapping[Run, Found]


def rung(number: int) -> float:
    """Returns a rate: 0 is 1, -1 is 0.3, -2 is 0.1."""
    return float(f"{(1, 3)[number % 2]}e{number // 2}")


def tries(run: Run, number: int) -> list[Run]:
    """Returns the runs that try a rung: with three seeds if they take seconds."""
    seeds = (1, 2, 3) if short(run.chooser) else (1,)
    return [replace(run.chooser, rate=rung(number), weights=seed) for seed in seeds]


def short(run: Run) -> bool:
    """Does it take seconds: a thousand steps, or what the kernel does in a few?"""
    kernel = not catalogue.program(run.variant).pages
    size = run.steps * run.batch * run.width * run.layers
    return run.steps <= 3000 or (kernel and size <= 32 * EPOCH)


def losses(run: Run, table: Table) -> dict[int, float]:
    """Returns the mean loss of each rung that was tried for a run."""
    found = {}
    for number in rungs(run):
        tried = tries(run, number)
        if all(one in table for one in tried):
            loss = sum(table[one].loss for one in tried) / len(tried)
            found[number] = math.inf if math.isnan(loss) else loss
    return found


def rungs(run: Run) -> range:
    """Returns the rungs that may be tried for a run."""
    middle = max(OTHERS.get(name, USUAL) for name in run.variant.split("+"))
    middle -= run.chooser.steps >= LONG
    return range(middle - FURTHEST, middle + FURTHEST + 1)


def wanted(run: Run, table: Table) -> list[Run]:
    """Returns what is to be tried next; nothing, once the best rate is known."""
    found, all_rungs = losses(run, table), rungs(run)
    middle = all_rungs[FURTHEST]
    next_ones = {middle - 1, middle, middle + 1}
    if found.keys() >= next_ones:
        best = min(found, key=found.__getitem__)
        next_ones = {best - 1, best, best + 1} & set(all_rungs)
    missing = sorted(next_ones - found.keys())
    return [one for n in missing for one in tries(run, n) if one not in table]


def chosen(run: Run, table: Table) -> float:
    """Returns the best rate that was tried for a run's kind.

    Raises NotYet while there is more to try.
    """
    if wanted(run, table):
        raise NotYet(f"no rate is chosen yet for {run}; run python -m tools.lab grid")
    found = losses(run, table)
    return rung(min(found, key=found.__getitem__))


def rated(run: Run, table: Table) -> Run:
    """Returns the run at the rate that was chosen for it."""
    return replace(run, rate=chosen(run, table))
