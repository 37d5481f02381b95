"""Wrong: what a mistake in the gradients does to the loss, which is little.

`python -m tools.lab.wrong` trains the engine `explicit` for 1,000 steps, once as it is,
once for each of the mistakes below, and once more with other first parameters for
comparison. It tells the mean losses of each hundred documents, that of 1,000
held-out ones, the direction of the gradient, and what the check of the chapter
`correct` says. It takes some minutes; `--write` puts the table into
docs/data/wrong.csv. Rows that stand there already are made again with `--anew` only.

A mistake is made by changing a line of the engine's source.
"""

import random
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import microgpt.explicit
from microgpt import Config, Tokenizer, bundled_names, load_documents, mean_loss, split
from microgpt.check import gradient_errors
from microgpt.engine import (
    Batch,
    State,
    batches_of,
    encode_all,
    make_engine,
    train_with,
)
from microgpt.evaluate import mean
from tools.lab.experiment import Experiment
from tools.proof.about import about
from tools.proof.exits import ended
from tools.proof.stage import RunError

HUNDREDS = [f"to_{n}" for n in range(100, 1001, 100)]
COLUMNS = ("mistake", "seed", "held_out", "cosine", "error", "where", *HUNDREDS)
NUM_STEPS = 1000

# mistake: [(a line of the engine, what stands in its place)]
KEYS = ("[dl[n - 1] for dl in dls], qs)", "[dls[-1][n - 1]], qs[-1:])")
VALUES = ("[w[n - 1] for w in ws], dzs)", "[ws[-1][n - 1]], dzs[-1:])")
TERM = "dxi + scale * dyi + xi * dsquare + xi * dsquare"
MISTAKES: dict[str, list[tuple[str, str]]] = {
    "none": [],
    "keys": [KEYS],
    "values": [VALUES],
    "norm": [(TERM, "dxi + scale * dyi")],
    "norm-once": [(TERM, "dxi + scale * dyi + xi * dsquare")],
    "root": [("[scale * d for d in softmax_b", "[d for d in softmax_b")],
    "all": [KEYS, VALUES, (TERM, "dxi + scale * dyi")],
}
SEEDS = (1, 2, 3, 4)  # for other first parameters, without a mistake


@cache
def engine(mistake: str) -> Any:
    """Returns the class `Explicit` with a mistake in it."""
    source = Path(microgpt.explicit.__file__).read_text("utf-8")
    for line, wrong in MISTAKES[mistake]:
        if source.count(line) != 1:
            raise RunError(f"microgpt/explicit.py: there is no line {line!r}")
        source = source.replace(line, wrong)
    name = f"microgpt.wrong_{mistake.replace('-', '_')}"
    module = module_from_spec(spec_from_loader(name, None))
    sys.modules[name] = module
    exec(compile(source, name, "exec"), module.__dict__)
    return module.Explicit


def cosine(a: list[float], b: list[float]) -> float:
    """Returns the cosine of the angle between two vectors."""
    ab, aa, bb = (
        sum(x * y for x, y in zip(*pair)) for pair in ((a, b), (a, a), (b, b))
    )
    return ab / (aa * bb) ** 0.5


def documents() -> tuple[list[str], list[str], Tokenizer, random.Random]:
    """Returns the documents to learn from, those held out, and what draws."""
    rng = random.Random(42)
    docs = load_documents(bundled_names())
    rng.shuffle(docs)
    return *split(docs, 1000), Tokenizer("".join(docs)), rng


@cache
def checked(mistake: str) -> tuple[str, str]:
    """Returns the largest error that the check finds, and in which matrix."""
    errors = gradient_errors(engine(mistake), small_state(), SMALL_BATCH)
    where = max(errors, key=errors.__getitem__)
    return f"{errors[where]:.1e}", where


SMALL_BATCH: Batch = [[5, 0, 3, 3, 1, 5], [5, 2, 4, 5]]


def small_state() -> State:
    """Returns a model of two layers, small enough to nudge every parameter."""
    state = State.random(
        Config(6, n_embd=4, n_layer=2, n_head=2, block_size=6), random.Random(0)
    )
    state.params = [5 * p for p in state.params]
    return state


@cache
def trained_state() -> State:
    """Returns the parameters after 100 right steps, to compare directions at."""
    docs, _, tokenizer, rng = documents()
    tokens = encode_all(docs, tokenizer, 17)
    right = make_engine("explicit", State.random(Config(tokenizer.vocab_size), rng))
    right.steps(batches_of(range(100), 1, tokens), [0.01] * 100)
    return right.state()


def direction(mistake: str) -> float:
    """Returns the cosine between the gradient and the right one, for 200 names."""
    docs, _, tokenizer, _ = documents()
    (batch,) = batches_of(range(1, 2), 200, encode_all(docs, tokenizer, 17))
    pair = [engine(name)(trained_state()) for name in ("none", mistake)]
    return cosine(*(one.loss_and_gradients(batch)[1] for one in pair))


def cells(run: tuple[str, int], num_steps: int = NUM_STEPS) -> tuple[str, ...]:
    """Returns the cells of a run: of a mistake, or of other first parameters."""
    mistake, seed = run
    docs, held_out, tokenizer, rng = documents()
    if seed != 42:
        rng = random.Random(seed)
    model = engine(mistake)(State.random(Config(tokenizer.vocab_size), rng))
    steps = train_with(model, docs, tokenizer, 0.01, num_steps)
    losses = [loss for some in steps for loss in some]
    hundreds = [mean(losses[i : i + 100]) for i in range(0, num_steps, 100)]
    loss = mean_loss(model.predict, held_out, tokenizer)
    error, where = checked(mistake)
    means = [f"{loss:.4f}" for loss in hundreds]
    return f"{loss:.4f}", f"{direction(mistake):.3f}", error, where, *means


RUNS = [(mistake, 42) for mistake in MISTAKES] + [("none", seed) for seed in SEEDS]
WRONG = Experiment(
    "wrong", COLUMNS, {(mistake, str(seed)): (mistake, seed) for mistake, seed in RUNS},
    cells,
)  # fmt: skip


if __name__ == "__main__":
    sys.exit(ended(lambda: WRONG.main(about(__file__))))
