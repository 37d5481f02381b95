"""The exercises of docs/backward.md."""

import math

import pytest

from microgpt import Value


@pytest.mark.parametrize("x", [-2.0, -0.1, 0.0, 0.7, 3.0])
def test_tanh_is_one_node_with_the_right_slope(answers, x):
    leaf = Value(x)
    result = answers.tanh(leaf)
    assert result._children == (leaf,)
    assert result.data == pytest.approx(math.tanh(x))
    result.backward()
    assert leaf.grad == pytest.approx(1 - math.tanh(x) ** 2)


@pytest.mark.parametrize("x", [-2.0, -0.1, 0.0, 0.7, 3.0])
def test_tanh_from_exp_agrees_with_it(answers, x):
    one, other = Value(x), Value(x)
    answers.tanh(one).backward()
    result = answers.tanh_from_exp(other)
    result.backward()
    assert result.data == pytest.approx(math.tanh(x), abs=1e-12)
    assert other.grad == pytest.approx(one.grad, abs=1e-12)


def test_paths_are_counted_without_walking_each(answers):
    x = first = Value(1.0)
    for _ in range(30):
        x = x + x
    assert answers.paths(x, first) == 2**30
    a, b = Value(2.0), Value(3.0)
    c = a * b
    assert answers.paths(c + c * a, a) == 3
    assert answers.paths(c + c * a, b) == 2
    assert answers.paths(c, Value(1.0)) == 0


def test_breadth_first_is_right_on_a_tree_and_wrong_on_the_counterexample(answers):
    a, b = Value(2.0), Value(-3.0)
    answers.breadth_first_backward(a * b + 4.0)
    assert (a.grad, b.grad) == (-3.0, 2.0)
    root, leaf = answers.counterexample()
    answers.breadth_first_backward(root)
    wrong = leaf.grad
    root, leaf = answers.counterexample()
    root.backward()
    assert wrong != pytest.approx(leaf.grad)


def test_the_derivative_is_a_value_that_can_be_derived_again(answers):
    x, y = Value(3.0), Value(2.0)
    root = x * x * x * y + x * 5.0 + y
    first = answers.derivative(root, x)
    assert first.data == pytest.approx(3 * 9 * 2 + 5)
    second = answers.derivative(first, x)
    assert second.data == pytest.approx(6 * 3 * 2)
    assert answers.derivative(second, x).data == pytest.approx(12)
    assert answers.derivative(first, y).data == pytest.approx(27)


def test_a_sum_of_two_twos_is_not_taken_for_a_product(answers):
    x = Value(2.0)
    assert answers.derivative(x + Value(2.0), x).data == 1.0
    one = Value(1.0)
    assert answers.derivative(answers.derivative(one * one, one), one).data == 2.0
