"""The exercises of docs/heads.md."""

import random

import pytest

from microgpt import GPT, Config, Value, document_loss
from microgpt.model import linear


def model(n_layer, model_class=GPT):
    config = Config(4, n_embd=4, n_head=2, n_layer=n_layer, block_size=6)
    return model_class(config, random.Random(1))


def test_by_head(answers):
    rng = random.Random(2)
    heads = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(2)]
    wo = [[rng.gauss(0, 1) for _ in range(6)] for _ in range(6)]
    written = answers.written_by_heads(heads, wo)
    assert len(written) == 2
    total = [a + b for a, b in zip(*written)]
    assert total == pytest.approx(linear(heads[0] + heads[1], wo))
    silent = answers.written_by_heads([heads[0], [0.0] * 3], wo)
    assert silent[0] == pytest.approx(written[0])
    assert silent[1] == pytest.approx([0.0] * 6)


def test_depth(answers):
    a = Value(1.0)
    assert [answers.depth(x) for x in (a, a * a, a * a + a, (a + a) * (a * a + a))] == [
        1, 2, 3, 4,
    ]  # fmt: skip
    depths = [answers.depth(document_loss(model(n), [3, 0, 1, 3])) for n in (1, 2, 3)]
    assert depths[2] - depths[1] == depths[1] - depths[0] > 20


def test_shared(answers):
    tokens = [3, 0, 1, 2]
    assert answers.reads(model(2), tokens) == [1, 2, 3, 4]
    assert answers.reads(model(2, answers.SharedCache), tokens) == [2, 4, 6, 8]
    for n_layer, same in (1, True), (2, False):
        right = model(n_layer).predict(tokens)
        shared = model(n_layer, answers.SharedCache).predict(tokens)
        assert (right == shared) is same


def test_induction(answers):
    weights = answers.induction([4, 1, 2, 0, 1], 5)
    assert len(weights) == 5
    assert weights[2] > 0.99
    twice = answers.induction([4, 1, 2, 1, 0, 1], 5)
    assert [twice[2], twice[0]] == pytest.approx([0.5, 0.5], abs=0.01)
    assert answers.induction([4, 3, 3], 5)[3] > 0.99
