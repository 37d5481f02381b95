"""Checks of the exercises in docs/engines.md."""

import random
from functools import cache

from checking import case, holds

from microgpt import Config, State
from microgpt.graph import Graph

BATCH = [[4, 0, 1, 4], [4, 2, 4], [4, 3, 3, 3, 4], [4, 1, 4], [4, 0, 2, 4]]
CONFIG = Config(5, n_embd=4, n_head=2, block_size=4)


class Off(Graph):
    """The engine `graph`, whose loss is off by a little from some step on."""

    first, little = 1, 1e-12

    def step(self, batch, rate):
        loss = super().step(batch, rate)
        late = self.optimizer.t >= self.first
        return loss + self.little if late else loss


def apart(answers):
    state = State.random(CONFIG, random.Random(0))
    batches = [[tokens] for tokens in BATCH]

    def found(other, rate=0.01):
        return lambda: answers.first_difference(Graph(state), other, batches, rate)

    yield case("two engines that are the same", found(Graph(state)), None)
    for first in (1, 3, 5):
        other = Off(state)
        other.first = first
        yield case(
            f"a loss that is off by 1e-12 from step {first} on", found(other), first
        )
    moved = State(CONFIG, state.params, state.m, state.v, 3)
    yield case(
        "another count of steps, which the first loss cannot show",
        found(Graph(moved)),
        2,
    )
    yield case(
        "no batches at all",
        lambda: answers.first_difference(Graph(state), Off(state), [], 0.01),
        None,
    )


class Watched(Graph):
    """The engine `graph`, which notes how many documents it is given at a time."""

    seen = ()

    def loss_and_gradients(self, batch):
        self.seen = [*self.seen, len(batch)]
        return super().loss_and_gradients(batch)


def pieces(answers):
    config = Config(5, n_embd=4, n_head=2, block_size=4)
    state = State.random(config, random.Random(0))
    loss, gradient = Graph(state).loss_and_gradients(BATCH)
    for size in (5, 1, 2, 3, 8):
        call = f"in_pieces(engine, batch of 5, {size})"

        @cache
        def found():
            engine = Watched(state)
            part, slopes = answers.in_pieces(engine, BATCH, size)
            return part, slopes, engine.seen

        def farthest():
            slopes = found()[1]
            if len(slopes) != len(gradient):
                return f"{len(slopes)} numbers"
            return round(max(abs(a - b) for a, b in zip(slopes, gradient)), 12)

        tried = f"the loss of {call}"
        yield case(tried, lambda: round(found()[0], 12), round(loss, 12))
        yield case(f"the gradient's largest error, {call}", farthest, 0.0, 1e-12)
        yield holds(
            f"the most documents at a time, {call}",
            lambda: max(found()[2]),
            f"at most {size}",
            lambda got: got <= size,
        )
