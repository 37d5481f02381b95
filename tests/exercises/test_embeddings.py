"""The exercises of docs/embeddings.md."""

import math
import random

import pytest

from microgpt import GPT, Config


def test_one_hot_gives_a_row(answers):
    table = [[1.0, 2.0], [3.0, 5.0], [-1.0, 0.0]]
    assert answers.lookup(table, [0, 1, 0]) == [3.0, 5.0]


def test_probabilities_give_a_mean_of_rows(answers):
    table = [[1.0, 2.0], [3.0, 5.0], [-1.0, 0.0]]
    assert answers.lookup(table, [0.5, 0.25, 0.25]) == pytest.approx([1.0, 2.25])


def test_the_nearest_are_told_by_direction_not_by_length(answers):
    table = [[1.0, 0.0], [100.0, 60.0], [0.1, 0.01], [-2.0, 0.0], [0.0, 1.0]]
    assert answers.nearest(table, 0, 2) == [2, 1]
    assert answers.nearest(table, 0, 4) == [2, 1, 4, 3]


def test_without_position_the_order_is_not_seen(answers):
    model = GPT(Config(27), random.Random(42))
    for p in model.params:  # larger numbers, so that differences show
        p.data *= 5
    a, b, c = [26, 0, 4, 12], [26, 4, 0, 12], [26, 0, 12, 4]
    assert not answers.same_prediction(model, a, b)
    answers.forget_position(model)
    assert all(p.data == 0 for row in model.state_dict["wpe"] for p in row)
    assert answers.same_prediction(model, a, b)
    assert not answers.same_prediction(model, a, c)


def test_the_waves(answers):
    table = answers.waves(20, 8)
    assert len(table) == 20 and all(len(row) == 8 for row in table)
    assert table[0] == [0, 1] * 4
    assert table[3][:2] == pytest.approx([math.sin(3), math.cos(3)])
    assert table[3][6:] == pytest.approx([math.sin(0.003), math.cos(0.003)])


def test_their_dot_product_depends_on_the_distance(answers):
    table = answers.waves(20, 8)
    products = [
        [sum(x * y for x, y in zip(table[s], table[s + d])) for s in range(10)]
        for d in range(10)
    ]
    for row in products:
        assert row == pytest.approx([row[0]] * 10)
