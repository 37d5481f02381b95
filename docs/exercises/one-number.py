"""Checks of the exercises in docs/one-number.md."""

import math

from checking import case, rounded

from microgpt.model import chance, end_loss


def knob(answers):
    for share in (0.5, 0.196, 0.9, 0.01):
        yield case(
            f"chance(knob_for({share}))",
            lambda: rounded(chance(answers.knob_for(share))),
            share,
        )


def step(answers):
    for w, ends, others, rate, right in (
        (0.0, 1, 3, 2.0, -0.5),
        (0.0, 3, 1, 2.0, 0.5),
        (0.0, 100, 300, 0.5, -0.125),
        (2.0, 1, 3, 1.0, 1.369203),
    ):
        tried = f"step({w}, {ends}, {others}, {rate})"
        yield case(
            tried,
            lambda: rounded(answers.step(w, ends, others, rate), 6),
            right,
            within=1e-5,
        )
    tried = "the slope at the place where step(w, 1, 3, 4.0) leads after 50 steps"
    yield case(tried, lambda: rounded(chance(far(answers)) - 0.25, 6), 0.0, 1e-5)


def far(answers):
    w = 0.0
    for _ in range(50):
        w = answers.step(w, 1, 3, 4.0)
    return w


def jump(answers):
    def lands(w, steps):
        start = w
        for _ in range(steps):
            w -= answers.jumping_rate(start) * (chance(w) - 0.5)
        return rounded(w, 4)

    for w in (2.0, -1.0, 0.1, 20.0):
        for steps, right in ((1, -w), (2, w)):
            word = "step" if steps == 1 else "steps"
            tried = f"from {w}, after {steps} {word} with the rate jumping_rate({w})"
            yield case(tried, lambda: lands(w, steps), right, within=1e-3)


def trough(answers):
    for ends, others, u, v in (
        (1, 3, 0.0, 0.0),
        (1, 3, 2.0, 0.0),
        (1, 3, -1.0, 3.0),
        (5, 5, 1.0, -4.0),
    ):
        tried = f"arrive({ends}, {others}, {u}, {v})"
        yield case(
            tried,
            lambda: rounded(answers.arrive(ends, others, u, v), 4),
            rounded(walked(ends, others, u, v), 4),
            within=1e-3,
        )
    yield case(
        "the loss at arrive(2, 8, 7.0, 1.0), rounded",
        lambda: round(end_loss([sum(answers.arrive(2, 8, 7.0, 1.0))], [(2, 8)]), 4),
        round(end_loss([math.log(2 / 8)], [(2, 8)]), 4),
    )


def walked(ends, others, u, v):
    """Where gradient descent comes to rest, step by step."""
    for _ in range(500):
        slope = chance(u + v) - ends / (ends + others)
        u, v = u - slope, v - slope
    return u, v
