"""Gradients are right: against finite differences, by theory, against PyTorch."""

import gc
import math
import random

import pytest

from microgpt import GPT, Adam, Config, Tokenizer, Value, document_loss, train

OPERATIONS = {
    "x + y": lambda x, y: x + y,
    "x + 2": lambda x, y: x + 2 + 0 * y,
    "2 + x": lambda x, y: 2 + x,
    "x - y": lambda x, y: x - y,
    "2 - x": lambda x, y: 2 - x,
    "-x": lambda x, y: -x,
    "x * y": lambda x, y: x * y,
    "3 * x": lambda x, y: 3 * x,
    "x / y": lambda x, y: x / y,
    "x / 4": lambda x, y: x / 4,
    "1 / x": lambda x, y: 1 / x,
    "x ** 3": lambda x, y: x**3,
    "exp": lambda x, y: x.exp(),
    "log": lambda x, y: (x * x).log(),
    "relu": lambda x, y: x.relu() + y.relu(),
    "shared": lambda x, y: (x + y) * (x + y) * x,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_computes_what_it_says(name):
    result = OPERATIONS[name](Value(1.5), Value(-0.5)).data
    x, y = 1.5, -0.5
    expected = {
        "x + y": 1.0, "x + 2": 3.5, "2 + x": 3.5, "x - y": 2.0, "2 - x": 0.5,
        "-x": -1.5, "x * y": -0.75, "3 * x": 4.5, "x / y": -3.0, "x / 4": 0.375,
        "1 / x": 1 / 1.5, "x ** 3": 3.375, "exp": math.exp(x),
        "log": math.log(x * x), "relu": 1.5, "shared": (x + y) ** 2 * x,
    }  # fmt: skip
    assert result == pytest.approx(expected[name], rel=1e-15)


def test_a_value_used_twice_collects_both_gradients():
    a = Value(3.0)
    (a * a + a).backward()
    assert a.grad == 7.0


def test_in_the_order_every_value_comes_after_its_children():
    a, b = Value(2.0), Value(-3.0)
    shared = a * b
    root = (shared + a) * shared.exp() + shared
    order = root.topological_order()
    place = {node: i for i, node in enumerate(order)}
    assert order[-1] is root
    for node in order:
        for child in node._children:
            assert not child._children or place[child] < place[node]


def test_a_graph_of_100_000_levels_does_not_exceed_any_limit():
    a = x = Value(1.0)
    for _ in range(100_000):
        x = x + 1.0
    x.backward()
    assert (x.data, a.grad) == (100_001.0, 1.0)


def small_model(**sizes):
    tokenizer = Tokenizer("abc")
    config = Config(tokenizer.vocab_size, **sizes)
    return GPT(config, random.Random(5)), tokenizer


long = pytest.mark.long
# Of each context, the document "a", one that fits, and one that is cut.
MODELS = [(1, 3, doc) for doc in ("a", "ab", "cccc")]
MODELS += [(1, 4, doc) for doc in ("a", "abc", "cccccc")]
MODELS += [(2, 3, "a"), (2, 3, "cccc")]
QUICK = [(1, 3, "cccc")]


@pytest.mark.parametrize(
    ("n_layer", "size", "doc"),
    [pytest.param(*it, marks=[] if it in QUICK else long) for it in MODELS],
)
def test_every_gradient_of_a_model_is_that_of_finite_differences(n_layer, size, doc):
    model, tokenizer = small_model(n_embd=4, n_head=2, n_layer=n_layer, block_size=size)
    tokens = tokenizer.encode(doc)
    document_loss(model, tokens).backward()
    h = 1e-6
    for p in model.params:
        number = p.data
        p.data = number + h
        above = document_loss(model, tokens).data
        p.data = number - h
        below = document_loss(model, tokens).data
        p.data = number
        assert p.grad == pytest.approx((above - below) / (2 * h), abs=1e-7, rel=1e-4)


def test_rows_that_a_document_does_not_touch_have_gradient_zero():
    model, tokenizer = small_model(n_embd=4, n_head=2, block_size=6)
    document_loss(model, tokenizer.encode("aa")).backward()
    wte, wpe = model.state_dict["wte"], model.state_dict["wpe"]
    assert [any(p.grad for p in row) for row in wte] == [True, False, False, True]
    assert [any(p.grad for p in row) for row in wpe] == [True] * 3 + [False] * 3


def test_twelve_layers_train():
    model, tokenizer = small_model(n_embd=4, n_head=2, n_layer=12, block_size=6)
    steps = train(model, Adam(model.params), ["abc"], tokenizer, 0.01, 3)
    losses = [loss for _, loss in steps]
    assert losses[2] < losses[0]


def test_a_graph_is_freed_without_the_garbage_collector():
    model, tokenizer = small_model(n_embd=4, n_head=2, block_size=6)
    gc.collect()
    steps = train(model, Adam(model.params), ["abc", "cab"], tokenizer, 0.01, 5)
    losses = []
    for _, loss in steps:
        losses.append(loss)
        alive = sum(isinstance(x, Value) for x in gc.get_objects())
        assert alive <= len(model.params) + 200  # other tests' models aside
        assert not gc.isenabled()
    assert gc.isenabled() and len(losses) == 5


@pytest.mark.torch
@pytest.mark.parametrize("doc", ["abcab", "b"])
def test_loss_and_gradients_are_those_of_pytorch(doc):
    import torch
    from torch.nn import functional as F

    model, tokenizer = small_model(n_embd=8, n_head=2, n_layer=2, block_size=6)
    tokens = tokenizer.encode(doc)
    loss = document_loss(model, tokens)
    loss.backward()

    w = {
        name: torch.tensor(
            [[p.data for p in row] for row in m],
            dtype=torch.float64, requires_grad=True,
        )
        for name, m in model.state_dict.items()
    }  # fmt: skip
    n = len(tokens) - 1

    def norm(x):
        return x * (x.pow(2).mean(-1, keepdim=True) + 1e-5).rsqrt()

    def heads(x):
        return x.view(n, 2, 4).transpose(0, 1)

    x = norm(w["wte"][tokens[:n]] + w["wpe"][:n])
    for i in range(2):
        y = norm(x)
        q, k, v = (heads(y @ w[f"layer{i}.attn_w{c}"].T) for c in "qkv")
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = y.transpose(0, 1).reshape(n, 8) @ w[f"layer{i}.attn_wo"].T + x
        hidden = torch.relu(norm(x) @ w[f"layer{i}.mlp_fc1"].T)
        x = hidden @ w[f"layer{i}.mlp_fc2"].T + x
    expected = F.cross_entropy(x @ w["lm_head"].T, torch.tensor(tokens[1:]))
    expected.backward()

    assert loss.data == pytest.approx(expected.item(), abs=1e-12)
    for name, m in model.state_dict.items():
        grads = torch.tensor([[p.grad for p in row] for row in m], dtype=torch.float64)
        assert torch.allclose(grads, w[name].grad, atol=1e-12), name
