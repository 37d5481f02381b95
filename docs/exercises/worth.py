"""Checks of the exercises in docs/worth.md."""

import random

from checking import case, holds, rounded

from microgpt import GPT, Adam, Config, Tokenizer, train


def error(answers):
    for losses, right in (
        ([2.0, 4.0], 1.0),
        ([1.0, 2.0, 3.0], 3**-0.5),
        ([2.5, 2.5, 2.5, 2.5], 0.0),
        ([2.37, 2.36, 2.38, 2.37, 2.37], 10**-0.5 / 100),
    ):
        yield case(
            f"standard_error({losses})",
            lambda: rounded(answers.standard_error(losses)),
            rounded(right),
        )


def paired(answers):
    ours, theirs = {1: 2.0, 2: 3.0, 3: 4.0}, {1: 1.0, 2: 1.0, 3: 1.0}
    yield case(
        f"paired({ours}, {theirs})",
        lambda: rounded(list(answers.paired(ours, theirs))),
        rounded([2.0, 3**-0.5]),
    )
    mixed = {3: 1.0, 2: 1.0, 1: 1.0}
    yield case(
        f"paired({ours}, {mixed})",
        lambda: rounded(list(answers.paired(ours, mixed))),
        rounded([2.0, 3**-0.5]),
    )
    fewer = {2: 2.0, 3: 3.5, 7: 9.0}
    yield case(
        f"paired({ours}, {fewer})",
        lambda: rounded(list(answers.paired(ours, fewer))),
        [0.75, 0.25],
    )


def alarms(answers):
    for tries, rounds, low, high in (
        (1, 2000, 0.05, 0.11),
        (5, 500, 0.25, 0.42),
        (20, 300, 0.7, 0.9),
    ):
        yield holds(
            f"false_alarms({tries}, 10, {rounds}, random.Random(1))",
            lambda: rounded(
                answers.false_alarms(tries, 10, rounds, random.Random(1)), 2
            ),
            f"between {low} and {high}",
            lambda got: isinstance(got, float) and low <= got <= high,
        )
    yield holds(
        "false_alarms(20, 100, 100, random.Random(1))",
        lambda: rounded(answers.false_alarms(20, 100, 100, random.Random(1)), 2),
        "between 0.45 and 0.8",
        lambda got: isinstance(got, float) and 0.45 <= got <= 0.8,
    )


def asleep(answers):
    docs, tokenizer = ["abab", "baba", "aabb"], Tokenizer("ab")
    config = Config(3, n_embd=4, n_head=2, n_layer=2, block_size=8)
    ends = {"attention": ("wq", "wk", "wv", "wo"), "mlp": ("fc1", "fc2")}

    def zeros(model):
        return sum(
            not any(p.data for row in w for p in row) for w in model.state_dict.values()
        )

    def moved(model, part):
        """How far the probabilities move if the part's other matrices change."""
        tokens = tokenizer.encode("abba")[:-1]
        before = model.predict(tokens)
        for name, w in model.state_dict.items():
            if name.endswith(ends[part]) and any(p.data for row in w for p in row):
                for p in (p for row in w for p in row):
                    p.data += 0.5
        after = model.predict(tokens)
        return max(abs(a - b) for x, y in zip(before, after) for a, b in zip(x, y))

    def made(part, steps):
        model = GPT(config, random.Random(1))
        answers.switch_off(model, part)
        list(train(model, Adam(model.params), docs, tokenizer, 0.02, steps))
        return model

    for part in ends:
        yield case(
            f"how many matrices switch_off(model, {part!r}) sets to 0, of two layers",
            lambda: zeros(made(part, 0)),
            4,
        )
        yield case(
            f"how many matrices are 0 after 5 steps without {part}",
            lambda: zeros(made(part, 5)),
            4,
        )
        yield case(
            f"what the other matrices of {part} can change then",
            lambda: rounded(moved(made(part, 5), part)),
            0.0,
        )
