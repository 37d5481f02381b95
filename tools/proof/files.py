"""Files: written in one go, and by one process at a time.

How a file is written is the tangler's: through a link that the user named, with the
mode that it had, into a device as such, and by way of no name that can be foreseen.
"""

import os
from contextlib import contextmanager

from tools import tangle

try:
    import fcntl
except ImportError:  # not on Windows: there, do not run two of these at once
    fcntl = None

OPEN = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def lock(path):
    """Let one process at a time work on a file; the lock's own is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path.with_name(f"{path.name}.lock"), OPEN, 0o666)) as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_file(path, text):
    """Write a file in one go: nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tangle.write_file(path, text.encode())


def append(path, text, head=""):
    """Add lines to a file, which may lack its last line's end; a new one has a head."""
    old = path.read_text("utf-8") if path.exists() else head
    write_file(path, old + "\n" * (old[-1:] not in ("", "\n")) + text)


@contextmanager
def replaced(path):
    """A new file to write to, which takes the other's place once all is well."""
    temporary = tangle.beside(path, b"")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def copy(source, target):
    """Copy a file, if there is one and the copy is not there yet."""
    if source.exists():
        data = source.read_bytes()
        if not target.exists() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_file(target, data.decode())
