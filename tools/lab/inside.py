"""Inside: what each part of a trained model takes and gives while it reads a document.

All positions are computed at once, with numpy; a test compares it with the engines.
"""

from dataclasses import dataclass

import numpy as np

from microgpt.engine import State, matrices
from microgpt.model import Config

Weights = dict[str, np.ndarray]


@dataclass
class Reading:
    """A document as a model reads it: one row for each position.

    stream: the stream after the embedding, and after each part of each layer, by the
    part's name. weights: of each layer, what every head gives to every position,
    (n_head, n, n). hidden: of each layer, the hidden units before the ReLU. logits:
    what comes of the last of the stream.
    """

    stream: dict[str, np.ndarray]
    weights: list[np.ndarray]
    hidden: list[np.ndarray]
    logits: np.ndarray


def weights_of(state: State) -> Weights:
    """Returns the weight matrices of a model, by name."""
    found = matrices(state.config, state.params)
    return {name: np.array(rows) for name, rows in found.items()}


def read(w: Weights, config: Config, tokens: list[int]) -> Reading:
    """Returns what a model makes of tokens, at most block_size of them."""
    n = len(tokens)
    x = rmsnorm(w["wte"][tokens] + w["wpe"][:n])
    stream, weights, hidden = {"embedding": x}, [], []
    for i in range(config.n_layer):
        layer = f"layer{i}."
        shares, given = attention(w, layer, config, rmsnorm(x))
        x = x + given
        stream[f"attention{i}"] = x
        h = rmsnorm(x) @ w[layer + "mlp_fc1"].T
        x = x + np.maximum(h, 0) @ w[layer + "mlp_fc2"].T
        stream[f"mlp{i}"] = x
        weights.append(shares)
        hidden.append(h)
    return Reading(stream, weights, hidden, x @ w["lm_head"].T)


def attention(
    w: Weights, layer: str, config: Config, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the weights of a layer's heads, and what the layer reads."""
    n, size = len(x), config.n_embd // config.n_head
    q, k, v = (
        (x @ w[f"{layer}attn_w{kind}"].T).reshape(n, -1, size).swapaxes(0, 1)
        for kind in "qkv"
    )
    scores = q @ k.swapaxes(1, 2) / size**0.5
    scores = np.where(np.tri(n, dtype=bool), scores, -np.inf)
    shares = probabilities(scores)
    heads = (shares @ v).swapaxes(0, 1).reshape(n, -1)
    return shares, heads @ w[layer + "attn_wo"].T


def rmsnorm(x: np.ndarray) -> np.ndarray:
    """Returns rows of mean square 1."""
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Returns the softmax of each row."""
    exps = np.exp(logits - logits.max(-1, keepdims=True))
    return exps / exps.sum(-1, keepdims=True)


def token_losses(logits: np.ndarray, targets: list[int]) -> np.ndarray:
    """Returns -log p of the token that came, for each row."""
    return -np.log(probabilities(logits)[np.arange(len(targets)), targets])
