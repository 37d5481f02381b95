"""The exercises of docs/adam.md."""

import pytest

from microgpt import Adam, Value


def test_weights(answers):
    assert answers.weights(0.85, 1) == pytest.approx([1.0])
    weights = answers.weights(0.9, 5)
    assert sum(weights) == pytest.approx(1.0)
    assert [a / b for a, b in zip(weights, weights[1:])] == pytest.approx([0.9] * 4)


def test_clip(answers):
    params = [Value(0.0), Value(0.0)]
    params[0].grad, params[1].grad = 3.0, -4.0
    assert answers.clip(params, 10.0) == pytest.approx(5.0)
    assert [p.grad for p in params] == [3.0, -4.0]
    assert answers.clip(params, 1.0) == pytest.approx(5.0)
    assert [p.grad for p in params] == pytest.approx([0.6, -0.8])


@pytest.mark.parametrize("betas", [(0.85, 0.99), (0.9, 0.999)])
def test_uncorrected(answers, betas):
    assert answers.first_moves(*betas, True, 9) == pytest.approx([1.0] * 9)
    p = Value(0.0)
    optimizer = Adam([p], *betas, eps=0.0)
    optimizer.t = 100_000  # so late that the correction has died away
    moves = []
    for _ in range(9):
        p.grad, before = 1.0, p.data
        optimizer.step(1.0)
        moves.append(before - p.data)
    assert answers.first_moves(*betas, False, 9) == pytest.approx(moves)


def test_sign_descent(answers):
    params = [Value(1.0), Value(1.0), Value(1.0)]
    params[0].grad, params[1].grad = 1e-9, -70.0
    answers.SignDescent(params).step(0.25)
    assert [p.data for p in params] == [0.75, 1.25, 1.0]
    assert [p.grad for p in params] == [0.0, 0.0, 0.0]
    assert answers.landing(0.7, 50) == pytest.approx([3.5, 2.8])
    assert answers.landing(0.7, 51) == pytest.approx([2.8, 3.5])
