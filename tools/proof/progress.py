"""Progress: how far a command of the tools has come, told on its stderr.

On a terminal in one live line, elsewhere in a few plain ones: the manners of the
program's own microgpt/progress.py, which tells of losses alone.
"""

import os
import sys


class Progress:
    """Tells what is being done, and clears the live line when it is over.

    with Progress() as progress:
        progress.tell("round 2 of 8")      elsewhere: a line
        progress.detail("numpy")           elsewhere: nothing
        progress.say("numpy 12.5")         a result: it stays, on stdout
    """

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.told, self.length = "", 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.clear()

    def tell(self, what):
        """Something begins."""
        if self.stream.isatty():
            self.show(what)
        elif what != self.told:
            print(what, file=self.stream, flush=True)
        self.told = what

    def detail(self, what):
        """A part of it begins, a word or several: for those who look on."""
        if self.stream.isatty():
            words = what if isinstance(what, tuple) else (what,)
            self.show(f"{self.told}: {' '.join(map(str, words))}")

    def show(self, line):
        """Write the live line over the one before, cut to the terminal's width."""
        line = line[: width(self.stream) - 1]
        self.stream.write(f"\r{line:{self.length}}")
        self.stream.flush()
        self.length = len(line)

    def clear(self):
        """Take the live line away, if there is one."""
        if self.length:
            self.show("")
            self.stream.write("\r")
            self.stream.flush()

    def say(self, line):
        """Print a line that stays."""
        self.clear()
        print(line, flush=True)


def width(stream):
    """The columns of a terminal; 80 where it does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
