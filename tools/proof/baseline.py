"""Baseline: what every stage computes, to the last bit.

`python -m tools.proof.baseline` runs the program as it is at the end of each chapter
for 100 steps and compares its losses, as exact floats, and its samples with
tests/golden/stages.json; `--write` writes them there. A change of the book that is
not to change what is computed leaves this file as it is.

From `complete` on these are the losses of a run of 100 steps. From `engines` on the
program is run by the engine that it takes by itself, and in the chapters of arrays,
numpy, c and torch by these, whose last digits may differ elsewhere.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.proof import stage
from tools.proof.about import about
from tools.proof.exits import Parser
from tools.tangle import ROOT

BASELINE = ROOT / "tests" / "golden" / "stages.json"
STEPS, SAMPLES = 100, 20
TOLERANCE = 1e-9  # of the engines that do not promise the last bit
# Chapter: what is behind `python -m microgpt`, from the chapter on that has options.
ENGINES = {"arrays": "arrays", "vectors": "numpy", "native": "c", "framework": "torch"}
# Runs the `main` of an early stage with a training loop that stops and takes notes,
# and without the held-out loss, which says nothing that the samples do not. It
# ends after so many samples; after the losses if there are to be none, at any stage.
# A stage with a run takes the number of steps of the whole run behind these two: in its
# options, whether they stand in `__main__` or on the command line.
WORKER = """
import contextlib, gc, inspect, io, json, os, sys
from importlib.util import find_spec
from itertools import islice
from microgpt import __main__ as program
steps, samples, output = int(sys.argv[1]), int(sys.argv[2]), sys.stdout
losses = []
gc.set_threshold(300_000, 10, 10)

def end():
    print(json.dumps([losses[:steps], shown.getvalue()]), file=output, flush=True)
    os._exit(0)

def note(some):
    losses.extend(some)
    if not samples and len(losses) >= steps:
        end()

class Shown(io.StringIO):
    def write(self, text):
        super().write(text)
        if text == "\\n" and 0 < samples == self.getvalue().count("\\nsample"):
            end()

shown = Shown()

def short(train):
    def trained(*arguments, **options):
        if inspect.isgeneratorfunction(train):
            for step, loss in islice(train(*arguments, **options), steps):
                note([loss])
                yield step, loss
        else:
            note(train(*arguments, **options | {"num_steps": steps}))
            return losses
    if inspect.isgeneratorfunction(train):
        return trained
    return lambda *a, **o: next(trained(*a, **o), losses)

if hasattr(program, "train"):
    program.train = short(program.train)
    program.mean_loss = lambda *arguments: 0.0
elif find_spec("microgpt.run"):  # options, and a line that shows how far it is
    from microgpt import run
    update = run.Progress.update
    def noted(self, step, loss):
        update(self, step, loss)
        note([loss])
    run.Progress.update = noted
    if hasattr(program, "OPTIONS"):
        options = {"num_steps": int(sys.argv[4]), "num_samples": samples}
        vars(program.OPTIONS).update(options, eval=0, save=None)
    sys.argv[1:] = sys.argv[3:]
with contextlib.redirect_stdout(shown):
    program.main()
end()
"""


def chapters():
    """The chapters that end with a program, in the book's order."""
    pages = stage.read()
    held = {block.path for block in pages.blocks if block.tangled}
    names = [Path(path).stem for path in pages.chapters if path in held]
    return [name for name in names if (stage.stage(name) / "microgpt").is_dir()]


def measure(chapter, engine="", steps=STEPS):
    """What a stage computes: {"losses": [their repr], "samples": [text]}."""
    losses, shown = trained(chapter, engine, steps)
    return {"losses": losses, "samples": samples(shown)}


def samples(shown):
    """The samples among what a program prints."""
    lines = [line.partition(": ") for line in shown.splitlines()]
    return [text for head, _, text in lines if head.startswith("sample")]


def trained(chapter, engine="", steps=STEPS, samples=SAMPLES):
    """The losses of a stage, and what it prints up to so many samples."""
    folder = stage.stage(chapter)
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch, "losses.csv")
        if (folder / "microgpt" / "cli.py").exists():
            command = ["-m", "microgpt", "--num-steps", steps, "--log", log]
            command += ["--num-samples", samples]
            command += ["--engine", engine] if engine else []
        else:
            command = ["-c", WORKER, steps, samples, "--num-steps", steps]
        output = execute(folder, *command)
        if log.exists():
            rows = log.read_text("utf-8").splitlines()[1:]
            return [row.split(",")[1] for row in rows], output
        losses, shown = json.loads(output)
        return list(map(repr, losses)), shown


def begin(chapter, steps):
    """The first losses of a stage, as their repr, of a run that is left after them."""
    folder = stage.stage(chapter)
    output = execute(folder, "-c", WORKER, steps, 0, "--num-steps", STEPS)
    return list(map(repr, json.loads(output)[0]))


def execute(folder, *command):
    """What Python prints in a folder."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=folder, env=os.environ | stage.SURROUNDINGS, capture_output=True,
        encoding="utf-8",
    )  # fmt: skip
    if done.returncode:
        raise stage.RunError(f"{folder.name}: {done.stderr.strip()}")
    return done.stdout


def runs():
    """All runs of the baseline: [(its name, chapter, engine)]."""
    for chapter in chapters():
        yield chapter, chapter, ""
        if engine := ENGINES.get(chapter):
            yield f"{chapter} --engine {engine}", chapter, engine


def differs(found, right, exact=True):
    """What differs between two runs, in a phrase; "" if nothing does."""
    pairs = list(zip(map(float, found["losses"]), map(float, right["losses"])))
    if exact:
        wrong = [i for i, (a, b) in enumerate(pairs) if a != b]
    else:
        wrong = [i for i, (a, b) in enumerate(pairs) if abs(a - b) > TOLERANCE]
    if wrong:
        a, b = pairs[wrong[0]]
        return f"the loss of step {wrong[0] + 1} is {a!r}, not {b!r}"
    return "" if found["samples"] == right["samples"] else "the samples differ"


def read():
    """The baseline: {name of a run: what measure returned}."""
    return json.loads(BASELINE.read_text("utf-8"))


def main(argv=None):
    """Compare every stage with the baseline, or write it."""
    parser = Parser(description=about(__file__).splitlines()[0])
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help="[all]")
    parser.add_argument("--write", action="store_true", help=f"write {BASELINE.name}")
    options = parser.parse_args(argv)
    known = read() if BASELINE.exists() else {}

    def find():
        for name, chapter, engine in runs():
            if options.chapters and chapter not in options.chapters:
                continue
            print(name, file=sys.stderr, flush=True)
            found = measure(chapter, engine)
            if options.write:
                known[name] = found
            elif why := differs(found, known[name], exact=not engine):
                yield f"{name}: {why}"
        if options.write:
            rows = {name: known[name] for name, _, _ in runs() if name in known}
            stage.write_file(BASELINE, json.dumps(rows, indent=1) + "\n")

    return stage.finish(find)


if __name__ == "__main__":
    sys.exit(main())
