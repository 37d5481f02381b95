"""Kernel bench: what batches and numbers of half the size do for the engine in C.

`python -m tools.measure.kernelbench` trains on batches of 1 to 64 names, with one
thread, and prints how many documents a second each setting does, as a ratio to that of
one document a step with 64 bits. The settings take turns, on the same documents, a few
at a time; of each piece the shortest time counts, since on a busy machine a time can
only be too long. `--write` writes docs/data/kernel.csv, which a figure shows.
"""

import random
import sys
from collections.abc import Callable
from functools import partial

from microgpt import Config, State, Tokenizer, bundled_names, load_documents
from microgpt.native import Native
from tools.measure import sitting, turns
from tools.proof.about import about
from tools.proof.progress import Progress
from tools.proof.tables import Table

SIZES = (1, 2, 4, 8, 16, 32, 64)
PRECISIONS = ("f64", "f32")
DOCS, PIECE = 512, 64
ROWS = [(precision, str(size)) for precision in PRECISIONS for size in SIZES]
TABLE = Table("kernel", ("precision", "batch", "speed"), ROWS)


def timers() -> dict[tuple[str, str], Callable[[], list[float]]]:
    """Returns what each setting does in its turn: the seconds of its pieces."""
    docs = load_documents(bundled_names())
    rng = random.Random(42)
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    state = State.random(Config(tokenizer.vocab_size), rng)
    tokens = [tokenizer.encode(doc)[:17] for doc in docs[:DOCS]]
    engines = {name: Native(state, precision=name, threads=1) for name in PRECISIONS}
    return {
        (name, str(size)): timer(engine, in_pieces(tokens, size))
        for name, engine in engines.items()
        for size in SIZES
    }


def in_pieces(docs: list[list[int]], size: int) -> list[list[list[list[int]]]]:
    """Returns the documents in pieces, and these in batches of a size."""
    pieces = [docs[i : i + PIECE] for i in range(0, len(docs), PIECE)]
    return [[p[i : i + size] for i in range(0, PIECE, size)] for p in pieces]


def timer(engine: Native, pieces: list) -> Callable[[], list[float]]:
    """Returns a turn: the seconds of each piece, at a rate that changes nothing."""
    rates = [0.0] * len(pieces[0])
    return lambda: [turns.timed(partial(engine.steps, p, rates)) for p in pieces]


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = sitting.parser(about(__file__), TABLE)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    with Progress() as progress:
        progress.tell(f"batches in turn, for {options.seconds:g} seconds")
        found = turns.take(timers(), turns.during(options.seconds))
    best = {name: sum(turns.least(times)) for name, times in found.items()}
    base = best["f64", "1"]
    rows = [(*name, f"{base / taken:.2f}") for name, taken in best.items()]
    sitting.keep(TABLE, rows, options.write)
    print(f"one document, 64 bits: {base / DOCS * 1e6:.1f} microseconds a step")


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
