"""The exercises of docs/fused.md."""

import random

import pytest

from microgpt import Config, State, Value, fused, make_engine

CONFIG = Config(7, n_embd=8, n_head=2, block_size=6)
TOKENS = [6, 1, 0, 1, 5, 6]


def test_the_norm_makes_a_node_for_each_number_and_one_for_the_scale(answers):
    numbers = [random.Random(0).gauss(0, 1) for _ in range(16)]
    total = fused.add_up(answers.rmsnorm([Value(number) for number in numbers]))
    assert len(total.topological_order()) == 17 + 1
    expected = fused.rmsnorm([Value(number) for number in numbers])
    assert total.data == pytest.approx(fused.add_up(expected).data)


def test_the_norms_gradients_are_those_of_the_chapters(answers):
    gradients = []
    for norm in (fused.rmsnorm, answers.rmsnorm):
        rng = random.Random(1)
        x = [Value(rng.gauss(0, 1)) for _ in range(5)]
        y = norm(x)
        (y[0] * y[1] + y[2] * 3 + y[4]).backward()
        gradients.append([xi.grad for xi in x])
    assert gradients[1] == pytest.approx(gradients[0])


def test_a_census_counts_numbers_not_bundles(answers):
    x = [Value(1.0), Value(2.0), Value(3.0)]
    rows = [fused.Bundle([0.1, 0.2, 0.3]), fused.Bundle([0.4, 0.5, 0.6])]
    loss = fused.add_up(fused.linear(fused.bundle(x), rows)) * 2
    assert answers.census(loss) == {3: 2 + 1, 2: 1, 1: 1}


def test_in_the_engine_a_dot_product_of_the_mlp_has_4_n_inputs(answers):
    engine = make_engine("fused", State.random(CONFIG, random.Random(2)))
    found = answers.census(engine.document_loss(TOKENS))
    positions = len(TOKENS) - 1
    assert found[4 * CONFIG.n_embd] == CONFIG.n_embd * positions


def test_bundles_of_their_own_change_last_digits_only(answers):
    rng, differing = random.Random(3), 0
    for _ in range(5):
        state = State.random(CONFIG, rng)
        number, largest = answers.differing(TOKENS, state)
        assert largest < 1e-14
        differing += number
    assert differing > 0


def test_the_loss_is_one_node_with_the_old_gradients(answers):
    rng = random.Random(4)
    for size in (1, 2, 5, 27):
        numbers, target = [rng.gauss(0, 3) for _ in range(size)], rng.randrange(size)
        old, new = ([Value(number) for number in numbers] for _ in range(2))
        loss = fused.cross_entropy(old, target) * 0.3
        fused.backward(loss)
        node = answers.Loss(new, target)
        scaled = node * 0.3
        assert scaled.topological_order() == [node, scaled]
        fused.backward(scaled)
        assert scaled.data == loss.data
        assert [x.grad for x in new] == [x.grad for x in old]
