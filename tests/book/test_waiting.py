"""A reader who waits sees that something moves, at every stage that takes a while."""

import os
import re
import select
import subprocess
import sys

import pytest

from tools.proof import stage

pytestmark = pytest.mark.long

pty = pytest.importorskip("pty", reason="no terminals here")
STAGES = [
    name
    for name in stage.names()
    if stage.name_of(name) == name and name not in ("index", "names", "tokens")
]


def live_line(folder, seconds=60):
    """What a stage writes over on a terminal, the first time that it does."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "microgpt"], cwd=folder, stdin=subprocess.DEVNULL,
        stdout=follower, stderr=follower, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    seen, found = b"", None
    try:
        while not found and select.select([leader], [], [], seconds)[0]:
            seen += os.read(leader, 1000)
            found = re.search(rb"([^\r\n]+)\r(?!\n|$)", seen)
    except OSError:  # the program has ended
        pass
    finally:
        process.kill()
        process.wait()
        os.close(leader)
    return found[1].decode() if found else ""


@pytest.mark.parametrize("chapter", STAGES)
def test_a_stage_shows_on_a_terminal_how_far_it_is(chapter):
    assert " / 1" in live_line(stage.stage(chapter))
