"""Checks of the exercises in docs/limit.md."""

from dataclasses import replace
from statistics import median

from checking import case, holds

from microgpt import Config
from microgpt.limit import multiply_adds, num_params, operations

LARGE = Config(50257, n_embd=768, n_layer=12, n_head=12, block_size=1024)


def six(answers):
    for name, config, n in (
        ("Config(27)", Config(27), 1),
        ("Config(27)", Config(27), 16),
        ("Config(27, n_layer=2)", Config(27, n_layer=2), 7),
        ("that of the smallest GPT-2", LARGE, 1024),
    ):
        right = 2 * multiply_adds(config, n) / (6 * num_params(config) * n)
        tried = f"excess(config, {n}), config = {name}"
        yield case(tried, lambda: round(answers.excess(config, n), 9), round(right, 9))


def adam(answers):
    def smallest(config, n, share):
        parts = operations(config, n)
        adam, batch = parts.pop("Adam"), 1
        while adam / (adam + batch * sum(parts.values())) > share:
            batch += 1
        return batch

    for n, share in ((7, 0.5), (7, 0.1), (7, 0.01), (16, 0.05), (1, 0.3)):
        expected = smallest(Config(27), n, share)
        tried = f"batch_for(Config(27), {n}, {share})"
        yield case(tried, lambda: answers.batch_for(Config(27), n, share), expected)


def misled(answers):
    def lengths():
        a, b = answers.misled()
        return len(a), len(b)

    yield case("how many times misled() returns, of a and of b", lengths, (5, 5))

    def least():
        a, b = answers.misled()
        return min(*a, *b)

    yield holds("the shortest time of all", least, "above 0", lambda got: got > 0)

    def rounds():
        return sum(1.5 * y <= x for x, y in zip(*answers.misled()))

    tried = "rounds in which b needs at most two thirds of a's time"
    yield holds(tried, rounds, "4 or 5", lambda got: got >= 4)

    def shortest():
        a, b = answers.misled()
        return min(a), min(b)

    yield holds(
        "the shortest times of a and of b",
        shortest,
        "b's is no shorter than a's",
        lambda got: got[1] >= got[0],
    )
    for a, b in (
        ([2.0, 4.0, 6.0, 8.0, 10.0], [1.0, 1.0, 1.0, 1.0, 1.0]),
        ([1, 2, 3, 10, 20], [1, 4, 1, 5, 4]),
        ([3, 1, 4, 1, 5], [2, 7, 1, 8, 2]),
    ):
        expected = float(median(x / y for x, y in zip(a, b)))
        tried = f"speed({a}, {b})"
        yield case(tried, lambda: answers.speed(a, b), expected)
    yield holds(
        "speed of your own two lists",
        lambda: answers.speed(*answers.misled()),
        "1.5 or more",
        lambda got: got >= 1.5,
    )


def cache(answers):
    def largest(config, size):
        width = config.n_head
        while 16 * num_params(replace(config, n_embd=width)) <= size:
            width += config.n_head
        return width - config.n_head

    sizes = {"n_embd": 12, "n_layer": 2, "n_head": 3, "block_size": 8}
    for name, config in (
        ("Config(27)", Config(27)),
        ("Config(27, 12, 8, 2, 3)", Config(27, **sizes)),
    ):
        for size in (50_000, 524_288, 5_000_000):
            tried = f"widest({name}, {size})"
            expected = largest(config, size)
            yield case(tried, lambda: answers.widest(config, size), expected)
    exact = 16 * num_params(Config(27, n_embd=20))
    tried = f"widest(Config(27), {exact}), just enough for a width of 20"
    yield case(tried, lambda: answers.widest(Config(27), exact), 20)
    wide, expected = Config(27, n_embd=64), largest(Config(27), 50_000)
    tried = "widest(Config(27, n_embd=64), 50000)"
    yield case(tried, lambda: answers.widest(wide, 50_000), expected)
