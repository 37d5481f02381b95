"""Worth: what the chapter *What is each part worth?* asks, by short names.

A part is a variant, or one of the other sizes in OTHER. Where nothing else is said, all
names were read, once.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from statistics import median, variance
from typing import Any

from tools.lab import results
from tools.lab.questions import LONG, SHORT, TEN, WIDTHS
from tools.proof import tables

ORDERS = range(1, 10)  # in which tables were counted, as networks were trained
THREE = {"order": 42, "weights": (1, 2, 3)}
OTHER = {
    "one head": {"heads": 1},
    "eight heads": {"heads": 8},
    "two layers": {"layers": 2},
}
WITHOUT = (
    *("no-residual", "no-norm", "no-position", "no-attention", "no-mlp"),
    "one head",
)
OTHERWISE = (  # nothing is taken away, and something is done in another way
    *("gelu", "squared-relu", "no-root", "layernorm", "sinusoidal", "rotary"),
    *("shared-keys", "tied-head", "parallel", "sgd", "momentum", "adamw"),
    *("constant-rate", "warm-up", "clipping", "betas", "zero-init", "initial-std"),
)
CHANGED = (*WITHOUT[:-1], "no-relu", *OTHERWISE)
ALIKE = "no-root", "gelu", "squared-relu", "eight heads"


# Parts


def asked(part: str, names: int) -> dict[str, Any]:
    """Returns what results are asked for, to compare a part with the book's."""
    if part in OTHER:
        sizes = {"heads": 4, "layers": 1}
        return {"against": sizes, "steps": names, **OTHER[part]}
    return {"variant": part, "steps": names}


@cache
def more(part: str, names: int = LONG) -> float:
    """Returns how much higher the loss is than the book's."""
    return results.diff(**asked(part, names))


@cache
def error(part: str, names: int = LONG) -> float:
    """Returns the standard error of that, over seeds."""
    return results.diff_error(**asked(part, names))


def over_names(part: str, names: int = LONG) -> float:
    """Returns the standard error of that, over held-out names."""
    variant, heads = ("book", 1) if part == "one head" else (part, 4)
    return results.name_error(variant, heads, names)


def no_more_than(parts: Iterable[str]) -> float:
    """Returns how large a difference of these parts may be: two errors above it."""
    both = [(part, names) for part in parts for names in (SHORT, LONG)]
    return max(abs(more(*it)) + 2 * error(*it) for it in both)


def worse() -> list[str]:
    """Returns what was done otherwise and counts as worse."""
    return [part for part in OTHERWISE if more(part) > 2 * error(part)]


def better() -> list[str]:
    """Returns what was done otherwise and counts as better."""
    return [part for part in OTHERWISE if more(part) < -2 * error(part)]


def batch(size: int) -> list[float]:
    """Returns what batches of a size add to the loss, by seeds."""
    ours = results.alike("book", {"batch": size, "steps": LONG // size})
    theirs = results.alike("book", {"steps": LONG})
    return [ours[seeds] - theirs[seeds] for seeds in ours.keys() & theirs.keys()]


# Chance


def saved_by(variant: str, names: int, **seeds: Any) -> float:
    """Returns the share of a difference's variance that pairing takes away."""
    where = {"steps": names, **seeds}
    book, other = results.alike("book", where), results.alike(variant, where)
    both = sorted(book.keys() & other.keys())
    apart = variance([other[it] - book[it] for it in both])
    return 1 - apart / sum(
        variance([some[it] for it in both]) for some in (book, other)
    )


def saved(names: int) -> float:
    """Returns that for the same first weights, the median of the changes."""
    return median(saved_by(it, names, order=42, weights=TEN) for it in CHANGED)


@lru_cache
def by_chance(ratio: float, rounds: int = 2000, runs: int = 20) -> float:
    """Returns how often the spreads of runs that are alike differ by such a ratio."""
    rng, found = random.Random(1), 0
    for _ in range(rounds):
        spreads = [
            results.spread(rng.gauss(0, 1) for _ in range(runs)) for _ in range(2)
        ]
        found += max(spreads) / min(spreads) > ratio
    return found / rounds


# Diet


@lru_cache(maxsize=1)
def counted() -> dict[tuple[int, int, int], dict[str, str]]:
    """Returns the rows of tables of counts by n, the names, and their order."""
    rows = tables.read("counts")
    return {(int(r["n"]), int(r["names"]), int(r["order"])): r for r in rows}


def counts(n: int, names: int, order: int = 42) -> float:
    """Returns the loss of a table."""
    return float(counted()[n, names, order]["loss"])


def best_n(names: int) -> int:
    """Returns the n of the best table, by the names for choosing."""
    return min(range(1, 6), key=lambda n: float(counted()[n, names, 42]["choose"]))


def best_table(names: int) -> str:
    """Returns its name."""
    return ("", "unigram", "bigram", "trigram", "4-gram", "5-gram")[best_n(names)]


@cache
def once(width: int, names: int = LONG) -> float:
    """Returns the loss of the book's program at a width, with three first weights."""
    return results.mean(width=width, steps=names, **THREE)


def ahead(names: int) -> list[float]:
    """Returns by how much it is ahead of the best table, by the order of the names."""
    losses = results.alike("book", {"steps": names, "weights": 42, "order": ORDERS})
    n = best_n(names)
    return [counts(n, names, order) - loss for (_, order), loss in losses.items()]


def standing(names: int) -> str:
    """Returns where the best table stands, by the rule: ahead, level or behind."""
    apart = ahead(names)
    middle, rule = results.middle(apart), 2 * results.standard_error(apart)
    return "level" if abs(middle) <= rule else "behind" if middle > 0 else "ahead"


def falls() -> Iterator[tuple[float, float]]:
    """Yields how far each width falls from round 3 to round 10, and its error."""
    for width in WIDTHS:
        where = {"against": {"steps": 3 * LONG}, "width": width, "steps": 10 * LONG}
        where |= {"variant": "book", **THREE}
        yield -results.diff(**where), results.diff_error(**where)


def many(which: Sequence[bool]) -> str:
    """Returns a word for how many of four hold."""
    return ("none", "one", "some", "most", "all")[sum(which)]


def falling() -> str:
    """Returns how many widths fall from round 3 to round 10."""
    return many([fall > 0 for fall, _ in falls()])


def surely() -> str:
    """Returns how many of them do by the rule."""
    return many([fall > 2 * error for fall, error in falls()])


def between(width: int) -> float:
    """Returns what a rate between the rungs may win, by a parabola through three."""
    ladder = 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1
    where = {"width": width, "steps": LONG, "held": "choose", "order": 42}
    best = ladder.index(results.rate(width=width, steps=LONG))
    rungs = ladder[best - 1 : best + 2]
    low, middle, high = (results.mean(rate=rate, **where) for rate in rungs)
    return (low - high) ** 2 / (8 * (low - 2 * middle + high))
