"""A reader who waits sees that something moves, at every stage that takes a while."""

import os
import subprocess
import sys

import pytest

from tools.proof import stage

pty = pytest.importorskip("pty", reason="no terminals here")
STAGES = [
    name
    for name in stage.names()
    if stage.name_of(name) == name and name not in ("index", "names", "tokens")
]


def first_live_line(folder):
    """What a stage writes over on a terminal, the first time that it does."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "microgpt"], cwd=folder, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=follower, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    seen = b""
    try:
        while seen.strip(b"\r").count(b"\r") < 1 and len(seen) < 10_000:
            seen += os.read(leader, 1000)
    except OSError:  # the program has ended
        pass
    finally:
        process.kill()
        process.wait()
        os.close(leader)
    return seen.decode().strip("\r").split("\r")[0]


@pytest.mark.parametrize("chapter", STAGES)
def test_a_stage_shows_on_a_terminal_how_far_it_is(chapter):
    assert " / 1" in first_live_line(stage.stage(chapter))
