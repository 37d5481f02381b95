"""Bench: how much faster the finished program is than the original's way.

`python -m tools.bench` trains two stages of the book in turn, the one that ends
with `sampling`, which does everything as the original does, and the finished one,
each with Python's garbage collector on and off. On a busy machine one time says
little: the figure that counts is the ratio of two times of one round, and its
median over the rounds. The table goes to docs/data/bench.csv with `--write`.
"""

import argparse
import csv
import statistics
import subprocess
import sys
from pathlib import Path

from tools import stage
from tools.stage import ROOT

TABLE = ROOT / "docs" / "data" / "bench.csv"

# What each process does: train for a few steps, and print the seconds and the loss.
WORKER = """
import gc, random, sys, time
from microgpt.data import bundled_names, load_documents
from microgpt.model import GPT, Config
from microgpt.optim import Adam
from microgpt.tokenizer import Tokenizer
from microgpt.train import train

num_steps, collector = int(sys.argv[1]), sys.argv[2] == "on"
rng = random.Random(42)
docs = load_documents(bundled_names())
rng.shuffle(docs)
tokenizer = Tokenizer("".join(docs))
model = GPT(Config(tokenizer.vocab_size), rng)
steps = train(model, Adam(model.params), docs, tokenizer, 0.01, num_steps)
next(steps)  # not counted: the first step warms up
(gc.enable if collector else gc.disable)()
started = time.perf_counter()
losses = [loss for _, loss in steps]
print(time.perf_counter() - started, repr(losses[-1]))
"""

# name: (chapter the book is tangled up to, the collector)
PROGRAMS = {
    "sampling": ("sampling", "on"),
    "sampling-no-collector": ("sampling", "off"),
    "complete-collector": ("complete", "on"),
    "complete": ("complete", "off"),
}


def measure(folder: Path, num_steps: int, collector: str) -> tuple[float, str]:
    """Returns the seconds that training took in a new process, and the last loss."""
    command = [sys.executable, "-c", WORKER, str(num_steps), collector]
    done = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    )
    seconds, loss = done.stdout.split()
    return float(seconds), loss


def ratios(rounds: int, num_steps: int) -> dict[str, list[float]]:
    """Returns, for each program, its speed in each round; `sampling` has speed 1."""
    speeds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    stages = {chapter: stage.stage(chapter) for chapter, _ in PROGRAMS.values()}
    for turn in range(rounds):
        print(f"round {turn + 1} of {rounds}", file=sys.stderr, flush=True)
        runs = {
            name: measure(stages[chapter], num_steps, collector)
            for name, (chapter, collector) in PROGRAMS.items()
        }
        if len({loss for _, loss in runs.values()}) > 1:
            raise SystemExit("bench: the programs' losses differ")
        for name, (seconds, _) in runs.items():
            speeds[name].append(runs["sampling"][0] / seconds)
    return speeds


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    speeds = ratios(options.rounds, options.steps)
    rows = [("program", "speed", "least", "greatest", "rounds")]
    for name, values in speeds.items():
        figures = (statistics.median(values), min(values), max(values))
        rows.append((name, *(f"{x:.2f}" for x in figures), str(len(values))))
    for row in rows:
        print("{:24}{:>8}{:>8}{:>10}{:>8}".format(*row))
    if options.write:
        with open(TABLE, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
