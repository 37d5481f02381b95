"""What figures draw is so: their numbers are those of the program and its record."""

import gc
import math
from types import FunctionType

import pytest

from tools.draw.figures import (
    graphs,
    hotspots,
    learning,
    model_of,
    perceptron,
    program,
    record,
)


@pytest.fixture
def by_hand():
    """The garbage collector, which runs when it is told to and at no other time."""
    gc.collect()
    gc.disable()
    yield gc
    gc.enable()


def test_the_search_leaves_the_ring_behind_that_is_drawn(by_hand):
    root, names = graphs.example()
    assert root.topological_order()
    left = [it for it in gc.get_objects() if isinstance(it, FunctionType)]
    visit = next(it for it in left if it.__qualname__.endswith("order.<locals>.visit"))
    cells = dict(zip(visit.__code__.co_freevars, visit.__closure__))
    assert cells["visit"].cell_contents is visit
    assert set(cells["order"].cell_contents) == set(names)


def test_the_valley_of_a_weight_goes_through_the_place_where_it_is_recorded():
    told = record()["perceptron"]["nudge"]
    (_, below), (_, above) = learning.emma_over(0, 1)
    loss = below + told["at"] * (above - below)
    assert math.isclose(loss, told["loss"], abs_tol=1e-4)
    assert math.isclose(above - below, told["slope"], rel_tol=0.02)


def test_the_step_that_is_drawn_goes_down_and_not_beyond_the_bottom():
    told = record()["perceptron"]["nudge"]
    end = told["at"] - learning.FAR * told["slope"]
    valley = dict(learning.emma_over(-30, 80))
    assert valley[round(end)] < told["loss"]
    assert end < min(valley, key=valley.get) < 80


def test_the_steps_of_adam_that_are_drawn_are_those_of_the_run():
    history, rate = record()["followed"]["lm_head[0][0]"], record()["learning_rate"]
    for i in range(learning.FIRST - 1, learning.LAST):
        moved = history["data"][i] - history["data"][i - 1]
        step = learning.move_of(history, i, rate * (1 - i / 1000))
        assert abs(step - moved) < 2e-6


def test_the_arrows_of_a_dot_product_are_one_against_one_along_and_one_across():
    h, z = perceptron.perceptron(perceptron.WEIGHTS).layers(perceptron.READS)[1:]
    dot = model_of("nudging").dot
    assert [dot(row, h) for row in perceptron.WEIGHTS["fc2"]] == z
    assert z[0] < 0 < z[1]
    assert z[2] == 0


def test_the_shares_of_a_step_add_up_and_keep_their_order():
    for program_name in ("sampling", "complete"):
        shares = hotspots.shares(program_name)
        assert math.isclose(sum(shares.values()), 1, abs_tol=0.01)
        assert [*shares] == [*hotspots.ACTIVITIES, hotspots.REST]


def test_the_map_has_every_chapter_that_writes_and_knows_the_parts_of_the_book():
    written, staying = program.lines_by_chapter()
    chapters = program.numbers()
    assert {chapter for chapter, _ in written} <= set(chapters)
    assert {part for _, part in chapters.values()} >= set(program.SHORT.values())
    assert all(staying[place] <= count for place, count in written.items())
