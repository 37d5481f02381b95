"""Whoever is timed takes turns; by a clock and workers that are made up."""

import os

import pytest

from tools.measure import turns

pytestmark = pytest.mark.long


class Clock:
    """A clock that goes on when somebody works."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def work(self, seconds):
        self.now += seconds


def test_everybody_has_one_turn_in_each_round():
    order = []
    timers = {name: lambda name=name: order.append(name) for name in "abc"}
    turns.take(timers, range(2))
    assert order == [*"abc", *"abc"]


def test_what_a_turn_gives_is_kept_by_name_and_round():
    given = iter(range(6))
    timers = {"a": lambda: next(given), "b": lambda: next(given)}
    assert turns.take(timers, range(3)) == {"a": [0, 2, 4], "b": [1, 3, 5]}


def test_the_rounds_that_warm_up_do_not_count():
    given = iter(range(6))
    timers = {"a": lambda: next(given), "b": lambda: next(given)}
    assert turns.take(timers, range(2), warm=1) == {"a": [2, 4], "b": [3, 5]}


def test_each_turn_is_told_before_it_begins():
    told = []
    timers = {name: lambda name=name: told.append(f"{name} works") for name in "ab"}
    turns.take(timers, range(1), tell=told.append)
    assert told == ["a", "a works", "b", "b works"]


def test_nobody_is_measured_alone():
    with pytest.raises(ValueError, match="alone"):
        turns.take({"a": lambda: 1}, range(3))


def test_rounds_go_on_as_long_as_there_is_time_and_at_least_once():
    clock, done = Clock(), []
    for number in turns.during(5, clock):
        done.append(number)
        clock.work(2)
    assert done == [0, 1, 2]
    assert list(turns.during(0, clock)) == [0]


def test_a_ratio_is_taken_within_a_round():
    machine = iter([1, 1, 10, 10, 2, 2])  # how slow it is, turn by turn
    timers = {"one": lambda: 6 * next(machine), "other": lambda: 2 * next(machine)}
    found = turns.take(timers, range(3))
    assert turns.ratios(found["one"], found["other"]) == (3, 3, 3)


def test_a_spread_is_the_median_between_the_least_and_the_greatest():
    assert turns.spread(iter([5, 1, 3])) == (3, 1, 5)


def test_the_least_time_of_each_piece_counts():
    assert turns.least([[1.0, 9.0], [2.0, 4.0]]) == [1.0, 4.0]


def test_what_is_short_is_done_more_often_between_two_looks():
    clock, looks = Clock(), []

    def look():
        looks.append(clock.now)
        return clock.now

    found = turns.quickest(lambda: clock.work(1e-4), 0.02, look)
    assert found == pytest.approx(1e-4)
    assert looks[-1] - looks[-2] > 5e-4


def test_a_function_on_a_core_sees_that_core_alone():
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("the system does not bind to cores")
    before = turns.cores()
    assert turns.on_core(before[-1], turns.cores) == [before[-1]]
    assert turns.cores() == before
