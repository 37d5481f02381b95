"""Every stage computes what it computed, to the last bit: tests/golden/stages.json.

The first losses of each are computed each time that everything is installed; all 100,
the samples, and what a stage prints before them, where that takes seconds; --full
computes them all.
"""

import csv
import json
import platform
import re
from pathlib import Path

import pytest

from tests import needs
from tools.proof import baseline, outputs, stage

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "names-1000.json"
KNOWN = baseline.read()
TRAINED = [name for name in baseline.chapters() if KNOWN[name]["losses"]]
FEW = 10  # losses, where not all 100 are computed
SAMPLES = 5  # of a long run; --full compares them all
LONG = 60  # seconds of a whole run: its 100 losses take a tenth
with (outputs.stage.BOOK / "data" / "stages.csv").open(newline="") as file:
    SECONDS = {row["chapter"]: float(row["seconds"]) for row in csv.DictReader(file)}
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        platform.libc_ver()[0] != "glibc",
        reason="another library of mathematics has other last digits",
    ),
]


def test_the_baseline_is_of_the_stages_that_there_are():
    assert [name for name, _, _ in baseline.runs()] == [*KNOWN]


@pytest.mark.parametrize("chapter", TRAINED)
def test_a_stage_begins_with_its_losses(chapter):
    assert baseline.begin(chapter, FEW) == KNOWN[chapter]["losses"][:FEW]


def runs():
    """The runs of the baseline, each marked with what it needs."""
    for name, chapter, engine in baseline.runs():
        needed = needs.ENGINES.get(engine, engine)
        marks = [getattr(pytest.mark, needed)] if engine else []
        full = not engine and SECONDS[chapter] >= LONG
        marks += [pytest.mark.full] if full else []
        yield pytest.param(name, chapter, engine, marks=marks, id=name)


@pytest.mark.parametrize(("name", "chapter", "engine"), [*runs()])
def test_a_stage_computes_its_100_losses_and_its_samples(name, chapter, engine, full):
    few = baseline.SAMPLES if full else SAMPLES
    losses, shown = baseline.trained(chapter, engine, samples=few)
    found = {"losses": losses, "samples": baseline.samples(shown)}
    known = {**KNOWN[name], "samples": KNOWN[name]["samples"][:few]}
    assert not baseline.differs(found, known, exact=not engine)
    told = [it.lines for it in outputs.blocks(chapter) if "--data" not in it.target]
    if not engine and told:
        assert head(shown.splitlines()) == head(told[-1])


def head(lines):
    """What is printed before the first loss."""
    lines = [line for line in lines if line]
    first = next((i for i, s in enumerate(lines) if re.match("step|held", s)), 0)
    return lines[:first]


def reported():
    """The outputs that show losses of the baseline, or of the original's 1,000."""
    for chapter in TRAINED:
        block = outputs.blocks(chapter)[-1]
        if not re.search("--num-steps|--batch-size", block.target):
            yield pytest.param(chapter, block, id=chapter)


@pytest.mark.parametrize(("chapter", "block"), [*reported()])
def test_the_first_loss_that_a_chapter_shows_is_the_mean_of_its_first_100(
    chapter, block
):
    golden = json.loads(GOLDEN.read_text("utf-8"))["losses"]
    with_run = (stage.stage(chapter) / "microgpt" / "run.py").exists()
    losses = map(float, golden[:100] if with_run else KNOWN[chapter]["losses"])
    line = next(line for line in block.lines if line.startswith("step"))
    step, shown = re.fullmatch(r"step +(\d+)[ /\d]* \| loss ([\d.]+)", line).groups()
    total = 0.0
    for loss in losses:
        total += loss
    assert (step, shown) == ("100", f"{total / 100:.4f}")
