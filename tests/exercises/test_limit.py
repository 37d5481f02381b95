"""The exercises of docs/limit.md."""

from statistics import median

import pytest

from microgpt import Config
from microgpt.limit import num_params, operations


def test_the_rule_of_thumb_is_compared_with_the_count(answers):
    config = Config(27)
    assert answers.excess(config, 1) == pytest.approx(0.844, abs=0.001)
    assert answers.excess(config, 16) > answers.excess(config, 1)
    large = Config(50257, n_embd=768, n_layer=12, n_head=12, block_size=1024)
    assert answers.excess(large, 1024) == pytest.approx(0.816, abs=0.001)


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
def test_the_batch_is_the_smallest_with_which_adam_takes_no_more(answers, share):
    config = Config(27)
    parts = operations(config, 7)
    adam = parts.pop("Adam")

    def part(batch):
        return adam / (adam + batch * sum(parts.values()))

    batch = answers.batch_for(config, 7, share)
    assert part(batch) <= share
    assert batch == 1 or part(batch - 1) > share


def test_the_best_times_mislead(answers):
    a, b = answers.misled()
    assert len(a) == len(b) == 5 and min(a + b) > 0
    assert sum(1.5 * y <= x for x, y in zip(a, b)) >= 4
    assert min(b) >= min(a)


def test_the_median_of_the_ratios_does_not_mislead(answers):
    a, b = answers.misled()
    assert answers.speed(a, b) >= 1.5
    a, b = [3, 1, 4, 1, 5], [2, 7, 1, 8, 2]
    assert answers.speed(a, b) == median([3 / 2, 1 / 7, 4 / 1, 1 / 8, 5 / 2])


@pytest.mark.parametrize("size", [50_000, 524_288, 5_000_000])
def test_the_widest_model_fits_and_the_next_does_not(answers, size):
    config = Config(27)
    width = answers.widest(config, size)
    assert width % config.n_head == 0

    def needed(width):
        sizes = dict(n_embd=width, n_head=config.n_head, block_size=config.block_size)
        return 16 * num_params(Config(27, **sizes))

    assert needed(width) <= size < needed(width + config.n_head)
