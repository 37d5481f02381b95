"""Diet: what tables of counts learn from 100 names, and from more, up to all of them.

`python -m tools.lab.diet` counts tokens alone and after one to four others, on so many
names in several orders, and tells the loss on the 1,000 held-out names. Each table has
the best of several priors, chosen on 1,000 names that are neither counted nor reported
on; the loss on these is told as well, so that n can be chosen by it. It takes minutes;
`--write` puts the table into docs/data/counts.csv, row by row.
"""

import math
import random
import sys
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from microgpt.data import bundled_names, load_documents, split
from microgpt.engine import encode_all
from microgpt.evaluate import mean
from microgpt.tokenizer import Tokenizer
from tools.lab.experiment import Experiment
from tools.proof.about import about
from tools.proof.exits import ended

ORDERS = (1, 2, 3, 4, 5)
NAMES = (100, 300, 1000, 3000, 10_000, 31_469)
SEEDS = (42, *range(1, 10))  # of the names' order; 42 leaves the program's own
PRIORS = (0.1, 0.3, 1, 3, 5, 10, 20, 30, 50, 100, 200)

Seen = list[tuple[int, int]]  # of a token: hits and total, after 0, 1, 2, … before it


@lru_cache
def parts(held: str) -> tuple[list[array], list[array], int]:
    """Returns the names to count and those to ask, as tokens; the vocabulary's size.

    held: `report` asks the book's held-out names, `choose` as many of the others.
    """
    docs = load_documents(bundled_names())
    random.Random(42).shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    counted, asked = split(docs, 1000)
    if held == "choose":
        counted, asked = split(counted, 1000)
    longest = max(map(len, docs)) + 2
    encoded = [encode_all(some, tokenizer, longest) for some in (counted, asked)]
    return *encoded, tokenizer.vocab_size


def count(docs: Sequence[array], n: int) -> Counter[tuple[int, ...]]:
    """Returns how often each run of 0 to n tokens came, but for a last BOS alone."""
    found: Counter[tuple[int, ...]] = Counter()
    for doc in docs:
        tokens = tuple(doc)
        for i in range(1, len(tokens)):
            for start in range(max(0, i - n + 1), i + 1):
                found[tokens[start : i + 1]] += 1
    return found


def totals(counts: Counter[tuple[int, ...]]) -> Counter[tuple[int, ...]]:
    """Returns how often each context came, whatever followed."""
    found: Counter[tuple[int, ...]] = Counter()
    for tokens, number in counts.items():
        found[tokens[:-1]] += number
    return found


@lru_cache(maxsize=3)
def seen(held: str, names: int, order: int) -> list[list[Seen]]:
    """Returns, for each token of each name that is asked, what was counted of it."""
    docs, asked, _ = parts(held)
    if order != 42:
        random.Random(order).shuffle(docs := docs[:])
    hits = count(docs[:names], ORDERS[-1])
    whole, found = totals(hits), []
    for doc in map(tuple, asked):
        starts = [[max(0, i - k) for k in range(ORDERS[-1])] for i in range(len(doc))]
        found.append([
            [(hits[doc[start : i + 1]], whole[doc[start:i]]) for start in starts[i]]
            for i in range(1, len(doc))
        ])  # fmt: skip
    return found


def loss(tokens: list[Seen], n: int, prior: float, vocab_size: int) -> float:
    """Returns the mean loss of a name's tokens, as an NGram would have it."""
    losses = []
    for token in tokens:
        p = 1 / vocab_size
        for hits, total in token[:n]:
            p = (hits + prior * p) / (total + prior)
        losses.append(-math.log(p))
    return mean(losses)


@dataclass(frozen=True)
class Counts:
    """Tables of n tokens, counted on so many names in an order."""

    names: int
    order: int
    n: int

    def losses(self, held: str, prior: float) -> list[float]:
        """Returns the loss of each name that is asked."""
        asked, size = seen(held, self.names, self.order), parts(held)[2]
        return [loss(tokens, self.n, prior, size) for tokens in asked]


@lru_cache
def best_prior(names: int, n: int) -> float:
    """Returns the prior with the least loss on the names for choosing."""
    tables = Counts(names, 42, n)
    return min(PRIORS, key=lambda prior: mean(tables.losses("choose", prior)))


def cells(tables: Counts) -> tuple[str, str, str, str]:
    """Returns the prior, the loss of the names for choosing, that of those held out.

    And the standard error of the last.
    """
    prior = best_prior(tables.names, tables.n)
    choose = mean(tables.losses("choose", prior))
    losses = tables.losses("report", prior)
    middle, number = mean(losses), len(losses)
    variance = math.fsum((x - middle) ** 2 for x in losses) / (number - 1)
    error = math.sqrt(variance / number)
    return f"{prior:g}", f"{choose:.6f}", f"{middle:.6f}", f"{error:.6f}"


def settings() -> dict[tuple[str, ...], Counts]:
    """Returns what is counted; where all names are, their order does not matter."""
    return {
        (str(names), str(order), str(n)): Counts(names, order, n)
        for names in NAMES
        for order in (SEEDS if names < NAMES[-1] else SEEDS[:1])
        for n in ORDERS
    }


DIET = Experiment(
    "counts",
    ("names", "order", "n", "prior", "choose", "loss", "error"),
    settings(),
    cells,
)


if __name__ == "__main__":
    sys.exit(ended(lambda: DIET.main(about(__file__))))
