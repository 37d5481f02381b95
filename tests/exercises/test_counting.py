"""The exercises of docs/counting.md."""

import math
import random

import pytest

from microgpt import (
    NGram,
    Tokenizer,
    bundled_names,
    load_documents,
    mean_loss,
    token_losses,
)


def loss_without_prior(docs, doc):
    tokenizer = Tokenizer("abc")
    model = NGram(2, tokenizer.vocab_size, prior=0)
    for each in docs:
        model.count(tokenizer.encode(each))
    return token_losses(model.predict, tokenizer.encode(doc))


def test_effective_choices(answers):
    assert answers.effective_choices([1 / 27] * 27) == pytest.approx(27)
    assert answers.effective_choices([0.0, 1.0]) == pytest.approx(1)
    expected = math.exp(0.5 * math.log(2) + 0.5 * math.log(4))
    assert answers.effective_choices([0.5, 0.25, 0.25]) == pytest.approx(expected)


def test_both_means(answers):
    per_document, per_token = answers.both_means([[2.0, 4.0], [1.0, 1.0, 1.0, 1.0]])
    assert per_document == pytest.approx(2)
    assert per_token == pytest.approx(10 / 6)


def test_an_impossible_letter_breaks_the_logarithm(answers):
    with pytest.raises(ValueError):
        loss_without_prior(*answers.breaks_logarithm())


def test_an_unknown_context_breaks_the_division(answers):
    with pytest.raises(ZeroDivisionError):
        loss_without_prior(*answers.breaks_division())


def test_the_best_prior_for_a_row_that_is_seen_once(answers):
    tokenizer = Tokenizer("ab")
    docs = ["ab"] * 9 + ["ab"]
    assert answers.best_prior(docs, tokenizer, 2, [0.1, 1, 10]) == 0.1
    docs = ["ab"] * 9 + ["ba"]
    assert answers.best_prior(docs, tokenizer, 2, [0.1, 1, 10]) == 10


def test_the_best_prior_for_names(answers):
    docs = load_documents(bundled_names())
    random.Random(42).shuffle(docs)
    docs, priors = docs[:1500], [0.01, 2.0, 200.0]
    tokenizer = Tokenizer("".join(docs))

    def loss(prior):
        model = NGram(3, tokenizer.vocab_size, prior)
        for doc in docs[:1350]:
            model.count(tokenizer.encode(doc))
        return mean_loss(model.predict, docs[1350:], tokenizer)

    expected = min(priors, key=loss)
    assert expected == 2.0
    assert answers.best_prior(docs, tokenizer, 3, priors) == expected
