"""Outputs: what the book shows of its program's runs is what the program prints.

    ```text {.output of="python -m microgpt"}     what the command prints at the
    …                                             stage of the chapter
    ```

`python -m tools.proof.outputs [CHAPTER…]` checks without running anything: the ledger,
docs/data/outputs.json, holds for each output the key of the code that made it (see
tools/proof/stage.py), its hash, and about how many seconds it took. `--write` runs what
is stale and writes the outputs into the chapters, `--again` runs everything.
"""

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import tangle
from tools.proof import stage
from tools.proof.about import about
from tools.proof.exits import Parser
from tools.tangle import Problem

QUICK = 10  # seconds: what takes longer is run again with --full only
REMEDY = "run python -m tools.proof.outputs --write {}"


def blocks(page, book=stage.BOOK):
    """The captured outputs of a page."""
    text = tangle.decode((book / f"{page}.md").read_bytes())
    found, _ = tangle.parse(text, f"{book.name}/{page}.md")
    return [block for block in found if block.kind == "output"]


def tidy(output):
    """The lines of an output: no blank ones at the ends, no spaces after them."""
    return [line.rstrip() for line in output.strip("\n").rstrip().split("\n")]


def digest(lines):
    return stage.digest(["\n".join(tidy("\n".join(lines)))])


def ledger(book=stage.BOOK):
    """The ledger: {page: {command: {"key", "sha", "seconds"}}}."""
    path = book / "data" / "outputs.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def check(page, book=stage.BOOK):
    """The problems of a page's outputs, found without running anything."""
    known = ledger(book).get(page, {})
    return [p for block in blocks(page, book) if (p := stale(block, page, known, book))]


def stale(block, page, known, book=stage.BOOK):
    """The problem of an output; None if it is as the code makes it."""
    remedy = REMEDY.format(page)
    try:
        key = stage.key(page, block.target, book)
    except stage.RunError as error:
        return block.problem(str(error), "mend the command or the book")
    entry = known.get(block.target)
    if entry is None:
        return block.problem(f"the output of {block.target} is not captured", remedy)
    if entry["key"] != key:
        what = f"the output of {block.target} was made by other code than today's"
        return block.problem(what, remedy)
    if entry["sha"] != digest(block.lines):
        return block.problem(f"the output of {block.target} was edited", remedy)
    return None


def compare(block, page, book=stage.BOOK, fresh=False):
    """Run the command of an output: the first line that differs; None if none does."""
    new = tidy(stage.run(page, block.target, book, fresh))
    old = tidy("\n".join(block.lines))
    for number, (was, now) in enumerate(zip([*old, None], [*new, None])):
        if was != now:
            what = f"{block.target} prints {now!r} now, not {was!r}"
            line = block.start + number
            return Problem(block.path, line, what, REMEDY.format(page))
    return None


def write(page, book=stage.BOOK, again=False):
    """Run the commands of a page that are stale; write the outputs, and the ledger.

    Returns the problems of the commands that failed.
    """
    known, results, problems = ledger(book).get(page, {}), {}, []
    for block in blocks(page, book):
        try:
            if again or stale(block, page, known, book):
                found = stage.result(page, block.target, book, again)
                if any(re.match(r" {0,3}(```|~~~)", s) for s in tidy(found["output"])):
                    raise stage.RunError(f"{block.target} prints a fence")
                results[block.target] = found
        except stage.RunError as error:
            problems.append(block.problem(str(error), "mend the command or the book"))
    if results:
        insert(page, results, book)
        record(page, results, book)
    return problems


def insert(page, results, book=stage.BOOK):
    """Write outputs into a page, which may have changed since they were begun."""
    file = book / f"{page}.md"
    text = tangle.decode(file.read_bytes())
    lines = text.split("\n")
    for block in reversed(blocks(page, book)):
        if block.target in results:
            lines[block.line : block.end - 1] = tidy(results[block.target]["output"])
    if "\n".join(lines) != text:
        stage.write_file(file, "\n".join(lines))


def record(page, results, book=stage.BOOK):
    """Enter runs into the ledger; drop commands that the page no longer has."""
    commands = {block.target for block in blocks(page, book)}
    path = book / "data" / "outputs.json"
    with stage.lock(book.parent / "build" / "outputs"):
        whole = ledger(book)
        entries = whole.get(page, {})
        for command, run in results.items():
            new = {"key": run["key"], "sha": digest(tidy(run["output"]))}
            if not new.items() <= entries.get(command, {}).items():
                entries[command] = new | {"seconds": round(run["seconds"])}
        kept = {name: entries[name] for name in sorted(entries) if name in commands}
        whole = {name: whole[name] for name in sorted(whole) if name != page}
        whole |= {page: kept} if kept else {}
        text = json.dumps(dict(sorted(whole.items())), indent=1, ensure_ascii=False)
        stage.write_file(path, f"{text}\n")


def main(argv=None):
    """Check or write the outputs of the pages that are named, or all."""
    parser = Parser(description=about(__file__).splitlines()[0])
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    parser.add_argument("--write", action="store_true", help="capture what is stale")
    parser.add_argument("--again", action="store_true", help="capture everything")
    parser.add_argument("--jobs", type=int, default=1, help="chapters at a time")
    parser.add_argument("--book", metavar="DIR", type=Path, default=stage.BOOK)
    options = parser.parse_args(argv)
    book = options.book.resolve()

    def work(page):
        changing = options.write or options.again
        problems = write(page, book, options.again) if changing else []
        return problems or check(page, book)

    def find():
        with ThreadPoolExecutor(options.jobs) as pool:
            for problems in pool.map(work, stage.chosen(options.chapters, book)):
                yield from problems

    return stage.finish(find)


if __name__ == "__main__":
    sys.exit(main())
