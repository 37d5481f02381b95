"""Stages: about how long the program of each chapter takes, as a reader runs it.

`python -m tools.measure.stages` runs a tenth of what `python -m microgpt` does at the
end of each chapter, a hundred steps and a hundred held-out names, and takes that ten
times. It counts the processor's seconds, which a busy machine disturbs less than those
of the clock. Chapters quote the table, docs/data/stages.csv, which `--write` writes.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

from tools.measure import sitting
from tools.proof import baseline, stage
from tools.proof.about import about
from tools.proof.progress import Progress
from tools.proof.tables import Table

STEPS = 1000  # of a whole run
TABLE = Table("stages", ("chapter", "seconds"), [(c,) for c in baseline.chapters()])
# Runs `main` with a tenth of the steps and of the held-out names; prints the seconds
# that these two took.
WORKER = """
import contextlib, inspect, io, itertools, time
from microgpt import __main__ as program

spent = 0.0

def timed(work):
    def call(*arguments, **options):
        global spent
        started = time.process_time()
        found = work(*arguments, **options)
        spent += time.process_time() - started
        return found
    return call

def tenth(train):
    if inspect.isgeneratorfunction(train):
        return lambda *a: iter(timed(lambda: [*itertools.islice(train(*a), 100)])())
    return timed(lambda *a, **o: train(*a, **o | {"num_steps": 100}))

if hasattr(program, "train"):
    program.train = tenth(program.train)
if hasattr(program, "mean_loss"):
    loss = timed(program.mean_loss)
    program.mean_loss = lambda f, docs, t: loss(f, itertools.islice(docs, 100), t)
with contextlib.redirect_stdout(io.StringIO()):
    program.main()
print(spent)
"""
# The same for a program whose options stand in `__main__`, for so many steps.
WITH_OPTIONS = """
import sys
from microgpt import __main__ as program
vars(program.OPTIONS).update(num_steps=int(sys.argv[1]), save=None)
program.main()
"""


def seconds(folder: Path, *arguments: str) -> tuple[float, str]:
    """Returns the processor's seconds of a process in a stage, and what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, check=True, capture_output=True,
        text=True, env=os.environ | stage.SURROUNDINGS,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return used, done.stdout


def whole(chapter: str) -> float:
    """Returns the processor's seconds of a whole run at the end of a chapter.

    The chapters of arrays, numpy, c and torch are run with these.
    """
    folder = stage.stage(chapter)
    if (folder / "microgpt" / "run.py").exists():
        command = ["-c", WITH_OPTIONS]
        if (folder / "microgpt" / "cli.py").exists():
            engine = baseline.ENGINES.get(chapter, "")
            engine = ["--engine", engine] if engine else []
            command = ["-m", "microgpt", *engine, "--num-steps"]
        few, more = (
            seconds(folder, *command, str(steps))[0]
            for steps in (STEPS // 50, STEPS // 50 + STEPS // 10)
        )
        return few + (more - few) * (STEPS - STEPS // 50) / (STEPS // 10)
    used, said = seconds(folder, "-c", WORKER)
    return used + 9 * float(said)


def rough(x: float) -> str:
    """Returns a number of seconds as one tells it: 1, 7, 12, 80, 120."""
    return f"{x:.0f}" if x < 20 else f"{round(x, -1):.0f}"


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    options = sitting.parser(about(__file__), TABLE).parse_args()
    rows = []
    with Progress() as progress:
        for (chapter,) in TABLE.rows:
            progress.tell(chapter)
            rows.append((chapter, rough(max(1.0, whole(chapter)))))
            progress.detail(rows[-1])
    sitting.keep(TABLE, rows, options.write)


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
