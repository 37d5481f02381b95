"""Checks of the exercises in docs/values.md."""

import math

from checking import case, rounded

from microgpt.value import Value

SECONDS = {"count": 1}  # whoever walks every path need not wait longer


def derivative(root, leaf):
    """The derivative that the notes of a small graph give: along every path."""
    if root is leaf:
        return 1.0
    pairs = zip(root._children, root._local_grads)
    return sum(grad * derivative(child, leaf) for child, grad in pairs)


def abs(answers):
    for x, right, slope in ((2.5, 2.5, 1.0), (-2.5, 2.5, -1.0), (0.0, 0.0, 0.0)):
        leaf = Value(x)
        call = f"absolute(Value({x}))"
        yield case(f"{call}.data", lambda: answers.absolute(leaf).data, right)
        yield case(
            f"the children of absolute(x), x = Value({x})",
            lambda: names(answers.absolute(leaf)._children, leaf),
            ["x"],
        )
        tried = f"{call}._local_grads"
        yield case(tried, lambda: answers.absolute(leaf)._local_grads, (slope,))


def names(children, x):
    return ["x" if child is x else "another Value" for child in children]


def count(answers):
    a, b = Value(2.0), Value(2.0)
    shared = a + b
    for tried, root, right in (
        ("count_nodes(a), a = Value(2.0)", a, 1),
        ("count_nodes(a * a), a = Value(2.0)", a * a, 2),
        ("count_nodes(a * b), a = Value(2.0), b = Value(2.0)", a * b, 3),
        ("count_nodes(s * s + s), s = a + b", shared * shared + shared, 5),
    ):
        yield case(tried, lambda: answers.count_nodes(root), right)
    x = Value(1.0)
    for _ in range(60):
        x = x + x
    tried = "count_nodes(x) after sixty times x = x + x"
    yield case(tried, lambda: answers.count_nodes(x), 61)


def road(answers):
    for x in (3.0, -0.5):
        leaf = Value(x)
        tried = f"careless(Value({x})).data"
        yield case(tried, lambda: answers.careless(leaf).data, x * x)
        tried = f"the derivative that the notes of careless(x) give, x = Value({x})"
        yield case(tried, lambda: derivative(answers.careless(leaf), leaf), x)


def dual(answers):
    for tried, compute, right in (
        ("Dual(2.0, 1.0) + 4", lambda: answers.Dual(2.0, 1.0) + 4, (6.0, 1.0)),
        ("4 + Dual(2.0, 1.0)", lambda: 4 + answers.Dual(2.0, 1.0), (6.0, 1.0)),
        (
            "Dual(2.0, 1.0) + Dual(3.0, 5.0)",
            lambda: answers.Dual(2.0, 1.0) + answers.Dual(3.0, 5.0),
            (5.0, 6.0),
        ),
        ("Dual(2.0, 1.0) * 3", lambda: answers.Dual(2.0, 1.0) * 3, (6.0, 3.0)),
        ("3 * Dual(2.0, 1.0)", lambda: 3 * answers.Dual(2.0, 1.0), (6.0, 3.0)),
        (
            "Dual(2.0, 0.0) * Dual(3.0, 1.0)",
            lambda: answers.Dual(2.0, 0.0) * answers.Dual(3.0, 1.0),
            (6.0, 2.0),
        ),
        ("Dual(0.0, 2.0).exp()", lambda: answers.Dual(0.0, 2.0).exp(), (1.0, 2.0)),
        ("Dual(1.0, 2.0).exp()", lambda: answers.Dual(1.0, 2.0).exp(), E),
        ("Dual(1.0, 2.0).log()", lambda: answers.Dual(1.0, 2.0).log(), (0.0, 2.0)),
        ("Dual(4.0, 2.0).log()", lambda: answers.Dual(4.0, 2.0).log(), LOG),
    ):
        yield case(f"(data, slope) of {tried}", lambda: pair(compute()), right)
    u, du, e = 2 * 0.49 + 2.1 + 1, 4 * 0.7 + 3, math.exp(0.7)

    def long():
        x = answers.Dual(0.7, 1.0)
        return pair((2 * x * x + x * 3 + 1).log() * x.exp() + (5 + x))

    right = math.log(u) * e + 5.7, du / u * e + math.log(u) * e + 1
    tried = "log(2*x*x + x*3 + 1) * exp(x) + (5 + x), x = Dual(0.7, 1.0)"
    yield case(tried, long, tuple(map(rounded, right)))


E = (2.718281828, 5.436563657)
LOG = (1.386294361, 0.5)


def pair(dual):
    return rounded(dual.data), rounded(dual.slope)
