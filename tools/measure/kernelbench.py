"""Kernel bench: what batches and numbers of half the size do for the engine in C.

`python -m tools.measure.kernelbench` trains on batches of 1 to 64 names, with one
thread, and prints how many documents a second each setting does, as a ratio to that of
one document a step with 64 bits. The settings take turns, on the same documents, a few
at a time; of each piece the shortest time counts, since on a busy machine a time can
only be too long. `--write` writes docs/data/kernel.csv, which a figure shows.
"""

import argparse
import csv
import random
import time
from math import inf

from microgpt import Config, State, Tokenizer, bundled_names, load_documents
from microgpt.native import Native
from tools.proof.stage import ROOT

TABLE = ROOT / "docs" / "data" / "kernel.csv"
SIZES = (1, 2, 4, 8, 16, 32, 64)
PRECISIONS = ("f64", "f32")
DOCS, PIECE = 512, 64


def measure(seconds: float) -> dict[tuple[str, int], float]:
    """Returns the seconds for 512 documents, by precision and size of the batch."""
    docs = load_documents(bundled_names())
    rng = random.Random(42)
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    state = State.random(Config(tokenizer.vocab_size), rng)
    tokens = [tokenizer.encode(doc)[:17] for doc in docs[:DOCS]]
    engines = {name: Native(state, precision=name, threads=1) for name in PRECISIONS}
    best = {
        (name, size): [inf] * (DOCS // PIECE) for name in PRECISIONS for size in SIZES
    }
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for (name, size), times in best.items():
            for first in range(0, DOCS, PIECE):
                starts = range(first, first + PIECE, size)
                batches = [tokens[i : i + size] for i in starts]
                started = time.perf_counter()
                engines[name].steps(batches, [0.0] * len(batches))
                taken = time.perf_counter() - started
                times[first // PIECE] = min(times[first // PIECE], taken)
    return {setting: sum(times) for setting, times in best.items()}


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    best = measure(options.seconds)
    base = best["f64", 1]
    rows = [("precision", "batch", "speed")]
    for (precision, size), taken in best.items():
        rows.append((precision, str(size), f"{base / taken:.2f}"))
    for row in rows:
        print("{:12}{:>8}{:>8}".format(*row))
    print(f"one document, 64 bits: {base / DOCS * 1e6:.1f} microseconds a step")
    if options.write:
        with open(TABLE, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
