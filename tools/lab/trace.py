"""Trace: a document's loss, worked out as the model does, with every number kept.

The steps are those of `GPT.forward` and `document_loss`, one after the other and on the
same functions, so the loss and all gradients are the model's, to the last bit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from microgpt.model import (
    GPT,
    Matrix,
    Vector,
    add,
    add_up,
    dot,
    linear,
    rmsnorm,
    softmax,
    split_heads,
)
from microgpt.value import Value

Parts = dict[str, Any]  # Values, vectors of them, or rows, by what they are


@dataclass
class Trace:
    """The loss of a document, and of each position all parts, in their order."""

    loss: Value
    positions: list[Parts]


def trace(model: GPT, tokens: list[int]) -> Trace:
    """Returns the trace of a document that fits into the context."""
    cache, positions = model.empty_cache(), []
    n = len(tokens) - 1
    for i in range(n):
        parts = embedded(model, tokens[i], i)
        for layer, (keys, values) in enumerate(cache):
            parts |= attended(model, layer, parts, keys, values)
            parts |= bent(model, layer, parts)
        positions.append(parts | compared(model, parts, tokens[i + 1]))
    return Trace(1 / n * add_up([parts["loss"] for parts in positions]), positions)


def embedded(model: GPT, token: int, position: int) -> Parts:
    """Returns the two rows, their sum, and the stream that begins with them."""
    which = model.state_dict["wte"][token]
    where = model.state_dict["wpe"][position]
    both = add(which, where)
    return {
        "token_embedding": which,
        "position_embedding": where,
        "embedding": both,
        "stream": rmsnorm(both),
    }


def stream(parts: Parts) -> Vector:
    """Returns the stream as it stands: what was last called so."""
    return parts[[name for name in parts if "stream" in name][-1]]


def attended(
    model: GPT, layer: int, parts: Parts, keys: list[Vector], values: list[Vector]
) -> Parts:
    """Returns what attention makes of the stream; keys and values gain theirs."""
    w, before = weights(model, layer), stream(parts)
    x = rmsnorm(before)
    q = linear(x, w("attn_wq"))
    keys.append(linear(x, w("attn_wk")))
    values.append(linear(x, w("attn_wv")))
    scores, shares, blend = [], [], []
    for query, k, v in split_heads(q, keys, values, model.config.n_head):
        scale = len(query) ** 0.5
        scores.append([dot(query, key) / scale for key in k])
        shares.append(softmax(scores[-1]))
        blend += [dot(shares[-1], column) for column in zip(*v)]
    read = linear(blend, w("attn_wo"))
    return named(
        layer, attention_in=x, query=q, key=keys[-1], value=values[-1], scores=scores,
        weights=shares, blend=blend, attention_out=read,
        stream_between=add(read, before),
    )  # fmt: skip


def bent(model: GPT, layer: int, parts: Parts) -> Parts:
    """Returns what the MLP makes of the stream."""
    w, before = weights(model, layer), stream(parts)
    x = rmsnorm(before)
    hidden = linear(x, w("mlp_fc1"))
    relu = [h.relu() for h in hidden]
    out = linear(relu, w("mlp_fc2"))
    return named(
        layer, mlp_in=x, hidden=hidden, relu=relu, mlp_out=out, stream=add(out, before)
    )


def compared(model: GPT, parts: Parts, target: int) -> Parts:
    """Returns the prediction, and what it costs."""
    logits = linear(stream(parts), model.state_dict["lm_head"])
    probs = softmax(logits)
    return {"logits": logits, "probabilities": probs, "loss": -probs[target].log()}


def weights(model: GPT, layer: int) -> Callable[[str], Matrix]:
    """Returns a function that gives a layer's matrices by their names."""
    return lambda name: model.state_dict[f"layer{layer}.{name}"]


def named(layer: int, **parts: Any) -> Parts:
    """Returns parts with the layer's number before their names."""
    return {f"layer{layer}.{name}": part for name, part in parts.items()}


def numbers(part: Any) -> Any:
    """Returns a part's numbers, in lists as the part has them."""
    return part.data if isinstance(part, Value) else [numbers(it) for it in part]


def gradients(part: Any) -> Any:
    """Returns a part's gradients, in lists as the part has them."""
    return part.grad if isinstance(part, Value) else [gradients(it) for it in part]
