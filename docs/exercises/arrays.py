"""Checks of the exercises in docs/arrays.md. All of them need NumPy."""

import random
from contextlib import contextmanager

import numpy as np
from checking import case, holds

from microgpt import Config, State
from microgpt.arrays import Arrays, Node, cross_entropy, pad


def random_numbers(seed, *shape):
    rng = random.Random(seed)
    drawn = [rng.gauss(0, 1) for _ in range(int(np.prod(shape)))]
    return np.array(drawn).reshape(shape)


def rounded(array):
    """An array as lists of numbers, none of them -0.0."""
    return (np.round(np.asarray(array, float), 6) + 0.0).tolist()


def gradient(function, x, g):
    """The gradient of the sum of g times what a function makes of x."""
    node = Node(np.array(x))
    (function(node) * np.array(g)).backward()
    return rounded(node.grad)


def slopes(function, x, g):
    """The same by finite differences."""
    found = np.empty_like(x)
    for place in np.ndindex(x.shape):
        ends = []
        for nudge in (1e-5, -1e-5):
            moved = np.array(x)
            moved[place] += nudge
            ends.append((function(Node(moved)).data * g).sum())
        found[place] = (ends[0] - ends[1]) / 2e-5
    return found


def one_node(function, x):
    """Is what it returns a Node, made in one go from x alone?"""
    node = Node(np.array(x))
    made = function(node)
    return [*made._children] == [node]


def near(array):
    def good(got):
        return np.allclose(np.asarray(got, float), array, rtol=1e-4, atol=1e-5)

    return good


def sigmoid(answers):
    zeros = [[0.0, 0.0]]
    tried = "sigmoid of a Node of [[0, 0]], its data"
    yield case(tried, lambda: rounded(answers.sigmoid(Node(np.zeros((1, 2)))).data),
               [[0.5, 0.5]])  # fmt: skip
    logs = np.log([[3.0, 1 / 3, 9.0]])
    tried = "sigmoid of [[log 3, -log 3, log 9]], its data"
    yield case(tried, lambda: rounded(answers.sigmoid(Node(logs)).data),
               [[0.75, 0.25, 0.9]])  # fmt: skip
    tried = "is it one node, with the Node it was given as its child?"
    yield case(tried, lambda: one_node(answers.sigmoid, zeros), True)
    tried = "the gradient of [[log 3, -log 3, log 9]] where all of g is 1"
    yield case(tried, lambda: gradient(answers.sigmoid, logs, np.ones((1, 3))),
               [[0.1875, 0.1875, 0.09]])  # fmt: skip
    tried = "and where g is [[2, 0, -1]]"
    yield case(tried, lambda: gradient(answers.sigmoid, logs, [[2.0, 0.0, -1.0]]),
               [[0.375, 0.0, -0.09]])  # fmt: skip


def weigh(answers):
    def sorted_(found):
        return dict(sorted(dict(found).items()))

    def two():
        a, b = Node(np.ones((2, 3))), Node(np.ones(3))
        return sorted_(answers.weigh((a * b + a).mean(1)))

    tried = "weigh((a * b + a).mean(1)), a of shape (2, 3), b of shape (3,)"
    yield case(tried, two, {(2, 1): 2, (2, 3): 12})

    def shared():
        x = Node(np.ones((2, 2))) * 2
        return sorted_(answers.weigh(x + x))

    tried = "weigh(x + x), x = a * 2, a of shape (2, 2)"
    yield case(tried, shared, {(2, 2): 8})
    config = Config(7, n_embd=8, n_head=2, block_size=6)
    engine = Arrays(State.random(config, random.Random(0)))

    def whole(which):
        tokens, weights = pad([[6, 1, 0, 6], [6, 2, 6]], 1 / 2)
        logits = engine.forward_all(tokens[:, :-1])
        loss = cross_entropy(logits, tokens[:, 1:], weights)
        return dict(answers.weigh(loss)).get(which)

    tried = "the numbers of shape (2, 3, 32) in a loss: width 8, two documents"
    yield case(tried, lambda: whole((2, 3, 32)), 2 * 2 * 3 * 32)
    tried = "and those of the shape (), the loss itself"
    yield case(tried, lambda: whole(()), 1)


@contextmanager
def in_place():
    """While this lasts, gain adds in place, as in the exercise."""

    def gain(self, g):
        if self.grad is None:
            self.grad = g
        else:
            self.grad += g

    kept, Node.gain = Node.gain, gain
    try:
        yield
    finally:
        Node.gain = kept


def victim(answers):
    def gradients(shape):
        a, b = Node(random_numbers(0, *shape)), Node(random_numbers(1, *shape))
        loss = answers.victim(a, b)
        loss.backward()
        return [None if it.grad is None else rounded(it.grad) for it in (a, b)]

    def below():
        a, b = Node(np.ones(2)), Node(np.ones(2))
        found = {id(it) for n in answers.victim(a, b).topological_order()
                 for it in n._children}  # fmt: skip
        return id(a) in found or id(b) in found

    tried = "is victim(a, b) made from a or b?"
    yield case(tried, below, True)
    right = "gradients that are not those of the book's gain"
    for shape in ((3,), (2, 2)):

        def spoiled(shape=shape):
            expected = gradients(shape)
            with in_place():
                found = gradients(shape)
            return "the same gradients" if found == expected else right

        tried = f"with the gain of the exercise, a and b of shape {shape}"
        yield case(tried, spoiled, right)


def layernorm(answers):
    tried = "layernorm of [[1, 3], [5, -5]], its data to three places"

    def small():
        found = answers.layernorm(Node(np.array([[1.0, 3.0], [5.0, -5.0]]))).data
        return (np.round(found, 3) + 0.0).tolist()

    yield case(tried, small, [[-1.0, 1.0], [1.0, -1.0]])
    tried = "layernorm of [[0.001, -0.001]]: the 10**-5 counts"

    def tiny():
        return rounded(answers.layernorm(Node(np.array([[0.001, -0.001]]))).data)

    yield case(tried, tiny, [[0.301511, -0.301511]])
    x, g = random_numbers(2, 2, 2, 5), random_numbers(3, 2, 2, 5)
    tried = "is it one node, with the Node it was given as its child?"
    yield case(tried, lambda: one_node(answers.layernorm, x), True)
    tried = "the sums of its gradient along the last axis, g random"

    def sums():
        return rounded(np.sum(gradient(answers.layernorm, x, g), axis=-1).round(4))

    yield case(tried, sums, [[0.0, 0.0], [0.0, 0.0]])
    tried = "the gradient of random numbers of shape (2, 2, 5)"
    yield holds(tried, lambda: gradient(answers.layernorm, x, g),
                "that of finite differences", near(slopes(composed, x, g)))  # fmt: skip


def composed(x):
    """LayerNorm made of small operations."""
    centred = x - x.mean(-1)
    return centred / ((centred * centred).mean(-1) + 1e-5) ** 0.5
