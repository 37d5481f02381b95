"""Checks of the exercises in docs/profile.md."""

import gc
import random
import sys
from functools import cache

from checking import case, holds

from microgpt import Config, State, Value
from microgpt.graph import Graph

BATCH = [[4, 0, 1, 4], [4, 2, 4], [4, 3, 3, 3, 4], [4, 1, 4], [4, 0, 2, 4]]


def calls(answers):
    x = Value(2.0)

    def cube():
        return x * x * x + 1

    tried = "how often x*x*x + 1 calls __mul__"
    yield case(tried, lambda: answers.count_calls(cube, "__mul__"), 2)
    tried = "how often x*x*x + 1 calls __init__"
    yield case(tried, lambda: answers.count_calls(cube, "__init__"), 3)
    tried = "how often x alone calls __init__"
    yield case(tried, lambda: answers.count_calls(lambda: x, "__init__"), 0)

    def step():
        def step():
            return x + x

        return step(), step()

    tried = "two functions named step, called once and twice"
    yield case(tried, lambda: answers.count_calls(step, "step"), 3)

    def down(n):
        return n and down(n - 1)

    tried = "down(3), which calls down(2), and so on to down(0)"
    yield case(tried, lambda: answers.count_calls(lambda: down(3), "down"), 4)


def bytes_of(values):
    """The bytes of Values that are all different, and of their parts."""
    parts = {}
    for value in values:
        held = (value, value.data, value.grad, value._children, value._local_grads)
        parts |= {id(part): part for part in (*held, *value._local_grads)}
    return sum(map(sys.getsizeof, parts.values()))


def weight(answers):
    x, y = Value(0.5), Value(0.25)
    tried = "weight(Value(0.5)), whose two empty tuples are one object"
    yield case(tried, lambda: answers.weight(x), bytes_of([x]))
    root = x * y
    tried, all_of_it = "weight(x * y), of three Values", bytes_of([x, y, root])
    yield case(tried, lambda: answers.weight(root), all_of_it)
    square = x * x
    tried, all_of_it = "weight(x * x): x occurs twice", bytes_of([x, square])
    yield case(tried, lambda: answers.weight(square), all_of_it)
    one, other = Value(float("0.5")), Value(float("0.5"))
    alike = one * other
    tried = "weight(x * y), x and y equal but two objects each with its number"
    all_of_it = bytes_of([one, other, alike])
    yield case(tried, lambda: answers.weight(alike), all_of_it)
    pair = Value(1.0, (x, y), (float("0.75"), float("0.125")))
    tried = "weight of a node whose local gradients occur nowhere else"
    yield case(tried, lambda: answers.weight(pair), bytes_of([x, y, pair]))
    total = x + y + x
    first = next(child for child in total._children if child is not x)
    tried = "weight(x + y + x): the pair (1.0, 1.0) is shared"
    all_of_it = bytes_of([x, y, first, total])
    yield case(tried, lambda: answers.weight(total), all_of_it)
    chain = [Value(1.0)]
    for _ in range(5000):
        chain.append(chain[-1] * x)
    tried = "weight of x**5000 as a chain of products"
    yield case(tried, lambda: answers.weight(chain[-1]), bytes_of([*chain, x]))


def ring(answers):
    x = Value(2.0)
    square = x * x
    root = (square + x) * square + x * 3

    def inner():
        return [node for node in answers.recursive_order(root) if node._children]

    yield case(
        "recursive_order((c + x)*c + x*3), c = x*x, x = 2, without leaves",
        inner,
        root.topological_order(),
    )

    def of_nothing():
        gc.collect()
        return answers.garbage(lambda: None)

    yield case("garbage(lambda: None)", of_nothing, 0)

    def rings(n):
        for _ in range(n):
            it = []
            it.append(it)

    def with_older():
        gc.collect()
        gc.disable()
        rings(50)
        gc.enable()
        return answers.garbage(lambda: rings(1))

    tried = "garbage of a list that holds itself, and 50 such from before"
    yield case(tried, with_older, 1)

    def many():
        found = answers.garbage(lambda: rings(5000))
        few = isinstance(found, int) and 1 < found < 5000
        return "fewer: the collector ran before the end" if few else found

    yield case("garbage of 5000 lists, each holding itself", many, 5000)

    def still_enabled():
        gc.enable()
        answers.garbage(lambda: None)
        return gc.isenabled()

    yield case("is the collector on, as before garbage(work)?", still_enabled, True)

    def search(order):
        x = Value(1.0)
        for _ in range(50):
            x = x * 1.1
        order(x)

    tried = "garbage of topological_order for 50 products"
    loop = Value.topological_order
    yield case(tried, lambda: answers.garbage(lambda: search(loop)), 0)
    yield holds(
        "garbage of recursive_order for 50 products",
        lambda: answers.garbage(lambda: search(answers.recursive_order)),
        "more than 50: the graph itself is among it",
        lambda got: got > 50,
    )


class Watched(Graph):
    """The engine `graph`, which notes how many documents it is given at a time."""

    seen = ()

    def loss_and_gradients(self, batch):
        self.seen = [*self.seen, len(batch)]
        return super().loss_and_gradients(batch)


def pieces(answers):
    config = Config(5, n_embd=4, n_head=2, block_size=4)
    state = State.random(config, random.Random(0))
    loss, gradient = Graph(state).loss_and_gradients(BATCH)
    for size in (5, 1, 2, 3, 8):
        call = f"in_pieces(engine, batch of 5, {size})"

        @cache
        def found():
            engine = Watched(state)
            part, slopes = answers.in_pieces(engine, BATCH, size)
            return part, slopes, engine.seen

        def farthest():
            slopes = found()[1]
            if len(slopes) != len(gradient):
                return f"{len(slopes)} numbers"
            return round(max(abs(a - b) for a, b in zip(slopes, gradient)), 12)

        tried = f"the loss of {call}"
        yield case(tried, lambda: round(found()[0], 12), round(loss, 12))
        yield case(f"the gradient's largest error, {call}", farthest, 0.0, 1e-12)
        yield holds(
            f"the most documents at a time, {call}",
            lambda: max(found()[2]),
            f"at most {size}",
            lambda got: got <= size,
        )
