"""What editors, systems and users do to the tools: odd files, tables, -OO."""

import subprocess
import sys

import pytest

from tests.tangle.desk import block
from tools.proof import about, keys, pages
from tools.tangle import ROOT
from tools.weave import contents, tags

BOOK = "# Names {#names}\n\n" + block('#a file="a.py"', "x = 1")
LEDGER = "tag,kind,id,note\n0001,chapter,index,\n"


@pytest.fixture
def book(tmp_path):
    folder = tmp_path / "docs"
    (folder / "data").mkdir(parents=True)
    (folder / "index.md").write_text(BOOK)
    return folder


@pytest.fixture
def littered(book):
    """A book among what editors and systems leave behind."""
    (book / ".#index.md").symlink_to("somebody@machine.1234")
    (book / "._index.md").write_bytes(b"\x00\x05\x16\x07\xff")
    (book / ".ipynb_checkpoints").mkdir()
    (book / ".ipynb_checkpoints/index-checkpoint.md").write_text(BOOK)
    return book


def test_what_is_left_behind_is_no_page_for_any_tool(littered):
    assert pages.names(littered) == ["index"] and pages.stamp(littered)
    found = contents.of_book(littered)
    assert not found.problems and [*found.headings] == ["index.md"]


def test_a_page_that_comes_or_changes_gives_another_stamp(book):
    before = pages.stamp(book)
    (book / ".#index.md").write_text("x")
    assert pages.stamp(book) == before
    (book / "b.md").write_text("x")
    assert pages.stamp(book) != before


def test_what_is_left_behind_among_modules_has_no_part_in_a_key(tmp_path):
    (tmp_path / "microgpt").mkdir()
    (tmp_path / "microgpt/a.py").write_text("x = 1")
    before = [*keys.code_of(tmp_path)]
    (tmp_path / "microgpt/._a.py").write_bytes(b"\x00\xff")
    (tmp_path / "microgpt/._a.c").write_bytes(b"\x00\xff")
    (tmp_path / "microgpt/.#a.py").symlink_to("nowhere")
    assert [*keys.code_of(tmp_path)] == before


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_ledger_that_lacks_its_last_line_end_stays_whole(book, end):
    text = LEDGER[:-1].replace("\n", end.strip(" ") or "\n") + end
    (book / "data/tags.csv").write_bytes(text.encode())
    assert not [*tags.assign(book)]
    lines = (book / "data/tags.csv").read_text().splitlines()
    assert lines == [*LEDGER.splitlines(), "0002,block,a,"]
    assert tags.main(["--book", str(book), "--check"]) == 0


def test_a_new_ledger_has_its_head(book):
    tags.assign(book)
    lines = (book / "data/tags.csv").read_text().splitlines()
    assert lines == [*LEDGER.splitlines(), "0002,block,a,"]


def test_a_module_says_what_it_is_for_without_its_docstring():
    assert about.about(__file__).startswith("What editors, systems and users do")
    assert about.about(tags.__file__, "path") == "Where a tag's page lies on the site."
    with pytest.raises(LookupError):
        about.about(__file__, "nowhere")


def test_no_tool_needs_its_docstring():
    needing = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tools").rglob("[!.]*.py")
        if "__doc__" in path.read_text("utf-8")
    ]
    assert needing == ["tools/proof/keys.py"]  # which only looks for the word


@pytest.mark.parametrize("tool", ["proof.stage", "proof.outputs", "weave.tags"])
def test_a_tool_runs_with_its_docstrings_taken_away(tool):
    command = [sys.executable, "-OO", "-m", f"tools.{tool}", "--help"]
    if tool == "proof.stage":
        command.pop()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in done.stderr and "None" not in done.stdout + done.stderr
    assert tool.split(".")[1].title() in done.stdout + done.stderr
