"""Stages: the program as it is at the end of a chapter, and what it prints.

`stage("counting")` is a folder that holds the book tangled as far as that chapter,
`run("counting", "python -m microgpt")` is what the command prints there. Runs are
kept in build/runs under a key made of all that decides the output: the command, the
code without comments and docstrings, and the data. So nothing is run twice, and a
run is made anew as soon as it could differ.

    python -m tools.proof.stage CHAPTER             the folder
    python -m tools.proof.stage CHAPTER COMMAND     what the command prints
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tools import tangle
from tools.proof.about import about
from tools.proof.commands import PRELUDE, SURROUNDINGS, execute, parse, tool_file
from tools.proof.exits import finish
from tools.proof.files import append, copy, lock, replaced, write_file
from tools.proof.keys import code_of, digest, skeleton
from tools.proof.pages import (
    BOOK,
    ROOT,
    RunError,
    chosen,
    name_of,
    names,
    parsed,
    read,
    stamp,
    variants,
)

# What the other rooms need of this one.
__all__ = [
    "stage", "varied", "run", "result", "key", "sources",
    "BOOK", "ROOT", "RunError", "chosen", "name_of", "names", "read", "variants",
    "PRELUDE", "SURROUNDINGS", "parse", "tool_file",
    "code_of", "digest", "skeleton",
    "finish", "append", "lock", "replaced", "write_file",
]  # fmt: skip

# What a stage finds in docs/data.
DATA = ["names.txt", "prose.txt", "echo.txt", "greek.txt", "psalms.txt"]


def stage(page, book=BOOK):
    """The folder with the program that goes with a page, tangled if need be."""
    chapter, now = name_of(page, book), stamp(book)
    folder = book.parent / "build" / "stages" / chapter
    return tangled(folder, now, lambda: (parsed(book, now), chapter), book)


def varied(pages, folder, book=BOOK):
    """A folder with the finished program and what variants change, by their paths."""
    texts = [(str(path), text_of(path)) for path in pages]
    before = stamp(book)
    now = digest([before, *(text for _, text in texts)])
    return tangled(
        folder, now, lambda: (tangle.vary(parsed(book, before), texts),), book
    )


def text_of(path):
    """The text of a page, as the tangler reads it."""
    try:
        return tangle.decode(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path} cannot be read: {error}") from None


def tangled(folder, now, read, book):
    """A folder brought up to date, unless its stamp says that it is.

    read: gives the book, and perhaps the chapter where to stop.
    """
    mark = folder.with_name(f"{folder.name}.stamp")
    with lock(mark):
        if not folder.is_dir() or not mark.exists() or mark.read_text() != now:
            _, files, problems = tangle.tangle(*read())
            if problems:
                raise RunError("\n".join(map(str, problems)))
            _, _, problems = tangle.bring(files, folder, force=True)
            if problems:
                raise RunError("\n".join(map(str, problems)))
            for name in DATA:
                copy(book / "data" / name, folder / "docs" / "data" / name)
            write_file(mark, now)
    return folder


# Keys


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


def main():
    if len(sys.argv) not in (2, 3):
        print(about(__file__), file=sys.stderr)
        return 2
    return finish(show)


def show():
    """Print what the arguments ask for."""
    print(run(*sys.argv[1:]) if sys.argv[2:] else f"{stage(sys.argv[1])}\n", end="")
    return []


if __name__ == "__main__":
    sys.exit(main())
