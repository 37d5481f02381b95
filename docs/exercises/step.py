"""Checks of the exercises in docs/step.md."""

import math

from checking import case

from microgpt import Config, bundled_names, load_documents


def array(answers):
    for name, config, lanes, right in (
        ("Config(27)", Config(27), 1, 4192),
        ("Config(27)", Config(27), 8, 4192),
        ("Config(27, 6, 8, 1, 1)", Config(27, 6, 8, 1, 1), 4, 1024),
        ("Config(27, n_embd=32)", Config(27, n_embd=32), 4, 14656),
        ("Config(3, 4, 2, 0, 1)", Config(3, 4, 2, 0, 1), 8, 64),
        ("Config(27, 128, 8, 2, 4)", Config(27, 128, 8, 2, 4), 4, 410616),
    ):
        tried = f"numbers(config, {lanes}), config = {name}"
        yield case(tried, lambda: answers.numbers(config, lanes), right)


def groups(answers):
    for lengths, most, right in (
        ([7, 7, 7], 14, [[7, 7], [7]]),
        ([7, 7, 7], 13, [[7], [7], [7]]),
        ([5, 20, 5, 5], 12, [[5], [20], [5, 5]]),
        ([3, 9, 1, 2], 10, [[3], [9, 1], [2]]),
        ([], 64, []),
    ):
        tried = f"groups({lengths}, {most})"
        yield case(tried, lambda: answers.groups(lengths, most), right)


def lost(answers):
    for docs, right in (
        ([[0, 1, 2]], 0.0),
        ([[0, 1, 1]], 1 / 3),
        ([[0, 1, 2], [0, 1, 2]], 0.0),
        ([[5, 5, 5, 5], [0, 1]], 0.5),
    ):
        yield case(f"lost({docs})", lambda: answers.lost(docs), right)
    docs = [["<", *name] for name in load_documents(bundled_names())]
    right = round(1 - sum(len(set(d)) for d in docs) / sum(map(len, docs)), 4)
    tried = "lost(docs) for all names, rounded to four digits"
    yield case(tried, lambda: round(answers.lost(docs), 4), right)


def division(answers):
    def adam(gradients, rate):
        p = m = v = 0.0
        for t, gradient in enumerate(gradients, 1):
            m = 0.85 * m + 0.15 * gradient
            v = 0.99 * v + 0.01 * gradient**2
            mean, square = m / (1 - 0.85**t), v / (1 - 0.99**t)
            p -= rate * mean / (math.sqrt(square) + 1e-8)
            yield p

    for gradients, rate in (
        ([1.0], 0.01),
        ([2.0, -1.0, 0.5], 0.01),
        ([1e-9, 1e-9], 0.1),
        ([0.0, 3.0, 0.0, 0.0], 1.0),
    ):
        right = [*adam(gradients, rate)]
        tried = f"walk({gradients}, {rate})"
        yield case(tried, lambda: answers.walk(gradients, rate), right)
