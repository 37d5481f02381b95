"""Progress: a live line on a terminal, whole plain lines in a pipe."""

import io
import os
import re
import subprocess
import sys

import pytest

from tools.proof.progress import Progress
from tools.proof.stage import ROOT

pty = pytest.importorskip("pty", reason="no terminals here")
SHOW = """
from tools.proof.progress import Progress
with Progress() as progress:
    for turn in (1, 2):
        progress.tell(f"round {turn} of 2")
        for name in ("numpy", "a name that is longer than the terminal is wide " * 3):
            progress.detail(name)
    progress.say("numpy 12.5")
"""


def test_a_pipe_gets_whole_plain_lines():
    command = [sys.executable, "-c", SHOW]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "round 1 of 2\nround 2 of 2\n"
    assert done.stdout == "numpy 12.5\n"


def test_what_is_told_twice_in_a_row_is_one_line():
    stream = io.StringIO()
    progress = Progress(stream)
    for what in ("starting", "starting", "round 1"):
        progress.tell(what)
    assert stream.getvalue() == "starting\nround 1\n"


def test_a_terminal_gets_one_live_line_that_is_gone_in_the_end():
    shown = on_a_terminal()
    assert shown.count("\n") == 1  # that of the result
    assert "\rround 2 of 2: numpy" in shown
    last = shown.split("\r")
    assert last[-3].strip() == ""
    assert "numpy 12.5" in last[-2]


def test_the_live_line_is_never_wider_than_the_terminal():
    lines = re.split(r"[\r\n]", on_a_terminal())
    assert max(map(len, lines)) < 80


def on_a_terminal():
    """What a terminal of 80 columns gets."""
    mine, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-c", SHOW], cwd=ROOT, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(mine, 4096):
            shown += part
    except OSError:  # so Linux says that the other end is closed
        pass
    finally:
        os.close(mine)
    assert done.wait() == 0
    return shown.decode()
