"""Checks of the exercises in docs/fused.md."""

import random

from checking import case

from microgpt import Config, State, Value, fused
from microgpt.graph import Graph

CONFIG = Config(7, n_embd=8, n_head=2, block_size=6)
TOKENS = [6, 1, 0, 1, 5, 6]


def values(seed, count, width=1):
    """Values of random numbers, new ones at each call."""
    rng = random.Random(seed)
    return [Value(rng.gauss(0, width)) for _ in range(count)]


def rounded(numbers):
    return [round(number, 9) + 0.0 for number in numbers]  # 0.0, not -0.0


def norm(answers):
    def data(rmsnorm, x):
        return rounded(y.data for y in rmsnorm(x))

    def threes():
        return [Value(3.0), Value(4.0)]

    expected = data(fused.rmsnorm, threes())
    tried = "the numbers of rmsnorm of the Values 3 and 4"
    yield case(tried, lambda: data(answers.rmsnorm, threes()), expected)

    def small():
        return [Value(0.003), Value(-0.004)]

    expected = data(fused.rmsnorm, small())
    tried = "the numbers of rmsnorm of the Values 0.003 and -0.004"
    yield case(tried, lambda: data(answers.rmsnorm, small()), expected)

    def nodes(count):
        total = fused.add_up(answers.rmsnorm(values(0, count)))
        return len(total.topological_order()) - 1

    yield case("the nodes that rmsnorm makes of 16 Values", lambda: nodes(16), 17)

    def gradients(rmsnorm, x):
        y = rmsnorm(x)
        fused.backward(y[0] * y[-1] + y[1] * 3)
        return rounded(xi.grad for xi in x)

    expected = gradients(fused.rmsnorm, threes())
    tried = "the gradients of 3 and 4 by a*b + 3*b, with a, b = rmsnorm of them"
    yield case(tried, lambda: gradients(answers.rmsnorm, threes()), expected)
    expected = gradients(fused.rmsnorm, values(1, 5))
    tried = "the gradients through rmsnorm of five random Values"
    yield case(tried, lambda: gradients(answers.rmsnorm, values(1, 5)), expected)


def census(answers):
    x = [Value(1.0), Value(2.0), Value(3.0)]

    def counted(loss):
        return dict(sorted(dict(answers.census(loss)).items()))

    tried = "census(dot(x, x) * 2), x three Values"
    loss = fused.dot(x, x) * 2
    yield case(tried, lambda: counted(loss), {1: 1, 6: 1})
    rows = [fused.Bundle([0.1, 0.2, 0.3]), fused.Bundle([0.4, 0.5, 0.6])]
    loss = fused.add_up(fused.linear(fused.bundle(x), rows)) * 2
    tried = "census of a bundle of 3, two Dots with it, their sum, times 2"
    yield case(tried, lambda: counted(loss), {1: 1, 2: 1, 3: 3})
    loss = fused.Dot(fused.Bundle([0.5, 0.6]), fused.Hidden(fused.bundle(x), rows))
    tried = "census of a bundle of 3, a Hidden with 2 rows, a Dot with that"
    yield case(tried, lambda: counted(loss), {2: 1, 3: 2})

    def of_the_mlp():
        engine = fused.Fused(State.random(CONFIG, random.Random(2)))
        found = answers.census(engine.document_loss(TOKENS))
        return dict(found).get(4 * CONFIG.n_embd)

    tried = "nodes with 32 inputs in a loss: width 8, 5 positions, 1 layer"
    yield case(tried, of_the_mlp, 40)


def bundles(answers):
    rng = random.Random(3)
    states = [State.random(CONFIG, rng) for _ in range(5)]
    tried = "is Separate a class derived from fused.Fused?"
    yield case(tried, lambda: issubclass(answers.Separate, fused.Fused), True)

    def made():
        loss = answers.Separate(states[0]).document_loss([6, 6])
        return sum(type(node) is fused.Bundle for node in loss.topological_order())

    tried = "bundles in a loss of one position: of q, k, v, heads, MLP, logits"
    yield case(tried, made, 6)

    def of_engine(engine, state):
        return engine(state).loss_and_gradients([TOKENS])[1]

    exact = [of_engine(Graph, state) for state in states]

    def pair(numbers, others):
        found = [(a, b) for a, b in zip(numbers, others) if a != b]
        return len(found), max([abs(a - b) for a, b in found], default=0.0)

    def unequal():
        found = [of_engine(answers.Separate, state) for state in states]
        count, most = map(max, zip(*map(pair, found, exact)))
        if most > 1e-14:
            return f"a difference of {most:.1g}"
        return "a few last digits differ" if count else "all are equal"

    tried = "the gradients of Separate beside those of graph, for 5 models"
    yield case(tried, unequal, "a few last digits differ")

    def right(which):
        found = answers.differing(TOKENS, states[0])[which]
        return found == pair(of_engine(answers.Separate, states[0]), exact[0])[which]

    tried = "is the first of differing(tokens, state) how many differ?"
    yield case(tried, lambda: right(0), True)
    tried = "is the second the largest difference, its sign left out?"
    yield case(tried, lambda: right(1), True)


def loss(answers):
    rng = random.Random(4)
    for size in (2, 1, 5, 27):
        numbers, target = [rng.gauss(0, 3) for _ in range(size)], rng.randrange(size)
        logits = f"{size} logit{'s' * (size > 1)}, target {target}"

        def of(kind):
            x = [*map(Value, numbers)]
            node = kind(x, target)
            scaled = node * 0.3
            above = all(any(c is xi for c in node._children) for xi in x)
            nodes = above and scaled.topological_order() == [node, scaled]
            fused.backward(scaled)
            return nodes, node.data, [xi.grad for xi in x]

        _, number, grads = of(fused.cross_entropy)
        tried = f"is Loss one node, and its children the logits? {logits}"
        yield case(tried, lambda: of(answers.Loss)[0], True)
        tried = f"Loss(logits, target).data, {logits}"
        yield case(tried, lambda: rounded([of(answers.Loss)[1]]), rounded([number]))
        tried = f"the gradients of the logits by Loss * 0.3, {logits}"
        yield case(tried, lambda: rounded(of(answers.Loss)[2]), rounded(grads))
        tried = f"are they those of cross_entropy to the last bit? {logits}"
        yield case(tried, lambda: of(answers.Loss)[1:] == (number, grads), True)

    def shared(kind):
        x = values(5, 3)
        fused.backward(kind(x, 1) + x[0] * 2)
        return rounded(xi.grad for xi in x)

    expected = shared(fused.cross_entropy)
    tried = "the gradients by Loss(logits, 1) + logits[0] * 2"
    yield case(tried, lambda: shared(answers.Loss), expected)
