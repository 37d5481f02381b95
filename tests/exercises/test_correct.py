"""The exercises of docs/correct.md."""

import math
import random

import pytest

from microgpt import Config
from microgpt.check import gradient_errors
from microgpt.engine import State
from microgpt.explicit import Explicit

BATCH = [[3, 0, 1, 1, 3], [3, 2, 3]]


class Doubled(Explicit):
    """An engine whose gradient is twice what it should be."""

    def loss_and_gradients(self, batch):
        loss, gradient = super().loss_and_gradients(batch)
        return loss, [2 * g for g in gradient]


@pytest.fixture
def state():
    state = State.random(Config(4, 2, 4, 2, 1), random.Random(0))
    state.params = [5 * p for p in state.params]
    return state


def test_along_random_directions_a_right_gradient_passes(answers, state):
    for seed in range(5):
        rng = random.Random(seed)
        assert answers.direction_error(Explicit, state, BATCH, rng) < 1e-6


def test_along_a_random_direction_a_wrong_gradient_is_found(answers, state):
    error = answers.direction_error(Doubled, state, BATCH, random.Random(1))
    assert error == pytest.approx(0.5, abs=1e-6)


def test_the_best_step_lies_between_rounding_and_curvature(answers):
    assert 1e-6 <= answers.best_step(math.exp, 1.0, math.e) <= 1e-4
    assert answers.best_step(lambda x: x * x, 3.0, 6.0) >= 1e-3


def test_keys_from_the_own_position_are_wrong_where_there_are_others(answers, state):
    errors = gradient_errors(answers.OwnKeys, state, [[3, 0, 1, 3]])
    assert errors["layer1.attn_wk"] > 0.01
    assert errors["layer1.attn_wq"] < 1e-6 and errors["layer1.attn_wv"] < 1e-6
    assert errors["layer0.mlp_fc2"] > 1e-6


def test_a_single_position_does_not_show_it(answers, state):
    assert max(gradient_errors(answers.OwnKeys, state, [[3, 3]]).values()) < 1e-6


def test_the_first_wrong_matrix_is_the_first_on_the_way_down(answers, state):
    errors = gradient_errors(answers.OwnKeys, state, BATCH)
    assert answers.first_wrong(errors, state.config, 1e-6) == "layer1.attn_wk"
    right = gradient_errors(Explicit, state, BATCH)
    assert answers.first_wrong(right, state.config, 1e-6) is None
    everywhere = dict.fromkeys(right, 1.0)
    assert answers.first_wrong(everywhere, state.config, 1e-6) == "lm_head"
    last = {**dict.fromkeys(right, 0.0), "wpe": 1.0, "wte": 1.0}
    assert answers.first_wrong(last, state.config, 1e-6) == "wte"
