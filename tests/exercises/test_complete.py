"""The exercises of docs/complete.md."""

import math
import random

import pytest

from microgpt import GPT, Config, Tokenizer


@pytest.mark.parametrize(
    "sizes", [{}, {"n_layer": 3}, {"n_embd": 8, "n_head": 2, "block_size": 5}]
)
def test_the_parameters_are_counted_from_the_sizes(answers, sizes):
    config = Config(11, **sizes)
    assert answers.num_params(config) == len(GPT(config, random.Random(0)).params)


def test_the_likelihoods_of_all_documents_add_up_to_one(answers):
    tokenizer = Tokenizer("ab")
    config = Config(3, n_embd=4, n_head=1, block_size=6)
    model = GPT(config, random.Random(0))

    def likelihood(doc):
        return math.exp(answers.log_likelihood(model, tokenizer, doc))

    docs = [""]
    total = likelihood("")
    for _ in range(5):  # those of up to five letters, and what is left for longer ones
        docs = [doc + char for doc in docs for char in "ab"]
        total += sum(map(likelihood, docs))
    assert 0.8 < total < 1
    probs = model.predict(tokenizer.encode("ab")[:-1])
    by_hand = probs[0][0] * probs[1][1] * probs[2][2]
    assert likelihood("ab") == pytest.approx(by_hand)


def test_only_with_the_moments_does_training_go_on_as_before(answers):
    whole, forgetful = answers.resumed_losses(True), answers.resumed_losses(False)
    assert len(whole) == len(forgetful) == 40
    parts = [i for i in range(40) if whole[i] != forgetful[i]]
    assert parts[0] == 21  # the loss of step 22, the second after the pause


def test_with_the_moments_it_is_the_uninterrupted_run(answers):
    from microgpt import Adam, train

    docs, rng = ["abab", "baba", "aabb"], random.Random(1)
    tokenizer = Tokenizer("".join(docs))
    model = GPT(Config(3, n_embd=4, n_head=2, block_size=8), rng)
    losses = [x for _, x in train(model, Adam(model.params), docs, tokenizer, 0.02, 40)]
    assert answers.resumed_losses(True) == losses


def test_the_floor_is_what_has_to_be_guessed(answers):
    assert answers.floor(["abab", "baba", "aabb"]) == pytest.approx(math.log(3) / 5)
    assert answers.floor(["a"]) == 0
    assert answers.floor(["ab", "cd"]) == pytest.approx(math.log(2) / 3)
    assert answers.floor(["a", "ab"]) == pytest.approx(
        (math.log(2) / 2 + math.log(2) / 3) / 2
    )
