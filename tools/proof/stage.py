"""Stages: the program as it is at the end of a chapter, and what it prints.

`stage("counting")` is a folder that holds the book tangled as far as that chapter,
`run("counting", "python -m microgpt")` is what the command prints there. Runs are
kept in build/runs under a key made of all that decides the output: the command, the
code without comments and docstrings, and the data. So nothing is run twice, and a
run is made anew as soon as it could differ.

Commands are `python -m microgpt …`, `python -m tools.NAME …` (in the repository,
with the finished package) and `cat FILE`, any of them joined by `&&`. A command that
ends in `2>&1` shows its error messages, and may fail.

    python -m tools.proof.stage CHAPTER             the folder
    python -m tools.proof.stage CHAPTER COMMAND     what the command prints
"""

import ast
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from tools import tangle

try:
    import fcntl
except ImportError:  # not on Windows: there, do not run two of these at once
    fcntl = None

ROOT = tangle.ROOT
BOOK = ROOT / "docs"
# Before `complete`, the program's graphs are rings that only Python's collector can
# free. It runs after every 700 new objects by default, which is half of the time.
# When it runs has no influence on what is computed.
PRELUDE = """
import gc, runpy, sys
gc.set_threshold(300_000, 10, 10)
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
DATA = ["names.txt", "prose.txt"]  # what a stage finds in docs/data
SURROUNDINGS = {"COLUMNS": "80", "NO_COLOR": "1", "PYTHONUTF8": "1"}
SURROUNDINGS |= {"OMP_NUM_THREADS": "1"}  # of PyTorch: small tensors need no more


class RunError(Exception):
    """A command of the book that cannot be run, or that failed."""


# Stages


def stamp(book=BOOK):
    """A digest of the book's chapters and of the tangler."""
    pages = sorted(book.rglob("*.md"))
    found = hashlib.sha256(Path(tangle.__file__).read_bytes())
    for page in pages:
        found.update(f"{page.relative_to(book)}\0".encode() + page.read_bytes())
    return found.hexdigest()


@lru_cache(maxsize=4)
def parsed(book, stamp):
    """The book's blocks, read once as long as it does not change."""
    return tangle.read_book(book)


def read(book=BOOK):
    """The book as it stands: its chapters and blocks."""
    return parsed(book, stamp(book))


def names(book=BOOK):
    """The names of all pages in the book's order: `index`, `names`, …"""
    pages = read(book)
    return [path[len(pages.folder) + 1 : -len(".md")] for path in pages.chapters]


def chosen(chapters, book=BOOK):
    """The names of the pages that somebody asks for, or of all."""
    pages, asked = names(book), [name.removesuffix(".md") for name in chapters]
    if unknown := [name for name in asked if name not in pages]:
        raise RunError(f"there is no chapter {unknown[0]} in {book}")
    return asked or pages


def name_of(page, book=BOOK):
    """The chapter whose program goes with a page: itself, or the last chapter.

    A page that holds no block, an appendix, goes with the finished program.
    """
    pages = read(book)
    path = tangle.chapter_path(pages, *chosen([page], book))
    held = [block.path for block in pages.blocks if block.tangled]
    path = path if path in held or not held else held[-1]
    return path[len(pages.folder) + 1 : -len(".md")]


def stage(page, book=BOOK):
    """The folder with the program that goes with a page, tangled if need be."""
    chapter, now = name_of(page, book), stamp(book)
    folder = book.parent / "build" / "stages" / chapter
    mark = folder.with_name(f"{chapter}.stamp")
    with lock(mark):
        if not folder.is_dir() or not mark.exists() or mark.read_text() != now:
            _, files, problems = tangle.tangle(parsed(book, now), chapter)
            if problems:
                raise RunError("\n".join(map(str, problems)))
            changes, stale, problems = tangle.plan(files, folder, force=True)
            if problems:
                raise RunError("\n".join(map(str, problems)))
            tangle.write(changes, stale, folder)
            for name in DATA:
                copy(book / "data" / name, folder / "docs" / "data" / name)
            write_file(mark, now)
    return folder


def copy(source, target):
    """Copy a file, if there is one and the copy is not there yet."""
    if source.exists():
        data = source.read_bytes()
        if not target.exists() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_file(target, data.decode())


# Keys


def bare(node):
    """A syntax tree as nested tuples: equal in all versions of Python."""
    if isinstance(node, ast.AST):
        values = ((name, value) for name, value in ast.iter_fields(node))
        kept = ((name, value) for name, value in values if value not in (None, []))
        return type(node).__name__, *((name, bare(value)) for name, value in kept)
    return [bare(item) for item in node] if isinstance(node, list) else node


def skeleton(source):
    """What a module does, as text: without its comments, lines and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree) if "__doc__" not in source else ():
        if hasattr(node, "body") and isinstance(node.body, list) and node.body:
            first = node.body[0]
            text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            if text and isinstance(first.value.value, str):
                del node.body[0]
    return repr(bare(tree))


def digest(texts):
    """One hash for a row of texts."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(hashlib.sha256(text.encode()).digest())
    return whole.hexdigest()[:32]


def code_of(folder):
    """The names and the skeletons of the modules of a folder's package."""
    for path in sorted((folder / "microgpt").glob("*.py")):
        yield from (path.name, skeleton(path.read_text("utf-8")))
    for path in sorted((folder / "microgpt").glob("*.c")):
        yield from (path.name, re.sub(r"//.*", "", path.read_text("utf-8")))


def sources(page, command, book=BOOK):
    """All the texts that decide what a command prints."""
    data = [book / "data" / name for name in DATA if name == DATA[0] or name in command]
    yield command
    parts = [words for words, _ in parse(command)]
    if any(words[0] == "microgpt" for words in parts):
        yield from code_of(stage(page, book))
    tools = [words[0] for words in parts if words[0].startswith("tools.")]
    for tool in tools:
        yield skeleton(tool_file(tool).read_text("utf-8"))
        data += sorted((book / "data").glob(f"{tool_file(tool).stem}.*"))
    if tools:
        yield from code_of(ROOT)
    for path in data:
        yield path.read_text("utf-8") if path.exists() else ""


def key(page, command, book=BOOK):
    """A name for a run: the same as long as its output must be the same."""
    return digest(sources(page, command, book))


# Runs


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


def run(page, command, book=BOOK, fresh=False):
    """What a command prints at the stage that goes with a page.

    fresh: run it even if its output is known.
    """
    return result(page, command, book, fresh)["output"]


def result(page, command, book=BOOK, fresh=False):
    """As run: the output, the seconds that it took, and the key."""
    name = key(page, command, book)
    version = "{}.{}".format(*sys.version_info)
    file = book.parent / "build" / "runs" / f"{name}-{version}.json"
    with lock(file):
        if fresh or not file.exists():
            print(f"{page}: {command}", file=sys.stderr, flush=True)
            started = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                shutil.copytree(stage(page, book), folder, dirs_exist_ok=True)
                output = execute(command, Path(folder))
            seconds = round(time.perf_counter() - started, 1)
            if key(page, command, book) != name:
                raise RunError(f"{page}: the code changed during the run: repeat it")
            print(f"{page}: {seconds} s", file=sys.stderr, flush=True)
            known = {"page": page, "command": command, "key": name}
            known |= {"seconds": seconds, "output": output}
            write_file(file, json.dumps(known, indent=1, ensure_ascii=False))
        return json.loads(file.read_text("utf-8"))


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


# Files


@contextmanager
def lock(path):
    """Let one process at a time work on a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(f"{path.name}.lock"), "w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_file(path, text):
    """Write a file in one go: nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    temporary.write_text(text, "utf-8", newline="\n")
    os.replace(temporary, path)


def finish(find):
    """Print problems as a function finds them; the exit code of a tool."""
    code = 0
    try:
        for problem in find():
            print(problem, file=sys.stderr, flush=True)
            code = 1
    except RunError as error:
        print(error, file=sys.stderr)
        code = 1
    return code


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    return finish(show)


def show():
    """Print what the arguments ask for."""
    print(run(*sys.argv[1:]) if sys.argv[2:] else f"{stage(sys.argv[1])}\n", end="")
    return []


if __name__ == "__main__":
    sys.exit(main())
