"""Checks of the exercises in docs/complete.md."""

import math
import random

from checking import case, holds, rounded

from microgpt import GPT, Adam, Config, Tokenizer, train

SECONDS = {"forgetful": 30}  # three runs of 40 steps


def count(answers):
    for given, config in {
        "Config(11)": Config(11),
        "Config(27)": Config(27),
        "Config(11, n_layer=3)": Config(11, n_layer=3),
        "Config(11, n_embd=8, n_head=2, block_size=5)": Config(
            11, n_embd=8, n_head=2, block_size=5
        ),
    }.items():
        yield case(
            f"num_params({given})",
            lambda: answers.num_params(config),
            len(GPT(config, random.Random(0)).params),
        )


def likelihood(answers):
    tokenizer = Tokenizer("ab")
    config = Config(3, n_embd=4, n_head=1, block_size=6)
    plain, sure = (GPT(config, random.Random(0)) for _ in range(2))
    for p in sure.params:
        p.data *= 5  # the probabilities of its tokens differ more
    for doc in ("", "a", "ab", "bbaba"):
        tokens = tokenizer.encode(doc)
        pairs = zip(sure.predict(tokens[:-1]), tokens[1:])
        yield case(
            f"log_likelihood(model, tokenizer, {doc!r})",
            lambda: rounded(answers.log_likelihood(sure, tokenizer, doc)),
            rounded(math.fsum(math.log(row[token]) for row, token in pairs)),
        )

    def total():
        docs, found = [""], []
        for _ in range(6):
            found += [answers.log_likelihood(plain, tokenizer, doc) for doc in docs]
            docs = [doc + char for doc in docs for char in "ab"]
        return rounded(math.fsum(map(math.exp, found)))

    yield holds(
        "the probabilities of all documents of up to 5 letters together",
        total,
        "more than 0.8, and less than 1",
        lambda got: 0.8 < got < 1,
    )


def forgetful(answers):
    docs, tokenizer = ["abab", "baba", "aabb"], Tokenizer("ab")

    def whole():
        """The losses of the run without a pause."""
        model = GPT(Config(3, n_embd=4, n_head=2, block_size=8), random.Random(1))
        steps = train(model, Adam(model.params), docs, tokenizer, 0.02, 40)
        return [loss for _, loss in steps]

    kept = {}

    def losses(flag):
        if flag not in kept:
            kept[flag] = answers.resumed_losses(flag)
        return kept[flag]

    def first(a, b):
        return next((i + 1 for i, (x, y) in enumerate(zip(a, b)) if x != y), None)

    right = whole()
    yield case(
        "how many losses resumed_losses(True) gives", lambda: len(losses(True)), 40
    )
    yield case(
        "the first step, from 1, at which it differs from a run without a pause",
        lambda: first(losses(True), right),
        None,
    )
    yield case(
        "how many losses resumed_losses(False) gives", lambda: len(losses(False)), 40
    )
    yield case(
        "the step, counted from 1, at which the two lists part",
        lambda: first(losses(True), losses(False)),
        22,
    )


def floor(answers):
    for docs, right in (
        (["a"], 0.0),
        (["ab", "cd"], math.log(2) / 3),
        (["abab", "baba", "aabb"], math.log(3) / 5),
        (["aab", "aba", "abb", "bab"], math.log(4) / 4),
    ):
        yield case(
            f"floor({docs})", lambda: rounded(answers.floor(docs)), rounded(right)
        )
