"""Checks of the exercises in docs/residual.md."""

import random

from checking import case, holds, rounded

from microgpt.model import dot, linear, rmsnorm
from microgpt.value import Value

SECONDS = {"backward": 1}  # for twenty thousand numbers a loop in a loop takes minutes


def values(numbers):
    return [Value(float(number)) for number in numbers]


def data(vector, places=6):
    """The numbers of Values to so many places: more are nobody's concern here."""
    return [round(x.data, places) + 0.0 for x in vector]


def layernorm(answers):
    def gradients():
        x = values([1, 2, 3, 6])
        answers.layer_norm(x)[0].backward()
        return round(sum(xi.grad for xi in x), 9) + 0.0

    yield case(
        "layer_norm of 1, 2, 3 and 6, to four places",
        lambda: data(answers.layer_norm(values([1, 2, 3, 6])), 4),
        [-1.069, -0.5345, 0.0, 1.6036],
    )
    yield case(
        "layer_norm of 1, -1, 3 and -3, whose mean is 0, to six places",
        lambda: data(answers.layer_norm(values([1, -1, 3, -3]))),
        data(rmsnorm(values([1, -1, 3, -3]))),
    )
    yield case(
        "layer_norm of 0.001, -0.001, 0.001, -0.001: epsilon decides",
        lambda: data(answers.layer_norm(values([0.001, -0.001] * 2))),
        [0.301511, -0.301511] * 2,
    )
    yield case(
        "layer_norm of four times 1: nothing is left when the mean is subtracted",
        lambda: data(answers.layer_norm(values([1.0] * 4))),
        [0.0] * 4,
    )
    tried = "the sum of the four gradients by its first number: all rise together"
    yield case(tried, gradients, 0.0)


def gain(answers):
    w, gain = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [2.0, -1.0, 0.0]
    given = [row[:] for row in w]
    yield case(
        f"fold_gain({w}, {gain})",
        lambda: answers.fold_gain(given, list(gain)),
        [[2.0, -2.0, 0.0], [8.0, -5.0, 0.0]],
    )
    yield case("w after fold_gain(w, gain)", lambda: given, w)
    rng = random.Random(3)
    w = [[rng.gauss(0, 1) for _ in range(4)] for _ in range(3)]
    gain, x = [2.0, -1.0, 0.5, 0.0], [1.0, 5.0, -2.0, 3.0]
    louder = [xi * gi for xi, gi in zip(x, gain)]
    yield case(
        "linear(x, fold_gain(w, gain)), w being 3 by 4 random numbers",
        lambda: rounded(linear(x, answers.fold_gain(w, gain)), 6),
        rounded(linear(louder, w), 6),
    )


def epsilon(answers):
    def error():
        try:
            answers.norm(answers.breaking_vector(), 0.0)
        except ArithmeticError:
            return "an ArithmeticError"
        return "no error"

    yield case(
        "norm([1.0, -1.0, 7.0, 7.0], 0.0)",
        lambda: rounded(answers.norm([1.0, -1.0, 7.0, 7.0], 0.0)),
        [0.2, -0.2, 1.4, 1.4],
    )
    for size, right in ((1e-9, 316.227766), (0.001, 301.511345), (2.0, 0.499999)):
        tried = f"enlargement({size}, 1e-5)"
        yield case(tried, lambda: rounded(answers.enlargement(size, 1e-5), 6), right)
    yield holds(
        "your breaking_vector()",
        lambda: answers.breaking_vector(),
        "numbers that are not all 0",
        any,
    )
    yield case("norm(breaking_vector(), 0.0)", error, "an ArithmeticError")
    yield holds(
        "norm(breaking_vector(), 1e-5)",
        lambda: answers.norm(answers.breaking_vector(), 1e-5),
        "numbers, and no error",
        lambda got: isinstance(got, list | tuple),
    )


def backward(answers):
    for numbers in ([1, -1, 7, 7], [0.001, 0.002, -0.001], [0, 0]):
        x, weights = values(numbers), [0.3, -2.0, 1.0, 0.5][: len(numbers)]
        dot(weights, rmsnorm(x)).backward()
        given = [float(number) for number in numbers]
        yield case(
            f"norm_gradient({given}, {weights})",
            lambda: rounded(answers.norm_gradient(list(given), list(weights)), 6),
            rounded([xi.grad for xi in x], 6),
        )
    many = [1.0] * 20_000
    yield case(
        "100_000 * norm_gradient([1.0] * 20_000, [1.0] * 20_000)[0]",
        lambda: rounded(100_000 * answers.norm_gradient(list(many), list(many))[0], 6),
        0.999985,
    )
