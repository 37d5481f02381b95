"""How a file is written: one table of what the tangler and the tools must both do."""

import os
import pty
import stat
import threading

import pytest

from tools import tangle
from tools.proof import files


def by_tangle(path, text):
    tangle.write_file(path, text.encode())


WRITERS = {"tangle": by_tangle, "tools": files.write_file}
both = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def umask():
    before = os.umask(0o027)
    yield
    os.umask(before)


@both
@pytest.mark.usefixtures("umask")
def test_a_new_file_has_what_the_umask_leaves_of_its_mode(write, tmp_path):
    write(tmp_path / "a.csv", "new")
    assert mode(tmp_path / "a.csv") == 0o640


@both
@pytest.mark.parametrize("given", [0o600, 0o664, 0o755])
@pytest.mark.usefixtures("umask")
def test_a_file_keeps_its_mode(write, tmp_path, given):
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(given)
    write(path, "new")
    assert (mode(path), path.read_text()) == (given, "new")


@both
@pytest.mark.parametrize("there", [True, False])
def test_a_link_that_the_user_named_is_followed_and_stays(write, tmp_path, there):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far/a.csv", tmp_path / "a.csv"
    if there:
        target.write_text("old")
    link.symlink_to("far/a.csv")
    write(link, "new")
    assert link.is_symlink() and not target.is_symlink()
    assert target.read_text() == "new"
    assert {p.name for p in target.parent.iterdir()} == {"a.csv"}


@both
def test_a_pipe_is_written_to_and_stays_a_pipe(write, tmp_path):
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    write(pipe, "new")
    reader.join(10)
    assert got == ["new"] and stat.S_ISFIFO(pipe.lstat().st_mode)


@both
def test_a_device_is_written_to_and_stays_a_device(write, tmp_path):
    terminal, device = pty.openpty()
    link = tmp_path / "terminal"
    link.symlink_to(os.ttyname(device))
    write(link, "new")
    assert os.read(terminal, 10) == b"new"
    assert link.is_symlink() and stat.S_ISCHR(link.stat().st_mode)
    os.close(terminal)
    os.close(device)


@both
def test_who_reads_the_old_file_goes_on_reading_it(write, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    with path.open() as reader:
        write(path, "new")
        assert reader.read() == "old"


@both
@pytest.mark.parametrize("step", ["open", "chmod", "replace"])
def test_a_write_that_fails_leaves_what_was_there(write, tmp_path, monkeypatch, step):
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(0o600)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space"):
        write(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.csv"]


@both
def test_links_planted_at_names_that_could_be_foreseen_are_left_alone(write, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    path = tmp_path / "a.csv"
    number = os.getpid()
    names = [".a.csv.new", f".a.csv-{number}", f".a.csv.{number}", "a.csv.tmp"]
    for name in [*names, ".tangle.new"]:
        (tmp_path / name).symlink_to(precious)
    write(path, "new")
    assert precious.read_text() == "mine" and path.read_text() == "new"


@both
def test_no_two_writes_go_by_one_name(write, tmp_path, monkeypatch):
    used, real = [], os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: used.append(a) or real(a, b))
    for _ in range(20):
        write(tmp_path / "a.csv", "new")
    assert len(set(used)) == 20


@pytest.mark.parametrize("there", [True, False])
def test_a_temporary_name_that_is_taken_is_never_written_through(
    tmp_path, monkeypatch, there
):
    precious = tmp_path / "precious"
    if there:
        precious.write_text("mine")
    monkeypatch.setattr(os, "urandom", lambda count: b"\0" * count)
    (tmp_path / f".tangle-{'0' * 16}.new").symlink_to(precious)
    with pytest.raises(FileExistsError):
        tangle.write_file(tmp_path / "a.csv", b"new")
    assert precious.exists() == there
    assert not there or precious.read_text() == "mine"


# Appending


@pytest.mark.parametrize("old", ["a,b\n1,2", "a,b\n1,2\n", "a,b\r\n1,2\r\n"])
def test_a_row_is_added_as_a_line_of_its_own(tmp_path, old):
    path = tmp_path / "a.csv"
    path.write_bytes(old.encode())
    files.append(path, "3,4\n", "a,b\n")
    assert path.read_text() == "a,b\n1,2\n3,4\n"


def test_a_table_that_is_new_or_empty_has_no_empty_line(tmp_path):
    files.append(tmp_path / "a.csv", "3,4\n", "a,b\n")
    assert (tmp_path / "a.csv").read_text() == "a,b\n3,4\n"
    (tmp_path / "b.csv").touch()
    files.append(tmp_path / "b.csv", "3,4\n", "a,b\n")
    assert (tmp_path / "b.csv").read_text() == "3,4\n"


def test_a_lock_writes_nothing_and_goes_through_no_link(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "a.lock").symlink_to(precious)
    with pytest.raises(OSError), files.lock(tmp_path / "a"):
        pass
    (tmp_path / "b.lock").write_text("mine")
    with files.lock(tmp_path / "b"):
        assert (tmp_path / "b.lock").read_text() == "mine"
    assert precious.read_text() == "mine"
