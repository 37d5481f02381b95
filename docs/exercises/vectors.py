"""Checks of the exercises in docs/vectors.md. All of them need NumPy."""

import random
from functools import cache

import numpy as np
from checking import case, holds

SECONDS = {"ahead": 30}  # it trains


def random_numbers(rng, rows, columns):
    return np.array([[rng.gauss(0, 1) for _ in range(columns)] for _ in range(rows)])


def rounded(array):
    """An array as lists of numbers, none of them -0.0."""
    return (np.round(np.asarray(array, float), 9) + 0.0).tolist()


def softmax(answers):
    with_log = np.array([[0.0, np.log(3.0)], [np.log(2.0), np.log(8.0)]])
    tried = "row_softmax of [[0, log 3], [log 2, log 8]]"
    rows = [[0.25, 0.75], [0.2, 0.8]]
    yield case(tried, lambda: rounded(answers.row_softmax(with_log)), rows)
    large = np.array([[1000.0, 1000.0], [-2000.0, -2000.0]])
    tried = "row_softmax of [[1000, 1000], [-2000, -2000]]"
    half = [[0.5, 0.5], [0.5, 0.5]]
    yield case(tried, lambda: rounded(answers.row_softmax(large)), half)

    def afterwards():
        x = np.array([[0.0, 1.0], [1000.0, 1000.0]])
        answers.row_softmax(x)
        return rounded(x)

    tried = "x = [[0, 1], [1000, 1000]], after row_softmax(x)"
    yield case(tried, afterwards, [[0.0, 1.0], [1000.0, 1000.0]])
    x = random_numbers(random.Random(0), 5, 7)
    tried = "the sums of the rows of row_softmax(x), x of shape (5, 7)"
    yield case(tried, lambda: rounded(answers.row_softmax(x).sum(axis=1)), [1.0] * 5)

    def apart():
        alone = [answers.row_softmax(x[i : i + 1])[0] for i in range(5)]
        return rounded(np.abs(answers.row_softmax(x) - alone).max())

    tried = "the difference between rows in a matrix and each alone"
    yield case(tried, apart, 0.0)


def anna(answers):
    dx = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0], [8.0, 80.0]])

    def of(tokens, vocab_size):
        found = answers.embedding_gradient(dx[: len(tokens)], tokens, vocab_size)
        return rounded(found)

    tried = "dx = [[1, 10], [2, 20]], tokens [2, 0], 3 rows"
    expected = [[2.0, 20.0], [0.0, 0.0], [1.0, 10.0]]
    yield case(tried, lambda: of([2, 0], 3), expected)
    tried = "dx = [[1, 10], [2, 20], [4, 40], [8, 80]], tokens [1, 2, 2, 1]"
    expected = [[0.0, 0.0], [9.0, 90.0], [6.0, 60.0], [0.0, 0.0]]
    yield case(tried, lambda: of([1, 2, 2, 1], 4), expected)


def ahead(answers):
    @cache
    def found():
        return tuple(round(float(loss), 2) for loss in answers.looking_ahead(300))

    yield holds(
        "the training's last 100 losses in looking_ahead(300), on average",
        lambda: found()[0],
        "below 2.0: what comes next can be seen",
        lambda got: got < 2.0,
    )
    yield holds(
        "its loss on the names held out, letter by letter",
        lambda: found()[1],
        "above 3.0: what comes next is not there yet",
        lambda got: got > 3.0,
    )


def sums(answers):
    rng = random.Random(1)
    scores, values, dy = (random_numbers(rng, 6, n) for n in (6, 3, 3))
    scores[np.triu_indices(6, 1)] = -np.inf

    def attend(scores):
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def nudged():
        """The gradient by finite differences, 0 where nothing is seen."""
        found = np.zeros_like(scores)
        for i, j in zip(*np.nonzero(np.isfinite(scores))):
            more, less = scores.copy(), scores.copy()
            more[i, j] += 1e-6
            less[i, j] -= 1e-6
            change = ((attend(more) - attend(less)) @ values * dy).sum()
            found[i, j] = change / 2e-6
        return found

    even, ends = np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([[4.0], [8.0]])
    back = np.array([[1.0], [2.0]])

    def of_two():
        return rounded(answers.scores_gradient(even, ends, even @ ends, back))

    tried = "A = [[.5, .5], [.25, .75]], V = [[4], [8]], dY = [[1], [2]]"
    yield case(tried, of_two, [[-1.0, 1.0], [-1.5, 1.5]])
    weights = attend(scores)

    def worst(expected, y):
        found = answers.scores_gradient(weights, values, y, dy)
        if np.shape(found) != expected.shape:
            return f"the shape {np.shape(found)}"
        return round(float(np.abs(found - expected).max()), 8)

    expected = nudged()
    tried = "the largest error for 6 positions and values 3 wide, masked"
    yield case(tried, lambda: worst(expected, weights @ values), 0.0, 1e-8)
    masked = np.triu_indices(6, 1)

    def above():
        found = answers.scores_gradient(weights, values, weights @ values, dy)
        return rounded(np.abs(found[masked]).max())

    yield case("the largest gradient above the diagonal", above, 0.0)
    twice = 2 * weights @ values
    straight = weights * (dy @ values.T - (dy * twice).sum(axis=1, keepdims=True))
    tried = "the largest error if y is handed in doubled: is y what is summed?"
    yield case(tried, lambda: worst(straight, twice), 0.0, 1e-8)
