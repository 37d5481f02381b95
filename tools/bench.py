"""Bench: how fast each rung of the book is, against the original's way.

`python -m tools.bench` trains in turn the stage of the book that ends with `sampling`,
which does everything as the original does, the finished graph with Python's garbage
collector on and off, and every engine that can work here. All of them learn from the
same documents and must give the same losses. On a busy machine one time says little:
the figure that counts is the ratio of two times of one round, and its median over the
rounds. In each round the core's peaks are measured as well, and an engine's share of
the bound that they set (microgpt/limit.py).

Each program is a process of its own, bound to one core, but for those that use two.
The table goes to docs/data/bench.csv with `--write`.
"""

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from microgpt import Config, InputError, State, bundled_names, load_documents
from microgpt.engine import ENGINES, make_engine
from microgpt.limit import bound, peaks
from tools import stage
from tools.stage import ROOT

TABLE = ROOT / "docs" / "data" / "bench.csv"
DOCS = 20  # documents that every program learns from, after one that warms it up
COLUMNS = ("program", "speed", "least", "greatest", "share", "rounds")

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# A worker gets its task as JSON. It prints the seconds for a document: of training from
# the text on and, of an engine, of its steps alone; its memory in MiB; its losses.
SETUP = """
import gc, json, random, sys, time
from microgpt.data import bundled_names, load_documents
from microgpt.model import Config
from microgpt.tokenizer import Tokenizer
task = json.loads(sys.argv[1])
count, batch = task["docs"], task["batch"]
rng = random.Random(42)
docs = load_documents(task["data"] or bundled_names())
rng.shuffle(docs)
tokenizer = Tokenizer("".join(docs))
config = Config(tokenizer.vocab_size, **task["sizes"])
def tell(seconds, alone, losses):
    import resource
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, alone, memory, losses]))
"""
STAGE = """
from microgpt.model import GPT
from microgpt.optim import Adam
from microgpt.train import train
model = GPT(config, rng)
steps = train(model, Adam(model.params), docs, tokenizer, 0.01, 1000)
losses = [next(steps)[1]]
(gc.enable if task["collector"] else gc.disable)()
started = time.perf_counter()
losses += [next(steps)[1] for _ in range(count)]
seconds = (time.perf_counter() - started) / count
tell(seconds, seconds, losses)
"""
ENGINE = """
from microgpt.engine import State, batch_of, make_engine, train_with
engine = make_engine(task["engine"], State.random(config, rng), **task["settings"])
def train(docs, rate, num_steps, batch=batch):
    return sum(train_with(engine, docs, tokenizer, rate, num_steps, 0, batch), [])
def timed(work):
    passes = 1
    while True:
        started = time.perf_counter()
        work(passes)
        seconds = time.perf_counter() - started
        if seconds >= task["seconds"]:
            return seconds / (passes * count * batch)
        passes *= 2
limit, some = config.block_size + 1, range(count + 1)
first = [batch_of(i, 1, docs, tokenizer, limit) for i in some]
losses = engine.steps(first, [task["rate"] * (1 - i / 1000) for i in some])
if task["warm"]:  # then most ReLUs are off, as they are for most of a run
    train(docs, task["rate"], task["warm"], 1)
docs, still = docs[1:][:count], 1e-9  # a rate that leaves the parameters as they are
batches = [batch_of(i, batch, docs, tokenizer, limit) for i in range(count)]
engine.steps(batches, [still] * count)
whole = timed(lambda passes: train(docs, still, passes * count))
def run(passes):
    engine.steps(passes * batches, passes * count * [still])
if hasattr(engine, "flat"):  # the kernel's arrays, made beforehand
    from array import array
    tokens, lengths, sizes = engine.flat(batches)
    def run(passes):
        many = (passes * tokens, passes * lengths, passes * sizes)
        engine.run(*many, array("d", passes * count * [still]))
alone = timed(run)
tell(whole, alone, losses)
"""


@dataclass
class Program:
    """Something to be timed.

    chapter: the stage, or "" for the finished package with an engine. docs: how many
    it learns from, after one that warms it up. tolerance: how far its losses may be
    from the original's. warm: the steps of a run before its pace is taken. seconds: how
    long it is timed, at least.
    """

    name: str
    chapter: str = ""
    collector: bool = False
    engine: str = ""
    settings: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)
    data: str = ""
    rate: float = 0.01
    docs: int = DOCS
    warm: int = 300
    batch: int = 1
    cores: int = 1
    tolerance: float = 0.0
    seconds: float = 0.3

    def command(self) -> list[str]:
        """Returns the arguments of its process."""
        worker = SETUP + (STAGE if self.chapter else ENGINE)
        return ["-c", worker, json.dumps(asdict(self))]

    def precision(self) -> str:
        """Returns the kind of its numbers."""
        return self.settings.get("precision", "f64")


F32 = {"precision": "f32"}
PROGRAMS = [
    Program("sampling", "sampling", collector=True),
    Program("sampling-no-collector", "sampling"),
    Program("complete-collector", "complete", collector=True),
    Program("graph", engine="graph", warm=0),
    Program("fused", engine="fused", warm=0),
    Program("explicit", engine="explicit"),
    Program("numpy", engine="numpy", tolerance=1e-12),
    Program("c", engine="c", tolerance=1e-12),
    Program("c-f32", engine="c", settings=F32, tolerance=1e-4),
    Program("torch", engine="torch", tolerance=1e-10),
    Program("numpy-32", engine="numpy", batch=32, tolerance=1e-12),
    Program(
        "c-32", engine="c", settings={"threads": 1}, batch=32, tolerance=1e-12
    ),
    Program(
        "c-32-threads", engine="c", settings={"threads": 2}, batch=32, cores=2,
        tolerance=1e-12,
    ),
    Program(
        "c-f32-32-threads", engine="c", settings=F32 | {"threads": 2}, batch=32,
        cores=2, tolerance=1e-4,
    ),
]  # fmt: skip


def available() -> list[Program]:
    """Returns the programs that can work here; says why the others cannot."""
    found, state = [], State(Config(2, 1, 1, 1, 1), [0.0] * 17, [0.0] * 17, [0.0] * 17)
    for program in PROGRAMS:
        try:
            if program.engine:
                if program.engine not in ENGINES:
                    raise InputError("there is no such engine")
                make_engine(program.engine, state, **program.settings)
            found.append(program)
        except InputError as error:
            print(f"without {program.name}: {error}", file=sys.stderr)
    return found


@dataclass
class Measured:
    """What a program says: see SETUP."""

    seconds: float
    alone: float
    memory: float
    losses: list[float]


def measure(program: Program, cores: list[int]) -> Measured:
    """Runs a program in a new process, bound to its cores."""
    bind = getattr(os, "sched_setaffinity", None)
    done = subprocess.run(
        [sys.executable, *program.command()], stdout=subprocess.PIPE, text=True,
        cwd=stage.stage(program.chapter) if program.chapter else ROOT,
        preexec_fn=bind and (lambda: bind(0, cores[-program.cores :])),
        env=os.environ | dict.fromkeys(THREADS, str(program.cores)),
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"bench: {program.name} failed")
    return Measured(*json.loads(done.stdout))


def same(program: Program, losses: list[float], right: list[float]) -> bool:
    """Do its losses agree with the original's?"""
    near = (abs(a - b) <= program.tolerance for a, b in zip(losses, right))
    return len(losses) == len(right) and all(near)


@dataclass
class Figures:
    """What was measured of a program, a number for each round.

    shares: of the bound that the core's peaks set to an engine's steps.
    """

    speeds: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def rounds(programs: list[Program], number: int) -> dict[str, Figures]:
    """Runs every program once in each round; returns what came out, by name.

    Their speeds and losses are compared with those of the first one.
    """
    found = {program.name: Figures() for program in programs}
    cores = sorted(getattr(os, "sched_getaffinity", lambda _: [0])(0))
    work = {program.name: lengths(program) for program in programs}
    for turn in range(number):
        limits, first = peaks(), None
        for program in programs:
            now = f"round {turn + 1} of {number}: {program.name}"
            print(f"\r{now:50}", end="", file=sys.stderr, flush=True)
            it = measure(program, cores)
            first = first or it
            if not same(program, it.losses, first.losses):
                raise SystemExit(f"bench: the losses of {program.name} differ")
            figures = found[program.name]
            figures.speeds.append(first.seconds / it.seconds)
            figures.memory.append(it.memory)
            config, docs = work[program.name]
            least = bound(config, docs, limits[program.precision()], program.batch)
            figures.shares.append(least / program.cores / it.alone)
    print(file=sys.stderr)
    return found


def lengths(program: Program) -> tuple[Config, list[int]]:
    """Returns the sizes of its model, and of its documents the tokens that count."""
    docs = load_documents(program.data or bundled_names())
    random.Random(42).shuffle(docs)
    config = Config(len(set("".join(docs))) + 1, **program.sizes)
    some = docs[1 : program.docs + 1]
    return config, [min(len(doc) + 1, config.block_size) for doc in some]


def table(found: dict[str, Figures]) -> list[tuple[str, ...]]:
    """Returns the rows of the table, with the heads of its columns."""
    rows = [COLUMNS]
    for name, figures in found.items():
        speeds = statistics.median(figures.speeds), min(figures.speeds)
        numbers = [short(x, 4) for x in (*speeds, max(figures.speeds))]
        share = short(statistics.median(figures.shares), 3)
        rows.append((name, *numbers, share, str(len(figures.speeds))))
    return rows


def short(x: float, digits: int) -> str:
    """Returns a number with so many digits that count, written out."""
    text = f"{Decimal(f'{x:.{digits - 1}e}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="[all programs]")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    names = [program.name for program in PROGRAMS]
    if unknown := [name for name in options.only or () if name not in names]:
        parser.error(f"no program {', '.join(unknown)}; there are {', '.join(names)}")
    programs = [
        program
        for program in available()
        if program is PROGRAMS[0] or program.name in (options.only or names)
    ]
    if options.write and len(programs) < len(PROGRAMS):
        parser.error("the table is written whole: every program must be able to run")
    rows = table(rounds(programs, options.rounds))
    for row in rows:
        print("{:24}{:>10}{:>10}{:>10}{:>8}{:>8}".format(*row))
    if options.write:
        with open(TABLE, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
