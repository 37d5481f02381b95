"""The exercises of docs/profile.md."""

import random
import sys

import pytest

from microgpt import Config, State, Value, make_engine

CONFIG = Config(5, n_embd=4, n_head=2, block_size=4)
BATCH = [[4, 0, 1, 4], [4, 2, 4], [4, 3, 3, 3, 4], [4, 1, 4], [4, 0, 2, 4]]


def test_calls_of_a_name_are_counted(answers):
    x = Value(2.0)
    assert answers.count_calls(lambda: x * x * x + 1, "__mul__") == 2
    assert answers.count_calls(lambda: x * x * x + 1, "__init__") == 3
    assert answers.count_calls(lambda: x, "__init__") == 0


def test_the_weight_counts_what_is_shared_once(answers):
    x = Value(0.5)
    size = sys.getsizeof
    alone = size(x) + size(x.data) + size(x.grad) + size(())
    assert answers.weight(x) == pytest.approx(alone, abs=size(0.0))
    twice = x + x
    assert answers.weight(twice) < 2 * answers.weight(x) + 2 * size((1, 2)) + 24
    assert answers.weight(twice * 3) > answers.weight(twice) > answers.weight(x)


def test_the_recursive_search_gives_the_same_order(answers):
    x = Value(2.0)
    root = (x * x + x).exp() + x * 3
    inner = [n for n in answers.recursive_order(root) if n._children]
    assert inner == root.topological_order()


def test_only_the_recursive_search_leaves_garbage(answers):
    def work(order):
        x = Value(1.0)
        for _ in range(50):
            x = x * 1.1
        order(x)

    assert answers.garbage(lambda: work(Value.topological_order)) == 0
    assert answers.garbage(lambda: work(answers.recursive_order)) > 50


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_pieces_give_the_loss_and_the_gradient_of_the_whole(answers, size):
    state = State.random(CONFIG, random.Random(0))
    engine = make_engine("graph", state)
    loss, gradients = engine.loss_and_gradients(BATCH)
    part, slopes = answers.in_pieces(engine, BATCH, size)
    assert part == pytest.approx(loss, abs=1e-12)
    assert slopes == pytest.approx(gradients, abs=1e-12)
