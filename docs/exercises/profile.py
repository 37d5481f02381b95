"""Checks of the exercises in docs/profile.md."""

import gc
import sys

from checking import case, holds

from microgpt import Value


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


def amdahl(answers):
    even = {"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25}
    steep = {"small": 0.125, "half": 0.5, "quarter": 0.25, "little": 0.125}
    for name, shares, wanted, right in (
        ("steep", steep, 1, []),
        ("steep", steep, 0.5, []),
        ("steep", steep, 1.5, ["half"]),
        ("steep", steep, 2, ["half"]),
        ("steep", steep, 2.5, ["half", "quarter"]),
        ("steep", steep, 4, ["half", "quarter"]),
        ("steep", steep, 5, ["half", "quarter", "little"]),
        ("steep", steep, 100, ["half", "quarter", "little", "small"]),
        ("even", even, 2, ["a", "b"]),
        ("even", dict(reversed(even.items())), 2, ["a", "b"]),
        ("even", even, 3, ["a", "b", "c"]),
    ):
        tried = f"fewest({name}, {wanted})"
        yield case(tried, lambda: answers.fewest(dict(shares), wanted), right)
