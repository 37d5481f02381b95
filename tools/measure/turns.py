"""Turns: whoever is timed is timed in turn with others, round by round.

What slows the machine for a while then slows all of them, and the ratio of two times
of one round says more than either. A first round may warm up and does not count. What
counts of many times is the least, since on a busy machine a time can only be too long;
of many ratios it is the median, told with the least and the greatest.
"""

import os
import statistics
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from tools.proof.progress import Progress

Name = TypeVar("Name", bound=Hashable)
Found = TypeVar("Found")


def take(
    turns: Mapping[Name, Callable[[], Found]],
    rounds: Iterable[int],
    warm: int = 0,
    tell: Callable[[Name], object] = lambda name: None,
) -> dict[Name, list[Found]]:
    """Lets everybody have a turn in each round; returns what their turns gave.

    warm: how many rounds come before the first that counts. tell: is called with the
    name before each turn.
    """
    if len(turns) < 2:
        raise ValueError("nobody is measured alone: turns are taken by two or more")
    found: dict[Name, list[Found]] = {name: [] for name in turns}
    for _ in chain(range(warm), rounds):
        for name, turn in turns.items():
            tell(name)
            found[name].append(turn())
    return {name: given[warm:] for name, given in found.items()}


def told(number: int, progress: Progress) -> Iterator[int]:
    """Yields so many rounds, and tells of each as it begins."""
    for turn in range(number):
        progress.tell(f"round {turn + 1} of {number}")
        yield turn


def during(
    seconds: float, clock: Callable[[], float] = time.perf_counter
) -> Iterator[int]:
    """Yields rounds as long as there is time: 0, 1, 2, …; at least one."""
    end, number = clock() + seconds, 0
    while not number or clock() < end:
        yield number
        number += 1


# Times


def timed(
    work: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> float:
    """Returns the seconds that a piece of work takes."""
    started = clock()
    work()
    return clock() - started


def quickest(
    work: Callable[[], object],
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
    shortest: float = 5e-4,
) -> float:
    """Returns the least seconds of a piece of work, of the times that fit into some.

    clock: what is looked at, the time or the processor's. What takes less than the
    shortest time is done more often between two looks.
    """
    best, repeats = float("inf"), 1
    for _ in during(seconds):
        took = timed(partial(repeat, work, repeats), clock)
        best = min(best, took / repeats)
        if took < shortest:
            repeats *= 2
    return best


def repeat(work: Callable[[], object], times: int) -> None:
    """Does a piece of work so many times."""
    for _ in range(times):
        work()


def least(times: Iterable[Iterable[float]]) -> list[float]:
    """Returns the least time of each piece, from the times of its rounds."""
    return [min(column) for column in zip(*times)]


class Spread(NamedTuple):
    """The median of numbers, and between which two they lie."""

    median: float
    least: float
    greatest: float


def spread(numbers: Iterable[float]) -> Spread:
    """Returns the median, the least and the greatest of numbers."""
    kept = list(numbers)
    return Spread(statistics.median(kept), min(kept), max(kept))


def ratios(one: Iterable[float], other: Iterable[float]) -> Spread:
    """Returns how many times as long the one took as the other, by rounds."""
    return spread(a / b for a, b in zip(one, other))


# Cores


def cores() -> list[int]:
    """Returns the cores that this process may use."""
    return sorted(getattr(os, "sched_getaffinity", lambda _: [0])(0))


def bind(some: Iterable[int]) -> None:
    """Keeps this process on some cores, where the system can do so."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(some))


def on_core(core: int, work: Callable[[], Any]) -> Any:
    """Returns what a function returns, called on a core."""
    before = cores()
    bind([core])
    try:
        return work()
    finally:
        bind(before)
