"""The exercises of docs/attention.md."""

import math
import random

import pytest

from microgpt import GPT, Config, Value
from microgpt.model import attend, dot, linear, softmax


def random_vectors(number, size, seed):
    rng = random.Random(seed)
    return [[Value(rng.gauss(0, 1)) for _ in range(size)] for _ in range(number)]


def data(vector):
    return [x.data for x in vector]


def test_hard(answers):
    (q, *keys), values = random_vectors(6, 4, 1), random_vectors(5, 3, 2)
    scores = [dot(q, key).data for key in keys]
    best = max(range(5), key=scores.__getitem__)
    sure = data(answers.hard_attend(q, keys, values))
    assert sure == data(values[best])
    factor = answers.sharpness(q, keys, values, 0.01)
    assert math.log2(factor).is_integer()

    def distance(factor):
        answer = data(attend([qi * factor for qi in q], keys, values))
        return max(abs(a - b) for a, b in zip(answer, sure))

    assert distance(factor) < 0.01 <= distance(factor / 2)


def test_mask(answers):
    rng = random.Random(5)
    scores = [[rng.gauss(0, 3) for _ in range(5)] for _ in range(5)]
    table = answers.masked_weights(scores)
    for i, row in enumerate(table):
        expected = data(softmax([Value(s) for s in scores[i][: i + 1]]))
        assert row == pytest.approx(expected + [0.0] * (4 - i))


def test_each(answers):
    config = Config(4, n_embd=4, n_head=2, block_size=6)
    model = GPT(config, random.Random(1))
    wrong = {"wte", "wpe", "layer0.attn_wk", "layer0.attn_wv"}
    assert set(answers.wrong_matrices(model, [3, 0, 1, 1, 2, 3])) == wrong
    assert set(answers.wrong_matrices(model, [3, 0])) == set()


@pytest.mark.parametrize("n", [2, 5, 16])
def test_back(answers, n):
    wq, wk = answers.look_back(n)
    unit = [[Value(float(i == j)) for j in range(n)] for i in range(n)]
    keys = [linear(x, wk) for x in unit]
    for i in range(1, n):
        q = linear(unit[i], wq)
        scores = [dot(q, key) / n**0.5 for key in keys[: i + 1]]
        weights = data(softmax([score + Value(0.0) for score in scores]))
        assert weights[i - 1] > 0.99
