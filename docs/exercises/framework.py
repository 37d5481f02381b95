"""Checks of the exercises in docs/framework.md. All of them need PyTorch."""

import random

import torch
from checking import case, holds
from torch.nn import functional as F

from microgpt import Config
from microgpt.framework import Model, batch_loss, rectangle, rmsnorm

# The import of PyTorch alone can take long.
SECONDS = {"attention": 60, "accumulate": 60, "left": 60, "operator": 60}


def numbers(seed, *shape):
    """Random numbers, the same whatever the version of PyTorch."""
    rng, count = random.Random(seed), torch.Size(shape).numel()
    found = [rng.gauss(0, 1) for _ in range(count)]
    return torch.tensor(found, dtype=torch.float64).reshape(shape)


def rounded(tensor):
    return [round(x, 9) + 0.0 for x in tensor.flatten().tolist()]


def farthest(found, expected):
    """The largest difference of two tensors, or what is wrong with the first."""
    if not isinstance(found, torch.Tensor):
        return f"no tensor: {type(found).__name__}"
    if found.shape != expected.shape:
        return f"the shape {tuple(found.shape)}"
    return round((found - expected).abs().max().item(), 12)


def new_model():
    model = Model(Config(7, n_embd=8, n_head=2, n_layer=2, block_size=6)).double()
    with torch.no_grad():
        for seed, p in enumerate(model.parameters()):
            p.copy_(0.08 * numbers(seed, *p.shape))
    return model


def as_tensors(tokens, targets, weights):
    weights = torch.tensor(weights, dtype=torch.float64)
    return torch.tensor(tokens), torch.tensor(targets), weights


def attention(answers):
    for shape in ((1, 1, 1, 4), (1, 1, 2, 4), (2, 3, 5, 4)):
        q, k, v = numbers(1, 3, *shape)
        right = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        tried = f"attention's largest error, tensors of the shape {shape}"
        yield case(
            tried, lambda: farthest(answers.attention(q, k, v), right), 0.0, 1e-12
        )


def accumulate(answers):
    batch = [[6, 1, 2, 6], [6, 6], [6, 3, 3, 4, 5, 0, 6]]
    model = new_model()
    batch_loss(model, *as_tensors(*rectangle(batch))).backward()
    right = [p.grad.clone() for p in model.parameters()]

    def worst(model, batch, right):
        found = answers.gradients_in_pieces(model, batch)
        if len(found) != len(right):
            return f"{len(found)} tensors"
        errors = [farthest(a, b) for a, b in zip(found, right)]
        return next((e for e in errors if isinstance(e, str)), None) or max(errors)

    one = new_model()
    batch_loss(one, *as_tensors(*rectangle(batch[:1]))).backward()
    alone = [p.grad.clone() for p in one.parameters()]
    tried = "the largest error for a batch of one document"
    yield case(tried, lambda: worst(new_model(), batch[:1], alone), 0.0, 1e-12)
    tried = "the largest error for three documents of different lengths"
    yield case(tried, lambda: worst(new_model(), batch, right), 0.0, 1e-12)

    def again():
        model = new_model()
        answers.gradients_in_pieces(model, batch)
        return worst(model, batch, right)

    tried = "the same, called again with the same model"
    yield case(tried, again, 0.0, 1e-12)

    def most():
        seen, model = [], new_model()
        model.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
        answers.gradients_in_pieces(model, batch)
        return max(seen)

    yield case("the most documents in the model at a time", most, 1)


def left(answers):
    model = new_model()

    def of(batch):
        loss = torch.as_tensor(answers.left_padded_loss(model, batch))
        return round(loss.item(), 9)

    equal = [[6, 1, 2, 6], [6, 3, 3, 6]]
    usual = batch_loss(model, *as_tensors(*rectangle(equal))).item()
    tried = "the loss of two documents of equal length, which fill nothing up"
    yield case(tried, lambda: of(equal), round(usual, 9))
    unequal = [[6, 1, 2, 3, 6], [6, 4, 6]]
    tokens, weights = [[6, 1, 2, 3], [0, 0, 6, 4]], [[1 / 8] * 4, [0, 0, 1 / 4, 1 / 4]]
    moved = as_tensors(tokens, [[1, 2, 3, 6], [0, 0, 4, 6]], weights)
    wrong = batch_loss(model, *moved).item()
    tried = "the loss of [6, 1, 2, 3, 6] and [6, 4, 6], filled up on the left"
    yield case(tried, lambda: of(unequal), round(wrong, 9))
    usual = batch_loss(model, *as_tensors(*rectangle(unequal))).item()
    yield holds(
        "how far that is from the loss with the filling on the right",
        lambda: round(abs(of(unequal) - usual), 3),
        "more than 0.001",
        lambda got: got >= 0.001,
    )


def operator(answers):
    x = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    tried = "RMSNorm.apply of the row [3, 4]"
    yield case(tried, lambda: rounded(answers.RMSNorm.apply(x)), rounded(rmsnorm(x)))
    many = numbers(1, 3, 5)
    tried = "the largest error of RMSNorm.apply, x of the shape (3, 5)"

    def error():
        return farthest(answers.RMSNorm.apply(many), rmsnorm(many))

    yield case(tried, error, 0.0, 1e-12)

    def gradient(norm, x, dy):
        leaf = x.clone().requires_grad_()
        (norm(leaf) * dy).sum().backward()
        return leaf.grad

    dy = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    right = rounded(gradient(rmsnorm, x, dy))
    tried = "the gradient of [3, 4] if that of the result is [1, 0]"
    yield case(tried, lambda: rounded(gradient(answers.RMSNorm.apply, x, dy)), right)
    dy = numbers(2, 3, 5)
    right = gradient(rmsnorm, many, dy)

    def wrong_by():
        return farthest(gradient(answers.RMSNorm.apply, many, dy), right)

    tried = "the gradient's largest error, x of the shape (3, 5)"
    yield case(tried, wrong_by, 0.0, 1e-12)

    def slope(i):
        """The derivative by number i, by a nudge to both sides."""
        nudge = torch.zeros(15, dtype=torch.float64)
        nudge[i] = 1e-6
        up, down = (
            (answers.RMSNorm.apply(many + side * nudge.reshape(3, 5)) * dy).sum()
            for side in (1, -1)
        )
        return (up - down).item() / 2e-6

    def against_differences():
        got = gradient(answers.RMSNorm.apply, many, dy).flatten().tolist()
        return max(abs(slope(i) - g) for i, g in enumerate(got)) < 1e-7

    yield case("is the gradient that of finite differences?", against_differences, True)
