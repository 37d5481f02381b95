"""The exercises of docs/training.md."""

import random

import pytest

from microgpt import GPT, Config, Tokenizer, document_loss

DOCS = ["abab", "baba", "aabb", "ab"]


def small_model():
    tokenizer = Tokenizer("ab")
    config = Config(tokenizer.vocab_size, n_embd=4, n_head=2, block_size=8)
    return GPT(config, random.Random(1)), tokenizer


def test_perplexity(answers):
    assert answers.perplexity([0.0, 0.0]) == 1.0
    assert answers.perplexity([3.295836866004329] * 5) == pytest.approx(27)
    assert answers.perplexity([0.0, 2.0]) == pytest.approx(2.718281828)


def test_warmup(answers):
    assert answers.rates(1.0, 4, 0) == pytest.approx([1, 0.75, 0.5, 0.25])
    rates = answers.rates(0.5, 12, 4)
    assert len(rates) == 12
    assert rates.index(max(rates)) == 4 and max(rates) == pytest.approx(0.5)
    assert rates[0] > 0
    rises = [b - a for a, b in zip(rates[:4], rates[1:5])]
    falls = [a - b for a, b in zip(rates[4:], rates[5:] + [0.0])]
    assert rises == pytest.approx([rises[0]] * 4)
    assert falls == pytest.approx([falls[0]] * 8)


def test_reset(answers):
    cleared, kept = answers.losses(True), answers.losses(False)
    assert len(cleared) == len(kept) == 20
    assert cleared[:2] == kept[:2]
    assert cleared[2] != kept[2]


def test_batch_gradients(answers):
    model, tokenizer = small_model()
    document_loss(model, tokenizer.encode("aabb")).backward()  # to be cleared
    answers.batch_gradients(model, tokenizer, DOCS)
    found = [p.grad for p in model.params]
    for p in model.params:
        p.grad = 0.0
    losses = [document_loss(model, tokenizer.encode(doc)) for doc in DOCS]
    ((losses[0] + losses[1] + losses[2] + losses[3]) * 0.25).backward()
    assert found == pytest.approx([p.grad for p in model.params], abs=1e-12)


def test_noise(answers):
    model, tokenizer = small_model()
    rng = random.Random(5)
    docs = ["".join(rng.choices("ab", k=rng.randint(1, 7))) for _ in range(48)]
    noise = {size: answers.noise(model, tokenizer, docs, size) for size in (1, 2, 48)}
    assert noise[48] == pytest.approx(0, abs=1e-20)
    assert noise[1] > 0 and 0.25 < noise[2] / noise[1] < 0.8
