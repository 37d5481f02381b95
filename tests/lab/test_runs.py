"""Runs, the table that keeps them, and the rates that are chosen from it."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from tools.lab import catalogue, questions, rates, runs, table
from tools.lab.runs import EPOCH, Found, Run, row_of
from tools.proof.stage import ROOT, RunError
from tools.proof.tables import NotYet

FOUND = Found("c", 2.363333, 0.011852, 0.06)
ROW = "book,names,16,1,4,16,1,0.01,report,42,42,1000,c,2.363333,0.011852,0.06\n"


# Runs


def test_a_run_is_the_book_s_unless_it_says_otherwise():
    assert ",".join((*Run().cells, *FOUND.cells)) + "\n" == ROW
    assert row_of(ROW.strip().split(",")) == (Run(), FOUND)
    assert str(Run("rotary", heads=2)) == "rotary, 1,000 steps, heads 2"


def test_a_run_that_ended_in_no_number_has_a_row_as_well():
    lost = Found("c", float("nan"), float("nan"), 0.5)
    run, found = row_of((*Run().cells, *lost.cells))
    assert run == Run() and found.loss != found.loss


@pytest.mark.parametrize(
    "change, why",
    [
        ({"width": 10, "heads": 4}, "cannot be shared by 4 heads"),
        ({"steps": 0}, "--steps must be 1 at least"),
        ({"rate": 0.0}, "--rate must be above 0"),
        ({"rate": float("nan")}, "--rate must be above 0"),
        ({"text": "novel"}, "no text novel"),
        ({"variant": "rotory"}, "is it rotary?"),
        ({"variant": "rotary+rotary"}, "names a page twice"),
        ({"variant": "my/page.md"}, "there is no page my/page.md"),
        ({"variant": ""}, "there is no variant ''"),
    ],
)
def test_a_run_that_nobody_can_do_is_refused_in_one_line(change, why):
    with pytest.raises(RunError) as error:
        runs.check(replace(Run(), **change))
    assert why in str(error.value) and "\n" not in str(error.value)


def test_the_names_of_a_variant_stand_in_order():
    run = runs.check(Run("rotary+no-root"))
    assert run.variant == "no-root+rotary"
    page = os.path.relpath(catalogue.FOLDER / "rotary.md")
    assert runs.check(Run(page)).variant == "rotary"


# The table


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "LOCK", tmp_path / "lock")
    return tmp_path / "lab.csv"


def test_a_row_is_added_once_and_behind_a_line_without_an_end(path):
    table.add(Run(), FOUND, path)
    assert path.read_text() == table.HEAD + ROW
    path.write_text((table.HEAD + ROW).rstrip())
    table.add(Run(), FOUND, path)
    table.add(Run(order=7), FOUND, path)
    other = ROW.replace("42,42", "42,7")
    assert path.read_text() == table.HEAD + ROW + other
    assert table.read(path) == {Run(): FOUND, Run(order=7): FOUND}


@pytest.mark.parametrize(
    "half", ["book,names,16,1,4", ROW.rpartition(",")[0], ROW.replace("2.36", "2,36")]
)
def test_half_a_row_is_refused_at_its_line(path, half):
    path.write_text(table.HEAD + ROW + half)
    for work in (lambda: table.read(path), lambda: table.add(Run(), FOUND, path)):
        with pytest.raises(RunError, match=r"lab.csv:3: it has \d+ cells, not 16"):
            work()
    assert path.read_text() == table.HEAD + ROW + half


@pytest.mark.parametrize(
    "cell, wrong",
    [("2.363333", "x"), ("0.01,", "0.010,"), ("1000", "1_000"), ("0.011852", "-1")],
)
def test_a_cell_that_is_no_number_is_refused(path, cell, wrong):
    path.write_text(table.HEAD + ROW.replace(cell, wrong))
    with pytest.raises(RunError, match=r"lab.csv:2: .*delete the line"):
        table.read(path)


def test_a_table_with_other_columns_is_refused(path):
    path.write_text("what,loss\n")
    with pytest.raises(RunError, match=r"lab.csv:1: "):
        table.read(path)


WRITER = """
import sys
from pathlib import Path
from tools.lab import table
from tools.lab.runs import Found, Run
table.LOCK = Path(sys.argv[1]).with_name("lock")
print("begun", flush=True)
for seed in range(1, 10_000):
    table.add(Run(weights=seed), Found("c", 2.0, 0.01, 1.0), Path(sys.argv[1]))
"""


def writer(path):
    started = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    started.stdout.readline()
    return started


@pytest.mark.parametrize("after", [0.02, 0.05, 0.11])
def test_the_table_survives_a_kill_at_any_moment(path, after):
    one = writer(path)
    time.sleep(after)
    one.kill()
    one.communicate()
    rows = table.read(path)
    assert list(rows) == [Run(weights=seed) for seed in range(1, len(rows) + 1)]
    table.add(Run(order=7), FOUND, path)  # and goes on
    assert len(table.read(path)) == len(rows) + 1


def test_two_that_add_rows_do_not_take_each_other_s(path):
    both = [writer(path), writer(path)]
    time.sleep(0.3)
    for one in both:
        one.kill()
        one.communicate()
    lines = path.read_text().splitlines()
    assert len(lines) == len(set(lines)) == len(table.read(path)) + 1


def test_rows_that_two_branches_have_made_become_one(path):
    again = ROW.replace(",0.06\n", ",0.07\n")
    path.write_text(table.HEAD + ROW + again)
    assert table.read(path) == {Run(): FOUND}
    table.tidy(path)
    assert path.read_text() == table.HEAD + ROW


def test_every_row_of_the_book_s_table_can_be_read():
    assert all(runs.check(run) == run for run in table.read())


# Rates


def tried(run, loss_at):
    """The table in which a run's rates were tried, and these in their order."""
    there, asked = {}, []
    while wanted := rates.wanted(run, there):
        asked += dict.fromkeys(one.rate for one in wanted)
        there |= {one: Found("c", loss_at(one.rate), 0.01, 1.0) for one in wanted}
    return there, asked


def test_the_rates_are_ones_and_threes():
    assert [rates.rung(n) for n in range(-6, 2)] == [
        *(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    ]


@pytest.mark.parametrize(
    "best, asked",
    [
        (0.01, [0.003, 0.01, 0.03]),
        (0.03, [0.003, 0.01, 0.03, 0.1]),
        (0.001, [0.003, 0.01, 0.03, 0.001, 0.0003]),
    ],
)
def test_rates_are_tried_until_the_best_has_a_worse_one_on_either_side(best, asked):
    there, found = tried(Run(), lambda rate: abs(rate - best))
    assert found == asked
    assert rates.chosen(Run(weights=5), there) == best
    assert all(run.held == "choose" for run in there)


def test_a_rate_at_which_the_numbers_run_over_is_the_worst():
    there, found = tried(Run("sgd"), lambda r: float("nan") if r > 0.3 else 1 - r)
    assert found == [0.1, 0.3, 1.0]
    assert rates.chosen(Run("sgd"), there) == 0.3


def test_the_search_for_a_rate_has_an_end():
    _, found = tried(Run(), lambda rate: float("nan"))
    assert len(found) <= 2 * rates.FURTHEST + 1


def test_as_long_as_there_is_more_to_try_no_rate_is_chosen():
    with pytest.raises(NotYet, match=r"run python -m tools\.lab grid"):
        rates.chosen(Run(), {})


def test_a_rate_is_tried_with_three_seeds_where_a_run_takes_seconds_and_else_with_one():
    for run in (Run(), Run(steps=EPOCH), Run("no-mlp", steps=EPOCH)):
        assert [one.weights for one in rates.tries(run, -4)] == [1, 2, 3]
    for run in (Run(steps=10 * EPOCH), Run("layernorm", steps=EPOCH)):
        (one,) = rates.tries(run, -4)
        assert one == replace(run, held="choose", weights=1)


# Questions


def test_what_tries_a_rate_comes_before_the_runs_that_wait_for_it():
    found, waiting = questions.runs(["sizes"], {})
    assert found and all(run.held == "choose" for run in found)
    assert all(run.held != "choose" for run in waiting)
    there = {run: replace(FOUND, loss=abs(run.rate - 0.01)) for run in found}
    assert any(run.held == "report" for run in questions.runs(["sizes"], there)[0])


@pytest.mark.parametrize("name", questions.QUESTIONS)
def test_the_runs_of_a_question_can_be_done(name):
    asked = [run for run, _ in questions.QUESTIONS[name].runs()]
    assert asked and all(runs.check(run) == run for run in asked)
