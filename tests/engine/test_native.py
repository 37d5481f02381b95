"""The engine c: compiling the kernel, keeping it, and what it says if it cannot."""

import os
import platform
import random
import stat
import subprocess
import sys
from array import array
from concurrent.futures import ThreadPoolExecutor
from math import isnan, nan
from pathlib import Path

import pytest

from microgpt import Config, InputError, State, native
from microgpt.engine import make_engine
from microgpt.graph import Graph
from microgpt.native import Native

pytestmark = pytest.mark.c
CONFIG = Config(5, n_embd=6, block_size=9, n_layer=2, n_head=2)
BATCH = [[4, 0, 1, 2, 4], [4, 3, 4], [4, 1, 1, 0, 0, 2, 3, 3, 1, 4]]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, empty, and a compiler that does not take its time."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    hasty = [flag.replace("-O3", "-O0") for flag in native.FLAGS]
    monkeypatch.setattr(native, "FLAGS", hasty)
    return tmp_path / "microgpt"


def state(config=CONFIG, seed=1):
    return State.random(config, random.Random(seed))


def program(folder, name, text):
    """Writes a program that can be run; returns its path."""
    path = folder / name
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def gradient_difference(engine, graph, batch=BATCH):
    rows = [e.loss_and_gradients(batch)[1] for e in (engine, graph)]
    return max(abs(a - b) for a, b in zip(*rows))


def test_a_kernel_is_compiled_once(cache, monkeypatch):
    Native(state())
    (kept,) = cache.iterdir()
    before = kept.stat().st_mtime_ns
    monkeypatch.setattr(native, "compile_kernel", None)
    Native(state())
    assert [kept] == list(cache.iterdir()) and kept.stat().st_mtime_ns == before


def test_each_precision_has_its_own_kernel(cache):
    Native(state())
    Native(state(), precision="f32")
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("contents", [b"", b"not a library", None])
def test_a_damaged_kernel_is_compiled_again(cache, contents):
    Native(state())
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.unlink()
    kept.write_bytes(whole[:5000] if contents is None else contents)
    assert gradient_difference(Native(state()), Graph(state())) < 1e-14


def test_a_kernel_of_another_text_is_not_taken(cache, tmp_path):
    text = tmp_path / "other.c"
    text.write_text(Native.source.read_text() + "\n// another version\n")

    class Other(Native):
        source = text

    Other(state())
    Native(state())
    assert len(list(cache.iterdir())) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of Unix")
def test_where_the_cache_cannot_be_written_a_note_says_so(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert gradient_difference(Native(state()), Graph(state())) < 1e-14
    said = capsys.readouterr().err
    assert said.startswith("microgpt: note: cannot write to") and said.count("\n") == 1


def test_without_a_compiler_the_message_says_how_to_get_one(cache, monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match=r"needs a C compiler.*install gcc or clang"):
        Native(state())


def test_a_compiler_that_is_not_there_is_named(cache, monkeypatch):
    monkeypatch.setenv("CC", "nocc -m64")
    with pytest.raises(InputError, match="CC=nocc is not found"):
        Native(state())


def test_the_first_error_of_a_compiler_that_fails_is_quoted(
    cache, tmp_path, monkeypatch
):
    lines = "echo warning: x >&2; echo error: no vectors today >&2; echo error: b >&2"
    failing = program(tmp_path, "failing", f"#!/bin/sh\n{lines}\nexit 1\n")
    monkeypatch.setenv("CC", str(failing))
    with pytest.raises(InputError, match=r"failing cannot compile.*no vectors today$"):
        Native(state())


def test_a_compiler_that_does_not_know_the_processor_is_asked_again(
    cache, tmp_path, monkeypatch
):
    (command,) = native.compiler()
    choosy = 'case "$*" in *-march=native*) echo "error: -march" >&2; exit 1;; esac'
    monkeypatch.setenv(
        "CC",
        str(program(tmp_path, "choosy", f'#!/bin/sh\n{choosy}\nexec {command} "$@"\n')),
    )
    assert gradient_difference(Native(state()), Graph(state())) < 1e-14


def test_a_compiler_that_makes_no_library_is_an_error(cache, tmp_path, monkeypatch):
    lazy = program(tmp_path, "lazy", "#!/bin/sh\nexit 0\n")
    monkeypatch.setenv("CC", str(lazy))
    with pytest.raises(
        InputError, match="lazy cannot compile the kernel: it says noth"
    ):
        Native(state())


def test_processes_that_compile_at_the_same_time_do_not_disturb_each_other(cache):
    code = (
        "import random; from microgpt import Config, State, native; "
        f"native.FLAGS = {native.FLAGS}; "
        "native.Native(State.random(Config(3), random.Random(1)))"
    )
    root = Path(__file__).resolve().parents[2]

    def run(_):
        return subprocess.run([sys.executable, "-c", code], cwd=root).returncode

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(run, range(3))) == {0}
    assert {path.suffix for path in cache.iterdir()} == {".so"}


@pytest.mark.parametrize("define", ["PLAIN", "VECTOR_BYTES=16", "VECTOR_BYTES=64"])
@pytest.mark.parametrize("precision, error", [("f64", 1e-14), ("f32", 1e-6)])
def test_vectors_of_any_width_give_the_same_gradient(
    cache, monkeypatch, define, precision, error
):
    monkeypatch.setattr(native, "FLAGS", [*native.FLAGS, f"-D{define}"])
    engine = Native(state(), precision=precision)
    assert gradient_difference(engine, Graph(state())) < error


def test_the_exponential_is_right_to_the_last_digits(cache):
    """Through the softmax: logits that are far apart, and their probabilities."""
    config = Config(27, n_embd=1, block_size=1, n_head=1)
    params = state(config).params
    params[:28] = [1.0] * 28  # wte, wpe: the stream is 1 at the head
    params[28:55] = [-float(i * i) for i in range(27)]
    params[55:] = [0.0] * len(params[55:])
    start = State(config, params, [0.0] * len(params), [0.0] * len(params))
    rows = [
        e.loss_and_gradients([[0, 1]])[1][28:55] for e in (Native(start), Graph(start))
    ]
    for ours, wanted in zip(*rows):
        assert ours == pytest.approx(wanted, rel=1e-13)


def test_threads_change_nothing_but_rounding():
    config = Config(9, n_embd=32, block_size=24)
    rng = random.Random(3)
    batch = [[rng.randrange(9) for _ in range(25)] for _ in range(41)]
    one, three = (Native(state(config), threads=n) for n in (1, 3))
    losses = [e.steps([batch] * 4, [0.01] * 4) for e in (one, three)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-13)
    again = Native(state(config), threads=3)
    assert again.steps([batch] * 4, [0.01] * 4) == losses[1]
    difference = max(
        abs(a - b) for a, b in zip(one.state().params, three.state().params)
    )
    assert difference < 1e-10


@pytest.mark.parametrize(
    "batch",
    [
        [],
        [[]],
        [[4]],
        [[4, 5]],
        [[4, -1, 2]],
        [[4, 2**40]],
        [[4] * 11],
        [[4, 0.5]],
        [[4, None]],
        [array("i", [4, 5])],
        [array("i", [4]), array("i", [4, 1])],
        [array("f", [4, 1])],
        [bytes(range(3)) * 9],
    ],
)
def test_what_the_kernel_could_not_read_is_refused(batch):
    engine = Native(state())
    for call in (engine.loss_and_gradients, lambda b: engine.steps([BATCH, b], [1, 1])):
        with pytest.raises(InputError, match="documents of 2 to 10 tokens from 0 to 4"):
            call(batch)
    assert engine.state() == state()


@pytest.mark.parametrize(
    "batch", [[array("i", [4, 1, 2])], [bytes([4, 1, 2])], [array("q", [4, 1, 2])]]
)
def test_a_document_may_be_any_sequence_of_whole_numbers(batch):
    engine = Native(state())
    assert engine.loss_and_gradients(batch) == engine.loss_and_gradients([[4, 1, 2]])


@pytest.mark.numpy
@pytest.mark.parametrize("length", [2, 30, 70])
def test_a_model_so_wide_that_its_matrices_are_copied_has_the_gradient_of_numpy(length):
    config = Config(5, n_embd=132, block_size=70, n_layer=1, n_head=3)
    start = State.random(config, random.Random(1))
    batch = [[4, *(i * i % 4 for i in range(length - 1)), 4]]
    loss, gradient = make_engine("numpy", start).loss_and_gradients(batch)
    found_loss, found = Native(start).loss_and_gradients(batch)
    assert found_loss == pytest.approx(loss, rel=1e-12)
    assert max(abs(a - b) for a, b in zip(found, gradient)) < 1e-12
    assert max(gradient) > 1e-3


@pytest.mark.parametrize("token, position", [(5, 0), (-1, 0), (0, 9), (0, -1)])
def test_there_are_no_logits_outside_the_model(token, position):
    engine = Native(state())
    with pytest.raises(InputError, match="there is no"):
        engine.logits(token, position, engine.empty_cache())


def test_what_is_not_a_number_is_seen():
    start = state()
    start.params[3] = nan
    engine = Native(start)
    losses = engine.steps([[[4, 0, 4]]] * 5, [0.01] * 5)
    assert len(losses) == 1 and isnan(losses[0])


def test_means_that_are_nearly_zero_become_zero_and_python_keeps_its_own():
    tiny, before = 5e-324, state()
    before.m[:] = [tiny] * len(before.m)
    engine = Native(before)
    engine.step([[4, 0, 4]], 0.01)
    if platform.machine() in ("x86_64", "AMD64"):
        assert 0.0 in engine.state().m
    assert 3 * tiny / 2 == 2 * tiny  # 0 for a thread that takes such numbers for 0


def test_no_steps_are_no_work():
    assert Native(state()).steps([], []) == []
    assert len(Native(state()).steps([BATCH] * 3, [0.1])) == 1


def test_the_memory_is_given_back():
    config = Config(30, n_embd=64, block_size=128, n_layer=2)
    start = state(config)

    def memory():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1])

    if not Path("/proc/self/statm").exists():
        pytest.skip("needs /proc")
    Native(start)
    before = memory()
    for _ in range(20):
        Native(start)
    assert memory() - before < 5000  # pages of 4 KiB; twenty models have 100,000
