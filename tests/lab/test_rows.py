"""Rows of the table come out again: one of each question here, with --full all."""

import math

import pytest

from tools.lab import grid, questions, table
from tools.lab.runs import Run

pytestmark = pytest.mark.long

SHORT, MINUTE = 1000, 60.0  # steps, seconds
# Another machine adds in another order, which grows with the steps.
NEAR = {SHORT: 1e-4, 10_000_000: 5e-3}


@pytest.fixture(scope="module")
def again():
    """again(run): what a worker finds for a row of the table."""
    one = grid.Worker()
    yield lambda run: one.ask(run)
    one.close()


def cheap(run):
    return run.steps * run.batch <= SHORT and run.width <= 16


def one_each():
    """The first cheap row of each question, and what tried a rate for it."""
    there = table.read()
    for name in questions.QUESTIONS:
        wanted, _ = questions.runs([name], there)
        rows = [run for run in wanted if run in there and cheap(run)]
        for held in ("report", "choose"):
            first = [run for run in rows if run.held == held and run != Run()]
            yield from (pytest.param(run, id=f"{name}-{held}") for run in first[-1:])


def portions():
    """The rows of all questions, each once, in portions that take about a minute."""
    there, portion, seconds = table.read(), [], 0.0
    wanted, _ = questions.runs([*questions.QUESTIONS], there)
    rows = [*dict.fromkeys(run for run in wanted if run in there)]
    for run in rows:
        portion.append(run)
        seconds += there[run].seconds
        if seconds > MINUTE or run == rows[-1]:
            yield pytest.param(portion, id=f"{portion[0].variant}-to-{run.variant}")
            portion, seconds = [], 0.0


def same(run, found, known):
    near = next(near for steps, near in NEAR.items() if run.steps <= steps)
    if math.isnan(known.loss):
        return math.isnan(found["loss"])
    return abs(found["loss"] - known.loss) < near


@pytest.mark.c
@pytest.mark.numpy
@pytest.mark.parametrize("run", [*one_each()])
def test_a_row_of_each_question_comes_out_again(run, again):
    found, known = again(run), table.read()[run]
    assert found["engine"] == known.engine
    assert same(run, found, known)
    assert found["error"] == pytest.approx(known.error, rel=1e-2)


@pytest.mark.c
@pytest.mark.full
@pytest.mark.numpy
@pytest.mark.parametrize("runs", [*portions()])
def test_all_rows_come_out_again(runs, again):
    there = table.read()
    wrong = [str(run) for run in runs if not same(run, again(run), there[run])]
    assert runs and not wrong
