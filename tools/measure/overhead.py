"""Overhead: where the time of a step in PyTorch goes, and when compiling pays.

`python -m tools.measure.overhead` counts the operators of a step of the book's model,
eager and compiled, measures the parts of the step, and compares the two at several
sizes of the model. `--write` writes docs/data/operators.csv and docs/data/overhead.csv.
The counts are the same in each run, for one version of PyTorch; the times are those of
one core, each the least of many, and the ratios are medians over rounds that alternate.
It takes four minutes, of which the compiler has three.
"""

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tools.measure import sitting, turns
from tools.proof.about import about
from tools.proof.progress import Progress
from tools.proof.tables import Table

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

HOW = ("eager", "compiled")
PARTS = ("batch", "forward", "backward", "optimizer", "loss")
KINDS = ("views", "memory", "wrappers", "arithmetic", "nodes")
OPERATORS = Table(
    "operators",
    ("step", "part", *KINDS, "torch"),
    [(step, part) for step in HOW for part in PARTS],
)
OVERHEAD = Table(
    "overhead",
    ("what", "eager", "compiled", "ratio", "least", "greatest", "seconds"),
    [(what,) for what in (*PARTS, *SIZES)],
)


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


def operators() -> list[tuple]:
    """Returns the rows of the counts."""
    import torch

    version = torch.__version__.partition("+")[0]
    return [
        (step, part, *(counts[kind] for kind in KINDS), version)
        for step in HOW
        for part, counts in count(step == "compiled").items()
    ]


def part_times(compile: bool, repeats: int = 2000) -> dict[str, float]:
    """Returns the microseconds of each part of a step, the least of many."""
    parts = phases(*engine_of(SIZES["book"], compile))
    timers = {name: partial(turns.timed, part) for name, part in parts.items()}
    found = turns.take(timers, range(repeats))
    return {name: 1e6 * min(times) for name, times in found.items()}


def parts_of_a_step() -> list[tuple]:
    """Returns the rows of the parts: their microseconds, eager and compiled."""
    eager, compiled = (part_times(compile) for compile in (False, True))
    times = {part: (eager[part], compiled[part]) for part in PARTS}
    return [
        (part, *(f"{time:.1f}" for time in pair), "", "", "", "")
        for part, pair in times.items()
    ]


def compare(what: str, rounds: int, progress: Progress) -> tuple:
    """Returns the row of a size: microseconds of a step, their ratio, and so on."""
    engines = {name: engine_of(SIZES[what], name == "compiled") for name in HOW}
    works = {
        name: partial(engine.step, batch, 0.001)
        for name, (engine, batch) in engines.items()
    }
    compiling = turns.timed(works["compiled"])  # the first step compiles
    timers = {
        name: partial(turns.quickest, work, 0.5, shortest=0)
        for name, work in works.items()
    }
    found = turns.take(timers, turns.told(rounds, progress), 1, progress.detail)
    times = [f"{1e6 * min(found[name]):.1f}" for name in HOW]
    ratios = [f"{x:.2f}" for x in turns.ratios(*found.values())]
    return what, *times, *ratios, f"{compiling:.0f}"


def main() -> None:
    """Counts, measures, prints, and writes if asked to."""
    parser = sitting.parser(about(__file__), OPERATORS, OVERHEAD, rounds=7)
    parser.add_argument("--counts", action="store_true", help="count only")
    parser.add_argument("--only", nargs="+", choices=SIZES, help="[all sizes]")
    options = parser.parse_args()
    sizes = options.only or list(SIZES)
    if options.write and not options.counts:
        OVERHEAD.demand((what,) for what in (*PARTS, *sizes))
    with Progress() as progress:
        progress.tell("counting operators")
        with fresh():
            rows = operators()
    sitting.keep(OPERATORS, rows, options.write)
    if options.counts:
        return
    with Progress() as progress:
        progress.tell("the parts of a step")
        with fresh():
            rows = parts_of_a_step()
        for what in sizes:
            progress.tell(f"{what}: compiling")
            with fresh():
                rows.append(compare(what, options.rounds, progress))
    sitting.keep(OVERHEAD, rows, options.write)


@contextmanager
def fresh() -> Iterator[None]:
    """Gives PyTorch one thread, and its compiler a folder where nothing is yet."""
    os.environ.setdefault("KINETO_LOG_LEVEL", "9")  # the profiler's own reports: none
    import torch

    torch.set_num_threads(1)
    torch._dynamo.reset()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder
        yield


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
