"""Checks of the exercises in docs/laboratory.md."""

import math
import random
from statistics import mean, stdev

from checking import case, holds, rounded

from microgpt.model import attend
from microgpt.value import Value


def paired(answers):
    def found(ours, books):
        return tuple(rounded(number) for number in answers.paired(ours, books))

    yield case(
        "paired({1: 2.5, 2: 2.7}, {1: 2.4, 2: 2.4})",
        lambda: found({1: 2.5, 2: 2.7}, {1: 2.4, 2: 2.4}),
        (0.2, 0.1),
    )
    yield case(
        "paired({1: 2.1, 2: 2.4}, {1: 2.0, 2: 2.3}): the same difference twice",
        lambda: found({1: 2.1, 2: 2.4}, {1: 2.0, 2: 2.3}),
        (0.1, 0.0),
    )
    yield case(
        "paired({1: 2.0, 2: 2.0, 3: 2.0}, {1: 2.1, 2: 2.2, 3: 2.3}): better",
        lambda: found({1: 2.0, 2: 2.0, 3: 2.0}, {1: 2.1, 2: 2.2, 3: 2.3}),
        (-0.2, rounded(0.1 / math.sqrt(3))),
    )
    yield case(
        "paired({2: 2.7, 1: 2.5}, {1: 2.4, 2: 2.4}): the seeds in another order",
        lambda: found({2: 2.7, 1: 2.5}, {1: 2.4, 2: 2.4}),
        (0.2, 0.1),
    )
    yield case(
        "paired({1: 2.5, 2: 2.7, 3: 9.0}, {1: 2.4, 2: 2.4, 4: 1.0}): some seeds alone",
        lambda: found({1: 2.5, 2: 2.7, 3: 9.0}, {1: 2.4, 2: 2.4, 4: 1.0}),
        (0.2, 0.1),
    )


def seeds(answers):
    for difference, spread, expected in (
        (0.002, 0.005, 25),
        (0.004, 0.0045, 6),
        (0.001, 0.0049, 97),
        (-0.002, 0.005, 25),
        (0.1, 0.005, 2),
    ):
        yield case(
            f"seeds_needed({difference}, {spread})",
            lambda: answers.seeds_needed(difference, spread),
            expected,
        )
    yield holds(
        "seeds_needed(0.002, 0.005)",
        lambda: answers.seeds_needed(0.002, 0.005),
        "an int",
        lambda got: type(got) is int,
    )


def simulated(variants, number, rng):
    """The draws of a laboratory, as (mean, standard error) of each variant."""
    found = []
    for _ in range(variants):
        drawn = [rng.gauss(0, 1) for _ in range(number)]
        found.append((mean(drawn), stdev(drawn) / math.sqrt(number)))
    return found


def lucky(answers):
    def told(variants, number, seed):
        best, far = answers.lucky(variants, number, random.Random(seed))
        return rounded(best), far

    for variants, number, seed in ((1, 10, 3), (3, 5, 1), (24, 10, 42), (24, 10, 7)):
        found = simulated(variants, number, random.Random(seed))
        best = min(found)
        far = sum(abs(middle) > 2 * error for middle, error in found)
        yield case(
            f"lucky({variants}, {number}, Random({seed}))",
            lambda: told(variants, number, seed),
            (rounded(best[0] / best[1]), far),
        )
    yield holds(
        "of 200 laboratories with 24 variants, those where some are far from 0",
        lambda: sum(told(24, 10, seed)[1] > 0 for seed in range(200)),
        "more than half, though no variant does anything",
        lambda got: got > 100,
    )


def shares(q, keys, slope):
    """The weights of the values, on plain numbers."""
    last = len(keys) - 1
    scores = [
        math.fsum(a * b for a, b in zip(q, key)) / 2 - slope * (last - j)
        for j, key in enumerate(keys)
    ]
    weights = [math.exp(score - max(scores)) for score in scores]
    return [weight / math.fsum(weights) for weight in weights]


def alibi(answers):
    rng = random.Random(5)
    q, *rest = ([rng.gauss(0, 1) for _ in range(4)] for _ in range(11))
    keys, values = rest[:5], rest[5:]

    def as_values(rows):
        return [[Value(number) for number in row] for row in rows]

    def read(slope, count=5):
        some = as_values(keys[:count]), as_values(values[:count])
        found = answers.attend(*as_values([q]), *some, slope)
        return [rounded(number.data, 6) for number in found]

    def by_hand(slope):
        weights = shares(q, keys, slope)
        sums = (math.fsum(map(float.__mul__, weights, v)) for v in zip(*values))
        return [rounded(number, 6) for number in sums]

    def alone(value):
        return [rounded(number, 6) for number in value]

    yield case(
        "attend of one key, slope 0.25: its value",
        lambda: read(0.25, count=1),
        alone(values[0]),
    )
    book = attend(*as_values([q]), as_values(keys), as_values(values))
    yield case(
        "attend with a slope of 0: the book's",
        lambda: read(0.0),
        alone(number.data for number in book),
    )
    yield case(
        "attend with a slope of 100: the last value alone",
        lambda: read(100.0),
        alone(values[-1]),
    )
    for slope in (0.25, 0.0625):
        yield case(
            f"attend with a slope of {slope}", lambda: read(slope), by_hand(slope)
        )

    def gradient():
        (query,) = as_values([q])
        found = answers.attend(query, as_values(keys), as_values(values), 0.25)
        found[0].backward()
        return [rounded(number.grad, 5) for number in query]

    def slope_of(i, step=1e-5):
        losses = []
        for nudge in (step, -step):
            nudged = [*q[:i], q[i] + nudge, *q[i + 1 :]]
            weights = shares(nudged, keys, 0.25)
            losses.append(math.fsum(w * v[0] for w, v in zip(weights, values)))
        return rounded((losses[0] - losses[1]) / (2 * step), 5)

    yield case(
        "the gradient of the query, slope 0.25", gradient, [*map(slope_of, range(4))]
    )
