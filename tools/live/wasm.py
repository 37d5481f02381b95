"""Wasm: the kernel in C, compiled for a browser.

    python -m tools.live.wasm            write docs/assets/live/kernel.wasm
    python -m tools.live.wasm --check    say whether it is what the kernel gives

The source is microgpt/kernel.c as it is; two small headers stand for the threads that a
page has not. The compiler is Clang, as PyPI's `ziglang` brings it, with a C library for
WebAssembly of which no part asks anything of a system.
"""

import subprocess
import sys
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import tangle
from tools.proof.exits import write_or_check
from tools.proof.pages import RunError
from tools.tangle import ROOT

SOURCE = ROOT / "microgpt" / "kernel.c"
TARGET = ROOT / "docs" / "assets" / "live" / "kernel.wasm"
VERSION = "0.17.1"  # of ziglang; another one may write other bytes
EXPORTS = ("make", "drop", "train", "logits", "cache_size", "copy", "malloc", "free")
FLAGS = ("-target", "wasm32-wasi", "-mexec-model=reactor", "-O3", "-msimd128", "-s")
EXACT = "-ffp-contract=off"  # each sum and product is rounded as in the chapters


def compiled():
    """The bytes of the kernel for a browser; RunError if they cannot be made."""
    try:
        found = metadata.version("ziglang")
    except metadata.PackageNotFoundError:
        found = None
    if found != VERSION:
        raise RunError(
            f"install the compiler: python -m pip install ziglang=={VERSION}"
        )
    if not SOURCE.exists():
        raise RunError(f"{SOURCE}:1: is not there. Run python tools/tangle.py.")
    exports = [f"-Wl,--export={name}" for name in EXPORTS]
    stubs = Path(__file__).parent / "stubs"
    with TemporaryDirectory() as folder:
        target = Path(folder) / "kernel.wasm"
        command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, EXACT, *exports]
        command += [f"-I{stubs}", "-o", str(target), str(SOURCE)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RunError(f"{SOURCE}: cannot be compiled: {done.stderr.strip()}")
        return target.read_bytes()


def check(write):
    """Write the kernel where it is out of date; the problem, if it is not written."""
    made = compiled()
    if TARGET.exists() and TARGET.read_bytes() == made:
        return
    if write:
        tangle.write_file(TARGET, made)
    else:
        place = TARGET.relative_to(ROOT)
        yield f"{place}:1: is another kernel. Run python -m tools.live.wasm."


def main(argv=None):
    """Write the kernel, or with --check compare it; returns the exit status."""
    return write_or_check(check, __file__, argv)


if __name__ == "__main__":
    sys.exit(main())
