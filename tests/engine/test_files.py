"""What the program writes: where it goes, what stays as it was, and what is refused.

Devices are reached through links in a folder of the test's own, never by their names:
a program that replaces what it should write to would take them from the machine.
"""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from microgpt import InputError, files
from microgpt.files import (
    check_writable,
    memory,
    read_at_most,
    same_file,
    temporary_file,
    write_file,
)
from tests.engine.program import SMALL, TEXT, Program

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, modes, pipes")


@pytest.fixture
def program(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Program(tmp_path, capsys)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    """Sets the umask, and sets it back."""
    former = os.umask(0o022)
    yield os.umask
    os.umask(former)


# One way to write a file


def test_a_file_is_written_through_a_link_that_stays_one(tmp_path):
    target, link = tmp_path / "far" / "a", tmp_path / "link"
    target.parent.mkdir()
    link.symlink_to(target)
    for content in (b"new, where the link leads", b"replaced"):
        write_file(link, content)
        assert link.is_symlink() and target.read_bytes() == content
    assert [*target.parent.iterdir()] == [target]


@pytest.mark.parametrize("rights", [0o600, 0o640, 0o664, 0o755])
def test_a_file_that_is_written_again_keeps_its_mode(tmp_path, rights, umask):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(rights)
    umask(0o077)
    write_file(path, b"new")
    assert (mode(path), path.read_bytes()) == (rights, b"new")


@pytest.mark.parametrize(("mask", "rights"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path, mask, rights, umask):
    umask(mask)
    write_file(tmp_path / "a", b"")
    assert mode(tmp_path / "a") == rights


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_file(path, b"for the reader")
    reader.join(10)
    assert read == [b"for the reader"] and stat.S_ISFIFO(path.stat().st_mode)


def test_a_device_is_written_to_and_a_full_one_is_told_of(tmp_path):
    null, full = tmp_path / "null", tmp_path / "full"
    null.symlink_to("/dev/null")
    full.symlink_to("/dev/full")
    write_file(null, b"x")
    assert null.is_symlink() and stat.S_ISCHR(null.stat().st_mode)
    with pytest.raises(InputError, match="cannot write"):
        write_file(full, b"x")


@pytest.mark.parametrize("name", ["", "no/where", "a\0b", "loop", "x" * 300])
def test_what_cannot_be_written_is_an_error_of_the_user(tmp_path, name):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for attempt in (lambda path: write_file(path, b""), check_writable):
        with pytest.raises(InputError, match="cannot write"):
            attempt(f"{tmp_path}/{name}")
    assert [path.name for path in tmp_path.iterdir()] == ["loop"]


def test_no_two_temporary_files_share_a_name_and_none_follows_a_link(
    tmp_path, monkeypatch
):
    handles, names = zip(*(temporary_file(str(tmp_path), 0o600) for _ in range(50)))
    assert len({*names}) == 50
    for handle in handles:
        os.close(handle)
    monkeypatch.setattr(os, "urandom", lambda n: b"\0" * n)
    planted = tmp_path / f".microgpt-{'0' * 16}.tmp"
    planted.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="cannot write"):
        write_file(tmp_path / "a", b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_many_writers_of_one_file_all_succeed(tmp_path):
    path, contents = tmp_path / "a", [bytes([65 + i]) * 5000 for i in range(8)]
    writers = [threading.Thread(target=write_file, args=(path, c)) for c in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() in contents and [*tmp_path.iterdir()] == [path]


def test_what_a_killed_writer_left_is_swept_and_a_living_one_is_let_work(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    left, held, link = (tmp_path / f".microgpt-{name}.tmp" for name in "abc")
    ours = tmp_path / ".microgpt-notes.txt"
    for path in (left, held, ours):
        path.write_bytes(b"half")
    link.symlink_to(ours)
    with open(held, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_file(tmp_path / "a", b"")
        kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"a", held.name, link.name, ours.name}


KILLED = """
import os, signal
from microgpt.files import write_file
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
write_file("a", b"half")
"""


def test_the_next_writer_sweeps_at_once_what_a_killed_one_left(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED]
    done = subprocess.run(command, cwd=tmp_path, env=environment)
    left = [path.name for path in tmp_path.iterdir()]
    assert done.returncode == -signal.SIGKILL and len(left) == 1
    write_file(tmp_path / "a", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_new_temporary_file_that_is_swept_at_once_is_made_again(
    tmp_path, monkeypatch
):
    taken = iter([False, True])
    monkeypatch.setattr(files, "hold", lambda handle: next(taken, True))
    handle, path = temporary_file(str(tmp_path), 0o600)
    os.close(handle)
    assert os.path.exists(path) and len([*tmp_path.iterdir()]) == 2


# Reading has a limit


def test_a_file_without_end_is_not_read_to_its_end():
    with pytest.raises(InputError, match="larger than 1,000 bytes"):
        read_at_most("/dev/zero", 1000)
    assert len(read_at_most("/dev/zero", memory(), b"{")) == 1 << 20


# Nothing that is read is written


@pytest.mark.parametrize(
    "options",
    [
        "--data text.txt --log text.txt", "--data text.txt --save text.txt",
        "--data text.txt --save ./x/../text.txt", "--data link --log text.txt",
        "--data text.txt --save link", "--data text.txt --log hard",
        "--data link --save hard", "--save new --log new", "--save new --log x/../new",
        "--save to-new --log new", "--load good.json --resume --log good.json",
    ],
)  # fmt: skip
def test_a_file_that_is_read_is_never_written(program, options):
    folder = program.folder
    (folder / "x").mkdir()
    (folder / "link").symlink_to("text.txt")
    (folder / "to-new").symlink_to("new")
    os.link(folder / "text.txt", folder / "hard")
    if "good" in options:
        program(*SMALL, "--save", "good.json")
    before = {path: path.lstat().st_mtime_ns for path in folder.iterdir()}
    steps = [] if "--load" in options else SMALL
    assert program.refuses("is the file of --", *steps, *options.split())
    assert {path: path.lstat().st_mtime_ns for path in folder.iterdir()} == before
    assert (folder / "text.txt").read_text() == TEXT


def test_the_data_that_a_checkpoint_names_is_not_written_either(program):
    program(*SMALL, "--save", "good.json")
    assert program.refuses(
        "--log text.txt is the file of --data", "--load", "good.json", "--resume",
        "--log", "text.txt",
    )  # fmt: skip
    assert (program.folder / "text.txt").read_text() == TEXT


def test_a_run_may_save_where_it_was_loaded_from_and_log_to_nothing(program):
    (program.folder / "null").symlink_to(os.devnull)
    assert program(*SMALL, "--save", "a.json", "--log", "null") == 0
    more = ("--resume", "--num-steps", 6, "--save", "a.json", "--log", "null")
    assert program("--load", "a.json", *more) == 0
    assert not same_file(os.devnull, os.devnull)


# The log


def rows(path):
    return path.read_text().splitlines()


def test_resuming_twice_leaves_one_row_for_each_step(program):
    log = program.folder / "log.csv"
    program(*SMALL, "--save", "a.json", "--log", "log.csv")
    resumed = ("--load", "a.json", "--resume", "--num-steps", 8, "--log", "log.csv")
    program(*resumed)
    once = log.read_bytes()
    program(*resumed)
    assert log.read_bytes() == once
    assert [row.split(",")[0] for row in rows(log)] == ["step", *"12345678"]


@pytest.mark.parametrize(
    "log", ["", "step,loss", "step,loss\n", "step,loss\n1,2.5\n2,2.0", None]
)
def test_a_log_is_continued_as_a_table_whatever_its_end_looks_like(program, log):
    path = program.folder / "log.csv"
    program(*SMALL, "--save", "a.json")
    if log is not None:
        path.write_text(log)
    more = ("--resume", "--num-steps", 7, "--log", "log.csv")
    assert program("--load", "a.json", *more) == 0
    first, *others = rows(path)
    assert first == "step,loss" and all(row.count(",") == 1 for row in others)
    assert [row.split(",")[0] for row in others[-2:]] == ["6", "7"]
    assert others[:-2] == (log or "").splitlines()[1:]


def test_a_file_that_is_no_log_is_not_cut(program):
    (program.folder / "notes").write_text("my notes\n")
    program(*SMALL, "--save", "a.json")
    more = ("--resume", "--num-steps", 7, "--log", "notes")
    assert program.refuses("not a log", "--load", "a.json", *more)
    assert (program.folder / "notes").read_text() == "my notes\n"
