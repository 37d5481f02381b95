"""Commands: those that the book shows are taken apart, and run in a folder.

They are `python -m microgpt …`, `python -m tools.NAME …` (in the repository, with the
finished package) and `cat FILE`, any of them joined by `&&`. A command that ends in
`2>&1` shows its error messages, and may fail.
"""

import json
import os
import shlex
import subprocess
import sys

from tools.proof.pages import ROOT, RunError

# Before `complete`, the program's graphs are rings that only Python's collector can
# free. It runs after every 700 new objects by default, which is half of the time.
# When it runs has no influence on what is computed.
PRELUDE = """
import gc, runpy, sys
gc.set_threshold(300_000, 10, 10)
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
SURROUNDINGS = {"COLUMNS": "80", "NO_COLOR": "1", "PYTHONUTF8": "1"}
SURROUNDINGS |= {"OMP_NUM_THREADS": "1"}  # of PyTorch: small tensors need no more


def parse(command):
    """The parts of a command: [(module or cat and its arguments, errors shown?)]."""
    parts = []
    for part in command.split(" && "):
        words = shlex.split(part)
        shown = words[-1:] == ["2>&1"]
        words = words[:-1] if shown else words
        if words[:2] == ["python", "-m"] and len(words) > 2:
            words = words[2:]
        known = words and words[0] in ("microgpt", "cat")
        tool = words and words[0].startswith("tools.") and tool_file(words[0]).exists()
        if not (known or tool):
            raise RunError(
                f"cannot run {part!r}: write python -m microgpt, python -m tools.NAME "
                "or cat FILE"
            )
        parts.append((words, shown))
    return parts


def tool_file(module):
    """The file of a module of the tools."""
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


def execute(command, folder):
    """Run the parts of a command in a folder, one after the other."""
    output = ""
    for words, shown in parse(command):
        if words[0] == "cat":
            output += "".join((folder / word).read_text("utf-8") for word in words[1:])
            continue
        done = subprocess.run(
            [sys.executable, "-c", PRELUDE, *words],
            cwd=folder if words[0] == "microgpt" else ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if shown else subprocess.PIPE,
            env=os.environ | SURROUNDINGS,
            encoding="utf-8",
        )
        if done.returncode and not shown:
            what = f"{shlex.join(words)} failed with exit code {done.returncode}"
            raise RunError(f"{what}:\n{done.stderr}")
        output += done.stdout
    return output


def python(code, folder, *task):
    """What Python code prints, run in a folder with the JSON of a task, read as JSON.

    The code stands in a module as text, and works with the program of that folder.
    """
    done = subprocess.run(
        [sys.executable, "-c", code, *map(json.dumps, task)],
        cwd=folder,
        env=os.environ | SURROUNDINGS,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        why = (done.stderr.strip() or "no message").splitlines()[-1]
        raise RunError(f"a program in {folder} failed: {why}")
    return json.loads(done.stdout)
