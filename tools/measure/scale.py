"""Scale: what a second process brings, and what all-reduce costs.

`python -m tools.measure.scale` starts two processes, each pinned to a core of its own
and with one thread. In turns, the first trains alone with the whole batch, alone with
half of it, and both train together with the whole batch. The table has the least times
and, over the rounds, the ratio of the times alone and together: its median, least and
greatest. Then all-reduce is timed for lists of several lengths. `--write` writes
docs/data/scale.csv. It takes about a minute, and needs two cores that do nothing else.
"""

import json
import os
import random
import subprocess
import sys
from functools import partial

from tools.measure import sitting, turns
from tools.measure.launch import TORCHRUN
from tools.proof.about import about
from tools.proof.progress import Progress
from tools.proof.stage import ROOT, RunError
from tools.proof.tables import Table

SIZES = {  # name: width, layers, context, documents of a batch, steps of a round
    "book": (16, 1, 16, 2, 100),
    "64 wide": (64, 4, 64, 32, 2),
}
NUMBERS = (1, 1_000, 10_000, 100_000, 1_000_000)  # of 8 bytes, for all-reduce
COLUMNS = ("what", "number", "bytes", "alone_us", "half_us", "together_us", "ratio",
           "least", "greatest", "rounds")  # fmt: skip
TABLE = Table("scale", COLUMNS, [(what,) for what in (*SIZES, "all-reduce")])


def compare(name: str, rounds: int, rank: int) -> tuple:
    """Returns a row of the table; both processes must call this."""
    from microgpt import Config, State, make_engine

    width, layers, context, documents, num_steps = SIZES[name]
    config = Config(27, width, context, layers, 4)
    state = State.random(config, random.Random(42))
    rng = random.Random(7)
    batch = [[rng.randrange(27) for _ in range(context + 1)] for _ in range(documents)]
    kinds = {
        "alone": ("torch", batch, rank == 0),
        "half": ("torch", batch[::2], rank == 0),
        "together": ("torchrun", batch, True),
    }
    timers = {
        what: partial(turn, make_engine(kind, state), share, num_steps * busy)
        for what, (kind, share, busy) in kinds.items()
    }
    found = turns.take(timers, range(rounds), warm=1)
    least = [f"{min(times) * 1e6 / num_steps:.1f}" for times in found.values()]
    ratios = turns.ratios(found["alone"], found["together"])
    size = len(state.params)
    return name, size, 8 * size, *least, *(f"{x:.2f}" for x in ratios), rounds


def turn(engine, batch, num_steps: int) -> float:
    """Returns the seconds of some steps, begun when both processes are ready."""
    import torch.distributed as dist

    dist.barrier()
    return turns.timed(
        lambda: turns.repeat(lambda: engine.step(batch, 0.001), num_steps)
    )


def all_reduce(number: int, repeats: int) -> tuple:
    """Returns a row of the table: the least microseconds of an all-reduce."""
    import torch
    import torch.distributed as dist

    numbers, times = torch.zeros(number, dtype=torch.float64), []
    for _ in range(repeats):
        dist.barrier()
        times.append(turns.timed(lambda: dist.all_reduce(numbers)))
    least = f"{1e6 * min(times):.1f}"
    return ("all-reduce", number, 8 * number, "", "", least, "", "", "", repeats)


def work(rounds: int) -> None:
    """What each of the two processes does; the first prints the rows as JSON."""
    import torch

    rank, cores = int(os.environ["RANK"]), turns.cores()
    turns.bind([cores[rank % len(cores)]])
    torch.set_num_threads(1)
    rows = [compare(name, rounds, rank) for name in SIZES]
    rows += [all_reduce(number, 200 if number < 1e5 else 50) for number in NUMBERS]
    if rank == 0:
        print(json.dumps(rows))


def together(rounds: int) -> list[list]:
    """Starts the two processes; returns the rows of the table."""
    local = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    program = ["-m", "tools.measure.scale", "--rounds", str(rounds)]
    started = subprocess.Popen(
        [*TORCHRUN, "2", *local, *program], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        shown, errors = started.communicate()
    except KeyboardInterrupt:
        started.wait()  # until it has stopped the two
        raise
    if started.returncode:
        raise RunError(f"the two processes failed:\n{errors.strip()}")
    return json.loads(shown)


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    options = sitting.parser(about(__file__), TABLE, rounds=9).parse_args()
    if "RANK" in os.environ:
        return work(options.rounds)
    with Progress() as progress:
        progress.tell("two processes take turns: about a minute")
        rows = together(options.rounds)
    sitting.keep(TABLE, rows, options.write)


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
