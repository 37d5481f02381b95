"""Calls: what it costs to add two lists or arrays, and to take a step with NumPy.

`python -m tools.measure.calls` measures, in microseconds, the addition of two lists of
floats and of two arrays of 64 and of 32 bits, for several sizes; steps of the engine
`numpy` for batches of several sizes; and steps of models that are wider. Each time is
the least of many, since on a busy machine all others tell of something else. `--write`
puts the table into docs/data/calls.csv.
"""

import argparse
import csv
import random
import time
from collections.abc import Callable, Iterator

from tools.proof.stage import ROOT

TABLE = ROOT / "docs" / "data" / "calls.csv"
COLUMNS = ("what", "size", "microseconds")
SIZES = [4**i for i in range(9)]
BATCHES = [2**i for i in range(10)]
WIDTHS = (32, 64)  # 16 is the first of the batches
ROUNDS = 4


def least(work: Callable[[], object], seconds: float = 0.2) -> float:
    """Returns the microseconds of a piece of work, the least of many times.

    Processor time: what other programs take in between is not counted.
    """
    end, best, repeats = time.perf_counter() + seconds, float("inf"), 1
    while time.perf_counter() < end:
        started = time.process_time()
        for _ in range(repeats):
            work()
        took = time.process_time() - started
        best = min(best, took / repeats)
        if took < 5e-4:
            repeats *= 2
    return best * 1e6


def additions() -> Iterator[tuple[str, int, float]]:
    """Measures sums of two vectors."""
    import numpy as np

    rng = random.Random(0)
    for size in SIZES:
        a, b = ([rng.random() for _ in range(size)] for _ in range(2))
        yield "list", size, least(lambda a=a, b=b: [x + y for x, y in zip(a, b)])
        for name, kind in (("array", np.float64), ("float32", np.float32)):
            x, y = np.array(a, kind), np.array(b, kind)
            yield name, size, least(lambda x=x, y=y: x + y)


def steps() -> Iterator[tuple[str, int, float]]:
    """Measures steps: batches of the first names, and models of several widths."""
    from microgpt import Config, Tokenizer, bundled_names, load_documents
    from microgpt.engine import State, batches_of, make_engine

    rng = random.Random(42)
    docs = load_documents(bundled_names())
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    for what, sizes in (("batch", BATCHES), ("width", WIDTHS)):
        for size in sizes:
            width, count = (16, size) if what == "batch" else (size, 1)
            config = Config(tokenizer.vocab_size, width)
            engine = make_engine("numpy", State.random(config, rng))
            number = max(1, 32 // count)  # batches, so that names of all lengths come
            batches = batches_of(range(number), count, docs, tokenizer, 17)
            rates = [0.0] * number
            work = lambda e=engine, b=batches, r=rates: e.steps(b, r)  # noqa: E731
            yield what, size, least(work, 1) / number


def main() -> None:
    """Measures, and prints or writes the table."""
    parser = argparse.ArgumentParser(prog="python -m tools.measure.calls")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    found: dict[tuple[str, int], float] = {}
    for _ in range(ROUNDS):
        for make in (steps, additions):
            for what, size, microseconds in make():
                best = found.get((what, size), microseconds)
                found[what, size] = min(best, microseconds)
    rows = [(what, size, f"{best:.4g}") for (what, size), best in found.items()]
    for row in rows:
        print(*row)
    if options.write:
        with open(TABLE, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)


if __name__ == "__main__":
    main()
