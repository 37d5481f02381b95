"""The exercises of docs/explicit.md."""

import random

import pytest

from microgpt import Config
from microgpt.engine import State
from microgpt.explicit import Explicit, rmsnorm, rmsnorm_backward, softmax

E = 1e-6


def slope(f, x, i):
    """The derivative of f by number i of x, by a nudge to both sides."""
    up, down = ([*x[:i], x[i] + e, *x[i + 1 :]] for e in (E, -E))
    return (f(up) - f(down)) / (2 * E)


def weighted(d, y):
    """A loss whose gradient by y is d."""
    return sum(a * b for a, b in zip(d, y))


def test_squared_relu_is_a_square_on_the_right_and_zero_on_the_left(answers):
    assert list(answers.squared_relu([-2.0, 0.0, 3.0])) == [0.0, 0.0, 9.0]


def test_its_gradient_is_what_finite_differences_say(answers):
    rng = random.Random(1)
    x = [rng.gauss(0, 1) for _ in range(6)]
    dh = [rng.gauss(0, 1) for _ in range(6)]
    dx = answers.squared_relu_backward(dh, x)
    for i in range(6):
        expected = slope(lambda x: weighted(dh, answers.squared_relu(x)), x, i)
        assert dx[i] == pytest.approx(expected, abs=1e-6)


def test_the_gradients_of_the_gain_and_through_the_norm_are_right(answers):
    rng = random.Random(2)
    x, dy, gain = ([rng.gauss(0, 1) for _ in range(5)] for _ in range(3))

    def loss(x, gain):
        return weighted(dy, [g * xi for g, xi in zip(gain, rmsnorm(x)[0])])

    dgain, dnormed = answers.gain_backward(dy, x, gain)
    dx = rmsnorm_backward(dnormed, x, rmsnorm(x)[1], [0.0] * 5)
    for i in range(5):
        by_gain = slope(lambda gain: loss(x, gain), gain, i)
        assert dgain[i] == pytest.approx(by_gain, abs=1e-6)
        by_x = slope(lambda x: loss(x, gain), x, i)
        assert dx[i] == pytest.approx(by_x, abs=1e-6)


def test_the_order_of_the_documents_shows_in_the_last_digits_only(answers):
    rng = random.Random(3)
    state = State.random(Config(27), rng)
    one, other = Explicit(state), answers.Descending(state)
    names = [
        [26, *(rng.randrange(26) for _ in range(rng.randint(3, 8))), 26]
        for _ in range(60)
    ]
    batches = [names[i : i + 3] for i in range(0, 60, 3)]
    losses = [[engine.step(b, 0.01) for b in batches] for engine in (one, other)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)
    assert one.state().params != other.state().params


@pytest.mark.parametrize("sizes", [{}, {"n_layer": 3}, {"n_embd": 8, "n_head": 2}])
@pytest.mark.parametrize("n", [1, 5, 16])
def test_the_numbers_that_are_kept_are_counted(answers, sizes, n):
    config = Config(27, **sizes)
    engine = Explicit(State.random(config, random.Random(4)))
    cache = engine.empty_cache()
    kept = []
    for i in range(n):
        logits, trace = engine.position(i, i, cache)
        kept.append((trace, softmax(logits)))
    held = [(h.keys, h.values, h.reads) for heads in cache for h in heads]
    lists = {}

    def collect(thing):
        if not isinstance(thing, (list, tuple)) or not thing:
            return
        if isinstance(thing[0], float):
            lists[id(thing)] = len([x for x in thing if isinstance(x, float)])
        else:
            for part in thing:
                collect(part)

    collect([kept, held])
    assert answers.kept_numbers(config, n) == sum(lists.values())
