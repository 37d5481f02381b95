"""Files: written in one go, and by one process at a time."""

import os
from contextlib import contextmanager

try:
    import fcntl
except ImportError:  # not on Windows: there, do not run two of these at once
    fcntl = None


@contextmanager
def lock(path):
    """Let one process at a time work on a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(f"{path.name}.lock"), "w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_file(path, text):
    """Write a file in one go: nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_text(text, "utf-8", newline="\n")
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
