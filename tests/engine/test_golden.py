"""The program's numbers are those of the original, to the last bit.

golden/names-1000.json and golden/variants.json hold what Karpathy's microgpt.py
prints: losses as exact floats, and samples. With another C library than glibc
the last digits of exp, log and pow differ, and six digits are compared.
"""

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

import microgpt.engine

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
EXACT_ENGINES = microgpt.engine.EXACT
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


@pytest.mark.long
def test_all_1000_losses_and_20_samples_are_the_originals(tmp_path):
    golden = json.loads((GOLDEN / "names-1000.json").read_text())
    losses, samples = program(tmp_path, "--engine", "graph")
    assert len(losses) == 1000
    assert_equal(losses, golden["losses"])
    if EXACT:
        assert samples == golden["samples"]


VARIANTS = json.loads((GOLDEN / "variants.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant["name"])
@pytest.mark.parametrize("engine", EXACT_ENGINES)
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


FIRST_LOSSES = """
import random
from itertools import islice
from microgpt.data import bundled_names, load_documents
from microgpt.model import GPT, Config
from microgpt.optim import Adam
from microgpt.tokenizer import Tokenizer
from microgpt.train import train
rng = random.Random(42)
docs = load_documents(bundled_names())
rng.shuffle(docs)
tokenizer = Tokenizer("".join(docs))
model = GPT(Config(tokenizer.vocab_size), rng)
steps = train(model, Adam(model.params), docs, tokenizer, 0.01, 1000)
for _, loss in islice(steps, 12):
    print(repr(loss))
"""


@pytest.mark.parametrize("chapter", ["adam", "sampling"])
def test_the_stages_that_have_adam_begin_with_the_same_losses(chapter, stage):
    done = subprocess.run(
        [sys.executable, "-c", FIRST_LOSSES], cwd=stage(chapter),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    golden = json.loads((GOLDEN / "names-1000.json").read_text())
    assert_equal([float(x) for x in done.stdout.split()], golden["losses"][:12])
