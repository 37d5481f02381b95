"""Checks of the exercises in docs/correct.md."""

import math
import random

from checking import case, holds, rounded

from microgpt import Config
from microgpt.check import gradient_errors
from microgpt.engine import State, shapes
from microgpt.explicit import Explicit, Head

SECONDS = {"own": 30, "where": 30}  # each slope of each parameter

BATCH = [[3, 0, 1, 1, 3], [3, 2, 3]]


class Doubled(Explicit):
    """An engine whose gradient is twice what it should be."""

    def loss_and_gradients(self, batch):
        loss, gradient = super().loss_and_gradients(batch)
        return loss, [2 * g for g in gradient]


class OneSided(Head):
    """A head that forgets the later readers of a key."""

    def backward(self, dz):
        dq, _, dv = super().backward(dz)
        q, _, dlogits, _ = self.readers[-1]
        return dq, [dlogits[-1] * qi for qi in q], dv


class Forgets(Explicit):
    """The engine that OwnKeys should be."""

    def empty_cache(self):
        return [[OneSided() for _ in heads] for heads in super().empty_cache()]


def small_state():
    state = State.random(Config(4, 2, 4, 2, 1), random.Random(0))
    state.params = [5 * p for p in state.params]
    return state


def direction(answers):
    def error(make, seed):
        rng = random.Random(seed)
        return rounded(answers.direction_error(make, small_state(), BATCH, rng), 6)

    for seed in range(5):
        yield holds(
            f"direction_error of the right engine, rng = Random({seed})",
            lambda: error(Explicit, seed),
            "less than 0.000001",
            lambda got: 0 <= got < 1e-6,
        )
    yield case(
        "direction_error of an engine whose gradient is twice too long",
        lambda: error(Doubled, 1),
        0.5,
    )

    def after():
        rng = random.Random(1)
        answers.direction_error(Explicit, small_state(), BATCH, rng)
        return rng.gauss(0, 1)

    rng = random.Random(1)
    drawn = [rng.gauss(0, 1) for _ in range(len(small_state().params) + 1)]
    yield case(
        "what rng.gauss(0, 1) gives next: it has drawn one number a parameter",
        lambda: rounded(after()),
        rounded(drawn[-1]),
    )


def step(answers):
    steps = [10.0**-k for k in range(1, 13)]
    square = "best_step(lambda x: x * x, 3.0, 6.0)"
    yield holds(
        square,
        lambda: answers.best_step(lambda x: x * x, 3.0, 6.0),
        "one of the steps 0.1, 0.01, …, 1e-12",
        lambda got: any(math.isclose(got, step) for step in steps),
    )
    yield holds(
        square,
        lambda: answers.best_step(lambda x: x * x, 3.0, 6.0),
        "0.001 or more, since a square has no third derivative",
        lambda got: got > 0.9e-3,
    )
    yield holds(
        "best_step(math.exp, 1.0, math.e)",
        lambda: answers.best_step(math.exp, 1.0, math.e),
        "between 1e-6 and 1e-4",
        lambda got: 0.9e-6 < got < 1.1e-4,
    )


def own(answers):
    long, short = [[3, 0, 1, 3]], [[3, 3]]

    def wrong(batch, start=""):
        errors = gradient_errors(answers.OwnKeys, small_state(), batch)
        return [n for n, e in errors.items() if e > 1e-6 and n.startswith(start)]

    yield case(
        "the loss of OwnKeys for [[3, 0, 1, 3]]",
        lambda: rounded(answers.OwnKeys(small_state()).loss_and_gradients(long)[0]),
        rounded(Explicit(small_state()).loss_and_gradients(long)[0]),
    )
    yield case(
        "the matrices with a wrong gradient for [[3, 3]]", lambda: wrong(short), []
    )
    yield case(
        "the matrices of layer 1 with a wrong gradient for [[3, 0, 1, 3]]",
        lambda: wrong(long, "layer1"),
        ["layer1.attn_wk"],
    )
    yield holds(
        "does layer0.mlp_fc2, further down, get a wrong gradient for it?",
        lambda: "layer0.mlp_fc2" in wrong(long),
        "True",
        lambda got: got,
    )

    def apart():
        made = answers.OwnKeys(small_state()).loss_and_gradients(long)[1]
        right = Forgets(small_state()).loss_and_gradients(long)[1]
        return rounded(max(abs(a - b) for a, b in zip(made, right)), 6)

    yield case(
        "how far the gradient is from that of the own position alone", apart, 0.0
    )


def where(answers):
    config = small_state().config

    def first(errors, config=config):
        right = dict.fromkeys(shapes(config), 0.0)
        return answers.first_wrong({**right, **errors}, config, 1e-6)

    def only(*names):
        return dict.fromkeys(names, 1.0)

    yield case("first_wrong if no matrix is wrong", lambda: first({}), None)
    every = only(*shapes(config))
    yield case("first_wrong if all are wrong", lambda: first(every), "lm_head")
    for right, other in (
        ("wte", "wpe"),
        ("layer1.attn_wq", "layer0.mlp_fc2"),
        ("layer1.attn_wk", "layer1.attn_wq"),
        ("layer0.attn_wv", "layer0.attn_wk"),
        ("layer0.mlp_fc2", "layer0.mlp_fc1"),
        ("layer0.mlp_fc1", "layer0.attn_wo"),
        ("layer0.attn_wo", "layer0.attn_wv"),
    ):
        yield case(
            f"first_wrong if {' and '.join(sorted([right, other]))} are wrong",
            lambda: first(only(other, right)),
            right,
        )
    deep = Config(4, 2, 4, 12, 1)
    yield case(
        "first_wrong of 12 layers if layer9.attn_wq and layer10.attn_wq are wrong",
        lambda: first(only("layer9.attn_wq", "layer10.attn_wq"), deep),
        "layer10.attn_wq",
    )
    for make, right in (Forgets, "layer1.attn_wk"), (Explicit, None):
        errors = gradient_errors(make, small_state(), BATCH)
        yield case(
            f"first_wrong for the errors of {make.__name__}",
            lambda: answers.first_wrong(errors, config, 1e-6),
            right,
        )
