"""Watch: looking inside a model while it reads, and inside Adam while it learns."""

from collections.abc import Iterable
from typing import Any

from microgpt.model import GPT, add, dot, linear, softmax
from microgpt.optim import Adam
from microgpt.value import Value


def numbers(vector: Iterable[Value]) -> list[float]:
    return [x.data for x in vector]


class WatchedGPT(GPT):
    """A model's forward pass that notes what each part takes and gives.

    notes: for each position, in the order of the passes, a dict of vectors of
    numbers. It is meant for models of one layer.
    """

    def __init__(self, model: GPT) -> None:
        self.config, self.params = model.config, model.params
        self.state_dict = model.state_dict
        self.notes: list[dict[str, Any]] = []

    def embed(self, token, position):
        x = super().embed(token, position)
        wte, wpe = self.state_dict["wte"], self.state_dict["wpe"]
        self.notes.append({
            "wte + wpe": numbers(add(wte[token], wpe[position])), "embed": numbers(x),
        })  # fmt: skip
        return x

    def attention(self, i, x, keys, values):
        out = super().attention(i, x, keys, values)
        note = self.notes[-1]
        note["attention in"], note["attention out"] = numbers(x), numbers(out)
        note["keys"] = [numbers(k) for k in keys]
        note["values"] = [numbers(v) for v in values]
        note["stream after attention"] = add(note["embed"], numbers(out))
        return out

    def mlp(self, i, x):
        out = super().mlp(i, x)
        note = self.notes[-1]
        note["mlp in"], note["mlp out"] = numbers(x), numbers(out)
        note["stream after mlp"] = add(note["stream after attention"], numbers(out))
        return out

    def numbers_of(self, name: str) -> list[list[float]]:
        return [numbers(row) for row in self.state_dict[name]]


def watch(model: GPT, tokens: list[int]) -> tuple[WatchedGPT, list[list[float]]]:
    """Returns a watched model that has read the tokens, and its logits."""
    watched = WatchedGPT(model)
    return watched, [numbers(row) for row in watched.logits(tokens)]


def attention_scores(watched: WatchedGPT) -> list[list[list[float]]]:
    """Returns, by head and position, the scores of the positions read."""
    config = watched.config
    size = config.n_embd // config.n_head
    heads: list[list[list[float]]] = [[] for _ in range(config.n_head)]
    for q, note in zip(queries(watched), watched.notes):
        for head, rows in enumerate(heads):
            part = slice(head * size, (head + 1) * size)
            rows.append([dot(q[part], k[part]) / size**0.5 for k in note["keys"]])
    return heads


def queries(watched: WatchedGPT) -> list[list[float]]:
    """Returns, by position, the query of all heads."""
    wq = watched.numbers_of("layer0.attn_wq")
    return [linear(note["attention in"], wq) for note in watched.notes]


def attention_weights(watched: WatchedGPT) -> list[list[list[float]]]:
    """Returns, by head and position, the weights of the positions read."""
    return [
        [numbers(softmax([Value(score) for score in row])) for row in rows]
        for rows in attention_scores(watched)
    ]


def vectors(watched: WatchedGPT, logits: list[list[float]]) -> dict[str, Any]:
    """Returns all vectors on the way from tokens to logits, by position.

    keys and values are each position's own; scores are by head, and divided.
    """
    fc1 = watched.numbers_of("layer0.mlp_fc1")
    notes, last = watched.notes, watched.notes[-1]
    return {
        **{point: [note[point] for note in notes] for point in POINTS},
        "queries": queries(watched), "keys": last["keys"], "values": last["values"],
        "scores": attention_scores(watched),
        "hidden": [linear(note["mlp in"], fc1) for note in notes],
        "logits": logits,
    }  # fmt: skip


def hidden_on(watched: WatchedGPT) -> list[list[bool]]:
    """Returns, by position, which units of the hidden layer are above 0."""
    fc1 = watched.numbers_of("layer0.mlp_fc1")
    return [[h > 0 for h in linear(n["mlp in"], fc1)] for n in watched.notes]


POINTS = (
    "wte + wpe", "embed", "attention in", "attention out",
    "stream after attention", "mlp in", "mlp out", "stream after mlp",
)  # fmt: skip


def rms(watched: WatchedGPT) -> dict[str, list[float]]:
    """Returns the root mean square at each point of the stream, by position."""
    return {
        point: [(dot(n[point], n[point]) / len(n[point])) ** 0.5 for n in watched.notes]
        for point in POINTS
    }


class WatchedAdam(Adam):
    """Adam, that keeps the first gradients, and some parameters' histories."""

    def __init__(self, params: list[Value], followed: dict[str, int]) -> None:
        super().__init__(params)
        self.first_grads: list[float] = []
        self.followed = followed
        columns = ("grad", "m", "v", "data")
        self.history = {name: {c: [] for c in columns} for name in followed}

    def step(self, learning_rate: float) -> None:
        if self.t == 0:
            self.first_grads = [p.grad for p in self.params]
        for name, i in self.followed.items():
            self.history[name]["grad"].append(self.params[i].grad)
        super().step(learning_rate)
        for name, i in self.followed.items():
            history = self.history[name]
            history["m"].append(self.m[i])
            history["v"].append(self.v[i])
            history["data"].append(self.params[i].data)
