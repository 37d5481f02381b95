"""The exercises of docs/sampling.md."""

import random

import pytest

from microgpt import GPT, Config, Tokenizer, Value, generate
from microgpt.model import softmax


@pytest.fixture(scope="module")
def model():
    model = GPT(Config(3, n_embd=8, n_head=2, block_size=8), random.Random(3))
    for p in model.params:
        p.data *= 10  # far from uniform
    return model


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer("ab")


@pytest.mark.parametrize("prompt", ["", "a", "abba", "bbbbbbb"])
def test_greedy(answers, model, tokenizer, prompt):
    expected = generate(model, tokenizer, random.Random(1), 1.0, 1, prompt)
    assert answers.greedy(model, tokenizer, prompt) == expected


def test_greedy_without_a_prompt_argument(answers, model, tokenizer):
    assert answers.greedy(model, tokenizer) == answers.greedy(model, tokenizer, "")


@pytest.mark.parametrize("temperature", [0.01, 0.5, 1.0, 3.0])
def test_temperature(answers, temperature):
    logits = [Value(2.0), Value(-1.0), Value(0.5), Value(-3.0)]
    probs = [p.data for p in softmax(logits)]
    expected = [p.data for p in softmax([z / temperature for z in logits])]
    assert answers.tempered(probs, temperature) == pytest.approx(expected)


def test_temperature_keeps_what_is_impossible(answers):
    assert answers.tempered([0.0, 0.25, 0.75], 0.5) == pytest.approx([0, 0.1, 0.9])
    cold = answers.tempered([0.3, 0.3, 0.4], 0.0005)
    assert cold == pytest.approx([0, 0, 1])


def test_stale(answers, model, tokenizer):
    fresh = answers.first_letter(model, tokenizer, None)
    assert fresh == pytest.approx(model.predict([tokenizer.bos])[0])
    cache = model.empty_cache()
    for position, token in enumerate([2, 0, 1, 1]):  # BOS a b b
        model.forward(token, position, cache)
    expected = [p.data for p in softmax(model.forward(2, 0, cache))]
    stale = answers.first_letter(model, tokenizer, "abb")
    assert stale == pytest.approx(expected)
    assert max(abs(a - b) for a, b in zip(stale, fresh)) > 1e-4


def test_nucleus(answers):
    probs = [0.1, 0.4, 0.2, 0.3]
    assert answers.nucleus(probs, 0.65) == pytest.approx([0, 4 / 7, 0, 3 / 7])
    assert answers.nucleus(probs, 0.75) == pytest.approx([0, 4 / 9, 2 / 9, 3 / 9])
    assert answers.nucleus(probs, 0.0) == [0, 1, 0, 0]
    assert answers.nucleus(probs, 1.0) == pytest.approx(probs)
    assert answers.nucleus([0.25] * 4, 0.5) == pytest.approx([0.5, 0.5, 0, 0])
