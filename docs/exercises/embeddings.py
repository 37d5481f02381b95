"""Checks of the exercises in docs/embeddings.md."""

import math
import random

from checking import case, rounded

from microgpt.model import GPT, Config


def one_hot(answers):
    table = [[1.0, 2.0], [3.0, 5.0], [-1.0, 0.0]]
    for probs, right in (
        ([0, 1, 0], [3.0, 5.0]),
        ([0, 0, 1], [-1.0, 0.0]),
        ([0.5, 0.25, 0.25], [1.0, 2.25]),
    ):
        tried = f"lookup({table}, {probs})"
        yield case(tried, lambda: rounded(answers.lookup(table, probs)), right)


def nearest(answers):
    table = [[1.0, 0.0], [100.0, 60.0], [0.1, 0.01], [-2.0, 0.0], [0.0, 1.0]]
    names = "rows (1,0) (100,60) (0.1,0.01) (-2,0) (0,1)"
    for k, right in ((2, [2, 1]), (4, [2, 1, 4, 3])):
        tried = f"nearest(table, 0, {k}), {names}"
        yield case(tried, lambda: answers.nearest(table, 0, k), right)
    tried = f"nearest(table, 3, 1), {names}"
    yield case(tried, lambda: answers.nearest(table, 3, 1), [4])


def order(answers):
    a = [26, 0, 4, 12]
    fresh, model = louder(), louder()

    def forgetful(b):
        answers.forget_position(model)
        return answers.same_prediction(model, list(a), list(b))

    def left():
        answers.forget_position(model)
        rows = model.state_dict["wpe"]
        return sum(getattr(p, "data", p) != 0 for row in rows for p in row)

    for called, b, right in (
        ("[26, 0, 12, 4]: another end", [26, 0, 12, 4], False),
        ("[26, 12]: another place", [26, 12], False),
        ("[26]*8 + [12]: another place", [26] * 8 + [12], False),
        ("[26, 4, 0, 12]: the same place", [26, 4, 0, 12], True),
    ):
        tried = f"same_prediction of {a} and {called}"
        yield case(
            tried, lambda: answers.same_prediction(fresh, list(a), list(b)), right
        )
    tried = "how many numbers of wpe are not 0 after forget_position(model)"
    yield case(tried, left, 0)
    for b, right in (([26, 12], True), ([26, 0, 12, 4], False)):
        tried = f"the same of {a} and {b} without positions"
        yield case(tried, lambda: forgetful(b), right)


def louder():
    """A model with larger numbers than usual, so that differences show."""
    model = GPT(Config(27), random.Random(42))
    for p in model.params:
        p.data *= 5
    return model


def waves(answers):
    yield case(
        "the shape of waves(20, 8)",
        lambda: [len(row) for row in answers.waves(20, 8)],
        [8] * 20,
    )
    for t, first, right in (
        (0, 0, [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]),
        (3, 0, [math.sin(3), math.cos(3), math.sin(0.3), math.cos(0.3)]),
        (3, 4, [math.sin(0.03), math.cos(0.03), math.sin(0.003), math.cos(0.003)]),
    ):
        last = first + len(right)
        yield case(
            f"waves(20, 8)[{t}][{first}:{last}]",
            lambda: rounded(answers.waves(20, 8)[t][first:last], 6),
            rounded(right, 6),
        )

    def spread(distance):
        table = answers.waves(20, 8)
        products = [
            math.fsum(x * y for x, y in zip(table[s], table[s + distance]))
            for s in range(10)
        ]
        return rounded(max(products) - min(products))

    for distance in range(10):
        tried = f"how much the product of rows {distance} apart varies, waves(20, 8)"
        yield case(tried, lambda: spread(distance), 0.0)
