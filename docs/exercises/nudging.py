"""Checks of the exercises in docs/nudging.md."""

import math

from checking import case, rounded


def softmax(logits):
    exps = [math.exp(z - max(logits)) for z in logits]
    return [e / math.fsum(exps) for e in exps]


def logits(answers):
    for probs in ([0.5, 0.5], [0.6, 0.3, 0.1], [0.25] * 4):
        yield case(
            f"the softmax of logits_of({probs})",
            lambda: rounded(softmax(answers.logits_of(list(probs)))),
            probs,
        )
        yield case(
            f"the sum of logits_of({probs})",
            lambda: rounded(math.fsum(answers.logits_of(list(probs)))),
            0.0,
        )
    yield case(
        "logits_of([1e-9, 1 - 1e-9])",
        lambda: rounded(answers.logits_of([1e-9, 1 - 1e-9]), 6),
        [-10.361633, 10.361633],
    )


def gradient(answers):
    def f(v):
        return v[0] * v[1] + math.exp(v[2])

    def after():
        xs = [2.0, -3.0, 0.5]
        answers.gradient(f, xs)
        return xs

    yield case(
        "gradient(f, [2.0, -3.0, 0.5]), f(v) = v[0]*v[1] + exp(v[2])",
        lambda: rounded(answers.gradient(f, [2.0, -3.0, 0.5]), 7),
        [-3.0, 2.0, 1.6487213],
    )
    yield case("xs after gradient(f, xs)", after, [2.0, -3.0, 0.5])
    yield case(
        "gradient(f, [0.0]), f(v) = 100*v[0]**2: the bottom of a valley",
        lambda: rounded(answers.gradient(lambda v: 100 * v[0] ** 2, [0.0])),
        [0.0],
    )


def overshoot(answers):
    def end(c, share):
        w = abs(answers.walk(c, 1.0, share * answers.limit(c), 200))
        return "near 0" if w < 1e-3 else "far away" if w > 1e3 else "neither"

    for steps, right in ((1, 2.4), (2, 1.92)):
        tried = f"walk(2.0, 3.0, 0.1, {steps})"
        yield case(tried, lambda: rounded(answers.walk(2.0, 3.0, 0.1, steps)), right)
    for c in (0.5, 1.0, 8.0):
        for share, right in ((0.95, "near 0"), (1.05, "far away")):
            tried = f"where walk({c}, 1.0, {share} * limit({c}), 200) ends"
            yield case(tried, lambda: end(c, share), right)


def table(answers):
    yield case(
        "row 0 of nudge_table([(0, 0)], 2, 1.0, 1), after one step",
        lambda: rounded(answers.nudge_table([(0, 0)], 2, 1.0, 1)[0], 6),
        [0.731059, 0.268941],
    )
    pairs = [(0, 1)] * 6 + [(0, 0)] * 3 + [(0, 2)] + [(1, 1)] * 5 + [(1, 0)] * 5
    found = []

    def row(number):
        if not found:
            found.extend(answers.nudge_table(list(pairs), 3, 1.0, 500))
        return rounded(found[number], 6)

    tried = "after 500 steps, row 0: 0 followed it 3 times, 1 six times, 2 once"
    yield case(tried, lambda: row(0), [0.3, 0.6, 0.1], within=0.01)
    tried = "after 500 steps, row 1: 0 followed it 5 times, 1 five times, 2 never"
    yield case(tried, lambda: row(1), [0.5, 0.5, 0.0], within=0.02)
    yield case(
        "does row 1 give what never followed it a little more than 0",
        lambda: 0 < row(1)[2] < 0.02,
        True,
    )
    tried = "after 500 steps, row 2: nothing ever followed it"
    yield case(tried, lambda: row(2), [0.333333] * 3)
