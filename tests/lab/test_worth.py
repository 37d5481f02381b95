"""What the chapter on the parts asks: its rule, its words, its parabola."""

import pytest

from tools.lab import results, worth


@pytest.mark.parametrize(
    ("apart", "stands"),
    [
        ([0.010, 0.011, 0.012], "behind"),
        ([-0.010, -0.011, -0.012], "ahead"),
        ([-0.010, 0.001, 0.010], "level"),
    ],
)
def test_a_table_stands_where_the_rule_says(apart, stands, monkeypatch):
    monkeypatch.setattr(worth, "ahead", lambda names: apart)
    assert worth.standing(1000) == stands


def test_how_many_is_a_word():
    assert worth.many([True] * 4) == "all"
    assert worth.many([True, False, True, True]) == "most"
    assert worth.many([False] * 4) == "none"


def test_spreads_of_runs_that_are_alike_seldom_differ_much():
    assert worth.by_chance(1) == 1
    assert worth.by_chance(1.59) == pytest.approx(0.05, abs=0.01)  # F, 19 and 19


def test_pairing_takes_away_what_two_runs_share(monkeypatch):
    book = {(1, 42): 1.0, (2, 42): 2.0, (3, 42): 3.0}
    other = {seeds: loss + 5 for seeds, loss in book.items()}
    both = {"book": book, "rotary": other}
    monkeypatch.setattr(results, "alike", lambda variant, where: both[variant])
    assert worth.saved_by("rotary", 1000) == pytest.approx(1)


def test_a_parabola_finds_what_lies_between_the_rungs(monkeypatch):
    losses = {0.001: 1.0, 0.003: 0.0, 0.01: 1.0}
    monkeypatch.setattr(results, "rate", lambda **where: 0.003)
    monkeypatch.setattr(results, "mean", lambda rate, **where: losses[rate])
    assert worth.between(16) == 0
    losses[0.001] = 0.0  # the lowest point is halfway
    assert worth.between(16) == pytest.approx(1 / 8)
