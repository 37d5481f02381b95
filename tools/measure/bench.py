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

import random
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal

from microgpt import Config, InputError, State, bundled_names, load_documents
from microgpt.engine import ENGINES, make_engine
from microgpt.limit import bound, peaks
from tools.measure import sitting, turns
from tools.measure.worker import Program, Worker
from tools.proof.about import about
from tools.proof.progress import Progress
from tools.proof.stage import RunError
from tools.proof.tables import Table

Timer = Callable[[], list[float]]
F32 = {"precision": "f32"}
THREADED = 0.15  # threads are started once in a call, and a call shall be worth it
PROGRAMS = [
    Program("sampling", "sampling", collector=True),
    Program("sampling-no-collector", "sampling"),
    Program("complete-collector", "complete", collector=True),
    Program("graph", engine="graph", warm=0, tries=1),
    Program("fused", engine="fused"),
    Program("arrays", engine="arrays", tolerance=1e-12),
    Program("explicit", engine="explicit"),
    Program("numpy", engine="numpy", tolerance=1e-12),
    Program("c", engine="c", tolerance=1e-12),
    Program("c-f32", engine="c", settings=F32, tolerance=1e-4),
    Program("torch", engine="torch", tolerance=1e-10),
    Program("arrays-32", engine="arrays", batch=32, tolerance=1e-12),
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
        "c-f32-32", engine="c", settings=F32 | {"threads": 1}, batch=32,
        tolerance=1e-4, seconds=THREADED,
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


COLUMNS = ("program", "speed", "least", "greatest", "share", "best", "rounds")
TABLE = Table("bench", COLUMNS, [(program.name,) for program in PROGRAMS])


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

    def take_in(self, taken: list[list[float]], first: float, cores: int) -> None:
        """Adds what the parts of a round gave; first: the seconds to compare with."""
        seconds, alone, memory, most = map(statistics.fmean, zip(*taken))
        self.speeds.append(first / seconds)
        self.memory.append(memory)
        self.shares.append(most / cores / alone)


def rounds(
    programs: list[Program], number: int, progress: Progress
) -> dict[str, Figures]:
    """Times every program in each round; returns what came out, by name.

    In a round each part of the documents goes through all programs in turn. Their
    speeds and losses are compared with those of the first one.
    """
    found = {program.name: Figures() for program in programs}
    with ExitStack() as opened:
        timers = dict(started(programs, opened, progress))
        for _ in turns.told(number, progress):
            parts = range(programs[0].parts)
            taken = turns.take(timers, parts, tell=progress.detail)
            first = statistics.fmean(part[0] for part in taken[programs[0].name])
            for program in programs:
                figures = found[program.name]
                figures.take_in(taken[program.name], first, program.cores)
    return found


def started(
    programs: list[Program], opened: ExitStack, progress: Progress
) -> Iterator[tuple[str, Timer]]:
    """Yields what each program does in its turn, once its losses are found right."""
    right: list[float] = []
    for program in programs:
        progress.tell("starting")
        progress.detail(program.name)
        worker = opened.enter_context(Worker(program))
        losses = worker.answer()
        right = right or losses
        if not same(program, losses, right):
            raise RunError(f"the losses of {program.name} differ")
        yield program.name, timer(program, worker)


def timer(program: Program, worker: Worker) -> Timer:
    """Returns what a program does in its turn.

    It measures the core's peaks, and gives what the worker gives, and the least
    seconds that the peaks allow.
    """
    config, work = lengths(program)

    def turn() -> list[float]:
        limit = turns.on_core(turns.cores()[-1], peaks)[program.precision()]
        return [*worker.turn(), bound(config, work, limit, program.batch)]

    return turn


def lengths(program: Program) -> tuple[Config, list[int]]:
    """Returns the sizes of its model, and of its documents the tokens that count."""
    docs = load_documents(program.data or bundled_names())
    random.Random(42).shuffle(docs)
    config = Config(len(set("".join(docs))) + 1, **program.sizes)
    some = docs[1 : program.docs + 1]
    return config, [min(len(doc) + 1, config.block_size) for doc in some]


def rows_of(found: dict[str, Figures]) -> list[tuple[str, ...]]:
    """Returns the rows of the table."""
    rows = []
    for name, figures in found.items():
        speed, share = turns.spread(figures.speeds), turns.spread(figures.shares)
        numbers = [short(x, 4) for x in speed]
        numbers += [short(x, 3) for x in (share.median, share.greatest)]
        rows.append((name, *numbers, str(len(figures.speeds))))
    return rows


def short(x: float, digits: int) -> str:
    """Returns a number with so many digits that count, written out."""
    text = f"{Decimal(f'{x:.{digits - 1}e}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = sitting.parser(about(__file__), TABLE, rounds=8)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="[all programs]")
    options = parser.parse_args()
    names = [program.name for program in PROGRAMS]
    if unknown := [name for name in options.only or () if name not in names]:
        parser.error(f"no program {', '.join(unknown)}; there are {', '.join(names)}")
    wanted = [names[0], *(options.only or names)]  # the first one is the measure
    programs = [program for program in available() if program.name in wanted]
    if len(programs) < 2:
        parser.error(f"nobody is measured alone: name a program beside {names[0]}")
    if options.write:
        TABLE.demand((program.name,) for program in programs)
    with Progress() as progress:
        found = rounds(programs, options.rounds, progress)
    sitting.keep(TABLE, rows_of(found), options.write)


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
