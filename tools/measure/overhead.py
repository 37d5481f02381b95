"""Overhead: where the time of a step in PyTorch goes, and when compiling pays.

`python -m tools.measure.overhead` counts the operators of a step of the book's model,
eager and compiled, measures the parts of the step, and compares the two at several
sizes of the model. `--write` writes docs/data/operators.csv and docs/data/overhead.csv.
The counts are the same in each run, for one version of PyTorch; the times are those of
one core, each the least of many, and the ratios are medians over rounds that alternate.
It takes four minutes, of which the compiler has three.
"""

import argparse
import csv
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable

from tools.proof.stage import ROOT

DATA = ROOT / "docs" / "data"
# Operators that compute nothing new: another view of the same memory, or new memory.
VIEWS = {
    "alias", "as_strided", "detach", "expand", "flatten", "lift_fresh", "permute",
    "reshape", "_reshape_alias", "resolve_conj", "select", "slice", "split",
    "split_with_sizes", "squeeze", "t", "transpose", "unflatten", "unsqueeze",
    "_unsafe_view", "view",
}  # fmt: skip
MEMORY = {
    "clone", "contiguous", "copy_", "empty", "empty_like", "empty_strided", "fill_",
    "item", "_local_scalar_dense", "new_empty_strided", "ones_like", "resize_",
    "resize_as_", "result_type", "to", "_to_copy", "zero_", "zeros", "zeros_like",
}  # fmt: skip
SIZES = {  # name: width, layers, context, documents of a batch
    "book": (16, 1, 16, 1),
    "book, batch of 32": (16, 1, 16, 32),
    "64 wide": (64, 4, 64, 1),
    "64 wide, batch of 8": (64, 4, 64, 8),
}


def engine_of(size: tuple[int, ...], compile: bool):
    """Returns an engine with a model of that size, and a batch of full documents."""
    from microgpt import Config, State, make_engine

    width, layers, context, documents = size
    config = Config(27, width, context, layers, 4)
    state = State.random(config, random.Random(42))
    rng = random.Random(7)
    batch = [[rng.randrange(27) for _ in range(context + 1)] for _ in range(documents)]
    return make_engine("torch", state, compile=compile), batch


def phases(engine, batch) -> dict[str, Callable[[], object]]:
    """Returns the parts of a step, to be called in this order."""
    engine.step(batch, 0.001)  # the first one compiles, and allocates
    engine.step(batch, 0.001)
    kept = {}

    def forward():
        engine.optimizer.zero_grad()
        kept["loss"] = engine.loss(engine.model, *kept["tensors"])

    return {
        "batch": lambda: kept.update(tensors=engine.tensors(batch)),
        "forward": forward,
        "backward": lambda: kept["loss"].backward(),
        "optimizer": lambda: engine.optimizer.step(),
        "loss": lambda: kept["loss"].item(),
    }


def kind(event) -> str:
    """Returns what an operator does: views, memory, arithmetic, or calls others."""
    name = event.name.removeprefix("aten::")
    if name in VIEWS:
        return "views"
    if name in MEMORY:
        return "memory"
    below = {kind(child) for child in event.cpu_children if "aten::" in child.name}
    return "wrappers" if below & {"arithmetic", "wrappers"} else "arithmetic"


def count(compile: bool) -> dict[str, Counter]:
    """Returns, for each part of a step, how many operators of each kind it calls."""
    from torch.profiler import ProfilerActivity, profile

    engine, batch = engine_of(SIZES["book"], compile)
    found = {}
    for name, part in phases(engine, batch).items():
        with profile(activities=[ProfilerActivity.CPU]) as profiler:
            part()
        events = [e for e in profiler.events() if e.name.startswith("aten::")]
        found[name] = Counter(kind(event) for event in events)
        nodes = {e for e in profiler.events() if "evaluate_function" in e.name}
        found[name]["nodes"] = len(nodes)
    return found


def part_times(compile: bool, repeats: int) -> dict[str, float]:
    """Returns the microseconds of each part of a step, the least of many."""
    engine, batch = engine_of(SIZES["book"], compile)
    parts = phases(engine, batch)
    least = dict.fromkeys(parts, float("inf"))
    for _ in range(repeats):
        for name, part in parts.items():
            started = time.perf_counter()
            part()
            least[name] = min(least[name], time.perf_counter() - started)
    return {name: 1e6 * seconds for name, seconds in least.items()}


def seconds_of(engine, batch, duration: float) -> float:
    """Returns the seconds of a step, the least of those that fit into a duration."""
    least, end = float("inf"), time.perf_counter() + duration
    while time.perf_counter() < end:
        started = time.perf_counter()
        engine.step(batch, 0.001)
        least = min(least, time.perf_counter() - started)
    return least


def compare(size: tuple[int, ...], rounds: int) -> list[float]:
    """Returns a step's microseconds, eager and compiled, their ratio, and so on."""
    eager, batch = engine_of(size, False)
    started = time.perf_counter()
    compiled, _ = engine_of(size, True)
    compiled.step(batch, 0.001)
    compiling = time.perf_counter() - started
    for _ in range(3):
        eager.step(batch, 0.001), compiled.step(batch, 0.001)
    times = [
        (seconds_of(eager, batch, 0.5), seconds_of(compiled, batch, 0.5))
        for _ in range(rounds)
    ]
    ratios = [a / b for a, b in times]
    return [
        1e6 * min(a for a, _ in times), 1e6 * min(b for _, b in times),
        statistics.median(ratios), min(ratios), max(ratios), compiling,
    ]  # fmt: skip


def write(name: str, rows: list[tuple]) -> None:
    """Writes a table."""
    with open(DATA / name, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def operators() -> list[tuple]:
    """Returns the table of the counts."""
    import torch

    columns = ("views", "memory", "wrappers", "arithmetic", "nodes")
    rows = [("step", "part", *columns, "torch")]
    version = torch.__version__.partition("+")[0]
    for name in ("eager", "compiled"):
        for part, counts in count(name == "compiled").items():
            rows.append((name, part, *(counts[c] for c in columns), version))
    return rows


def main() -> None:
    """Counts, measures, prints, and writes if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--counts", action="store_true", help="count only")
    parser.add_argument("--write", action="store_true", help="write the tables")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = f"{folder}/counts"
        import torch

        torch.set_num_threads(1)
        counts = operators()
        for row in counts:
            print("{:10}{:12}{:>8}{:>8}{:>10}{:>12}{:>7}  {}".format(*row))
        if options.write:
            write("operators.csv", counts)
        if options.counts:
            return
        rows = [("what", "eager", "compiled", "ratio", "least", "greatest", "seconds")]
        times = [part_times(compile, 2000) for compile in (False, True)]
        for part in times[0]:
            rows.append((part, *(f"{t[part]:.1f}" for t in times), "", "", "", ""))
        for name, size in SIZES.items():
            torch._dynamo.reset()
            # Nothing is compiled yet there.
            os.environ["TORCHINDUCTOR_CACHE_DIR"] = f"{folder}/{len(rows)}"
            found = compare(size, options.rounds)
            times = [f"{x:.1f}" for x in found[:2]]
            ratios = [f"{x:.2f}" for x in found[2:5]]
            rows.append((name, *times, *ratios, f"{found[5]:.0f}"))
            print(*rows[-1], flush=True)
        for row in rows:
            print("{:20}{:>12}{:>12}{:>8}{:>8}{:>10}{:>9}".format(*row))
        if options.write:
            write("overhead.csv", rows)


if __name__ == "__main__":
    main()
