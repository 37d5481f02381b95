"""Tables: written whole or not at all, and read by whoever needs them."""

import importlib.util
import os
import signal
import subprocess
import sys
import time

import pytest

from tools.proof import exits, files, tables
from tools.proof.stage import ROOT, RunError

pytestmark = pytest.mark.long

TABLE = tables.Table("made", ("what", "speed"), [("c",), ("numpy",)])


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of its own, with a folder for data."""
    (tmp_path / "data").mkdir()
    path_of = tables.path_of
    monkeypatch.setattr(tables, "path_of", lambda name, _=None: path_of(name, tmp_path))
    return tmp_path


def test_what_is_written_is_read_again(book):
    TABLE.write([("c", "12.5"), ("numpy", "1")])
    assert (book / "data" / "made.csv").read_bytes() == b"what,speed\nc,12.5\nnumpy,1\n"
    assert tables.read("made", book)[0] == {"what": "c", "speed": "12.5"}
    assert tables.cell("made", "c", book=book) == 12.5
    assert TABLE.known() == {("c",): ("c", "12.5"), ("numpy",): ("numpy", "1")}


def test_a_table_that_would_lack_rows_is_not_written(book):
    TABLE.write([("c", "12.5"), ("numpy", "1")])
    with pytest.raises(RunError, match=r"made\.csv would lack numpy"):
        TABLE.write([("c", "13")])
    assert tables.cell("made", "c", book=book) == 12.5
    TABLE.write([("c", "13")], part=True)  # as an experiment does, row by row
    assert tables.cell("made", "c", book=book) == 13


def test_a_row_has_a_cell_for_each_column(book):
    with pytest.raises(ValueError, match="made"):
        TABLE.write([("c", "12.5"), ("numpy",)])
    assert not (book / "data" / "made.csv").exists()


def test_a_table_that_is_missing_names_the_command_that_makes_it(book):
    with pytest.raises(tables.NotYet) as error:
        tables.read("kernel", book)
    remedy = "run python -m tools.measure.kernelbench --write"
    assert str(error.value) == f"there is no kernel.csv; {remedy}"


def test_so_does_a_row_or_a_column_that_is_missing(book):
    (book / "data" / "bench.csv").write_text("program,speed\nc,12\n")
    for row, column in (("d", "speed"), ("c", "pace")):
        with pytest.raises(tables.NotYet, match=r"tools\.measure\.bench --write"):
            tables.cell("bench", row, column, book=book)


def test_the_record_names_what_it_has_not(book):
    with pytest.raises(tables.NotYet, match=r"no losses; run python -m tools\.lab"):
        tables.record(book)["losses"]


@pytest.mark.parametrize("name", tables.MAKERS)
def test_each_table_of_the_book_has_a_command_that_makes_it(name):
    module = f"tools.{tables.MAKERS[name].split()[0]}"
    assert importlib.util.find_spec(module)
    assert list((ROOT / "docs" / "data").glob(f"{name}.*"))


def test_columns_of_words_stand_to_the_left_and_numbers_to_the_right():
    rows = [("what", "n"), ("a", 1), ("and", "20"), ("b", "")]
    assert tables.aligned(rows) == ["what   n", "a      1", "and   20", "b"]


WRITER = """
import sys
from pathlib import Path
from tools.proof import tables
tables.path_of = lambda name, book=None: Path(sys.argv[1])
table = tables.Table("made", ("n", "square"), [])
print("begun", flush=True)
while True:
    for size in (20_000, 10):
        table.write([(i, i * i) for i in range(size)])
"""


@pytest.mark.parametrize("after", [0.0, 0.05, 0.11, 0.17])
def test_a_table_survives_a_kill_at_any_moment(tmp_path, after):
    path = tmp_path / "made.csv"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    writer.stdout.readline()
    while not path.exists():
        time.sleep(0.01)
    time.sleep(after)
    writer.kill()
    writer.communicate()
    lines = path.read_text().splitlines()
    assert len(lines) in (20_001, 11)
    last = len(lines) - 2
    assert lines[-1] == f"{last},{last * last}"


def test_a_write_that_is_stopped_leaves_no_other_file_behind(tmp_path, monkeypatch):
    path = tmp_path / "made.csv"
    path.write_text("before")

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        files.write_file(path, "after")
    assert [p.name for p in tmp_path.iterdir()] == ["made.csv"]
    assert path.read_text() == "before"


def test_a_command_that_is_stopped_says_so_in_a_line(capsys):
    def work():
        raise KeyboardInterrupt

    assert exits.ended(work) == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_so_does_one_that_cannot_do_it(capsys):
    def work():
        raise RunError("made.csv would lack c")

    assert exits.ended(work) == 1
    assert capsys.readouterr().err == "made.csv would lack c\n"
    assert exits.ended(lambda: None) == 0


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_chapter_whose_name_a_terminal_cannot_show_is_named_as_it_can(stream):
    code = "import sys; from tools.proof import exits; "
    code += f"exits.ended(lambda: print('übung.md', '…', file=sys.{stream}))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii:strict"},
    )  # fmt: skip
    assert (run.returncode, getattr(run, stream)) == (0, "?bung.md ?\n")


def test_the_list_of_commands_is_shown_on_an_ascii_terminal():
    run = subprocess.run(
        [sys.executable, "-m", "tools"], cwd=ROOT, text=True, capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert "tools.weave.tags" in run.stdout


def test_a_reader_who_goes_away_ends_a_command_quietly():
    code = "from tools.proof import exits; import sys, os; "
    code += "sys.exit(exits.ended(lambda: print(2 * 10**5 * 'x')))"
    there, gone = os.pipe()
    os.close(there)
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdout=gone, stderr=subprocess.PIPE
    )
    os.close(gone)
    assert (run.returncode, run.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device here")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "command",
    ["tools", "tools.exercise --help", "tools.proof.outputs --help",
     "tools.measure.calls --help", "tools.draw.figures --help"],
)  # fmt: skip
def test_an_output_without_room_is_told_in_a_line(command, unbuffered):
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [sys.executable, "-m", *command.split()], cwd=ROOT, stdout=full, text=True,
            stderr=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    said = "the output: No space left on device\n"
    assert (run.returncode, run.stderr) == (1, said)


def test_a_file_without_room_is_told_in_a_line_too(capsys):
    def work():
        raise OSError(28, "No space left on device", "made.csv")

    assert exits.ended(work) == 1
    assert capsys.readouterr().err == "made.csv: No space left on device\n"


def test_every_tool_has_the_parser_that_tells_of_it():
    found = (ROOT / "tools").rglob("*.py")
    own = {p for p in found if "= argparse.ArgumentParser(" in p.read_text("utf-8")}
    named = {p.relative_to(ROOT / "tools").parts[0] for p in own}
    assert named <= {"lab"}  # whose tools parse within `ended`


@pytest.mark.skipif(not hasattr(signal, "SIGINT"), reason="no signals")
def test_ctrl_c_ends_a_measurement_with_one_line_and_130():
    code = "import sys, time; from tools.proof import exits; "
    code += "print(1, flush=True); sys.exit(exits.ended(lambda: time.sleep(60)))"
    started = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    started.stdout.readline()
    time.sleep(0.2)
    started.send_signal(signal.SIGINT)
    _, errors = started.communicate(timeout=60)
    assert started.returncode == 130
    assert errors.count("\n") == 1
