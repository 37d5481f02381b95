"""Checks of the exercises in docs/mlp.md."""

import random

from checking import case, rounded

from microgpt.model import GPT, Config, linear
from microgpt.train import document_loss


def mlp(fc1, fc2, x):
    return rounded(linear([max(0.0, h) for h in linear(x, fc1)], fc2))


def sizes(matrix):
    """The lengths that the rows of a matrix have."""
    return sorted({len(row) for row in matrix})


def larger(answers):
    yield case(
        "larger(): how long the rows of fc1 are, and how many rows fc2 has",
        lambda: [sizes(answers.larger()[0]), len(answers.larger()[1])],
        [[2], 1],
    )
    for a, b in (5, 3), (3, 5), (0, 0), (2, -7), (-1, -4), (-4, -1):
        yield case(
            f"fc2 times the ReLU of fc1 times ({a}, {b})",
            lambda: mlp(*answers.larger(), [a, b]),
            [float(max(a, b))],
        )


def multiplications(answers):
    def tried(sizes, position):
        return f"multiplications(Config({sizes}), {position})"

    yield case(
        tried("27", 0),
        lambda: answers.multiplications(Config(27), 0),
        3504 + 32,
    )
    yield case(
        tried("27", 9),
        lambda: answers.multiplications(Config(27), 9),
        3504 + 320,
    )
    config = Config(5, n_embd=4, n_head=2, n_layer=3)
    yield case(
        tried("5, n_embd=4, n_head=2, n_layer=3", 1),
        lambda: answers.multiplications(config, 1),
        3 * (12 * 16 + 16) + 20,
    )


def zeros(answers):
    def untouched(name, used=False):
        config = Config(4, n_embd=4, n_head=2, block_size=6)
        model, tokens = GPT(config, random.Random(1)), [3, 0, 1, 2, 3]
        if used:
            document_loss(model, tokens).backward()
        return sorted(answers.untouched(model, f"layer0.{name}", tokens))

    for name, right in {
        "mlp_fc2": ["mlp_fc1"],
        "mlp_fc1": ["mlp_fc1", "mlp_fc2"],
        "attn_wo": ["attn_wk", "attn_wq", "attn_wv"],
        "attn_wv": ["attn_wk", "attn_wo", "attn_wq"],
        "attn_wq": ["attn_wk"],
    }.items():
        expected = [f"layer0.{name}" for name in right]
        yield case(
            f"untouched(model, 'layer0.{name}', tokens), sorted",
            lambda: untouched(name),
            expected,
        )
    yield case(
        "untouched(model, 'layer0.mlp_fc2', tokens), the model has gradients",
        lambda: untouched("mlp_fc2", used=True),
        ["layer0.mlp_fc1"],
    )


def table(answers):
    def product(t):
        return t[0] * t[1]

    yield case(
        "table(function, 2): how long the rows of fc1 are",
        lambda: sizes(answers.table(product, 2)[0]),
        [3],
    )
    for t in (1, 1), (1, -1), (-1, 1), (-1, -1):
        yield case(
            f"table(product of the two, 2), tried for {t}",
            lambda: mlp(*answers.table(product, 2), [*t, 1]),
            [float(product(t))],
        )
    for n in (1, 2, 3):
        rng = random.Random(n)
        tuples = [tuple(1 - 2 * (i >> k & 1) for k in range(n)) for i in range(2**n)]
        values = {t: round(rng.gauss(0, 1), 2) for t in tuples}
        for t in tuples:
            yield case(
                f"table(function, {n}) with random values, tried for {t}",
                lambda: mlp(*answers.table(lambda t: values[tuple(t)], n), [*t, 1]),
                [values[t]],
            )
