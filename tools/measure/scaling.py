"""Scaling: how the time of the tangler grows with the book.

Tangles a synthetic book of 1, 10 and 100 times 200 blocks, then runs the whole
command on the real book, with --check, so that nothing is written.
"""

import subprocess
import sys
from functools import partial

from tools import tangle
from tools.measure import sitting, turns
from tools.proof.about import about
from tools.proof.progress import Progress

ROUNDS = 5
BLOCKS, SIZES = 200, (1, 10, 100)  # of the smallest book, and how many times as many


def chapter(number):
    """A chapter of ten blocks: a class with a slot, its methods, and replacements."""
    blocks = [
        f'```python {{#class-{number} file="part{number // 20}.py"}}\n'
        f"class Part{number}:\n    # <<methods-{number}>>\n```\n"
    ]
    for n in range(8):
        place = (
            f'into="methods-{number}"' if n < 6 else f'after="method-{number}-{n - 6}"'
        )
        blocks.append(
            f"```python {{#method-{number}-{n} {place}}}\n"
            f"def method_{n}(self):\n    total = 0\n    for item in self.items:\n"
            f"        total += item * {n}\n    return total\n```\n"
        )
    old = f'replaces="method-{number - 1}-0"' if number else 'file="part0.py"'
    blocks.append(f"```python {{#new-{number} {old}}}\ndef new():\n    return 1\n```\n")
    return "\nSome words about the block which follows.\n\n".join(blocks)


def synthetic(size):
    """The sources of a book of 20 × size chapters, 200 × size blocks."""
    return {f"docs/c{n:05}.md": chapter(n) for n in range(20 * size)}


def tangle_book(sources):
    """Parse, resolve, render and compile; nothing is written."""
    problems = tangle.tangle(tangle.parse_book(sources, "docs/index.md"))[2]
    if problems:
        raise RuntimeError(problems[0])


def check():
    """Run the whole command on the real book; nothing is written."""
    subprocess.run([sys.executable, tangle.__file__, "--check"], capture_output=True)


def main():
    """Print the time per block at three sizes, and that of the whole command."""
    options = sitting.parser(about(__file__), rounds=ROUNDS).parse_args()
    jobs = {BLOCKS * size: partial(tangle_book, synthetic(size)) for size in SIZES}
    timers = {name: partial(turns.timed, job) for name, job in jobs.items()}
    timers["the whole command"] = partial(turns.timed, check)
    with Progress() as progress:
        rounds = turns.told(options.rounds, progress)
        found = turns.take(timers, rounds, tell=progress.detail)
    medians = {name: turns.spread(times).median for name, times in found.items()}
    base = medians[BLOCKS] / BLOCKS
    for blocks in jobs:
        each = medians[blocks] / blocks
        print(f"{blocks:6} blocks  {each * 1e6:6.1f} µs/block  ×{each / base:.2f}")
    whole = medians["the whole command"]
    print(f"the whole command on the real book: {whole:.3f} s")


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
