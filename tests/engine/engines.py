"""What the tests of the engines share: which there are, small models, comparing.

`each_engine` and `each_other` run a test over whatever is registered in
`microgpt.engine.ENGINES`, but for `torchrun`, which is meant for several processes and
has test_distributed.py. An engine that lacks what it needs (numpy, a compiler, torch)
is left out.
"""

import json
import platform
import random
from functools import cache
from pathlib import Path

import pytest

from microgpt import Config, Tokenizer, bundled_names, load_documents
from microgpt.engine import ENGINES, EXACT, State
from tests import needs

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "names-1000.json").read_text())
GLIBC = platform.libc_ver()[0] == "glibc"

NAMES = [name for name in ENGINES if name != "torchrun"]
OTHERS = [name for name in NAMES if name != "graph"]
WITH_F32 = [name for name in ("c", "torch") if name in NAMES]


def marked(names, **times):
    """Returns the names as parameters, marked with what they need.

    times: those that take long, long=["torch"], or longer, full=["fused"].
    """
    needed = {name: needs.ENGINES.get(name, name) for name in names}
    marks = {
        name: [getattr(pytest.mark, mark)] if mark in needs.NEEDS else []
        for name, mark in needed.items()
    }
    for mark, some in times.items():
        for name in some:
            marks[name] = [*marks[name], getattr(pytest.mark, mark)]
    return [pytest.param(name, marks=marks[name]) for name in names]


each_engine = pytest.mark.parametrize("name", marked(NAMES))
each_other = pytest.mark.parametrize("name", marked(OTHERS))


def assert_same(name, found, expected, tolerance=1e-10):
    """Compares numbers: with == those of an exact engine, others by tolerance."""
    if name in EXACT and GLIBC:
        assert found == expected
    else:
        tolerance = max(tolerance, 0 if GLIBC else 1e-6)
        assert found == pytest.approx(expected, rel=tolerance, abs=tolerance)


def assert_same_state(name, found, expected):
    assert (found.config, found.t) == (expected.config, expected.t)
    for part in ("params", "m", "v"):
        assert_same(name, getattr(found, part), getattr(expected, part))


@cache
def names():
    """Returns the shuffled names and their tokenizer; the parameters come next."""
    rng = random.Random(42)
    docs = load_documents(bundled_names())
    rng.shuffle(docs)
    return docs, Tokenizer("".join(docs)), rng.getstate()


def full_size():
    """Returns the state before the first step of the full run, and the generator."""
    _, tokenizer, drawn = names()
    rng = random.Random()
    rng.setstate(drawn)
    return State.random(Config(tokenizer.vocab_size), rng), rng


def small_state(seed=0, scale=5.0, **sizes):
    """Returns a small model with parameters large enough to show what they do."""
    sizes = {"vocab_size": 5, "n_embd": 4, "n_head": 2, "block_size": 5, **sizes}
    state = State.random(Config(**sizes), random.Random(seed))
    state.params = [scale * p for p in state.params]
    return state


def documents(config, lengths, seed=1):
    """Returns documents of so many tokens, BOS at both ends."""
    rng, bos = random.Random(seed), config.vocab_size - 1
    return [
        [bos, *(rng.randrange(bos) for _ in range(length - 2)), bos]
        for length in lengths
    ]
