"""The engine c: compiling the kernel, keeping it, and what it says if it cannot."""

import ctypes
import errno
import math
import os
import platform
import random
import signal
import stat
import subprocess
import sys
import tempfile
import time
from array import array
from concurrent.futures import ThreadPoolExecutor
from math import isnan, nan
from pathlib import Path

import pytest

from microgpt import Config, InputError, State, engine, make_engine, native
from microgpt.cache import cache_folder
from microgpt.graph import Graph
from microgpt.native import Native

pytestmark = [pytest.mark.c, pytest.mark.long]  # it compiles many times
CONFIG = Config(5, n_embd=6, block_size=9, n_layer=2, n_head=2)
BATCH = [[4, 0, 1, 2, 4], [4, 3, 4], [4, 1, 1, 0, 0, 2, 3, 3, 1, 4]]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, empty, and a compiler that does not take its time."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    hasty = [flag.replace("-O3", "-O0") for flag in native.FLAGS]
    monkeypatch.setattr(native, "FLAGS", hasty)
    return tmp_path / "microgpt"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A kernel, compiled without haste."""
    folder = tmp_path_factory.mktemp("built")
    flags = [flag.replace("-O3", "-O0") for flag in native.FLAGS]
    command = [*native.compiler(), *flags, "-o", str(folder / "kernel.so")]
    subprocess.run([*command, str(Native.source), "-lm"], check=True)
    return folder / "kernel.so"


@pytest.fixture
def ready(cache, tmp_path_factory, monkeypatch, built):
    """A cache of its own, and a compiler that takes no time: it copies a kernel."""
    folder = tmp_path_factory.mktemp("ready")
    copy = f'while [ "$1" != -o ]; do shift; done; cp "{built}" "$2"'
    monkeypatch.setenv("CC", str(program(folder, "copier", f"#!/bin/sh\n{copy}\n")))
    return cache


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
    said = capsys.readouterr().err.splitlines()
    [note] = [line for line in said if "still compiling" not in line]  # a busy machine
    assert note.startswith("microgpt: note: cannot write to")


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


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def no_compiler(monkeypatch):
    """Whoever compiles from now on is noticed."""

    def compile_kernel(*_):
        raise InputError("it is compiled")

    return lambda: monkeypatch.setattr(native, "compile_kernel", compile_kernel)


def test_the_cache_is_made_for_the_user_alone_under_any_umask(ready, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(ready / "a" / "b"))
    before = os.umask(0)
    try:
        Native(state())
    finally:
        os.umask(before)
    folder = ready / "a" / "b" / "microgpt"
    (kept,) = folder.iterdir()
    made = [ready, ready / "a", ready / "a" / "b", folder]
    assert [mode(path) for path in made] == [0o700] * 4 and mode(kept) == 0o600


@pytest.mark.parametrize("where", [".", ".."])
@pytest.mark.parametrize("bits", [0o777, 0o775, 0o757, 0o1777])
def test_nothing_is_loaded_from_where_others_can_write(
    ready, no_compiler, capsys, where, bits
):
    if (bits, where) == (0o1777, ".."):
        pytest.skip("in a sticky folder nobody moves what is another's")
    Native(state())
    (kept,) = ready.iterdir()
    (ready / where).chmod(bits)
    assert gradient_difference(Native(state()), Graph(state())) < 1e-14
    said = capsys.readouterr().err
    assert said.startswith("microgpt: note: others can write to")
    assert "for this run only" in said and said.count("\n") == 1
    no_compiler()
    with pytest.raises(InputError, match="it is compiled"):
        Native(state())
    (ready / where).chmod(0o700)
    Native(state())  # the one that was kept before
    assert list(ready.iterdir()) == [kept]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid(), reason="needs root")
@pytest.mark.parametrize("whose", ["file", "folder", "folder around it"])
def test_nothing_of_another_user_is_loaded(ready, no_compiler, whose):
    Native(state())
    (kept,) = ready.iterdir()
    places = {"file": kept, "folder": ready, "folder around it": ready.parent}
    os.chown(places[whose], 12345, 12345)
    no_compiler()
    with pytest.raises(InputError, match="it is compiled"):
        Native(state())


@pytest.mark.parametrize("way", ["relative/cache", "~/cache", "", "."])
def test_a_cache_folder_that_is_not_absolute_is_ignored(tmp_path, monkeypatch, way):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", way)
    assert cache_folder() == tmp_path / "home" / ".cache" / "microgpt"
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


PLANTED = {
    "a pipe": lambda path, whole: os.mkfifo(path),
    "a link to a device": lambda path, whole: path.symlink_to("/dev/zero"),
    "a link to a copy": lambda path, whole: copied(path, whole),
    "a truncated library": lambda path, whole: path.write_bytes(whole[:9000]),
    "nothing": lambda path, whole: path.write_bytes(b""),
    "a folder": lambda path, whole: path.mkdir(),
    "a file that others can write": lambda path, whole: writable(path, whole),
    "a file without an end": lambda path, whole: os.truncate(
        os.open(path, os.O_CREAT | os.O_WRONLY), 10**12
    ),
}


def copied(path, whole):
    (path.parent.parent / "copy").write_bytes(whole)
    path.symlink_to(path.parent.parent / "copy")


def writable(path, whole):
    path.write_bytes(whole)
    path.chmod(0o666)


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_no_kernel_of_the_users_own_is_not_loaded(ready, no_compiler, what):
    Native(state())
    (kept,) = ready.iterdir()
    whole = kept.read_bytes()
    kept.unlink()
    PLANTED[what](kept, whole)
    no_compiler()
    with pytest.raises(InputError, match="it is compiled"):
        Native(state())


@pytest.mark.parametrize("what", PLANTED)
def test_what_was_planted_does_not_hinder_the_engine(ready, what):
    Native(state())
    (kept,) = ready.iterdir()
    whole = kept.read_bytes()
    kept.unlink()
    PLANTED[what](kept, whole)
    assert gradient_difference(Native(state()), Graph(state())) < 1e-14


def test_kernels_of_older_versions_are_removed_when_a_new_one_is_kept(ready, tmp_path):
    text = tmp_path / "kernel.c"
    text.write_text(Native.source.read_text())

    class Other(Native):
        source = text

    Native(state())
    Other(state())
    Other(state(), precision="f32")
    before = set(ready.iterdir())
    unread = ready / "kernel-0123456789abcdef-0123456789abcdef-0123456789abcdef.so"
    for name in (unread.name, "kernel-0123456789abcdef-0123456789abcdef.so"):
        (ready / name).write_text("of an older version")
    os.utime(unread, (0, 0))
    (ready / "text").write_text("not a kernel")
    text.write_text(Native.source.read_text() + "\n// a newer version\n")
    Other(state())
    after = set(ready.iterdir())
    assert len(before) == 3 and len(before & after) == 2
    assert len(after) == 4 and ready / "text" in after


def test_what_a_killed_compilation_left_is_swept_by_the_next(
    ready, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = [tmp_path / f"microgpt-kernel-{gone.pid}-abc", ready / "tmpabc"]
    alive = tmp_path / f"microgpt-kernel-{os.getpid()}-abc"
    others = tmp_path / "microgpt-kernel-of-somebody"
    for folder in (*left, alive, others):
        folder.mkdir(parents=True)
        (folder / "kernel.so").write_text("half a kernel")
    ready.chmod(0o700)
    Native(state())
    assert {path.name for path in tmp_path.iterdir()} == {
        "microgpt",
        alive.name,
        others.name,
    }
    assert [path.suffix for path in ready.iterdir()] == [".so"]


def test_a_compilation_that_is_killed_leaves_nothing_but_its_room(cache, tmp_path):
    """Killed outright, while the compiler works; the next run sweeps the room."""
    slow = program(tmp_path, "slow", "#!/bin/sh\necho > $TMPDIR/begun\nexec sleep 60\n")
    room = tmp_path / "room"
    room.mkdir()
    code = (
        "import random; from microgpt import Config, State, native; "
        "native.Native(State.random(Config(3), random.Random(1)))"
    )
    root = Path(__file__).resolve().parents[2]
    environ = {**os.environ, "CC": str(slow), "TMPDIR": str(room)}
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, env=environ) as run:
        while not (begun := list(room.glob("*/begun"))):
            time.sleep(0.01)
        run.kill()
    assert begun[0].parent.name.startswith(f"{native.ROOM}{run.pid}-")
    native.sweep(room)
    assert not list(room.iterdir()) and not list(cache.iterdir())


HANGING = {
    "it sleeps": "sleep 1000",
    "its child sleeps": "sleep 1000 & wait",
    "it waits for keys": "cat >/dev/null; sleep 1000",
    "it says nothing more": "exec >&- 2>&-; sleep 1000",
    "it talks for ever": "yes",
    "it fails, then hangs": 'case "$*" in *march*) exit 1;; esac; sleep 1000',
}


@pytest.mark.parametrize("how", HANGING)
def test_a_compiler_that_hangs_is_announced_and_given_up(
    cache, tmp_path, monkeypatch, capsys, how
):
    hanging = program(tmp_path, "hanging", f"#!/bin/sh\n{HANGING[how]}\n")
    monkeypatch.setenv("CC", str(hanging))
    monkeypatch.setattr(native, "A_WORD", 0.05)
    monkeypatch.setattr(native, "PATIENCE", 0.15)
    with pytest.raises(InputError, match=r"given up after 0.15 seconds.*--engine out"):
        make_engine("c", state())
    said = capsys.readouterr().err
    assert said.startswith(f"microgpt: note: {hanging} is still compiling")
    assert said.count("\n") in (1, 2)
    monkeypatch.setattr(engine, "EXACT", [*engine.EXACT, "c"])
    assert type(make_engine("auto", state())).__name__ == "Explicit"


def test_a_compiler_that_was_given_up_does_not_live_on(cache, tmp_path, monkeypatch):
    note = tmp_path / "children"
    talk = f"sleep 1000 & echo $$ $! > {note}; wait"
    hanging = program(tmp_path, "hanging", f"#!/bin/sh\n{talk}\n")
    monkeypatch.setenv("CC", str(hanging))
    monkeypatch.setattr(native, "PATIENCE", 0.3)
    with pytest.raises(InputError, match="given up"):
        Native(state())
    for number in map(int, note.read_text().split()):
        for _ in range(500):  # who ends a process that has no parent takes its time
            if not native.alive(number) or dead(number):
                break
            time.sleep(0.01)
        else:
            pytest.fail(f"process {number} is alive")


def dead(number):
    """Whether a process has ended, though nobody has asked for its status yet."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return not Path("/proc/self").exists() or not native.alive(number)
    return fields[0] in "ZX"


def test_a_compiler_that_leaves_a_helper_behind_is_not_waited_for(
    cache, tmp_path, monkeypatch
):
    (command,) = native.compiler()
    text = f'#!/bin/sh\nsleep 5 &\n{command} "$@"\n'
    monkeypatch.setenv("CC", str(program(tmp_path, "helped", text)))
    monkeypatch.setattr(native, "A_WORD", 1000)
    began = []
    real = native.finished
    monkeypatch.setattr(
        native, "finished", lambda p, *a: began.append(p) or real(p, *a)
    )
    assert gradient_difference(Native(state()), Graph(state())) < 1e-14
    os.killpg(began[0].pid, signal.SIGKILL)  # the helper was there to the end


def test_without_a_home_the_kernel_is_compiled_for_this_run_only(
    ready, monkeypatch, capsys
):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", home)
    assert gradient_difference(Native(state()), Graph(state())) < 1e-14
    said = capsys.readouterr().err
    assert said.startswith("microgpt: note: there is no home folder")
    assert "for this run only" in said and said.count("\n") == 1


@pytest.mark.parametrize("number", ["ENOSPC", "EROFS", "EACCES", "EDQUOT"])
def test_where_nothing_can_be_kept_the_engine_works_and_says_so(
    ready, monkeypatch, capsys, number
):
    def fail(path, content):
        raise InputError(f"cannot write {path}: {os.strerror(getattr(errno, number))}")

    monkeypatch.setattr(native, "keep_own", fail)
    assert gradient_difference(Native(state()), Graph(state())) < 1e-14
    said = capsys.readouterr().err
    assert said.startswith("microgpt: note: cannot write") and said.count("\n") == 1
    assert not list(ready.iterdir())


@pytest.mark.parametrize("where", ["the cache", "the temporary folder"])
def test_where_no_program_may_be_carried_out_another_folder_serves(
    ready, tmp_path, monkeypatch, capsys, where
):
    Native(state())
    real, place = ctypes.CDLL, {"the cache": ready}.get(where, tmp_path / "t")
    (tmp_path / "t").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))

    def load(path, *more):
        if Path(path).is_relative_to(place):
            raise OSError(f"{path}: failed to map segment from shared object")
        return real(path, *more)

    monkeypatch.setattr(ctypes, "CDLL", load)
    monkeypatch.setattr(native, "FLAGS", [*native.FLAGS, "-DOTHER"])
    for _ in range(2):
        assert gradient_difference(Native(state()), Graph(state())) < 1e-14
    said = capsys.readouterr().err
    assert said.count("\n") == ("failed to map" in said) == (where == "the cache")


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


GROUPS = {
    "none": ({}, math.inf),
    "no limit": ({"cpu.max": "max 100000"}, math.inf),
    "two cores": ({"cpu.max": "200000 100000"}, 2),
    "half a core": ({"a/b/cpu.max": "50000 100000"}, 0.5),
    "the group around it": (
        {"a/cpu.max": "150000 100000", "a/b/cpu.max": "max 1"},
        1.5,
    ),
    "a group beside it": ({"a/c/cpu.max": "50000 100000"}, math.inf),
    "older": ({"cpu/a/cpu.cfs_quota_us": "300", "cpu/a/cpu.cfs_period_us": "100"}, 3),
    "older, no limit": (
        {"cpu/a/cpu.cfs_quota_us": "-1", "cpu/a/cpu.cfs_period_us": "100"},
        math.inf,
    ),
    "older, of a container": (
        {"cpu,cpuacct/cpu.cfs_quota_us": "50", "cpu,cpuacct/cpu.cfs_period_us": "100"},
        0.5,
    ),
    "damaged": ({"cpu.max": "many", "a/cpu.max": "1 0", "a/b/cpu.max": ""}, math.inf),
}


@pytest.mark.parametrize("name", GROUPS)
def test_the_quota_of_a_container_is_seen(tmp_path, monkeypatch, name):
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text(
        "4:memory:/\n3:cpu,cpuacct:/a/b\n0::/a/b\n"
    )
    files, wanted = GROUPS[name]
    for path, text in files.items():
        path = tmp_path / "sys" / "fs" / "cgroup" / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    assert native.quota(tmp_path) == wanted
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8), raising=False)
    monkeypatch.setattr(native, "quota", lambda _: wanted)
    assert native.cores() == max(1, int(min(wanted, 8)))


@pytest.mark.parametrize("way", ["../../..", "/../x", "", "/", "a b"])
def test_a_strange_group_does_no_harm(tmp_path, way):
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text(f"0::{way}\nnonsense\n")
    assert native.quota(tmp_path) == math.inf


def started(engine, batch):
    """How many threads a step has started: those that have a place to compute in."""
    engine.step(batch, 0.01)
    pointers = ctypes.cast(engine.model, ctypes.POINTER(ctypes.c_void_p))
    return sum(pointers[11 + i] is not None for i in range(64))


def test_a_batch_of_names_is_left_to_one_thread_and_a_large_one_is_shared():
    rng = random.Random(3)
    names = [[rng.randrange(27) for _ in range(8)] for _ in range(32)]
    long = [[rng.randrange(27) for _ in range(101)] for _ in range(32)]
    for batch, wanted in ((names, 1), (long, 4)):
        engine = Native(state(Config(27, block_size=100)), threads=4)
        assert started(engine, batch) == wanted
    assert started(Native(state(Config(27, block_size=100)), threads=4), long[:2]) == 1


def test_more_threads_than_cores_wait_for_each_other_and_come_to_an_end():
    rng = random.Random(3)
    batch = [[rng.randrange(9) for _ in range(25)] for _ in range(64)]
    engine = Native(state(Config(9, n_embd=64, block_size=24)), threads=16)
    assert len(engine.steps([batch] * 3, [0.01] * 3)) == 3


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


SIZES = {"vocab": 5, "n": 6, "block": 9, "layers": 2, "heads": 2, "t": 0, "threads": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"heads": -2},
        {"heads": 0},
        {"heads": 4},
        {"n": 0},
        {"n": -6},
        {"vocab": -5},
        {"block": 0},
        {"layers": -1},
        {"t": -1},
        {"n": 2**62, "heads": 2},
        {"n": 2**31, "heads": 2**30},
        {"vocab": 2**59},
        {"vocab": 2**63 - 1},
        {"block": 2**62},
        {"layers": 2**60},
        {"layers": 10**9},
        {"n": 2**20, "layers": 2**27},
        {"block": 2**31 - 1},
    ],
    ids=str,
)
def test_the_kernel_itself_makes_no_model_of_impossible_sizes(wrong):
    kernel = Native(state()).library
    assert kernel.make(*{**SIZES, **wrong}.values()) is None


def test_the_kernel_makes_a_model_of_possible_sizes_for_any_number_of_threads():
    kernel = Native(state()).library
    for threads in (-(2**40), -1, 0, 1, 65, 2**40):
        model = kernel.make(*{**SIZES, "threads": threads}.values())
        assert model is not None
        kernel.drop(model)


def test_no_batches_and_missing_rates_do_not_reach_the_kernel():
    engine = Native(state())
    flat = engine.flat([BATCH, BATCH])
    with pytest.raises(InputError, match="1 rates for 2 steps"):
        engine.run(*flat, array("d", [0.1]))
    assert engine.run(array("i"), array("i"), array("i"), array("d")) == []
    assert engine.state() == state()


def test_the_cache_of_another_engine_is_refused():
    engine = Native(state())
    for other in (
        Native(state(), precision="f32"),
        Native(state(Config(5, 2, 9, 1, 1))),
    ):
        with pytest.raises(InputError, match="not a cache of this engine"):
            engine.logits(4, 0, other.empty_cache())
