"""Checks of the exercises in docs/explicit.md."""

import random

from checking import case, holds

from microgpt import Config, State
from microgpt.explicit import Explicit, rmsnorm, softmax


def random_numbers(rng, count):
    return [rng.gauss(0, 1) for _ in range(count)]


def rounded(numbers):
    return [round(number, 9) for number in numbers]


def activation(answers):
    tried = "squared_relu([-2.0, 0.0, 3.0])"
    yield case(
        tried, lambda: list(answers.squared_relu([-2.0, 0.0, 3.0])), [0.0, 0.0, 9.0]
    )
    tried = "squared_relu_backward([1.0, 2.0, 10.0], [-2.0, 0.5, 3.0])"

    def of_three():
        return list(answers.squared_relu_backward([1.0, 2.0, 10.0], [-2.0, 0.5, 3.0]))

    yield case(tried, of_three, [0.0, 2.0, 60.0])
    rng = random.Random(1)
    x, dh = random_numbers(rng, 6), random_numbers(rng, 6)
    expected = [d * 2 * xi if xi > 0 else 0.0 for d, xi in zip(dh, x)]
    tried = "squared_relu_backward(dh, x), six random numbers each"
    yield case(
        tried,
        lambda: rounded(answers.squared_relu_backward(dh, x)),
        rounded(expected),
    )


def gain(answers):
    def both(dy, x, gain):
        normed, _ = rmsnorm(x)
        dgain = [d * number for d, number in zip(dy, normed)]
        return rounded(dgain), rounded(d * g for d, g in zip(dy, gain))

    def cases(name, dy, x, gain):
        dgain, dnormed = both(dy, x, gain)

        def answer(which):
            return rounded(answers.gain_backward(dy, x, gain)[which])

        yield case(f"the gradient of the gain, {name}", lambda: answer(0), dgain)
        yield case(f"that of the normed vector, {name}", lambda: answer(1), dnormed)

    name = "dy = [1, 2], x = [3, 4], gain = [5, 7]"
    yield from cases(name, [1.0, 2.0], [3.0, 4.0], [5.0, 7.0])
    rng = random.Random(2)
    name = "five random numbers each"
    yield from cases(name, *(random_numbers(rng, 5) for _ in range(3)))


def order(answers):
    rng = random.Random(3)
    state = State.random(Config(27, n_embd=8, n_head=2), rng)

    def name():
        return [26, *(rng.randrange(26) for _ in range(rng.randint(2, 4))), 26]

    class Told(Explicit):
        """Explicit, which notes the documents as they come."""

        def document(self, tokens, share):
            self.seen = [*getattr(self, "seen", []), tokens]
            return super().document(tokens, share)

    def seen():
        class Watched(answers.Descending, Told):
            pass

        engine = Watched(state)
        engine.step([[26, 0, 3, 26], [26, 1, 26], [26, 2, 5, 7, 26]], 0.01)
        return engine.seen

    tried = "how step takes [26,0,3,26], [26,1,26] and [26,2,5,7,26]"
    yield case(tried, seen, [[26, 2, 5, 7, 26], [26, 1, 26], [26, 0, 3, 26]])

    def batch_after():
        batch = [[26, 0, 26], [26, 1, 26]]
        answers.Descending(state).step(batch, 0.01)
        return batch

    tried = "the caller's batch, [26,0,26] and [26,1,26], after a step"
    yield case(tried, batch_after, [[26, 0, 26], [26, 1, 26]])
    batches = [[name() for _ in range(3)] for _ in range(20)]

    def far_apart():
        one, other = Explicit(state), answers.Descending(state)
        pairs = [(one.step(b, 0.01), other.step(b, 0.01)) for b in batches]
        most = max(abs(a / b - 1) for a, b in pairs)
        alike = one.state().params == other.state().params
        return "less than 1e-9" if most < 1e-9 else f"{most:.1g}", not alike

    yield holds(
        "20 losses beside Explicit's, and: do the parameters differ?",
        far_apart,
        "('less than 1e-9', True): only last digits differ",
        lambda got: got == ("less than 1e-9", True),
    )


def collected(thing, lists):
    """The lengths of all lists of floats in a thing, by their id."""
    if isinstance(thing, list | tuple) and thing:
        if isinstance(thing[0], float):
            lists[id(thing)] = sum(isinstance(x, float) for x in thing)
        else:
            for part in thing:
                collected(part, lists)
    return lists


def held_by(config, n):
    """How many floats the engine keeps for n predictions."""
    engine = Explicit(State.random(config, random.Random(4)))
    cache, kept = engine.empty_cache(), []
    for i in range(n):
        logits, trace = engine.position(i, i, cache)
        kept.append((trace, softmax(logits)))
    held = [(h.keys, h.values, h.reads) for heads in cache for h in heads]
    return sum(collected([kept, held], {}).values())


def kept(answers):
    for sizes in ({}, {"n_layer": 3}, {"n_embd": 8, "n_head": 2}):
        config = Config(27, **sizes)
        said = ", ".join(["27", *(f"{name}={n}" for name, n in sizes.items())])
        for n in (1, 5, 16):
            tried = f"kept_numbers(Config({said}), {n})"
            expected = held_by(config, n)
            yield case(tried, lambda: answers.kept_numbers(config, n), expected)
