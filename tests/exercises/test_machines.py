"""The exercises of docs/machines.md."""

import random
from fractions import Fraction

import pytest

from microgpt import Config, State, make_engine


@pytest.mark.parametrize(
    ("documents", "processes", "expected"),
    [(8, 2, [4, 4]), (7, 3, [2, 2, 3]), (2, 3, [0, 1, 1]), (5, 1, [5]),
     (10, 4, [2, 3, 2, 3])],
)  # fmt: skip
def test_the_shares_are_those_of_the_kernel(answers, documents, processes, expected):
    batch = [[9, i, 9] for i in range(documents)]
    found = answers.shares(batch, processes)
    assert [doc for share in found for doc in share] == batch
    assert [len(share) for share in found] == expected


def test_with_much_work_the_most_are_best_and_with_little_one_is(answers):
    assert answers.best(1000.0, 0.1, 1e6, 1e-5, 1e9, 32) == 32
    assert answers.best(1e-4, 1e-3, 33_544, 1e-4, 1e9, 32) == 1


@pytest.mark.parametrize("processes", [3, 10, 40])
def test_the_best_number_grows_with_the_root_of_the_work(answers, processes):
    work = 2 * processes**2 * 1e-4
    assert answers.best(work, 0.5, 0, 1e-4, 1e9, 200) == processes


def test_the_mean_of_means_is_right_only_for_equal_shares(answers):
    config = Config(5, n_embd=4, n_head=2, block_size=4)
    engine = make_engine("graph", State.random(config, random.Random(2)))
    batch = [[4, 0, 1, 4], [4, 2, 4], [4, 3, 3, 3, 4], [4, 1, 4]]

    def error(batch, processes):
        found = answers.mean_of_means(engine, batch, processes)
        _, expected = engine.loss_and_gradients(batch)
        return max(abs(a - b) for a, b in zip(found, expected, strict=True))

    assert error(batch, 2) < 1e-12
    assert error(batch, 4) < 1e-12
    assert error(batch, 3) > 1e-4
    assert error(batch[:3], 2) > 1e-4


@pytest.mark.parametrize("processes", [1, 2, 3, 5])
def test_all_have_the_sum_and_have_sent_what_the_formula_says(answers, processes):
    rng = random.Random(processes)
    n = 4 * processes
    lists = [[Fraction(rng.randrange(100)) for _ in range(n)] for _ in range(processes)]
    given = [numbers[:] for numbers in lists]
    held, sent = answers.ring(lists)
    expected = [sum(column) for column in zip(*given)]
    assert held == [expected] * processes
    assert sent == [2 * (processes - 1) * n // processes] * processes


def test_all_have_the_same_bits(answers):
    rng = random.Random(0)
    held, _ = answers.ring([[rng.random() for _ in range(6)] for _ in range(3)])
    assert held[0] == held[1] == held[2]
