"""Exits: how a command of the tools ends, whatever happens to it."""

import sys

from tools.proof.pages import RunError
from tools.proof.tables import NotYet

STOPPED = 130  # as a shell has it


def ended(work):
    """The exit code of a command: what its work returns, 0 if that is nothing.

    What it cannot do is told in a line, and so is that somebody stopped it.
    """
    try:
        return work() or 0
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
