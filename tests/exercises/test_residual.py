"""The exercises of docs/residual.md."""

import random

import pytest

from microgpt import Value
from microgpt.model import dot, linear, rmsnorm


def values(numbers):
    return [Value(float(number)) for number in numbers]


def data(vector):
    return [x.data for x in vector]


def test_layernorm(answers):
    result = data(answers.layer_norm(values([1, 2, 3, 6])))
    assert sum(result) == pytest.approx(0, abs=1e-9)
    assert sum(x * x for x in result) / 4 == pytest.approx(1, abs=1e-5)
    assert result[3] / result[0] == pytest.approx(-1.5)
    centred = values([1, -1, 3, -3])
    assert data(answers.layer_norm(centred)) == pytest.approx(data(rmsnorm(centred)))
    x = values([1, 2, 3, 6])
    answers.layer_norm(x)[0].backward()
    assert sum(xi.grad for xi in x) == pytest.approx(0, abs=1e-9)


def test_gain(answers):
    rng = random.Random(3)
    w = [[rng.gauss(0, 1) for _ in range(4)] for _ in range(3)]
    gain, x = [2.0, -1.0, 0.5, 0.0], [1.0, 5.0, -2.0, 3.0]
    louder = [xi * gi for xi, gi in zip(x, gain)]
    folded = answers.fold_gain(w, gain)
    assert linear(x, folded) == pytest.approx(linear(louder, w))


def test_epsilon(answers):
    assert answers.norm([1.0, -1.0, 7.0, 7.0], 0.0) == pytest.approx(
        [0.2, -0.2, 1.4, 1.4]
    )
    assert answers.enlargement(1e-9, 1e-5) == pytest.approx(316.2278)
    assert answers.enlargement(2.0, 1e-5) == pytest.approx(0.5, abs=1e-5)
    vector = answers.breaking_vector()
    assert any(vector)
    with pytest.raises(ArithmeticError):
        answers.norm(vector, 0.0)
    answers.norm(vector, 1e-5)


@pytest.mark.parametrize("numbers", [[1, -1, 7, 7], [0.001, 0.002, -0.001], [0, 0]])
def test_backward(answers, numbers):
    x, weights = values(numbers), [0.3, -2.0, 1.0, 0.5][: len(numbers)]
    dot(weights, rmsnorm(x)).backward()
    result = answers.norm_gradient(data(x), weights)
    assert result == pytest.approx([xi.grad for xi in x])
