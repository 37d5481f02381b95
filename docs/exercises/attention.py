"""Checks of the exercises in docs/attention.md."""

import random

from checking import case, holds, rounded

from microgpt.model import (
    GPT,
    Config,
    add_up,
    attend,
    cross_entropy,
    dot,
    linear,
    softmax,
)
from microgpt.value import Value

SECONDS = {"hard": 1}  # a factor that is doubled without an end


def vector(*numbers):
    return [Value(float(number)) for number in numbers]


def random_vectors(number, size, seed):
    rng = random.Random(seed)
    return [vector(*(rng.gauss(0, 1) for _ in range(size))) for _ in range(number)]


def data(vector):
    return rounded([x.data for x in vector])


def distance(q, keys, values, factor, sure):
    """How far the answer to a longer query is from the sure one."""
    answer = attend([qi * factor for qi in q], keys, values)
    return max(abs(a.data - b.data) for a, b in zip(answer, sure))


def hard(answers):
    q, keys = vector(1, 0), [vector(0, 9), vector(3, 0), vector(2, 2)]
    values = [vector(1, 2, 3), vector(4, 5, 6), vector(7, 8, 9)]
    yield case(
        "hard_attend for q = (1, 0) and the keys (0, 9), (3, 0), (2, 2)",
        lambda: data(answers.hard_attend(q, keys, values)),
        [4.0, 5.0, 6.0],
    )
    yield case(
        "the same with q = (-1, 0)",
        lambda: data(answers.hard_attend(vector(-1, 0), keys, values)),
        [1.0, 2.0, 3.0],
    )
    (q5, *keys5), values5 = random_vectors(6, 4, 1), random_vectors(5, 3, 2)
    sure = values5[max(range(5), key=lambda i: dot(q5, keys5[i]).data)]
    yield case(
        "hard_attend for five random keys",
        lambda: data(answers.hard_attend(q5, keys5, values5)),
        data(sure),
    )
    one, four, two = vector(1), vector(4), vector(2)
    yield case(
        "sharpness(q, keys, values, 0.1) for q = (1, 0) and the values 1, 4, 2",
        lambda: answers.sharpness(q, keys, [one, four, two], 0.1),
        8,
    )
    for limit in (0.01, 0.2, 10.0):
        right = 1
        while distance(q5, keys5, values5, right, sure) >= limit:
            right *= 2
        yield case(
            f"sharpness(q, keys, values, {limit}) for the five random keys",
            lambda: answers.sharpness(q5, keys5, values5, limit),
            right,
        )


def mask(answers):
    yield case(
        "masked_weights([[0.0, 5.0], [0.0, 0.0]])",
        lambda: rounded(answers.masked_weights([[0.0, 5.0], [0.0, 0.0]])),
        [[1.0, 0.0], [0.5, 0.5]],
    )
    rng = random.Random(5)
    scores = [[rng.gauss(0, 3) for _ in range(5)] for _ in range(5)]
    yield case(
        "how many rows masked_weights gives for 5 rows of 5 random scores",
        lambda: len(answers.masked_weights([row[:] for row in scores])),
        5,
    )
    for i, row in enumerate(scores):
        right = [p.data for p in softmax(vector(*row[: i + 1]))] + [0.0] * (4 - i)
        yield case(
            f"row {i} of the weights for 5 rows of 5 random scores",
            lambda: rounded(answers.masked_weights([row[:] for row in scores])[i], 7),
            rounded(right, 7),
        )


def small_model():
    return GPT(Config(4, n_embd=4, block_size=6), random.Random(1))


def reread(model, tokens):
    """Backward at each position, by way of the earlier ones' graphs."""
    keys, values, n = [], [], len(tokens) - 1
    for i in range(n):
        logits = model.forward(tokens[i], i, keys, values)
        (1 / n * cross_entropy(logits, tokens[i + 1])).backward()


def at_once(model, tokens):
    """One backward on the mean."""
    n = len(tokens) - 1
    rows = zip(model.logits(tokens[:n]), tokens[1:])
    (1 / n * add_up(cross_entropy(row, target) for row, target in rows)).backward()


def length(model, name):
    """The length of a matrix's gradient, as one long vector."""
    squares = (p.grad**2 for row in model.state_dict[name] for p in row)
    return rounded(sum(squares) ** 0.5)


def each(answers):
    def gradient(backward, name, tokens):
        model = small_model()
        backward(model, tokens)
        return length(model, name)

    name = "attn_wv"
    yield case(
        f"backward_each(model, [3, 0]): the length of {name}'s gradient",
        lambda: gradient(answers.backward_each, name, [3, 0]),
        gradient(at_once, name, [3, 0]),
    )
    tokens = [3, 0, 1, 1, 2, 3]
    for name in ("lm_head", "attn_wk", "attn_wv", "wte"):
        yield case(
            f"backward_each(model, {tokens}): the length of {name}'s gradient",
            lambda: gradient(answers.backward_each, name, tokens),
            gradient(reread, name, tokens),
        )
    model, wrong = small_model(), ["attn_wk", "attn_wv", "wpe", "wte"]
    yield case(
        f"wrong_matrices(model, {tokens}), sorted",
        lambda: sorted(answers.wrong_matrices(model, tokens)),
        wrong,
    )
    at_once(model, tokens)
    yield case(
        "wrong_matrices(model, [3, 0]), for a model that has gradients already",
        lambda: sorted(answers.wrong_matrices(model, [3, 0])),
        [],
    )


def back(answers):
    yield case(
        "the lengths of the rows of the two matrices of look_back(3)",
        lambda: [[len(row) for row in w] for w in answers.look_back(3)],
        [[3, 3, 3], [3, 3, 3]],
    )

    def least(n):
        """The least weight that a position gives to the one right before it."""
        wq, wk = answers.look_back(n)
        stream = [vector(*(i == j for j in range(n))) for i in range(n)]
        keys, found = [linear(x, wk) for x in stream], []
        for i in range(1, n):
            q = linear(stream[i], wq)
            scores = [dot(q, key) / n**0.5 for key in keys[: i + 1]]
            weights = softmax([score + Value(0.0) for score in scores])
            found.append(weights[i - 1].data)
        return rounded(min(found), 6)

    for n in (2, 5, 16):
        yield holds(
            f"look_back({n}): the least weight that a position gives the one before",
            lambda: least(n),
            "more than 0.99",
            lambda got: got > 0.99,
        )
