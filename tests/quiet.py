"""Quiet: a test that measures time runs while nothing else does.

Every test holds one lock that many can hold, a test that measures holds it alone. A
second one, the door, lets the one who waits for quiet in before those who come later.
"""

from contextlib import ExitStack, contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows: there, run such tests by themselves
    fcntl = None

FOLDER = Path(__file__).resolve().parents[1] / "build"


@contextmanager
def held(name, alone):
    """Hold a lock in build/, alone or with others."""
    FOLDER.mkdir(exist_ok=True)
    with open(FOLDER / f"{name}.lock", "w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@contextmanager
def quiet(alone):
    """Work while nothing disturbs, if alone; else while nobody needs quiet."""
    with ExitStack() as inside:
        with held("door", alone=True):
            inside.enter_context(held("quiet", alone))
            if alone:
                yield
                return
        yield
