"""Replies: small measurements for the page Questions, each of which takes a moment."""

import math
import random
from collections import Counter
from pathlib import Path

from microgpt.data import load_documents
from microgpt.engine import State, make_engine
from microgpt.model import (
    GPT,
    Config,
    Vector,
    add,
    attend,
    linear,
    rmsnorm,
    split_heads,
)
from tools.lab.trace import numbers

EMMA, EMMY = [26, 4, 12, 12, 0, 26], [26, 4, 12, 12, 24, 26]
BOS, SEED, RATE = 26, 42, 0.01


def frequencies(text: Path) -> float:
    """Returns the entropy of a text's characters, the ends of documents among them.

    So much a character costs who knows how frequent each is, and no more, in nats.
    """
    docs = load_documents(text)
    counts = Counter({**Counter("".join(docs)), "end": len(docs)})
    shares = [n / sum(counts.values()) for n in counts.values()]
    return -math.fsum(share * math.log(share) for share in shares)


def rms(x: list[float]) -> float:
    """Returns the root mean square of a vector."""
    return (math.fsum(xi * xi for xi in x) / len(x)) ** 0.5


def moved(n_layer: int) -> tuple[float, float]:
    """Returns the size of the logits after BOS, and how far a step on emma moves them.

    Both are root mean squares, the second of the differences.
    """
    state = State.random(Config(27, n_layer=n_layer), random.Random(SEED))
    engine = make_engine("explicit", state)
    first = engine.logits(BOS, 0, engine.empty_cache())
    engine.step([EMMA], RATE)
    then = engine.logits(BOS, 0, engine.empty_cache())
    return rms(first), rms([b - a for a, b in zip(first, then)])


def leak(masked: list[bool]) -> float:
    """Returns how far the logits after BOS move when emma becomes emmy.

    masked: of each layer, may a position read only from those up to its own?
    """
    model = GPT(Config(27, n_layer=len(masked)), random.Random(SEED))
    rows = (numbers(at_once(model, it[:-1], masked)[0]) for it in (EMMA, EMMY))
    return max(abs(a - b) for a, b in zip(*rows))


def at_once(model: GPT, tokens: list[int], masked: list[bool]) -> list[Vector]:
    """Returns the logits after each token, layer by layer for all positions."""
    stream = [model.embed(token, i) for i, token in enumerate(tokens)]
    for layer, mask in enumerate(masked):
        read = attention(model, layer, [rmsnorm(x) for x in stream], mask)
        stream = [add(new, x) for new, x in zip(read, stream)]
        stream = [add(model.mlp(layer, rmsnorm(x)), x) for x in stream]
    return [linear(x, model.state_dict["lm_head"]) for x in stream]


def attention(model: GPT, layer: int, x: list[Vector], mask: bool) -> list[Vector]:
    """Returns what each position reads in a layer."""
    w = {m: model.state_dict[f"layer{layer}.attn_w{m}"] for m in "qkvo"}
    keys, values = ([linear(it, w[m]) for it in x] for m in "kv")
    found = []
    for i, it in enumerate(x):
        end = i + 1 if mask else len(x)
        query, heads = linear(it, w["q"]), []
        for part in split_heads(query, keys[:end], values[:end], model.config.n_head):
            heads += attend(*part)
        found.append(linear(heads, w["o"]))
    return found


def shape(part: list) -> str:
    """Returns the shape of a list, or of a list of lists, as a tuple is written."""
    found = []
    while isinstance(part, list):
        found.append(len(part))
        part = part[0]
    return str(tuple(found))
