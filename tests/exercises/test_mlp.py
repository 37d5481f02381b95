"""The exercises of docs/mlp.md."""

import random

import pytest

from microgpt import GPT, Config
from microgpt.model import linear


def mlp(fc1, fc2, x):
    return linear([max(0.0, h) for h in linear(x, fc1)], fc2)


@pytest.mark.parametrize("a, b", [(3, 5), (5, 3), (-1, -4), (-4, -1), (0, 0), (2, -7)])
def test_larger(answers, a, b):
    assert mlp(*answers.larger(), [a, b]) == pytest.approx([max(a, b)])


def test_multiplications(answers):
    assert answers.multiplications(Config(27), 0) == 3504 + 32
    assert answers.multiplications(Config(27), 9) == 3504 + 320
    config = Config(5, n_embd=4, n_head=2, n_layer=3)
    assert answers.multiplications(config, 1) == 3 * (12 * 16 + 16) + 20


@pytest.mark.parametrize(
    "name, expected",
    [
        ("mlp_fc2", {"mlp_fc1"}),
        ("mlp_fc1", {"mlp_fc1", "mlp_fc2"}),
        ("attn_wo", {"attn_wq", "attn_wk", "attn_wv"}),
        ("attn_wv", {"attn_wq", "attn_wk", "attn_wo"}),
        ("attn_wq", {"attn_wk"}),
    ],
)
def test_zeros(answers, name, expected):
    config = Config(4, n_embd=4, n_head=2, block_size=6)
    model = GPT(config, random.Random(1))
    result = answers.untouched(model, f"layer0.{name}", [3, 0, 1, 2, 3])
    assert result == {f"layer0.{each}" for each in expected}


@pytest.mark.parametrize("n", [1, 2, 3])
def test_table(answers, n):
    rng, wanted = random.Random(n), {}
    cases = [[1 - 2 * (i >> k & 1) for k in range(n)] for i in range(2**n)]
    for case in cases:
        wanted[tuple(case)] = rng.gauss(0, 1)
    fc1, fc2 = answers.table(lambda case: wanted[tuple(case)], n)
    for case in cases:
        assert mlp(fc1, fc2, [*case, 1]) == pytest.approx([wanted[tuple(case)]])
