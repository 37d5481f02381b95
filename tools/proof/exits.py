"""Exits: how a command of the tools ends, whatever happens to it."""

import argparse
import os
import sys

from tools.proof.about import about
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

    What it cannot do is told in a line, and so are a file or an output without room,
    and that somebody stopped it. A reader who goes away, as `head` does, is none of
    its faults.
    """
    legible()
    try:
        try:
            return work() or 0
        finally:
            print(end="", flush=True)
    except BrokenPipeError:
        silence()
        return 0
    except (RunError, NotYet) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        if error.filename is None:
            silence()
        name, why = error.filename or "the output", error.strerror or error
        print(f"{name}: {why}", file=sys.stderr)
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


class Parser(argparse.ArgumentParser):
    """A parser of options that tells of it if its help could not be written."""

    def print_help(self, file=None):
        if code := ended(lambda: print(self.format_help(), end="", file=file)):
            self.exit(code)


def write_or_check(check, file, argv=None):
    """Run a tool that writes what is out of date, or with --check only tells of it.

    check(write=...) finds the problems; file is the tool's, which says what it is for.
    """
    parser = Parser(description=about(file).splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args(argv)
    return finish(lambda: check(write=not options.check))
