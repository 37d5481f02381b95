"""The program's numbers are those of the original, to the last bit.

golden/names-1000.json and golden/variants.json hold what Karpathy's microgpt.py
prints: losses as exact floats, and samples. With another C library than glibc
the last digits of exp, log and pow differ, and six digits are compared.
"""

import json
import platform
import random
import subprocess
import sys
from pathlib import Path

import pytest

from microgpt import Config, Tokenizer, bundled_names, load_documents
from microgpt.engine import EXACT as EXACT_ENGINES
from microgpt.engine import State, batches_of, encode_all, make_engine
from microgpt.train import no_collector
from tools.proof import baseline

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
ORIGINAL = json.loads((GOLDEN / "names-1000.json").read_text("utf-8"))
EXACT = platform.libc_ver()[0] == "glibc"


def program(folder, *options, cwd=None):
    """Runs the program; returns the losses of its log and its samples."""
    log = folder / "losses.csv"
    done = subprocess.run(
        [sys.executable, "-m", "microgpt", "--log", str(log), "--quiet", *options],
        capture_output=True, text=True, check=True, cwd=cwd or GOLDEN.parents[1],
    )  # fmt: skip
    rows = log.read_text().splitlines()
    assert rows[0] == "step,loss"
    steps, losses = zip(*(row.split(",") for row in rows[1:]))
    assert list(steps) == [str(i + 1) for i in range(len(steps))]
    return [float(loss) for loss in losses], done.stdout.splitlines()


def assert_equal(losses, golden):
    if EXACT:
        assert losses == golden
    else:
        assert losses == pytest.approx(golden, rel=1e-6)


@pytest.mark.full
def test_all_1000_losses_and_20_samples_are_the_originals(tmp_path):
    losses, samples = program(tmp_path, "--engine", "graph")
    assert len(losses) == 1000
    assert_equal(losses, ORIGINAL["losses"])
    if EXACT:
        assert samples == ORIGINAL["samples"]


def test_the_first_100_losses_of_the_graph_are_the_originals():
    rng = random.Random(42)
    docs = load_documents(bundled_names())
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    engine = make_engine("graph", State.random(Config(tokenizer.vocab_size), rng))
    batches = batches_of(range(100), 1, encode_all(docs, tokenizer, 17))
    rates = [0.01 * (1 - step / 1000) for step in range(100)]
    with no_collector():
        losses = engine.steps(batches, rates)
    assert_equal(losses, ORIGINAL["losses"][:100])


VARIANTS = json.loads((GOLDEN / "variants.json").read_text(encoding="utf-8"))


def varied():
    """Each exact engine with each variant; but for the fastest one, most are long."""
    *slow, fast = EXACT_ENGINES
    assert fast == "explicit"
    for engine in EXACT_ENGINES:
        for variant in VARIANTS:
            long = engine in slow and variant is not VARIANTS[0]
            name = f"{engine}-{variant['name']}"
            marks = [pytest.mark.long] if long else []
            yield pytest.param(variant, engine, marks=marks, id=name)


@pytest.mark.parametrize(("variant", "engine"), [*varied()])
def test_with_other_sizes_seeds_and_texts_they_are_too(variant, engine, tmp_path):
    options = []
    for name, value in variant["options"].items():
        options += ["--" + name.replace("_", "-"), str(value)]
    if variant["data"] != "names.txt":
        options += ["--data", str(GOLDEN / variant["data"])]
    losses, samples = program(tmp_path, "--engine", engine, *options)
    assert_equal(losses, variant["losses"])
    if EXACT:
        assert samples == variant["samples"]


@pytest.mark.parametrize("chapter", ["mlp", "sampling"])
def test_the_stages_of_the_complete_model_have_the_originals_losses(chapter):
    """The baseline of a stage is compared with the stage in tests/book."""
    losses = map(float, baseline.read()[chapter]["losses"])
    assert_equal([*losses], ORIGINAL["losses"][: baseline.STEPS])
