"""Checks of the exercises in docs/ladder.md."""

from math import prod

from checking import case, holds

from microgpt import Config
from microgpt.limit import Peaks, bound, num_params, operations

LARGE = Config(50257, n_embd=768, n_layer=12, n_head=12, block_size=1024)
MODELS = {"Config(27)": Config(27), "that of the smallest GPT-2": LARGE}


def memory(answers):
    for name, config in MODELS.items():
        for bits in (32, 64):
            right = num_params(config) * bits // 2
            tried = f"training_bytes(config, {bits}), config = {name}"
            yield case(tried, lambda: answers.training_bytes(config, bits), right)


def share(answers):
    peaks, lengths = Peaks(1e10, 1e9, 5e8), [3, 7, 16]
    least = bound(Config(27), lengths, peaks)
    for times, cores in ((1, 1), (4, 1), (4, 2), (1, 2)):
        seconds = times * least
        tried = f"share(Config(27), {lengths}, peaks, {times} times the bound, {cores})"
        yield case(
            tried,
            lambda: answers.share(Config(27), lengths, peaks, seconds, cores),
            1 / times / cores,
        )


def ratios(answers):
    def lengths():
        a, b = answers.paradox()
        return len(a), len(b)

    yield case("how many times paradox() returns, of a and of b", lengths, (2, 2))

    def least():
        a, b = answers.paradox()
        return min(*a, *b)

    yield holds("the shortest time of all", least, "above 0", lambda got: got > 0)

    def means():
        a, b = answers.paradox()
        pairs = [*zip(a, b)]
        return sum(x / y for x, y in pairs) / 2, sum(y / x for x, y in pairs) / 2

    yield holds(
        "the mean of a / b, and of b / a",
        means,
        "both 1.5 or more",
        lambda got: min(got) >= 1.5,
    )
    for a, b in (
        ([1.0, 4.0], [4.0, 1.0]),
        ([2.0, 8.0], [1.0, 1.0]),
        ([1.0, 2.0, 4.0], [8.0, 1.0, 2.0]),
    ):
        right = prod(x / y for x, y in zip(a, b)) ** (1 / len(a))
        yield case(f"fair({a}, {b})", lambda: answers.fair(a, b), right)


def bytes(answers):
    def smallest(config, n, fast, wide):
        parts = operations(config, n)
        adam, batch = parts.pop("Adam"), 1
        rest, time = sum(parts.values()), 56 * num_params(config) / wide
        while (adam + batch * rest) / fast < time:
            batch += 1
        return batch

    for name, config in MODELS.items():
        for n, fast, wide in ((7, 1e11, 1e10), (7, 1e10, 1e10), (16, 1e12, 1e10)):
            right = smallest(config, n, fast, wide)
            tried = f"batch_beyond(config, {n}, {fast:g}, {wide:g}), config = {name}"
            yield case(
                tried, lambda: answers.batch_beyond(config, n, fast, wide), right
            )
    right = smallest(LARGE, 1024, 1e11, 1e10)
    tried = "batch_beyond(config, 1024, 1e11, 1e10), config = that of a GPT-2"
    yield case(tried, lambda: answers.batch_beyond(LARGE, 1024, 1e11, 1e10), right)
