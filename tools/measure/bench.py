"""Bench: how fast each rung of the book is, against the original's way.

`python -m tools.measure.bench` trains in turn the stage of the book that ends with
`sampling`, which does everything as the original does, the finished graph with Python's
garbage collector on and off, and every engine that can work here. All of them learn
from the same documents and must give the same losses. On a busy machine one time says
little: the figure that counts is the ratio of two times of one round, and its median
over the rounds. Before each turn the core's peaks are measured as well, and an engine's
share of the bound that they set (microgpt/limit.py).

Each program is a process of its own, bound to one core, but for those that use two. In
a round they take turns every few documents, so that what slows the machine for some
seconds slows all of them.
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
from tools.proof import stage
from tools.proof.stage import ROOT

TABLE = ROOT / "docs" / "data" / "bench.csv"
DOCS, PARTS = 20, 4  # the documents to learn from, and in how many parts
COLUMNS = ("program", "speed", "least", "greatest", "share", "best", "rounds")

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# A worker gets its task as JSON, and prints the first losses. Then, for the number of a
# part of the documents on each line, it prints the seconds for a document of that part:
# of training from the text on and, of an engine, of its steps alone; and MiB of memory.
SETUP = """
import gc, json, random, resource, sys, time
from microgpt.data import bundled_names, load_documents
from microgpt.model import Config
from microgpt.tokenizer import Tokenizer
task = json.loads(sys.argv[1])
count, batch, rate = task["docs"], task["batch"], task["rate"]
rng = random.Random(42)
docs = load_documents(task["data"] or bundled_names())
rng.shuffle(docs)
tokenizer = Tokenizer("".join(docs))
config = Config(tokenizer.vocab_size, **task["sizes"])
parts = [docs[1:][:count][i :: task["parts"]] for i in range(task["parts"])]
def serve(part):
    for line in sys.stdin:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([*part(int(line)), memory]), flush=True)
"""
STAGE = """
from microgpt.model import GPT
from microgpt.optim import Adam
from microgpt.train import train
model = GPT(config, rng)
optimizer = Adam(model.params)
steps = train(model, optimizer, docs, tokenizer, rate, 1000)
print(json.dumps([next(steps)[1] for _ in range(task["checked"])]), flush=True)
steps = train(model, optimizer, sum(parts, []), tokenizer, 1e-9, 10**9)
next(steps)  # which switches the collector off, in the finished program
(gc.enable if task["collector"] else gc.disable)()
def part(number):
    started = time.perf_counter()
    for _ in parts[number]:
        next(steps)
    seconds = (time.perf_counter() - started) / len(parts[number])
    return seconds, seconds
serve(part)
"""
ENGINE = """
from microgpt.engine import State, batches_of, make_engine, train_with
engine = make_engine(task["engine"], State.random(config, rng), **task["settings"])
limit, still = config.block_size + 1, 1e-9  # a rate that changes next to nothing
first = batches_of(range(task["checked"]), 1, docs, tokenizer, limit)
rates = [rate * (1 - i / 1000) for i in range(len(first))]
print(json.dumps(engine.steps(first, rates)), flush=True)
def train(docs, rate, num_steps, batch=batch):
    return sum(train_with(engine, docs, tokenizer, rate, num_steps, 0, batch), [])
if task["warm"]:  # then most ReLUs are off, as they are for most of a run
    train(docs, rate, task["warm"], 1)
def timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
def part(number):
    some = parts[number]
    steps = len(some) * passes[0]
    whole = timed(lambda: train(some, still, steps)) / steps
    few = len(some) * max(1, passes[0] // 16)  # so short a time as the peaks are taken
    batches = batches_of(range(few), batch, some, tokenizer, limit)
    work = lambda: engine.steps(batches, few * [still])
    if hasattr(engine, "flat"):  # the kernel's arrays, made beforehand
        from array import array
        arrays = *engine.flat(batches), array("d", few * [still])
        work = lambda: engine.run(*arrays)
    alone = min(timed(work) for _ in range(task["tries"] * steps // few)) / few
    return whole / batch, alone / batch
passes = [1]
while timed(lambda: part(0)) < 2 * task["seconds"]:
    passes[0] *= 2
serve(part)
"""


@dataclass
class Program:
    """Something to be timed.

    chapter: the stage, or "" for the finished package with an engine. docs: how many it
    is timed with, in so many parts. tolerance: how far its first losses, as many as are
    checked, may be from the original's. warm: the steps of a run before its pace is
    taken. seconds: how long a part is timed, at least. tries: how often its steps alone
    are done as well, in pieces of which the best counts, as it does for the peaks.
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
    parts: int = PARTS
    checked: int = 10
    tries: int = 5
    warm: int = 300
    batch: int = 1
    cores: int = 1
    tolerance: float = 0.0
    seconds: float = 0.03

    def command(self) -> list[str]:
        """Returns the arguments of its process."""
        worker = SETUP + (STAGE if self.chapter else ENGINE)
        return ["-c", worker, json.dumps(asdict(self))]

    def precision(self) -> str:
        """Returns the kind of its numbers."""
        return self.settings.get("precision", "f64")


F32 = {"precision": "f32"}
THREADED = 0.15  # threads are started once in a call, and a call shall be worth it
PROGRAMS = [
    Program("sampling", "sampling", collector=True),
    Program("sampling-no-collector", "sampling"),
    Program("complete-collector", "complete", collector=True),
    Program("graph", engine="graph", warm=0, tries=1),
    Program("fused", engine="fused", warm=0),
    Program("explicit", engine="explicit"),
    Program("numpy", engine="numpy", tolerance=1e-12),
    Program("c", engine="c", tolerance=1e-12),
    Program("c-f32", engine="c", settings=F32, tolerance=1e-4),
    Program("torch", engine="torch", tolerance=1e-10),
    Program("numpy-32", engine="numpy", batch=32, tolerance=1e-12),
    Program(
        "c-32", engine="c", settings={"threads": 1}, batch=32, tolerance=1e-12,
        seconds=THREADED,
    ),
    Program(
        "c-32-threads", engine="c", settings={"threads": 2}, batch=32, cores=2,
        tolerance=1e-12, seconds=THREADED,
    ),
    Program(
        "c-f32-32-threads", engine="c", settings=F32 | {"threads": 2}, batch=32,
        cores=2, tolerance=1e-4, seconds=THREADED,
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


class Worker:
    """A program in a process of its own, bound to its cores."""

    def __init__(self, program: Program, cores: list[int]) -> None:
        bind = getattr(os, "sched_setaffinity", None)
        self.program = program
        self.process = subprocess.Popen(
            [sys.executable, *program.command()], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=stage.stage(program.chapter) if program.chapter else ROOT,
            preexec_fn=bind and (lambda: bind(0, cores[-program.cores :])),
            env=os.environ | dict.fromkeys(THREADS, str(program.cores)),
        )  # fmt: skip
        self.losses = self.answer()

    def answer(self) -> list[float]:
        """Returns the next line that it prints."""
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: {self.program.name} failed")
        return json.loads(line)

    def measure(self, part: int) -> list[float]:
        """Returns (seconds, seconds of the steps alone, MiB) for a part."""
        print(part, file=self.process.stdin, flush=True)
        return self.answer()


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
    """Times every program in each round; returns what came out, by name.

    In a round each part of the documents goes through all programs in turn. Their
    speeds and losses are compared with those of the first one.
    """
    found = {program.name: Figures() for program in programs}
    cores = sorted(getattr(os, "sched_getaffinity", lambda _: [0])(0))
    workers = []
    for program in programs:
        tell(f"starting {program.name}")
        workers.append(Worker(program, cores))
        if not same(program, workers[-1].losses, workers[0].losses):
            raise SystemExit(f"bench: the losses of {program.name} differ")
    work = {program.name: lengths(program) for program in programs}
    for turn in range(number):
        times = [[] for _ in workers]
        for part in range(programs[0].parts):
            for worker, taken in zip(workers, times):
                program = worker.program
                tell(f"round {turn + 1} of {number}: {program.name}")
                limit = bound_to(cores[-1], peaks)[program.precision()]
                least = bound(*work[program.name], limit, program.batch)
                taken.append([*worker.measure(part), least])
        first = statistics.fmean(seconds for seconds, *_ in times[0])
        for program, taken in zip(programs, times):
            seconds, alone, memory, least = map(statistics.fmean, zip(*taken))
            figures = found[program.name]
            figures.speeds.append(first / seconds)
            figures.memory.append(memory)
            figures.shares.append(least / program.cores / alone)
    for worker in workers:
        worker.process.kill()
    print(file=sys.stderr)
    return found


def tell(what: str) -> None:
    """Shows on the live line what is being done."""
    print(f"\r{what:50}", end="", file=sys.stderr, flush=True)


def bound_to(core: int, work):
    """Returns what a function returns, called on a core."""
    if not hasattr(os, "sched_setaffinity"):
        return work()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        return work()
    finally:
        os.sched_setaffinity(0, cores)


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
        shares = statistics.median(figures.shares), max(figures.shares)
        numbers += [short(x, 3) for x in shares]
        rows.append((name, *numbers, str(len(figures.speeds))))
    return rows


def short(x: float, digits: int) -> str:
    """Returns a number with so many digits that count, written out."""
    text = f"{Decimal(f'{x:.{digits - 1}e}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8)
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
        print("{:24}{:>10}{:>10}{:>10}{:>12}{:>12}{:>8}".format(*row))
    if options.write:
        with open(TABLE, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
