"""What lies on the disk: what the tangler removes, overwrites, leaves, and survives."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.tangle.desk import block
from tools import tangle

A = block('#a file="pkg/a.py"', "x = 1")
B = block('#b file="pkg/b.py"', "y = 2")
C = block('#c file="pkg/c.py"', "z = 3")


def command(folder, *options):
    where = ["--book", str(folder / "docs"), "--output", str(folder)]
    return [sys.executable, tangle.__file__, *where, *options]


# What cannot be read


@pytest.fixture
def made(desk):
    desk.put({"a": A, "b": B, "n/c": C})
    assert desk.run()[0] == 0
    return desk


def all_there(desk):
    return all((desk.folder / f"pkg/{name}.py").exists() for name in "abc")


def test_a_folder_of_the_book_that_cannot_be_read_is_a_problem(made, monkeypatch):
    real = os.scandir

    def scandir(path):
        if str(path).endswith("/n"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    code, out, err = made.run()
    assert (code, out) == (1, "") and err.startswith("docs/n:1: cannot be read, Perm")
    assert made.run("--check")[0] == 1 and all_there(made)


def test_a_chapter_that_cannot_be_read_is_a_problem(made, monkeypatch):
    real = Path.read_bytes

    def read_bytes(path):
        if path.name == "b.md":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    code, _, err = made.run()
    assert code == 1 and err.startswith("docs/b.md:1: cannot be read, Permission")
    assert all_there(made)


@pytest.mark.parametrize("kind", ["dangling", "loop", "pipe", "device"])
def test_a_chapter_that_is_no_file_is_a_problem(made, kind):
    path = made.folder / "docs/b.md"
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    else:
        to = {"dangling": "nowhere", "loop": "b.md", "device": "/dev/zero"}[kind]
        path.symlink_to(to)
    code, out, err = made.run()
    assert (code, out) == (1, "") and err.startswith("docs/b.md:1: is no file that can")
    assert all_there(made)


def test_an_empty_book_is_a_problem_and_removes_nothing(made, tmp_path):
    (tmp_path / "empty").mkdir()
    code, out, err = made.run("--book", str(tmp_path / "empty"))
    assert (code, out) == (1, "") and err.startswith("empty:1: holds no chapter.")
    assert made.run("--force", "--book", str(tmp_path / "empty"))[0] == 1
    assert all_there(made)


@pytest.mark.parametrize("text", ["", "# Names\n", "```python\nx\n```\n"])
def test_a_book_without_blocks_removes_nothing(made, text):
    for name in ("a", "b", "n/c"):
        made.put({name: text})
    code, out, err = made.run()
    assert (code, out) == (1, "") and err.startswith("docs:1: holds no block of a prog")
    assert made.run("--force")[0] == 1 and all_there(made)


def test_a_book_without_blocks_is_fine_where_there_is_no_program(desk):
    desk.put({"a": "# Names\n"})
    assert desk.run()[0] == 0


def test_what_editors_and_systems_leave_behind_is_no_chapter(desk):
    desk.put({"a": A, "._a": b"\xff\x00", ".ipynb_checkpoints/a-checkpoint": A})
    desk.put({".obsidian/b": B})
    (desk.folder / "docs/.#a.md").symlink_to("somebody@machine.1234")
    assert desk.run() == (0, "1 files: 2 written, 0 removed\n", "")


def test_a_folder_linked_into_the_book_is_read_once(desk, tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far/b.md").write_text(B)
    desk.put({"a": A})
    (desk.folder / "docs/n").symlink_to(tmp_path / "far")
    (desk.folder / "docs/up").symlink_to("..", target_is_directory=True)
    (tmp_path / "far/round").symlink_to(desk.folder / "docs")
    assert desk.run()[0] == 0
    assert {"pkg/a.py", "pkg/b.py"} <= desk.files()


# Never outside, never through a link


def snapshot(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


PLANTED = [".a.py.new", "a.py.new", ".tangle.new", "a.py", ".a.py"]


@pytest.mark.parametrize("name", [*PLANTED, "../.tangle.json", "../.tangle.json.new"])
@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_nothing_is_written_through_a_link(desk, tmp_path_factory, name, there, force):
    outside = tmp_path_factory.mktemp("outside")
    if there:
        (outside / "mine").write_text("mine")
    (desk.folder / "pkg").mkdir()
    (desk.folder / "pkg" / name).symlink_to(outside / "mine")
    desk.put({"a": A})
    code, _, err = desk.run(*force)
    assert code == (1 if name in ("a.py", "../.tangle.json") else 0)
    assert bool(err) == bool(code)
    assert snapshot(outside) == ({outside / "mine": b"mine"} if there else {})


def test_a_link_within_the_output_is_not_followed_either(desk):
    desk.put({"a": A})
    (desk.folder / "pkg").mkdir()
    (desk.folder / "mine.py").write_text("mine")
    (desk.folder / "pkg/a.py").symlink_to("../mine.py")
    assert desk.run("--force") == (1, "", "pkg/a.py:1: is a link. clear the way.\n")
    assert desk.read("mine.py") == "mine"


def test_an_output_that_the_user_names_may_be_a_link(desk, tmp_path):
    desk.put({"a": A})
    (tmp_path / "far").mkdir()
    (tmp_path / "out").symlink_to("far")
    assert desk.run("--output", str(tmp_path / "out"))[0] == 0
    assert (tmp_path / "far/pkg/a.py").exists()


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_in_a_files_place_is_a_problem_at_its_block(desk, kind):
    desk.put({"a": A})
    path = desk.folder / "pkg/a.py"
    path.parent.mkdir()
    os.mkfifo(path) if kind == "pipe" else path.mkdir()
    code, out, err = desk.run("--force")
    assert (code, out) == (1, "") and err.startswith("docs/a.md:1: pkg/a.py is ")
    assert err.endswith("clear the way.\n") and desk.run("--check")[0] == 1
    assert desk.files() == set()


# Names that cannot stand beside each other


@pytest.mark.parametrize(
    "first, second",
    [("pkg", "pkg/b.py"), ("pkg/b.py", "pkg"), ("a/b", "a/b/c/d"), ("A.py", "a.py")],
)
def test_a_file_and_a_folder_of_one_name_are_a_problem_at_a_block(desk, first, second):
    desk.put({"a": block(f'#a file="{first}"', "x = 1")})
    desk.put({"b": block(f'#b file="{second}"', "x = 1")})
    code, out, err = desk.run()
    assert (code, out) == (1, "") and err.startswith("docs/") and ".md:1: " in err
    assert "another path" in err and err.count("\n") == 1
    assert sorted(os.listdir(desk.folder)) == ["docs"]


# What tangle made, and what it did not


def entry(data):
    return {"sha256": tangle.digest(data), "segments": [["a", "docs/a.md", 1, 1, 1]]}


@pytest.mark.parametrize("path", ["README.md", ".git/config", "pkg/old.py", "x/../y"])
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_forged_map_removes_nothing_that_tangle_did_not_make(desk, path, force):
    target = desk.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    (desk.folder / "x").mkdir(exist_ok=True)
    target.write_text("mine")
    (desk.folder / ".tangle.json").write_text(json.dumps({path: entry(b"mine")}))
    desk.put({"a": A})
    desk.run(*force)
    assert target.read_text() == "mine"


def test_a_forged_map_lets_nothing_be_overwritten_either(desk):
    desk.put({"a": A})
    (desk.folder / "pkg").mkdir()
    (desk.folder / "pkg/a.py").write_text("mine")
    forged = json.dumps({"pkg/a.py": entry(b"mine")})
    (desk.folder / ".tangle.json").write_text(forged)
    assert desk.run()[0] == 1 and desk.read("pkg/a.py") == "mine"


@pytest.mark.parametrize("first", ["x = 1", "#!/bin/sh"])
def test_what_says_that_tangle_made_it_is_removed(desk, first):
    desk.put({"a": A, "b": block('#b file="b.sh"', first)})
    desk.run()
    desk.put({"b": ""})
    assert desk.run()[1] == "1 files: 1 written, 1 removed\n"
    assert not (desk.folder / "b.sh").exists()


ENTRY = '{"pkg/a.py": {"sha256": "%s", "segments": [[%s]]}}'
DAMAGED = ["\x00", "[" * 100_000, "1" * 5000, '"\\ud800"', "null", "1e999", "{}" * 2]
DAMAGED += [ENTRY % ("\\ud800", '"a", "docs/a.md", 1, 1, 1')]
NUMBERS = ["1e999", "NaN", "null", "[]", "1.5", "true", "9" * 4000, '"1"']
CHAPTERS = ["docs/\\ud800.md", "docs/\\n.md", "docs/\\u0000.md"]
DAMAGED += [ENTRY % ("x", f'"a", "docs/a.md", {number}, 1, 1') for number in NUMBERS]
DAMAGED += [ENTRY % ("x", f'"a", "{path}", 1, 1, 1') for path in CHAPTERS]
DAMAGED += ['{"a\\u0000b": %s}', '{"\\ud800": %s}', '{"a\\nb": %s}', '{"": %s}']
DAMAGED[-4:] = [text % json.dumps(entry(b"")) for text in DAMAGED[-4:]]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_map_that_is_damaged_is_unknown(desk, content):
    desk.put({"a": A})
    (desk.folder / ".tangle.json").write_bytes(content.encode())
    assert desk.run("--where", "pkg/a.py:3")[0] == 1
    assert desk.run("--check")[0] == 1
    assert desk.run()[0] == 0 and desk.run("--check")[0] == 0


# Stopped at any moment, and two at once


class Killed(BaseException):
    """Nothing is tidied up after this one."""


@pytest.mark.parametrize("moment", range(8))
@pytest.mark.parametrize("then", ["old", "new", "third"])
def test_after_a_kill_at_any_moment_the_next_run_does_what_it_would_have_done(
    desk, monkeypatch, moment, then
):
    books = {
        "old": {"a": A, "b": B, "c": ""},
        "new": {"a": A.replace("1", "7"), "b": "", "c": C},
        "third": {"a": "", "b": B.replace("2", "5"), "c": C},
    }
    desk.put(books["old"])
    assert desk.run()[0] == 0
    desk.put(books["new"])
    steps, replace, unlink = [], os.replace, Path.unlink

    def until(real):
        def step(path, *arguments, missing_ok=False):
            steps.append(path)
            if len(steps) > moment or not arguments and missing_ok:
                raise Killed
            return real(path, *arguments)

        return step

    monkeypatch.setattr(os, "replace", until(replace))
    monkeypatch.setattr(Path, "unlink", until(unlink))
    with pytest.raises(Killed):
        desk.run()
    monkeypatch.undo()
    desk.put(books[then])
    code, _, err = desk.run()
    assert (code, err) == (0, "")
    expected = {f"pkg/{name}.py" for name, text in books[then].items() if text}
    assert desk.files() == expected | {".tangle.json"}
    assert desk.run("--check") == (0, "", "")


def test_a_kill_halfway_does_not_let_an_edit_be_lost(desk, monkeypatch):
    desk.put({"a": A})
    desk.run()
    desk.put({"a": A.replace("1", "7"), "b": B})
    real, moves = os.replace, []

    def replace(*paths):
        moves.append(paths)
        if len(moves) > 2:
            raise Killed
        real(*paths)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(Killed):
        desk.run()
    monkeypatch.undo()
    (desk.folder / "pkg/a.py").write_text("mine")
    assert desk.run()[0] == 1 and desk.read("pkg/a.py") == "mine"


def test_a_sweep_takes_only_what_tangle_has_left(desk):
    desk.put({"a": A})
    desk.run()
    left = desk.folder / f"pkg/.tangle-{'0f' * 8}.new"
    left.write_text("half")
    mine = [".tangle-mine.new", ".a.py.new", f".tangle-{'0f' * 8}.new.txt"]
    for name in mine:
        (desk.folder / "pkg" / name).write_text("mine")
    assert desk.run()[0] == 0 and not left.exists()
    assert all((desk.folder / "pkg" / name).exists() for name in mine)


def test_several_tangles_at_once_all_succeed(desk):
    desk.put({f"c{n}": block(f'#c{n} file="pkg/c{n}.py"', "x = 1") for n in range(40)})
    runs = [
        subprocess.Popen(command(desk.folder), stderr=subprocess.PIPE) for _ in range(3)
    ]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [(b"", 0)] * 3
    assert len(desk.files()) == 41 and desk.run("--check")[0] == 0


def test_two_threads_that_write_at_once_do_not_take_each_others_files(desk):
    desk.put({f"c{n}": block(f'#c{n} file="pkg/c{n}.py"', "x = 1") for n in range(20)})
    _, files, _ = tangle.tangle(tangle.read_book(desk.folder / "docs"))
    wrong = []

    def bring():
        try:
            tangle.bring(files, desk.folder, force=True)
        except OSError as error:
            wrong.append(error)

    threads = [threading.Thread(target=bring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and len(desk.files()) == 21


def test_a_run_that_fails_leaves_no_folder(desk, monkeypatch):
    desk.put({"a": block('#a file="x/y/z/a.py"', "x = 1")})

    def full(target, data):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(tangle, "beside", full)
    assert desk.run()[0] == 1 and os.listdir(desk.folder) == ["docs"]


# Files as git leaves them


def with_crlf(folder):
    for path in filter(Path.is_file, folder.rglob("*")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def test_a_clone_with_crlf_is_not_edited_by_hand(desk):
    desk.put({"a": A, "b": B})
    desk.run()
    with_crlf(desk.folder)
    assert desk.run("--check") == (0, "", "")
    assert desk.run() == (0, "2 files: 0 written, 0 removed\n", "")
    desk.put({"a": A.replace("1", "7").replace("\n", "\r\n"), "b": "\r\n"})
    assert desk.run() == (0, "1 files: 2 written, 1 removed\n", "")
    assert "x = 7\n" in desk.read("pkg/a.py")


def test_an_edit_in_a_clone_with_crlf_is_one(desk):
    desk.put({"a": A})
    desk.run()
    with_crlf(desk.folder)
    path = desk.folder / "pkg/a.py"
    path.write_bytes(path.read_bytes().replace(b"x = 1", b"x = 8"))
    desk.put({"a": A.replace("1", "7")})
    assert desk.run()[0] == 1 and desk.run("--check")[0] == 1


def test_git_gives_every_clone_the_line_ends_of_the_repository(tmp_path):
    def git(*arguments, at=tmp_path / "from"):
        told = ["-c", "user.name=x", "-c", "user.email=x", "-c", "init.defaultBranch=x"]
        return subprocess.run(
            ["git", *told, *arguments], cwd=at, check=True, capture_output=True
        )

    (tmp_path / "from/docs").mkdir(parents=True)
    for name in (".gitattributes", "docs/names.md", "microgpt/value.py"):
        target = tmp_path / "from" / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((tangle.ROOT / name).read_bytes())
    (tmp_path / "from/docs/font.woff2").write_bytes(b"\r\n\x00\n")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "x")
    git("clone", "-q", "-c", "core.autocrlf=true", "from", "to", at=tmp_path)
    for path in filter(Path.is_file, (tmp_path / "from").rglob("*")):
        if ".git" not in path.parts:
            there = tmp_path / "to" / path.relative_to(tmp_path / "from")
            assert there.read_bytes() == path.read_bytes()
