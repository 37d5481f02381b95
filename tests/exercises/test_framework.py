"""The exercises of docs/framework.md."""

import os
import random

import pytest

if os.environ.get("CI") != "true":
    pytest.importorskip("torch")

pytestmark = pytest.mark.torch


@pytest.fixture
def model():
    from microgpt import Config, State, make_engine

    config = Config(7, n_embd=8, n_head=2, n_layer=2, block_size=6)
    return make_engine("torch", State.random(config, random.Random(3))).model


def loss_of(model, batch):
    import torch

    from microgpt.framework import batch_loss, rectangle

    tokens, targets, weights = rectangle(batch)
    return batch_loss(
        model, torch.tensor(tokens), torch.tensor(targets),
        torch.tensor(weights, dtype=torch.float64),
    )  # fmt: skip


def numbers(*shape):
    import torch

    torch.manual_seed(1)
    return torch.randn(*shape, dtype=torch.float64)


@pytest.mark.parametrize("shape", [(1, 1, 1, 4), (2, 3, 5, 4)])
def test_attention_by_hand_is_the_operators(answers, shape):
    import torch
    from torch.nn import functional as F

    q, k, v = numbers(3, *shape)
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    assert torch.allclose(answers.attention(q, k, v), expected, rtol=0, atol=1e-12)


def test_the_gradients_of_the_pieces_add_up_to_those_of_the_batch(answers, model):
    import torch

    batch = [[6, 1, 2, 6], [6, 6], [6, 3, 3, 4, 5, 0, 6]]
    found = answers.gradients_in_pieces(model, batch)
    model.zero_grad()
    loss_of(model, batch).backward()
    for gradient, p in zip(found, model.parameters(), strict=True):
        assert torch.allclose(gradient, p.grad, rtol=0, atol=1e-12)


def test_only_batches_of_equal_lengths_can_be_filled_up_on_the_left(answers, model):
    equal = [[6, 1, 2, 6], [6, 3, 3, 6]]
    unequal = [[6, 1, 2, 3, 6], [6, 6]]

    def difference(batch):
        return abs(answers.left_padded_loss(model, batch) - loss_of(model, batch))

    assert difference(equal) < 1e-12
    assert difference(unequal) > 1e-3


def test_the_operator_is_the_norm(answers):
    import torch

    from microgpt.framework import rmsnorm

    x = numbers(3, 5)
    assert torch.allclose(answers.RMSNorm.apply(x), rmsnorm(x), rtol=0, atol=1e-12)


def test_its_gradient_is_that_of_finite_differences(answers):
    import torch

    x = numbers(3, 5).requires_grad_()
    assert torch.autograd.gradcheck(answers.RMSNorm.apply, (x,))
