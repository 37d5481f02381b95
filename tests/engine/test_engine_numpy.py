"""The engine `numpy`: what is its own, beside what all engines are tested for."""

import math
import random

import pytest

from microgpt import Config, vectors
from microgpt.engine import State, make_engine

pytestmark = pytest.mark.numpy
BATCH = [[4, 0, 1, 2, 4], [4, 3, 4], [4, 4], [4, 0, 0, 0, 0, 1], [4, 2, 2, 4]]


def new_state(seed=1, **sizes):
    sizes = {"n_embd": 6, "n_head": 2, "block_size": 5, "n_layer": 2, **sizes}
    return State.random(Config(5, **sizes), random.Random(seed))


def near(numbers):
    return pytest.approx(numbers, rel=1e-11, abs=1e-14)


def test_padding_contributes_nothing_whatever_token_it_is(monkeypatch):
    pad = vectors.pad
    expected = make_engine("numpy", new_state()).loss_and_gradients(BATCH)

    def pad_with_2(docs, share):
        tokens, weights = pad(docs, share)
        tokens[:, 1:][weights == 0] = 2
        return tokens, weights

    monkeypatch.setattr(vectors, "pad", pad_with_2)
    assert make_engine("numpy", new_state()).loss_and_gradients(BATCH) == expected


def test_padding_contributes_nothing_where_its_token_is_impossible():
    state = new_state()
    state.params = [1.0] * 30 + [0.0] * 30 + [-1000.0] * 6
    state.params += [0.0] * (len(state.m) - len(state.params))
    engine = make_engine("numpy", state)  # for it, token 0 never comes
    loss, gradients = engine.loss_and_gradients([[4, 1, 1], [4, 2, 3, 4]])
    assert loss == pytest.approx(math.log(4))
    assert all(map(math.isfinite, gradients))


def test_a_batch_is_the_mean_of_its_documents():
    engine = make_engine("numpy", new_state())
    loss, gradients = engine.loss_and_gradients(BATCH)
    single = [engine.loss_and_gradients([doc]) for doc in BATCH]
    assert loss == near(sum(loss for loss, _ in single) / 5)
    columns = zip(*[gradients for _, gradients in single])
    assert gradients == near([sum(column) / 5 for column in columns])


def test_pieces_hold_every_document_and_no_piece_is_too_large():
    rng = random.Random(0)
    batch = [[0] * rng.randrange(2, 30) for _ in range(200)]
    found = vectors.pieces(batch, 100)
    assert sorted(len(doc) for docs in found for doc in docs) == sorted(map(len, batch))
    assert len(found) > 10
    assert all(len(docs) * (max(map(len, docs)) - 1) <= 100 for docs in found)
    assert [len(docs) for docs in vectors.pieces([[0] * 900, [0] * 800], 100)] == [1, 1]


def test_pieces_change_no_more_than_the_last_digits(monkeypatch):
    whole = make_engine("numpy", new_state()).loss_and_gradients(BATCH)
    pieces = vectors.pieces
    monkeypatch.setattr(vectors, "pieces", lambda batch: pieces(batch, 6))
    loss, gradients = make_engine("numpy", new_state()).loss_and_gradients(BATCH)
    assert loss == near(whole[0])
    assert gradients == near(whole[1])


def test_an_interrupted_training_goes_on_with_the_same_bits():
    rates = [0.01] * 6
    batches = [[doc] for doc in (BATCH + BATCH)[:6]]
    whole = make_engine("numpy", new_state()).steps(batches, rates)
    first = make_engine("numpy", new_state())
    losses = first.steps(batches[:3], rates[:3])
    second = make_engine("numpy", first.state())
    assert losses + second.steps(batches[3:], rates[3:]) == whole


def test_old_plans_are_thrown_away():
    engine = make_engine("numpy", new_state(block_size=300))
    for length in (200, 300, 250, 299, 100, 300):
        engine.backward([[1] * (length + 1)])
        assert sum(rows * columns for rows, columns in engine.plans) <= 1024
    assert set(engine.plans) == {(1, 299), (1, 100), (1, 300)}


def test_an_overflow_is_silent_and_ends_the_steps(recwarn):
    engine = make_engine("numpy", new_state())
    losses = engine.steps([[doc] for doc in BATCH], [1e200] * 5)
    assert len(losses) < 5
    assert not abs(losses[-1]) < float("inf")
    assert not recwarn.list
