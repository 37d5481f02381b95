"""Scaling: how the time of the tangler grows with the book.

Tangles a synthetic book of 1, 10 and 100 times 200 blocks, then runs the whole
command on the real book, with --check, so that nothing is written.
"""

import subprocess
import sys
from statistics import median
from time import perf_counter

from tools import tangle

RUNS = 5


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


def measure(work):
    """The median time of some runs of the work, in seconds."""
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times)


def tangle_book(sources):
    """Parse, resolve, render and compile; nothing is written."""
    problems = tangle.tangle(tangle.parse_book(sources, "docs/index.md"))[2]
    assert not problems, problems[0]


def main():
    """Print the time per block at three sizes, and that of the whole command."""
    base = None
    for size in (1, 10, 100):
        sources = synthetic(size)
        each = measure(lambda sources=sources: tangle_book(sources)) / (200 * size)
        base = base or each
        print(f"{200 * size:6} blocks  {each * 1e6:6.1f} µs/block  ×{each / base:.2f}")
    command = [sys.executable, tangle.__file__, "--check"]
    wall = measure(lambda: subprocess.run(command, capture_output=True, check=False))
    print(f"the whole command on the real book: {wall:.3f} s")


if __name__ == "__main__":
    main()
