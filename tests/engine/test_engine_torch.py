"""The engine `torch`: devices, the compiler, padding, and what the book says of it.

That it computes what the others compute is tested in test_engines.py.
"""

import csv
import os
import random
import subprocess
import sys

import pytest

from microgpt import Config, InputError, State, make_engine
from microgpt.engine import shapes
from tools.proof.stage import ROOT

pytestmark = pytest.mark.torch
CONFIG = Config(7, n_embd=8, n_head=2, n_layer=2, block_size=6)


@pytest.fixture
def state():
    return State.random(CONFIG, random.Random(3))


def batch_of(*lengths):
    rng = random.Random(sum(lengths))
    return [[rng.randrange(7) for _ in range(length)] for length in lengths]


def run(*arguments, **environment):
    """Runs the program with the engine `torch`, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "microgpt", "--engine", "torch", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
        env=os.environ | environment,
    )  # fmt: skip


def test_names_shapes_and_order_are_those_of_the_engines():
    from microgpt.framework import Model

    found = {name: tuple(p.shape) for name, p in Model(CONFIG).state_dict().items()}
    assert list(found.items()) == list(shapes(CONFIG).items())


@pytest.mark.parametrize("precision", ["f64", "f32"])
def test_a_state_comes_back_as_it_went_in(state, precision):
    engine = make_engine("torch", state, precision=precision)
    engine.step(batch_of(3, 7), 0.01)
    now = engine.state()
    assert now.t == 1 and now.params != state.params
    assert make_engine("torch", now, precision=precision).state() == now


def test_the_weights_are_those_of_the_mean_of_means():
    from microgpt.framework import rectangle

    tokens, targets, weights = rectangle([[6, 1, 2, 6], [6, 6]])
    assert tokens == [[6, 1, 2], [6, 0, 0]]
    assert targets == [[1, 2, 6], [6, 0, 0]]
    assert weights == [[1 / 6, 1 / 6, 1 / 6], [1 / 2, 0, 0]]


def test_what_a_row_is_filled_up_with_changes_no_bit(state):
    import torch

    from microgpt.framework import batch_loss

    model = make_engine("torch", state).model
    weights = torch.tensor([[1 / 6] * 3, [1 / 2, 0, 0]], dtype=torch.float64)
    found = []
    for filling in range(7):
        tokens = torch.tensor([[6, 1, 2], [6, filling, filling]])
        targets = torch.tensor([[1, 2, 6], [6, filling, filling]])
        model.zero_grad()
        loss = batch_loss(model, tokens, targets, weights)
        loss.backward()
        gradients = [p.grad.tolist() for p in model.parameters()]
        found.append((loss.item(), gradients))
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("device", ["mps", "gpu", "", "cuda:x"])
def test_a_device_of_another_kind_is_refused(state, device):
    with pytest.raises(InputError, match="is not cpu, cuda, or cuda:N"):
        make_engine("torch", state, device=device)


def test_a_gpu_that_is_not_there_is_reported(state):
    with pytest.raises(InputError, match="there is no cuda:99 here: PyTorch sees"):
        make_engine("torch", state, device="cuda:99")


def test_a_precision_of_another_kind_is_refused(state):
    with pytest.raises(InputError, match="f16 is not f64 or f32"):
        make_engine("torch", state, precision="f16")


def test_on_a_gpu_it_learns_the_same(state):
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no GPU")
    engines = [make_engine("torch", state, device=d) for d in ("cpu", "cuda")]
    for lengths in [(3, 7), (2,), (5, 5, 4)]:
        losses = [engine.step(batch_of(*lengths), 0.01) for engine in engines]
        assert losses[0] == pytest.approx(losses[1], rel=0, abs=1e-10)


def test_without_a_compiler_compile_is_refused(state, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(InputError, match="there is no no-such-compiler here"):
        make_engine("torch", state, compile=True)


@pytest.mark.long
def test_a_compiler_that_fails_is_reported_in_one_line(tmp_path):
    compiler = tmp_path / "compiler"
    compiler.write_text('#!/bin/sh\n[ "$1" = --version ] && exec g++ "$@"\nexit 1\n')
    compiler.chmod(0o755)
    done = run(
        "--compile", "--num-steps", "2", CXX=str(compiler),
        TORCHINDUCTOR_CACHE_DIR=str(tmp_path),
    )  # fmt: skip
    lines = [line for line in done.stderr.splitlines() if "microgpt:" in line]
    assert done.returncode == 2 and len(lines) == 1
    assert lines[0].startswith("microgpt: error: PyTorch fails:")
    assert lines[0].endswith("; leave --compile out")
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_the_compiled_model_computes_the_same_for_all_lengths():
    config = Config(7, n_embd=8, n_head=2, n_layer=1, block_size=6)
    state = State.random(config, random.Random(3))
    try:
        compiled = make_engine("torch", state, compile=True)
    except InputError as error:
        pytest.skip(str(error))
    eager = make_engine("torch", state)
    for lengths in [(7,), (4,), (3, 7), (5, 2, 6)]:  # compiled twice
        loss, gradients = compiled.loss_and_gradients(batch_of(*lengths))
        expected, those = eager.loss_and_gradients(batch_of(*lengths))
        assert loss == pytest.approx(expected, rel=0, abs=1e-12)
        assert gradients == pytest.approx(those, rel=0, abs=1e-12)
        assert compiled.step(batch_of(*lengths), 0.01) == pytest.approx(
            eager.step(batch_of(*lengths), 0.01), rel=0, abs=1e-12
        )


def test_the_operators_of_an_eager_step_are_as_many_as_the_book_says():
    import torch

    from tools.measure.overhead import count

    with open(ROOT / "docs" / "data" / "operators.csv") as file:
        rows = [row for row in csv.DictReader(file) if row["step"] == "eager"]
    if torch.__version__.partition("+")[0] != rows[0]["torch"]:
        pytest.skip("another version of PyTorch")
    for part, counts in count(compile=False).items():
        row = next(row for row in rows if row["part"] == part)
        for kind in ("views", "memory", "wrappers", "arithmetic", "nodes"):
            assert counts[kind] == int(row[kind]), (part, kind)
