"""The exercises of docs/values.md."""

import math

import pytest

from microgpt import Value


@pytest.mark.parametrize("x, slope", [(2.5, 1.0), (-2.5, -1.0), (0.0, 0.0)])
def test_the_absolute_value(answers, x, slope):
    leaf = Value(x)
    node = answers.absolute(leaf)
    assert node.data == abs(x)
    assert node._children == (leaf,) and node._local_grads == (slope,)


def test_nodes_are_counted_once(answers):
    a, b = Value(2.0), Value(2.0)
    assert answers.count_nodes(a) == 1
    assert answers.count_nodes(a * b) == 3  # equal numbers, two nodes
    assert answers.count_nodes(a * a) == 2
    shared = a + b
    assert answers.count_nodes(shared * shared + shared) == 5


def test_nodes_are_counted_in_no_noticeable_time(answers):
    x = Value(1.0)
    for _ in range(60):
        x = x + x
    assert answers.count_nodes(x) == 61


def test_the_careless_square_has_half_the_derivative(answers):
    x = Value(3.0)
    y = answers.careless(x)
    y.backward()
    assert y.data == 9.0 and x.grad == 3.0


def test_a_dual_carries_its_slope(answers):
    x = answers.Dual(0.7, 1.0)
    y = (2 * x * x + x * 3 + 1).log() * x.exp() + (5 + x)
    u, du = 2 * 0.49 + 2.1 + 1, 4 * 0.7 + 3
    assert y.data == pytest.approx(math.log(u) * math.exp(0.7) + 5.7)
    slope = du / u * math.exp(0.7) + math.log(u) * math.exp(0.7) + 1
    assert y.slope == pytest.approx(slope)


def test_a_plain_number_has_no_slope(answers):
    assert (answers.Dual(2.0, 1.0) * 3).slope == 3.0
    assert (answers.Dual(2.0) * answers.Dual(3.0, 1.0)).slope == 2.0
    assert (answers.Dual(2.0, 1.0) + 4).slope == 1.0
