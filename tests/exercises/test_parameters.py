"""The exercises of docs/parameters.md."""

import math
import random

import pytest

from microgpt import Adam, Config, document_loss


def test_the_spread_is_what_random_vectors_have(answers):
    rng = random.Random(0)
    dots = [
        sum(rng.gauss(0, 0.5) * rng.gauss(0, 0.08) for _ in range(16))
        for _ in range(4000)
    ]
    found = math.sqrt(sum(d * d for d in dots) / len(dots))
    assert answers.spread(16, 0.5, 0.08) == pytest.approx(found, rel=0.05)
    assert answers.spread(16, 0.08, 0.08) == pytest.approx(0.0256)


def test_the_published_sizes(answers):
    assert answers.gpt2_params(12, 768) == 124_439_808
    assert answers.gpt2_params(24, 1024) == 354_823_168
    assert answers.gpt2_params(48, 1600) == 1_557_611_200


def test_equal_numbers_stay_equal(answers):
    different = answers.different_numbers(0.1, 9)
    assert "wte" in different and "lm_head" in different
    assert set(different.values()) == {1}


def test_a_tied_model_lists_each_number_once(answers):
    model = answers.TiedGPT(Config(27), random.Random(42))
    assert len(model.params) == len(set(model.params)) == 3760
    head, table = model.state_dict["lm_head"], model.state_dict["wte"]
    assert all(a is b for x, y in zip(head, table) for a, b in zip(x, y))


def test_a_tied_model_learns(answers):
    model = answers.TiedGPT(Config(27), random.Random(42))
    optimizer = Adam(model.params)
    tokens = [26, 4, 12, 12, 0, 26]
    before = document_loss(model, tokens)
    before.backward()
    unread = model.state_dict["wte"][25][0]
    assert unread.grad != 0  # as a part of the head, every row has a gradient
    optimizer.step(0.01)
    assert document_loss(model, tokens).data < before.data
