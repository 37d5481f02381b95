"""Checks of the exercises in docs/training.md."""

import math
import random

from checking import case, holds, rounded

from microgpt.model import MLP
from microgpt.tokenizer import Tokenizer
from microgpt.train import document_loss

SECONDS = {"reset": 30, "batch": 30}  # they train a model


def small():
    return MLP(3, 4, 8, random.Random(1))


def gradient(model, docs):
    """The gradient of the mean loss of some documents, from one graph."""
    for p in model.params:
        p.grad = 0.0
    total = 0.0
    for doc in docs:
        total = total + document_loss(model, Tokenizer("ab").encode(doc))
    (total * (1 / len(docs))).backward()
    return [p.grad for p in model.params]


def distance(a, b):
    return math.fsum((x - y) ** 2 for x, y in zip(a, b))


def perplexity(answers):
    yield case(
        "perplexity([0.0, 0.0])", lambda: rounded(answers.perplexity([0.0, 0.0])), 1.0
    )
    yield case(
        "perplexity of five losses of ln 27",
        lambda: rounded(answers.perplexity([math.log(27)] * 5), 6),
        27.0,
    )
    yield case(
        "perplexity([0.0, 2.0])",
        lambda: rounded(answers.perplexity([0.0, 2.0])),
        rounded(math.e),
    )


def warmup(answers):
    yield case(
        "rates(1.0, 4, 0)", lambda: answers.rates(1.0, 4, 0), [1.0, 0.75, 0.5, 0.25]
    )
    tried = "rates(0.5, 12, 4)"
    yield case(f"how many {tried} gives", lambda: len(answers.rates(0.5, 12, 4)), 12)

    def peaks():
        rates = answers.rates(0.5, 12, 4)
        return [i for i, rate in enumerate(rates) if rate > 0.5 - 1e-9]

    yield case(f"the steps at which {tried} has its peak", peaks, [4])
    yield case(
        f"{tried} from step 4 on",
        lambda: rounded(answers.rates(0.5, 12, 4)[4:]),
        [0.5 - i / 16 for i in range(8)],
    )
    yield holds(
        f"the first rate of {tried}",
        lambda: rounded(answers.rates(0.5, 12, 4)[0]),
        "more than 0",
        lambda got: got > 0,
    )

    def rises():
        rates = answers.rates(0.5, 12, 4)
        return rounded([b - a for a, b in zip(rates[:4], rates[1:5])], 6)

    yield holds(
        f"by how much each of the first four rates of {tried} rises",
        rises,
        "four equal numbers, more than 0",
        lambda got: got[0] > 0 and max(got) - min(got) < 3e-6,
    )


def reset(answers):
    def run(reset, num_steps):
        model, found = small(), []
        for step in range(num_steps):
            doc = ["abab", "baba", "aabb"][step % 3]
            loss = document_loss(model, Tokenizer("ab").encode(doc))
            loss.backward()
            for p in model.params:
                p.data -= 0.5 * p.grad
                p.grad *= not reset
            found.append(loss.data)
        return found

    kept = {}

    def losses(flag):
        if flag not in kept:
            kept[flag] = answers.losses(flag)
        return kept[flag]

    yield case("how many losses losses(True) gives", lambda: len(losses(True)), 20)
    for flag in True, False:
        right = run(flag, 8)
        for first, last in (0, 4), (4, 8):
            yield case(
                f"losses({flag})[{first}:{last}]",
                lambda: rounded(losses(flag)[first:last], 6),
                rounded(right[first:last], 6),
            )
    yield case("how many losses losses(False) gives", lambda: len(losses(False)), 20)

    def parts():
        pairs = enumerate(zip(losses(True), losses(False)))
        return next((i for i, (a, b) in pairs if a != b), None)

    yield case("the first step, from 0, at which the two differ", parts, 2)


def batch(answers):
    tokenizer = Tokenizer("ab")
    docs = ["abab", "baba", "aabb", "ab"]

    def error(some):
        model = small()
        gradient(model, ["bb"])  # to be cleared
        answers.batch_gradients(model, tokenizer, some)
        found = [p.grad for p in model.params]
        right = gradient(model, some)
        return rounded((distance(found, right) / math.hypot(*right) ** 2) ** 0.5)

    for some in (docs[:1], docs):
        yield case(
            f"the gradient of {', '.join(some)}: its error, as a share of it",
            lambda: error(some),
            0.0,
        )
    model = small()
    rng = random.Random(5)
    many = ["".join(rng.choices("ab", k=rng.randint(1, 7))) for _ in range(8)]
    single = [gradient(model, [doc]) for doc in many]

    def expected(size):
        parts = [single[i : i + size] for i in range(0, len(many) - size + 1, size)]
        means = [[math.fsum(g) / size for g in zip(*part)] for part in parts]
        whole = [math.fsum(g) / len(many) for g in zip(*single)]
        return rounded(math.fsum(distance(mean, whole) for mean in means) / len(means))

    for size in (8, 1, 2, 3):
        yield case(
            f"noise(model, tokenizer, docs, {size}) for 8 random documents",
            lambda: rounded(answers.noise(model, tokenizer, many, size)),
            expected(size),
        )
