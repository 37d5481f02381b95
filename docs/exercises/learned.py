"""Checks of the exercises in docs/learned.md."""

import math
import random
from collections import Counter, defaultdict

from checking import case, holds

FLOOR = 7 * math.log(8) / 16


def floor(answers):
    for letters, length in ((2, 1), (8, 7), (26, 3)):
        for looks_back in (True, False):
            guesses = length if looks_back else 2 * length
            right = guesses * math.log(letters) / (2 * length + 2)
            tried = f"echo_floor({letters}, {length}, {looks_back})"
            yield case(
                tried,
                lambda: answers.echo_floor(letters, length, looks_back),
                right,
                within=1e-9,
            )


def times(answers):
    two = math.log(2)
    for reader, stranger, right in (
        ([[1.0, 2.0]], [[1.0, 2.0]], 1.0),
        ([[1.0]], [[1.0 + two]], 2.0),
        ([[1.0, 1.0]], [[1.0 + two, 1.0 + two]], 4.0),
        ([[1.0], [1.0]], [[1.0 + 2 * two], [1.0]], 2.0),
        ([[1.0 + two, 0.5], [0.5]], [[1.0, 0.5], [0.5]], 0.5**0.5),
    ):
        shown = [[[round(x, 3) for x in row] for row in a] for a in (reader, stranger)]
        tried = f"times({shown[0]}, {shown[1]})"
        yield case(tried, lambda: answers.times(reader, stranger), right, within=1e-9)


def pairs(answers):
    def made():
        return answers.pairs(random.Random(1), 3000)

    yield case("len(pairs(rng, 3000))", lambda: len(made()), 3000)
    yield case(
        "the lengths of the documents",
        lambda: sorted({len(doc) for doc in made()}),
        [15],
    )

    def wrong():
        for doc in made():
            letters = doc.replace("|", "")
            counts = Counter(letters).values()
            if len(letters) != 14 or any(n % 2 for n in counts):
                return doc
            if not set(letters) <= set("abcdefgh"):
                return doc
        return None

    yield case(
        "a document that is not a bar and seven letters of abcdefgh, each twice",
        wrong,
        None,
    )
    yield holds(
        "how many different documents there are among 3,000",
        lambda: len(set(made())),
        "2,950 or more",
        lambda got: got >= 2950,
    )
    yield holds(
        "the least loss on them without attention",
        lambda: round(blind_loss(made()), 3),
        f"{FLOOR:.2f} or less",
        lambda got: got <= FLOOR + 0.006,
    )


def blind_loss(docs):
    table = defaultdict(Counter)
    for doc in docs:
        tokens = ["", *doc, ""]
        for i in range(len(doc) + 1):
            table[i, tokens[i]][tokens[i + 1]] += 1 / (len(doc) + 1)
    rows = [list(row.values()) for row in table.values()]
    entropies = (-sum(w * math.log(w / sum(row)) for w in row) for row in rows)
    return sum(entropies) / len(docs)


def blind(answers):
    for docs in (
        ["ab"],
        ["ab", "ac"],
        ["a", "bbb"],
        ["ab", "a"],
        ["aab", "aba", "baa"],
        ["cafe|cafe", "face|face", "deaf|deaf"],
    ):
        yield case(
            f"blind_floor({docs})",
            lambda: answers.blind_floor(docs),
            blind_loss(docs),
            within=1e-9,
        )
