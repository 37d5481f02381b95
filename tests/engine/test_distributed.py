"""The engine `torchrun`: several processes learn what one would, or end together."""

import csv
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from microgpt import (
    Config,
    State,
    Tokenizer,
    bundled_names,
    load_documents,
    make_engine,
    train_with,
)
from tools.measure.launch import TORCHRUN, command
from tools.proof.stage import ROOT

pytestmark = pytest.mark.torch
LONGEST = 240  # seconds; what takes longer hangs
SCRIPT = """
import random, sys, json, os, signal
from microgpt import Config, State, make_engine
from microgpt.cli import fail
from microgpt.errors import InputError
rank = int(os.environ["RANK"])
config = Config(7, n_embd=8, n_head=2, n_layer=2, block_size=6)
state = State.random(config, random.Random(5))
rng = random.Random(6)
def batch(size):
    return [[rng.randrange(7) for _ in range(rng.randint(2, 7))] for _ in range(size)]
def start():
    return make_engine("torchrun", state)
try:
{}
except InputError as error:
    sys.exit(fail(2, f"error: {{error}}"))
"""


def start(*arguments, **more):
    """Starts torchrun in a group of its own."""
    return subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True, **more,
    )  # fmt: skip


def finish(process, longest=LONGEST):
    """Returns (exit status, output, our lines of the errors); fails after a while."""
    try:
        out, err = process.communicate(timeout=longest)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        pytest.fail(f"it hangs:\n{out}\n{err[-2000:]}", pytrace=False)
    ours = [line for line in err.splitlines() if line.startswith("microgpt:")]
    return process.returncode, out, ours


def launch(processes, *arguments):
    """Runs the program in several processes."""
    return finish(start(*command(processes, *arguments)))


def run_script(tmp_path, processes, body):
    """Runs a piece of a program in several processes."""
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format("".join(f"    {s}\n" for s in body.splitlines())))
    local = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return finish(start(*TORCHRUN, str(processes), *local, path, env=environment))


def losses_of(path):
    with open(path) as file:  # one that was begun by a resumed run has no head
        return [float(loss) for step, loss in csv.reader(file) if step != "step"]


def losses_alone(name, num_steps, batch_size):
    """What one process with the whole batch gets."""
    rng = random.Random(42)
    docs = load_documents(bundled_names())
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    engine = make_engine(name, State.random(Config(tokenizer.vocab_size), rng))
    steps = train_with(engine, docs, tokenizer, 0.01, num_steps, batch_size=batch_size)
    return [loss for some in steps for loss in some]


@pytest.mark.parametrize(("processes", "batch_size"), [(2, 3), (3, 8)])
def test_the_losses_are_those_of_one_process(tmp_path, processes, batch_size):
    log = tmp_path / "losses.csv"
    status, out, ours = launch(
        processes, "--num-steps", "5", "--batch-size", str(batch_size),
        "--num-samples", "1", "--log", str(log),
    )  # fmt: skip
    assert status == 0
    found = losses_of(log)
    for name in ("graph", "torch"):
        expected = losses_alone(name, 5, batch_size)
        assert found == pytest.approx(expected, rel=0, abs=1e-9)
    assert out.count("step 5 / 5") == out.count("sample") == 1  # only one has spoken
    assert ours == []


def test_each_process_has_the_gradient_of_the_whole_batch(tmp_path):
    body = """\
engine = start()
for size in (1, 2, 3, 7):
    now = batch(size)
    loss, gradients = engine.loss_and_gradients(now)
    alone = make_engine("graph", engine.state())
    expected, those = alone.loss_and_gradients(now)
    assert abs(loss - expected) < 1e-12
    assert max(abs(a - b) for a, b in zip(gradients, those)) < 1e-12
    assert abs(engine.step(now, 0.01) - alone.step(now, 0.01)) < 1e-12
assert engine.leader == (rank == 0)
print("well\\n", end="")"""  # in one piece, since two may print at once
    status, out, ours = run_script(tmp_path, 3, body)
    assert (status, out.split()) == (0, ["well"] * 3)
    assert len(ours) == 1 and "a batch of 1 for 3 processes" in ours[0]


def test_a_checkpoint_of_one_world_is_resumed_in_another(tmp_path):
    file, log = str(tmp_path / "model.json"), tmp_path / "losses.csv"
    options = ["--num-samples", "0", "--quiet"]
    batch = ["--batch-size", "4"]
    first = launch(2, "--num-steps", "3", *batch, "--save", file, *options)
    second = launch(
        3, "--load", file, "--resume", "--num-steps", "6", "--log", str(log), *options
    )
    assert first == second == (0, "", [])
    whole, rng = [], random.Random(42)
    docs = load_documents(bundled_names())
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    engine = make_engine("torch", State.random(Config(tokenizer.vocab_size), rng))
    for step in range(6):  # the rate of a run of three steps, then of six
        rate = 0.01 * (1 - step / (3 if step < 3 else 6))
        chosen = [tokenizer.encode(doc)[:17] for doc in docs[4 * step : 4 * step + 4]]
        whole.append(engine.step(chosen, rate))
    assert losses_of(log) == pytest.approx(whole[3:], rel=0, abs=1e-9)


def test_a_mistake_that_all_make_is_reported_once():
    status, out, ours = launch(3, "--n-embd", "10")
    assert status == 1 and out == ""
    assert len(ours) == 1 and ours[0].startswith("microgpt: error: n_embd 10")


def test_a_device_that_is_not_there_is_reported_once():
    import torch

    if torch.cuda.device_count():
        pytest.skip("there is a GPU")
    status, _, ours = launch(2, "--device", "cuda", "--num-steps", "2")
    assert status == 1
    assert len(ours) == 1 and "there is no cuda:0 here" in ours[0]


def test_the_error_of_one_ends_all_with_its_line(tmp_path):
    body = """\
engine = start()
for step in range(1000):
    if step == 3 and rank == 1:
        raise InputError("the disk is full")
    engine.step(batch(4), 0.01)"""
    status, _, ours = run_script(tmp_path, 2, body)
    assert (status, ours) == (1, ["microgpt: process 1: error: the disk is full"])


def test_a_process_that_is_gone_ends_all(tmp_path):
    body = """\
engine = start()
for step in range(100000):
    if step == 3 and rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    engine.step(batch(4), 0.01)"""
    status, _, ours = run_script(tmp_path, 2, body)
    assert status == 1
    assert ours in ([], ["microgpt: error: another process has stopped, or cannot be "
                         "reached"])  # fmt: skip


def test_processes_that_start_from_different_numbers_are_refused(tmp_path):
    body = """\
if rank == 1:
    state.params[7] += 1e-9
start().step(batch(2), 0.01)"""
    status, _, ours = run_script(tmp_path, 2, body)
    assert status == 1 and len(ours) == 1
    assert "process 1 starts from other numbers than process 0" in ours[0]


def test_processes_with_models_of_different_sizes_are_refused(tmp_path):
    body = """\
if rank == 1:
    config = Config(8, n_embd=8, n_head=2, n_layer=2, block_size=6)
    state = State.random(config, random.Random(5))
start().step(batch(2), 0.01)"""
    status, _, ours = run_script(tmp_path, 2, body)
    assert status == 1 and len(ours) == 1
    assert ours[0].startswith("microgpt: error: the processes have models of diff")


def test_ctrl_c_keeps_what_was_learned(tmp_path):
    file, log = tmp_path / "model.json", tmp_path / "losses.csv"
    process = start(*command(
        2, "--num-steps", "1000000", "--batch-size", "2", "--num-samples", "0",
        "--save", str(file), "--log", str(log),
    ))  # fmt: skip
    begun = time.monotonic()
    while not (log.exists() and log.stat().st_size > 100):
        assert process.poll() is None and time.monotonic() - begun < LONGEST
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    status, _, ours = finish(process)
    assert status != 0 and file.exists()
    assert len(ours) == 1 and "stopped after step" in ours[0] and "saved" in ours[0]


def test_without_torchrun_it_works_alone_and_says_so(capsys):
    assert losses_alone("torchrun", 3, 2) == losses_alone("torch", 3, 2)
    assert "torchrun --nproc-per-node 2" in capsys.readouterr().err


def test_the_program_says_it_too():
    done = subprocess.run(
        [sys.executable, "-m", "microgpt", "--engine", "torchrun", "--num-steps", "2"],
        cwd=ROOT, capture_output=True, text=True, timeout=LONGEST,
    )  # fmt: skip
    assert done.returncode == 0 and "step 2 / 2" in done.stdout
    assert done.stderr.count("microgpt: note: one process") == 1
