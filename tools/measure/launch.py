"""Launch: the program in several processes, as torchrun starts it.

`python -m tools.measure.launch 2 --batch-size 8` does what `torchrun --nproc-per-node 2
-m microgpt --engine torchrun --batch-size 8` does, and shows what the program prints,
without torchrun's own reports. What it prints can so be captured in the book.
"""

import subprocess
import sys

from tools.proof.about import about
from tools.proof.stage import ROOT

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node"]


def command(processes: int, *arguments: str) -> list[str]:
    """Returns the command that starts the program in several processes."""
    local = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]  # a free port
    program = ["-m", "--", "microgpt", "--engine", "torchrun", *arguments]
    return [*TORCHRUN, str(processes), *local, *program]


def main() -> int:
    """Starts the program; returns 0, or 2 if it failed."""
    if len(sys.argv) < 2 or not sys.argv[1].isdigit():
        print(about(__file__), file=sys.stderr)
        return 2
    started = command(int(sys.argv[1]), *sys.argv[2:])
    done = subprocess.run(started, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    for line in done.stderr.splitlines():
        if line.startswith("microgpt:"):
            print(line, file=sys.stderr)
    if done.returncode and "microgpt:" not in done.stderr:
        print(done.stderr, file=sys.stderr)
    return 2 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
