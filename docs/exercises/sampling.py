"""Checks of the exercises in docs/sampling.md."""

import random

from checking import case, holds, rounded

from microgpt.model import GPT, Config, softmax
from microgpt.sample import generate
from microgpt.tokenizer import Tokenizer
from microgpt.value import Value

TOKENIZER = Tokenizer("ab")


def small_model(seed):
    model = GPT(Config(3, n_embd=8, n_head=2, block_size=8), random.Random(seed))
    for p in model.params:
        p.data *= 10  # far from uniform
    return model


def greedy(answers):
    for seed in (4, 7, 3):
        model = small_model(seed)
        for prompt in ("", "a", "ab", "abba", "bbbbbbb"):
            yield case(
                f"greedy(model, tokenizer, {prompt!r}), small model {seed}, context 8",
                lambda: answers.greedy(model, TOKENIZER, prompt),
                generate(model, TOKENIZER, random.Random(1), 1.0, 1, prompt),
            )
    yield case(
        "greedy(model, tokenizer), small model 4",
        lambda: answers.greedy(small_model(4), TOKENIZER),
        generate(small_model(4), TOKENIZER, random.Random(1), 1.0, 1),
    )


def temperature(answers):
    def tried(probs, temperature):
        return (
            f"tempered({probs}, {temperature})",
            lambda: rounded(answers.tempered(probs, temperature)),
        )

    yield case(*tried([0.25, 0.75], 1.0), [0.25, 0.75])
    yield case(*tried([0.25, 0.75], 0.5), [0.1, 0.9])
    yield case(*tried([0.0, 0.25, 0.75], 0.5), [0.0, 0.1, 0.9])
    logits = [Value(2.0), Value(-1.0), Value(0.5), Value(-3.0)]
    probs = [p.data for p in softmax(logits)]
    for heat in (1.0, 0.5, 3.0, 0.01):
        right = [p.data for p in softmax([z / heat for z in logits])]
        yield case(
            f"tempered(probs, {heat}) for the logits 2, -1, 0.5 and -3",
            lambda: rounded(answers.tempered(probs, heat)),
            rounded(right),
        )
    yield case(*tried([0.3, 0.3, 0.4], 0.0005), [0.0, 0.0, 1.0])


def stale(answers):
    model = small_model(3)

    def after(before):
        cache = model.empty_cache()
        for position, token in enumerate(before):
            model.forward(token, position, cache)
        return rounded([p.data for p in softmax(model.forward(2, 0, cache))])

    def first(before):
        return rounded(answers.first_letter(model, TOKENIZER, before))

    tried = "first_letter(model, tokenizer, None)"
    yield case(tried, lambda: first(None), rounded(model.predict([2])[0]))
    for before, fed in ("a", [2, 0]), ("abb", [2, 0, 1, 1]):
        yield case(
            f"first_letter(model, tokenizer, {before!r})",
            lambda: first(before),
            after(fed),
        )

    def apart():
        return rounded(max(abs(a - b) for a, b in zip(first("abb"), first(None))))

    yield holds(
        "how far a probability after 'abb' is from the right one, at most",
        apart,
        "more than 0.0001",
        lambda got: got > 1e-4,
    )


def top_p(answers):
    def tried(probs, share):
        return (
            f"nucleus({probs}, {share})",
            lambda: rounded(answers.nucleus(list(probs), share)),
        )

    probs = [0.1, 0.4, 0.2, 0.3]
    yield case(*tried(probs, 0.65), rounded([0.0, 4 / 7, 0.0, 3 / 7]))
    yield case(*tried(probs, 0.75), rounded([0.0, 4 / 9, 2 / 9, 3 / 9]))
    yield case(*tried(probs, 0.0), [0.0, 1.0, 0.0, 0.0])
    yield case(*tried(probs, 1.0), probs)
    yield case(*tried([0.25] * 4, 0.5), [0.5, 0.5, 0.0, 0.0])
