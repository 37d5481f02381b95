"""Checks of the exercises in docs/backward.md."""

import math

from checking import case, holds

from microgpt.value import Value

SECONDS = {"paths": 1}  # whoever walks every path need not wait longer


def gradient(function, x):
    """The gradient that a function of a Value leaves at x."""
    leaf = Value(x)
    function(leaf).backward()
    return leaf.grad


def tanh(answers):
    for x in (-2.0, -0.1, 0.0, 0.7, 3.0):
        right, slope = math.tanh(x), 1 - math.tanh(x) ** 2
        leaf = Value(x)
        yield case(f"tanh(Value({x})).data", lambda: answers.tanh(leaf).data, right)
        yield case(
            "how many children the node of tanh(x) has, and whether it is x",
            lambda: [child is leaf for child in answers.tanh(leaf)._children],
            [True],
        )
        tried = f"the gradient of x = {x} by tanh(x)"
        yield case(tried, lambda: gradient(answers.tanh, x), slope)
        tried = f"tanh_from_exp(Value({x})).data"
        yield case(tried, lambda: answers.tanh_from_exp(Value(x)).data, right)
        tried = f"the gradient of x = {x} by tanh_from_exp(x)"
        yield case(tried, lambda: gradient(answers.tanh_from_exp, x), slope)


def paths(answers):
    a, b, other = Value(2.0), Value(3.0), Value(1.0)
    c = a * b
    root = c + c * a
    yield case("paths(c + c*a, a) with c = a*b", lambda: answers.paths(root, a), 3)
    yield case("paths(c + c*a, b) with c = a*b", lambda: answers.paths(root, b), 2)
    yield case("paths(c, x), x no part of c", lambda: answers.paths(c, other), 0)
    x = first = Value(1.0)
    for _ in range(30):
        x = x + x
    tried = "paths(root, x) for thirty doublings of x"
    yield case(tried, lambda: answers.paths(x, first), 2**30)


def order(answers):
    def of_a_tree():
        a, b = Value(2.0), Value(-3.0)
        answers.breadth_first_backward(a * b + 4.0)
        return a.grad, b.grad

    tried = "the gradients of a = 2, b = -3 in a*b + 4, where any order is right"
    yield case(tried, of_a_tree, (-3.0, 2.0))

    def both_ways():
        root, wrong = answers.counterexample()
        answers.breadth_first_backward(root)
        root, right = answers.counterexample()
        root.backward()
        return wrong.grad, right.grad

    yield holds(
        "the leaf of your counterexample, first by breadth, then by backward",
        both_ways,
        "two gradients that differ",
        lambda got: abs(got[0] - got[1]) > 1e-9,
    )


def second(answers):
    def derivative(*names):
        leaves = {"x": Value(3.0), "y": Value(2.0)}
        x, y = leaves.values()
        found = x * x * x * y + x * 5.0 + y
        for name in names:
            found = answers.derivative(found, leaves[name])
        return found.data

    told = "of x*x*x*y + 5*x + y at x = 3, y = 2"
    yield case(f"d/dx {told}", lambda: derivative("x"), 59.0)
    yield case(f"d/dx of d/dx {told}", lambda: derivative("x", "x"), 36.0)
    yield case(f"d/dy of d/dx {told}", lambda: derivative("x", "y"), 27.0)
    yield case(f"the third d/dx {told}", lambda: derivative("x", "x", "x"), 12.0)

    def of_a_sum():
        z = Value(2.0)
        return answers.derivative(z + Value(2.0), z).data

    yield case("d/dz of z + 2 at z = 2: a sum, not a product", of_a_sum, 1.0)

    def of_a_square():
        one = Value(1.0)
        return answers.derivative(answers.derivative(one * one, one), one).data

    yield case("the second derivative of x*x at x = 1", of_a_square, 2.0)
