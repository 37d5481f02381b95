"""The small measurements of the page Questions measure what they say."""

import math
import random

import pytest

from microgpt import GPT, Config
from tools.lab import replies
from tools.lab.trace import numbers


def test_with_the_mask_in_each_layer_the_logits_are_the_models():
    model = GPT(Config(27, n_layer=2), random.Random(3))
    tokens = replies.EMMA[:-1]
    at_once = replies.at_once(model, tokens, [True, True])
    assert numbers(at_once) == numbers(model.logits(tokens))


@pytest.mark.parametrize("masked", ([True, False], [False, True], [False, False]))
def test_a_layer_without_the_mask_leaks(masked):
    assert replies.leak(masked) > 0.001


def test_where_three_characters_are_equally_frequent_one_costs_ln_3(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("ab\nba\nab\nba\n")
    thirds = replies.frequencies(text)  # a, b, and the end
    assert math.isclose(thirds, math.log(3))


def test_a_shape_is_written_as_a_tuple():
    assert replies.shape([1.0, 2.0]) == "(2,)"
    assert replies.shape([[1.0], [2.0]]) == "(2, 1)"
