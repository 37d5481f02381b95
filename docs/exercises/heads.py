"""Checks of the exercises in docs/heads.md."""

import random

from checking import case, holds, rounded

from microgpt.model import GPT, Config, linear
from microgpt.train import document_loss
from microgpt.value import Value

SECONDS = {"depth": 1}  # whoever walks every path need not wait longer


def model(n_layer, kind=GPT):
    config = Config(4, n_embd=4, n_head=2, n_layer=n_layer, block_size=6)
    return kind(config, random.Random(1))


def by_head(answers):
    heads, wo = [[2.0], [3.0]], [[1.0, 10.0], [100.0, 1000.0]]
    yield case(
        "written_by_heads([[2], [3]], [[1, 10], [100, 1000]])",
        lambda: answers.written_by_heads(heads, wo),
        [[2.0, 200.0], [30.0, 3000.0]],
    )
    rng = random.Random(2)
    a, b = ([rng.gauss(0, 1) for _ in range(3)] for _ in range(2))
    wide = [[rng.gauss(0, 1) for _ in range(6)] for _ in range(6)]
    told = "for two random heads of 3 numbers"
    yield case(
        f"the lengths of the vectors that are written, {told}",
        lambda: [len(vector) for vector in answers.written_by_heads([a, b], wide)],
        [6, 6],
    )
    yield case(
        f"the sum of what is written, {told}",
        lambda: rounded([sum(x) for x in zip(*answers.written_by_heads([a, b], wide))]),
        rounded(linear(a + b, wide)),
    )
    yield case(
        "what a head of zeros writes beside a random one",
        lambda: rounded(answers.written_by_heads([a, [0.0] * 3], wide)[1]),
        [0.0] * 6,
    )
    alone = linear(a + [0.0] * 3, wide)
    yield case(
        "what the random one writes beside it",
        lambda: rounded(answers.written_by_heads([a, [0.0] * 3], wide)[0]),
        rounded(alone),
    )
    yield case(
        "written_by_heads for three heads: how many vectors",
        lambda: len(answers.written_by_heads([[1.0], [2.0], [3.0]], [[1.0] * 3] * 3)),
        3,
    )


def depth(answers):
    def levels(root):
        found = {}
        for node in root.topological_order():
            below = [found.get(child, 1) for child in node._children]
            found[node] = 1 + max(below, default=0)
        return found[root]

    a = Value(1.0)
    square = a * a
    yield case("depth(a)", lambda: answers.depth(a), 1)
    yield case("depth(a * a)", lambda: answers.depth(square), 2)
    yield case("depth(a*a + a)", lambda: answers.depth(square + a), 3)
    yield case("depth(a + a*a)", lambda: answers.depth(a + square), 3)
    yield case(
        "depth((a + a) * (a*a + a))", lambda: answers.depth((a + a) * (square + a)), 4
    )
    x = a
    for _ in range(30):
        x = x + x
    yield case("depth of thirty doublings of a", lambda: answers.depth(x), 31)
    for n_layer in (1, 2, 3):
        loss = document_loss(model(n_layer), [3, 0, 1, 3])
        yield case(
            f"depth of the loss of a small model, n_layer = {n_layer}",
            lambda: answers.depth(loss),
            levels(loss),
        )


def shared(answers):
    tokens = [3, 0, 1, 2]
    yield case(
        "reads(model, [3, 0, 1, 2]) for a GPT of two layers",
        lambda: answers.reads(model(2), tokens),
        [1, 2, 3, 4],
    )
    yield case(
        "reads(model, [3, 0, 1, 2]) for a SharedCache of two layers",
        lambda: answers.reads(model(2, answers.SharedCache), tokens),
        [2, 4, 6, 8],
    )
    for n_layer, same in (1, True), (2, False):
        right = model(n_layer).predict(tokens)
        yield case(
            f"does a SharedCache predict as a GPT does, n_layer = {n_layer}?",
            lambda: model(n_layer, answers.SharedCache).predict(tokens) == right,
            same,
        )


def induction(answers):
    def weights(tokens):
        return rounded(answers.induction(tokens, 5), 3)

    tokens = [4, 1, 2, 0, 1]
    tried = f"induction({tokens}, 5)"
    yield case(f"how many weights {tried} gives", lambda: len(weights(tokens)), 5)
    yield holds(
        f"{tried}: what came after the 1?",
        lambda: weights(tokens),
        "more than 0.99 for the token 2",
        lambda got: got[2] > 0.99,
    )
    yield holds(
        "induction([4, 3, 3], 5): what came after the 3?",
        lambda: weights([4, 3, 3]),
        "more than 0.99 for the token 3",
        lambda got: got[3] > 0.99,
    )
    yield holds(
        "induction([4, 1, 2, 1, 0, 1], 5): what came after the 1, twice?",
        lambda: weights([4, 1, 2, 1, 0, 1]),
        "about 0.5 for the tokens 2 and 0",
        lambda got: abs(got[2] - 0.5) < 0.01 and abs(got[0] - 0.5) < 0.01,
    )
