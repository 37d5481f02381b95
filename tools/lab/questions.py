"""Questions: the runs that the book needs, by what they answer. A list, not a product.

Each question gives settings and seeds. A setting is run at the rate that was chosen for
it, or at rates that the question names, and then needs no choice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tools.lab import catalogue, rates
from tools.lab.runs import EPOCH, Found, Run

Table = Mapping[Run, Found]
Wanted = Iterator[tuple[Run, bool]]  # a run, and whether its rate is to be chosen

SHORT, LONG = 1000, EPOCH
BOTH = (SHORT, LONG)
TEN = range(1, 11)
TWENTY = range(1, 21)
WIDTHS = (8, 16, 32, 64)
LENGTHS = (100, 300, 1000, 3000, 10_000, EPOCH)
EPOCHS = (3, 10)


@dataclass(frozen=True)
class Question:
    """What is asked, in words, and the runs that answer it."""

    title: str
    runs: Callable[[], Wanted]


QUESTIONS: dict[str, Question] = {}  # by the names of their functions


def question(title: str) -> Callable:
    """Returns a decorator: its function's runs answer the question with this title."""

    def noted(runs: Callable[[], Wanted]) -> Callable[[], Wanted]:
        QUESTIONS[runs.__name__] = Question(title, runs)
        return runs

    return noted


def seeded(
    run: Run, weights: Iterable[int] = (), orders: Iterable[int] = ()
) -> list[Run]:
    """Returns a run with other first weights, then with other orders."""
    return [replace(run, weights=seed) for seed in weights] + [
        replace(run, order=seed) for seed in orders
    ]


def chosen(runs: Iterable[Run]) -> Wanted:
    """Yields runs whose rates are to be chosen."""
    yield from ((run, True) for run in runs)


def at_0_01(runs: Iterable[Run]) -> Wanted:
    """Yields runs at the book's own rate."""
    yield from ((run, False) for run in runs)


@question("What the seeds alone do: twenty first weights, twenty orders.")
def noise() -> Wanted:
    for steps, kind in ((SHORT, at_0_01), (SHORT, chosen), (LONG, chosen)):
        book = Run(steps=steps)
        yield from kind([book, *seeded(book, TWENTY, TWENTY)])


@question("How the loss falls with the names read, at four widths.")
def diet() -> Wanted:
    for steps in LENGTHS:
        for width in WIDTHS:
            yield from chosen(seeded(Run(width=width, steps=steps), (1, 2, 3)))
    for epochs in EPOCHS:
        for width in WIDTHS:
            long = Run(width=width, steps=epochs * EPOCH)
            yield from chosen(seeded(long, (1, 2, 3)))


# Without a part, or another in its place: all that the kernel computes, and the others.
KERNEL = ("no-attention", "no-mlp", "no-attention+no-mlp")
PARTS = (
    *("no-position", "no-norm", "no-residual", "sinusoidal", "rotary", "no-relu"),
    *("layernorm", "gelu", "squared-relu", "no-root", "tied-head", "parallel"),
    "shared-keys",
)
# The models of the second part of the book, each by its chapter.
LADDER = {
    "parameters": {"variant": "no-attention+no-mlp+no-norm+no-position"},
    "embeddings": {"variant": "no-attention+no-mlp+no-norm"},
    "residual": {"variant": "no-attention+no-mlp"},
    "attention": {"variant": "no-mlp", "heads": 1},
    "heads": {"variant": "no-mlp"},
    "mlp": {},
}
SIZES = (
    *({"heads": n} for n in (1, 2, 8)),
    *({"layers": n} for n in (2, 3)),
    *({"context": n} for n in (4, 8)),
)


def known(variants: Iterable[str]) -> list[str]:
    """Returns those of the variants that have their pages."""
    there = {*catalogue.names(), catalogue.BOOKS}
    return [it for it in variants if there.issuperset(it.split("+"))]


@question("What is lost without a part, at 1,000 names and at all of them.")
def parts() -> Wanted:
    for steps in BOTH:
        for variant in KERNEL:
            run = Run(variant, steps=steps)
            yield from chosen(seeded(run, TEN, TEN))
        for variant in known(PARTS):
            yield from chosen(seeded(Run(variant, steps=steps), TEN))


@question("What heads, layers and a longer context are worth.")
def sizes() -> Wanted:
    for steps in BOTH:
        for changes in SIZES:
            yield from chosen(seeded(Run(steps=steps, **changes), TEN))
        for first in (4, 8):  # what a short context cannot see is not asked
            whole = Run(steps=steps, held=f"report-{first}")
            yield from chosen(seeded(whole, TEN))


@question("The models of the chapters, at their rate and at the best one.")
def ladder() -> Wanted:
    for changes in LADDER.values():
        if known([changes.get("variant", catalogue.BOOKS)]):
            for steps, kind in ((SHORT, at_0_01), (SHORT, chosen), (LONG, chosen)):
                yield from kind(seeded(Run(steps=steps, **changes), TEN))


RECIPES = (
    *("sgd", "momentum", "adamw", "constant-rate", "warm-up", "clipping"),
    *("betas", "zero-init", "initial-std"),
)


@question("What the way of training is worth, each with the best of several rates.")
def recipe() -> Wanted:
    for steps in BOTH:
        for variant in known(RECIPES):
            yield from chosen(seeded(Run(variant, steps=steps), TEN))
    for batch in (8, 32):  # after as many steps, and after as many names
        for steps in (SHORT, EPOCH // batch):
            yield from chosen(seeded(Run(batch=batch, steps=steps), TEN))


@question("When attention, the MLP and the heads begin to be worth something.")
def waking() -> Wanted:
    for steps in LENGTHS:
        for changes in ({}, *({"variant": it} for it in KERNEL[:2]), {"heads": 1}):
            yield from chosen(seeded(Run(steps=steps, **changes), TEN, TEN))


# The other texts: the documents to train on, and the context that they are read with.
TEXTS = {
    "echo": (9000, 16),
    "greek": (4928, 16),
    "psalms": (2215, 32),
    "prose": (562, 32),
}
LARGER = ("names", "greek", "psalms", "prose")
# Width and layers of larger models; most of those on names are in other questions, too.
GROWN = ((8, 1), (16, 1), (32, 1), (64, 1), (16, 2), (32, 2))


@question(
    "What attention is worth on other texts, and where it cannot be done without."
)
def texts() -> Wanted:
    for text, (number, context) in TEXTS.items():
        for steps in (SHORT, number):
            for variant in (catalogue.BOOKS, "no-attention"):
                run = Run(variant, text=text, context=context, steps=steps)
                yield from chosen(seeded(run, TEN))


@question("What a larger model does with the same text, read once.")
def larger() -> Wanted:
    for text in LARGER:
        number, context = TEXTS.get(text, (EPOCH, 16))
        for width, layers in GROWN:
            size = Run(text=text, width=width, layers=layers, context=context)
            yield from chosen(seeded(replace(size, steps=number), (1, 2)))


DEEP, RATES = (1, 12, 24), (0.003, 0.01, 0.03)


@question("What a rate does to a deep model.")
def deep() -> Wanted:
    for layers in DEEP:
        for rate in RATES:
            run = Run(layers=layers, rate=rate)
            yield from ((one, False) for one in seeded(run, (1, 2, 3)))


def runs(
    questions: Sequence[str], table: Table
) -> tuple[dict[Run, str], dict[Run, str]]:
    """Returns the runs of questions, each with its question, as far as rates are known.

    And those whose rates are still to be chosen; what tries these is among the first.
    """
    found: dict[Run, str] = {}
    waiting: dict[Run, str] = {}
    best: dict[Run, float | None] = {}
    for name in questions:
        for run, choose in QUESTIONS[name].runs():
            if not choose:
                found.setdefault(run, name)
                continue
            if (kind := run.chooser) not in best:
                trying = rates.wanted(run, table)
                found |= {one: name for one in trying if one not in found}
                best[kind] = None if trying else rates.chosen(run, table)
            if (rate := best[kind]) is None:
                waiting.setdefault(run, name)
            else:
                found.setdefault(replace(run, rate=rate), name)
    return found, waiting
