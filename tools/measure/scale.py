"""Scale: what a second process brings, and what all-reduce costs.

`python -m tools.measure.scale` starts two processes, each pinned to a core of its own
and with one thread. In turns, the first trains alone with the whole batch, alone with
half of it, and both train together with the whole batch. The table has the least times
and, over the rounds, the ratio of the times alone and together: its median, least and
greatest. Then all-reduce is timed for lists of several lengths. `--write` writes
docs/data/scale.csv. It takes about a minute, and needs two cores that do nothing else.
"""

import argparse
import csv
import os
import random
import statistics
import subprocess
import sys
import time

from tools.measure.launch import TORCHRUN
from tools.proof.stage import ROOT

TABLE = ROOT / "docs" / "data" / "scale.csv"
SIZES = {  # name: width, layers, context, documents of a batch, steps of a round
    "book": (16, 1, 16, 2, 100),
    "64 wide": (64, 4, 64, 32, 2),
}
NUMBERS = (1, 1_000, 10_000, 100_000, 1_000_000)  # of 8 bytes, for all-reduce
HEAD = ("what", "number", "bytes", "alone_us", "half_us", "together_us", "ratio",
        "least", "greatest", "rounds")  # fmt: skip


def timed(engine, batch, num_steps: int) -> float:
    """Returns the microseconds of a step, the mean of a few."""
    started = time.perf_counter()
    for _ in range(num_steps):
        engine.step(batch, 0.001)
    return (time.perf_counter() - started) / num_steps * 1e6


def compare(name: str, rounds: int, rank: int) -> tuple:
    """Returns a row of the table; both processes must call this."""
    import torch.distributed as dist

    from microgpt import Config, State, make_engine

    width, layers, context, documents, num_steps = SIZES[name]
    config = Config(27, width, context, layers, 4)
    state = State.random(config, random.Random(42))
    rng = random.Random(7)
    batch = [[rng.randrange(27) for _ in range(context + 1)] for _ in range(documents)]
    together, alone = (make_engine(kind, state) for kind in ("torchrun", "torch"))
    half = make_engine("torch", state)
    times = []
    for turn in range(rounds + 1):
        found = []
        for engine, share in ((alone, batch), (half, batch[::2])):
            dist.barrier()
            found.append(timed(engine, share, num_steps) if rank == 0 else 0)
        dist.barrier()
        found.append(timed(together, batch, num_steps))
        if turn and rank == 0:  # the first round warms up
            times.append(found)
    if rank:
        return ()
    least = [f"{min(column):.1f}" for column in zip(*times)]
    ratios = [one / two for one, _, two in times]
    spread = (statistics.median(ratios), min(ratios), max(ratios))
    size = len(state.params)
    return name, size, 8 * size, *least, *(f"{x:.2f}" for x in spread), rounds


def all_reduce(number: int, repeats: int) -> tuple:
    """Returns a row of the table: the least microseconds of an all-reduce."""
    import torch
    import torch.distributed as dist

    numbers, least = torch.zeros(number, dtype=torch.float64), float("inf")
    for _ in range(repeats):
        dist.barrier()
        started = time.perf_counter()
        dist.all_reduce(numbers)
        least = min(least, time.perf_counter() - started)
    return ("all-reduce", number, 8 * number, "", "", f"{1e6 * least:.1f}", "", "", "",
            repeats)  # fmt: skip


def work(rounds: int) -> None:
    """What each of the two processes does; the first prints the table."""
    import torch

    rank = int(os.environ["RANK"])
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[rank % len(cores)]})
    torch.set_num_threads(1)
    rows = [compare(name, rounds, rank) for name in SIZES]
    rows += [all_reduce(number, 200 if number < 1e5 else 50) for number in NUMBERS]
    if rank == 0:
        csv.writer(sys.stdout, lineterminator="\n").writerows([HEAD, *rows])


def main() -> int:
    """Starts the two processes; prints what they found, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    if "RANK" in os.environ:
        work(options.rounds)
        return 0
    local = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    program = ["-m", "tools.measure.scale", "--rounds", str(options.rounds)]
    done = subprocess.run(
        [*TORCHRUN, "2", *local, *program], cwd=ROOT,
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return 1
    print(done.stdout, end="")
    if options.write:
        TABLE.write_text(done.stdout, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
