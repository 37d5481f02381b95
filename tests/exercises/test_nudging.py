"""The exercises of docs/nudging.md."""

import math

import pytest


def softmax(logits):
    exps = [math.exp(z - max(logits)) for z in logits]
    return [e / sum(exps) for e in exps]


def test_the_logits_give_the_probabilities_back(answers):
    for probs in ([0.6, 0.3, 0.1], [0.25] * 4, [1e-9, 1 - 1e-9]):
        logits = answers.logits_of(probs)
        assert softmax(logits) == pytest.approx(probs)
        assert sum(logits) == pytest.approx(0, abs=1e-9)


def test_the_gradient_is_that_of_the_function(answers):
    xs = [2.0, -3.0, 0.5]
    found = answers.gradient(lambda v: v[0] * v[1] + math.exp(v[2]), xs)
    assert found == pytest.approx([-3.0, 2.0, math.exp(0.5)], abs=1e-7)
    assert xs == [2.0, -3.0, 0.5]


def test_the_gradient_is_central(answers):
    # a one-sided difference would be off by epsilon times half the curvature
    [found] = answers.gradient(lambda v: 100 * v[0] ** 2, [0.0])
    assert abs(found) < 1e-9


@pytest.mark.parametrize("c", [0.5, 1.0, 8.0])
def test_the_walk_runs_away_above_the_limit_only(answers, c):
    limit = answers.limit(c)
    assert abs(answers.walk(c, 1.0, 0.95 * limit, 200)) < 1e-3
    assert abs(answers.walk(c, 1.0, 1.05 * limit, 200)) > 1e3


def test_a_step_of_the_walk(answers):
    assert answers.walk(2.0, 3.0, 0.1, 1) == pytest.approx(2.4)
    assert answers.walk(2.0, 3.0, 0.1, 2) == pytest.approx(1.92)


def test_nudging_finds_the_relative_frequencies(answers):
    pairs = [(0, 1)] * 6 + [(0, 0)] * 3 + [(0, 2)] + [(1, 1)] * 5 + [(1, 0)] * 5
    probs = answers.nudge_table(pairs, 3, 1.0, 500)
    assert probs[0] == pytest.approx([0.3, 0.6, 0.1], abs=0.01)
    assert probs[1] == pytest.approx([0.5, 0.5, 0.0], abs=0.02)
    assert 0 < probs[1][2] < 0.02  # never 0, however long it is nudged
    assert probs[2] == pytest.approx([1 / 3] * 3)


def test_the_first_step_of_the_table(answers):
    probs = answers.nudge_table([(0, 0)], 2, 1.0, 1)
    assert probs[0] == pytest.approx(softmax([0.5, -0.5]))
