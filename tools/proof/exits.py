"""Exits: how a command of the tools ends, whatever happens to it."""

import os
import sys

from tools.proof.pages import RunError
from tools.proof.tables import NotYet

STOPPED = 130  # as a shell has it


def legible():
    """Have letters replaced that the output cannot show; they end nothing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def silence():
    """Write no more, not even at the end: nobody reads it, or there is no room."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def ended(work):
    """The exit code of a command: what its work returns, 0 if that is nothing.

    What it cannot do is told in a line, and so is that somebody stopped it. A reader
    who goes away, as `head` does, is none of its faults.
    """
    legible()
    try:
        code = work() or 0
        print(end="", flush=True)
        return code
    except BrokenPipeError:
        silence()
        return 0
    except (RunError, NotYet) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; what was written before is whole", file=sys.stderr)
        return STOPPED


def finish(find):
    """Print problems as a function finds them; the exit code of a tool."""

    def tell():
        code = 0
        for problem in find():
            print(problem, file=sys.stderr, flush=True)
            code = 1
        return code

    return ended(tell)
