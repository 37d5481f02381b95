"""Results: what chapters ask of the table, and the report that prints it."""

from dataclasses import replace

import pytest

from tools.lab import questions, report, results, table
from tools.lab.runs import Found, Run
from tools.proof.asked import namespace
from tools.proof.stage import BOOK
from tools.proof.tables import NotYet

LOSSES = {("book", 1): 2.40, ("book", 2): 2.42, ("book", 3): 2.50}
LOSSES |= {("rotary", 1): 2.41, ("rotary", 2): 2.45}


def tries(run):
    """The rates that were tried for a run: 0.01 is the best."""
    rates = {0.003: 2.5, 0.01: 2.4, 0.03: 2.6}
    kinds = [(replace(run.chooser, rate=r), loss) for r, loss in rates.items()]
    return {
        replace(kind, weights=seed): Found("c", loss, 0.01, 1.0)
        for kind, loss in kinds
        for seed in (1, 2, 3)
    }


@pytest.fixture(autouse=True)
def rows(monkeypatch):
    """A small table in place of the book's."""
    there = {
        Run(variant, weights=seed): Found("c", loss, 0.01, 1.0)
        for (variant, seed), loss in LOSSES.items()
    }
    there |= {
        replace(run, rate=0.03): Found("c", 3.0, 0.01, 1.0)
        for run in list(there)
        if run.weights == 1
    }
    there |= tries(Run()) | tries(Run("rotary"))
    monkeypatch.setattr(table, "read", lambda path=None: there)
    monkeypatch.setattr(table, "stamp", object)  # another each time: it may change
    return there


def test_the_mean_is_over_all_seeds_at_the_rate_that_was_chosen():
    assert results.mean(steps=1000) == pytest.approx(2.44)
    assert results.count() == 3
    assert results.mean(weights=(1, 2)) == pytest.approx(2.41)
    assert results.mean(weights=2) == 2.42
    assert results.mean(rate=0.03) == 3.0
    assert results.rate("rotary", steps=1000) == 0.01


def test_the_spread_is_that_of_the_seeds_and_the_error_that_of_their_mean():
    assert results.sd() == pytest.approx(0.0529150)
    assert results.error() == pytest.approx(0.0529150 / 3**0.5)
    with pytest.raises(NotYet, match="one run has no spread"):
        results.sd(weights=1)


def test_a_difference_is_one_of_runs_with_the_same_seeds():
    assert results.diff("rotary", steps=1000) == pytest.approx(0.02)
    assert results.diff_error("rotary") == pytest.approx(0.01)
    assert results.diff("book", "rotary") == pytest.approx(-0.02)
    assert results.diff("book", {"rate": 0.03}, weights=1) == pytest.approx(-0.6)


def test_what_is_not_there_says_how_to_make_it():
    with pytest.raises(NotYet, match=r"no run of gelu.*run python -m tools\.lab grid"):
        results.mean("gelu", steps=1000)
    with pytest.raises(NotYet, match=r"python -m tools\.lab grid"):
        results.mean(steps=31469)
    with pytest.raises(NotYet, match="no seeds in common"):
        results.diff("rotary", weights=1, against={"weights": 2})


def test_what_differs_in_more_than_its_seeds_is_not_averaged(rows):
    longer = Run(steps=3000)
    rows |= {longer: Found("c", 2.3, 0.01, 1.0)} | tries(longer)
    with pytest.raises(LookupError, match="differ in steps: say which of 1000, 3000"):
        results.mean()
    with pytest.raises(TypeError, match="the table has no column step"):
        results.mean(step=1000)
    assert len(results.rows(steps=(1000, 3000))) == 4


def test_a_page_reaches_them_by_the_name_of_the_room():
    assert namespace(BOOK)["lab"].mean(steps=1000) == pytest.approx(2.44)


def test_the_report_has_a_line_for_each_kind_of_run(monkeypatch):
    runs = {run: "parts" for run in table.read() if run.rate == 0.01}
    monkeypatch.setattr(report.questions, "runs", lambda names, there: (runs, {}))
    lines = report.lines("parts")
    assert lines[0].split() == [
        "variant",
        "runs",
        "loss",
        "±",
        "less",
        "the",
        "book",
        "±",
    ]
    assert lines[1].split()[:4] == ["book", "3", "2.4400", "0.0306"]
    assert lines[2].split() == ["rotary", "2", "2.4300", "0.0200", "0.0200", "0.0100"]


def test_a_difference_has_an_error_over_names_as_well():
    length = questions.LONG
    assert 0.001 < results.name_error("no-attention", steps=length) < 0.01
    with pytest.raises(NotYet, match="pairs"):
        results.name_error("betas", steps=length)
