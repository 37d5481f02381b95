"""Grid: makes the rows that are missing, over all cores, and keeps each as it comes.

It can be stopped in any way at any moment: the runs that were under way are lost, and
made again the next time.
"""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import asdict
from queue import SimpleQueue
from typing import Any

from tools.lab import catalogue, questions, table
from tools.lab.runs import Found, Run, text_file
from tools.proof.progress import Progress
from tools.proof.stage import ROOT, SURROUNDINGS, RunError

CODE = "from tools.lab.worker import main; main()"
# Seconds for a name, 16 wide and with one layer; of a name that is asked.
PACE = {"c": 35e-6, "arrays": 6e-4, "numpy": 2e-3, "explicit": 0.02}
SLOWEST = 0.1
AT_ONCE = 50  # runs, before it is asked again what is missing


def cores() -> int:
    """Returns how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def cost(run: Run) -> float:
    """Returns the seconds that a run may take."""
    engine = catalogue.program(run.variant).engines[0]
    pace = PACE.get(engine, SLOWEST)
    wider = (run.width / 16) ** (1.6 if engine == "c" else 0.5)
    together = {"c": 0.7, "arrays": 0.2}.get(engine, 1) if run.batch >= 8 else 1
    names = run.steps * run.batch * together + 4000
    return pace * max(wider, 0.5) * run.layers * names


class Worker:
    """A process that trains runs with the program of a folder."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        self.program: catalogue.Program | None = None

    def start(self, program: catalogue.Program) -> None:
        """Starts the process in a program's folder, if it is not there already."""
        if self.process and self.program == program and self.process.poll() is None:
            return
        self.close()
        self.program = program
        self.process = subprocess.Popen(
            [sys.executable, "-c", CODE],
            cwd=program.folder,
            env=os.environ | SURROUNDINGS | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def ask(self, run: Run, engines: Iterable[str] = ()) -> dict[str, Any]:
        """Trains a run; returns what was found. Raises RunError if it could not be.

        engines: of those that give the variant's answers, the ones that are wanted.
        """
        program = catalogue.program(run.variant)
        self.start(program)
        able = [e for e in program.engines if e in engines or not engines]
        if not able:
            raise RunError(f"{run}: its engines are {', '.join(program.engines)}")
        task = asdict(run) | {"path": str(text_file(run.text)), "engines": able}
        try:
            self.process.stdin.write(json.dumps(task | {"zeros": program.zeros}) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            raise RunError(f"{run}: the process that trained it has ended")
        found = json.loads(answer)
        if "problem" in found:
            raise RunError(f"{run}: {found['problem']}")
        return found

    def close(self) -> None:
        """Ends the process, if there is one."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
            self.process = None


def found_of(answer: Mapping[str, Any]) -> Found:
    """Returns what a worker's answer says was found."""
    return Found(*(answer[name] for name in ("engine", "loss", "error", "seconds")))


class Crew:
    """Workers, one for each core, and what becomes of the runs that they are given."""

    def __init__(self, number: int) -> None:
        self.workers = [Worker() for _ in range(number)]
        self.free: SimpleQueue[Worker] = SimpleQueue()
        for worker in self.workers:
            self.free.put(worker)

    def train(self, run: Run) -> dict[str, Any]:
        """Has a free worker train a run."""
        worker = self.free.get()
        try:
            return worker.ask(run)
        finally:
            self.free.put(worker)

    def each(
        self,
        runs: Iterable[Run],
        done: Callable[[Run, dict[str, Any] | RunError], None],
    ) -> None:
        """Trains runs; tells a function what was found for each, or the problem."""
        pool = ThreadPoolExecutor(len(self.workers))
        try:
            waiting = {pool.submit(self.train, run): run for run in runs}
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    run = waiting.pop(future)
                    try:
                        answer: dict[str, Any] | RunError = future.result()
                    except RunError as error:
                        answer = error
                    done(run, answer)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in self.workers:
                worker.close()
            pool.shutdown()


class Clock:
    """How much of the work is done, and how long the rest may take."""

    def __init__(self, costs: Mapping[Run, float], number: int) -> None:
        self.costs, self.number = dict(costs), number
        self.whole, self.done, self.count = sum(costs.values()), 0.0, 0
        self.started = self.told = time.monotonic()

    def took(self, run: Run) -> None:
        """Takes note of a run that is over."""
        self.done += self.costs[run]
        self.count += 1

    @property
    def left(self) -> float:
        """Returns the seconds that are left, by the pace so far."""
        rest, spent = self.whole - self.done, time.monotonic() - self.started
        return rest * (spent / self.done if self.done else 1 / self.number)

    def __str__(self) -> str:
        return f"{self.count:,} of {len(self.costs):,} runs, {span(self.left)} left"


def span(seconds: float) -> str:
    """Returns a time in words."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def fill(
    names: list[str], number: int, progress: Progress, most: float = math.inf
) -> list[str]:
    """Makes the missing rows of questions; returns what went wrong.

    most: runs that may take longer, in seconds, are left for another time.
    """
    table.tidy()
    problems: list[str] = []
    tried: set[Run] = set()

    def complain(problem: str) -> None:
        if problem not in problems:
            problems.append(problem)
            progress.say(f"failed: {problem}")

    while True:
        there = table.read()
        wanted, waiting = questions.runs(names, there)
        left = [run for run in wanted if run not in there and run not in tried]
        missing = {
            run: seconds for run, seconds in costs(left, complain) if seconds <= most
        }
        if not missing:
            if waiting:
                complain(f"{len(waiting)} runs wait for rates that were not found")
            return problems
        # The quickest come first, and soon after them what waits for them.
        most_now = 2 * min(missing.values())
        now = [run for run in missing if missing[run] <= most_now][:AT_ONCE]
        tried |= {*now}
        clock = Clock(missing | dict(costs(waiting)), number)

        def done(run: Run, answer: Any, clock: Clock = clock) -> None:
            clock.took(run)
            if isinstance(answer, RunError):
                complain(str(answer))
            else:
                table.add(run, found_of(answer))
            if time.monotonic() > clock.told + 20 or sys.stderr.isatty():
                clock.told = time.monotonic()
                progress.tell(f"{clock}: {run}")

        progress.tell(str(clock))
        Crew(number).each(now, done)


def costs(
    runs: Iterable[Run], complain: Callable[[str], None] = lambda problem: None
) -> Iterator[tuple[Run, float]]:
    """Yields runs with the seconds that each may take; complains of impossible ones."""
    for run in runs:
        try:
            yield run, cost(run)
        except RunError as error:
            complain(str(error))


def plan(names: list[str]) -> list[tuple[str, int, int, float]]:
    """Returns, by question: the runs that are there, those missing, their seconds."""
    there, rows = table.read(), []
    wanted, waiting = questions.runs(names, there)
    for name in names:
        mine = [run for run, question in wanted.items() if question == name]
        missing = [run for run in mine if run not in there]
        later = [run for run, question in waiting.items() if question == name]
        seconds = sum(seconds for _, seconds in costs(missing + later))
        rows.append((name, len(mine) - len(missing), len(missing + later), seconds))
    return rows
