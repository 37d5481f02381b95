"""Calls: what it costs to add two lists or arrays, and to take a step with NumPy.

`python -m tools.measure.calls` measures, in microseconds, the addition of two lists of
floats and of two arrays of 64 and of 32 bits, for several sizes; steps of the engine
`numpy` for batches of several sizes; and steps of models that are wider. Each time is
the least of many, since on a busy machine all others tell of something else. `--write`
puts the table into docs/data/calls.csv.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator

from tools.measure import sitting, turns
from tools.proof.about import about
from tools.proof.progress import Progress
from tools.proof.tables import Table

SIZES = [4**i for i in range(9)]
BATCHES = [2**i for i in range(10)]
WIDTHS = (32, 64)  # 16 is the first of the batches
ROUNDS = 4
ROWS = [("batch", str(size)) for size in BATCHES]
ROWS += [("width", str(size)) for size in WIDTHS]
ROWS += [(what, str(size)) for size in SIZES for what in ("list", "array", "float32")]
TABLE = Table("calls", ("what", "size", "microseconds"), ROWS)
Measured = tuple[tuple[str, str], Callable[[], float]]


def additions() -> Iterator[Measured]:
    """Yields sums of two vectors, each with what its turn measures."""
    import numpy as np

    rng = random.Random(0)
    for size in SIZES:
        a, b = ([rng.random() for _ in range(size)] for _ in range(2))
        work = lambda a=a, b=b: [x + y for x, y in zip(a, b)]  # noqa: E731
        yield ("list", str(size)), timer(work)
        for name, kind in (("array", np.float64), ("float32", np.float32)):
            x, y = np.array(a, kind), np.array(b, kind)
            yield (name, str(size)), timer(lambda x=x, y=y: x + y)


def steps() -> Iterator[Measured]:
    """Yields steps: batches of the first names, and models of several widths."""
    from microgpt import Config, Tokenizer, bundled_names, load_documents
    from microgpt.engine import State, batches_of, encode_all, make_engine

    rng = random.Random(42)
    docs = load_documents(bundled_names())
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    sizes = [("batch", size, 16, size) for size in BATCHES]
    sizes += [("width", size, size, 1) for size in WIDTHS]
    for what, size, width, count in sizes:
        config = Config(tokenizer.vocab_size, width)
        engine = make_engine("numpy", State.random(config, rng))
        number = max(1, 32 // count)  # batches, so that names of all lengths come
        batches = batches_of(range(number), count, encode_all(docs, tokenizer, 17))
        rates = [0.0] * number
        work = lambda e=engine, b=batches, r=rates: e.steps(b, r)  # noqa: E731
        yield (what, str(size)), timer(work, 1, number)


def timer(
    work: Callable[[], object], seconds: float = 0.2, number: int = 1
) -> Callable[[], float]:
    """Returns a turn: the microseconds of one of so many pieces of work.

    In processor time: what other programs take in between is not counted.
    """
    return lambda: turns.quickest(work, seconds, time.process_time) / number * 1e6


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = sitting.parser(about(__file__), TABLE, rounds=ROUNDS)
    options = parser.parse_args()
    with Progress() as progress:
        rounds = turns.told(options.rounds, progress)
        timers = dict(steps()) | dict(additions())
        found = turns.take(timers, rounds, tell=progress.detail)
    rows = [(*name, f"{min(times):.4g}") for name, times in found.items()]
    sitting.keep(TABLE, rows, options.write)


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
