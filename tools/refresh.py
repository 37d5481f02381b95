"""Refresh: make everything that is generated, in the right order.

`python -m tools.refresh` brings up to date, one after the other: the package, the
captured outputs, the record of the full run, the minutes of the sections, the figures,
the numbers in the prose, the indexes, the way back from the original's lines, and the
tags. Each step leaves alone what is up to date. The first time it takes half an hour,
mostly for the training runs of the chapters.
"""

import os
import subprocess
import sys
import time

from tools.proof.stage import ROOT

CORES = str(os.cpu_count() or 1)
# name: (the command, one that succeeds if there is nothing to do)
STEPS = {
    "package": (["tools/tangle.py"], None),
    "outputs": (["-m", "tools.proof.outputs", "--write", "--jobs", CORES], None),
    "record": (["-m", "tools.lab.record"], ["-m", "tools.lab.record", "--check"]),
    "course": (["-m", "tools.weave.teaching"], None),
    "figures": (["-m", "tools.draw.figures"], None),
    "numbers": (["-m", "tools.proof.examples", "--write"], None),
    "address": (["-m", "tools.weave.address"], None),
    "indexes": (["-m", "tools.weave.indexes"], None),
    "concordance": (["-m", "tools.weave.concordance", "--write"], None),
    "tags": (["-m", "tools.weave.tags"], None),
}


def succeeds(arguments, quiet=False):
    """Run Python with these arguments; is its exit code 0?"""
    where = subprocess.DEVNULL if quiet else None
    command = [sys.executable, *arguments]
    return not subprocess.call(command, cwd=ROOT, stdout=where, stderr=where)


def main():
    """Do all steps; a step that fails does not keep the later ones from running."""
    failed = []
    for name, (command, check) in STEPS.items():
        started = time.perf_counter()
        print(f"== {name}", flush=True)
        if not (check and succeeds(check, quiet=True)) and not succeeds(command):
            failed.append(name)
        print(f"== {name}: {time.perf_counter() - started:.0f} s", flush=True)
    if failed:
        print(f"refresh: {', '.join(failed)} failed, see above", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
