"""Examples: whatever the book says that its program prints or counts is tried.

Three things on a page are evaluated from top to bottom, in one namespace, with the
program as it is at that chapter's end:

    ```pycon {.run}                   an example, by the rules of doctest
    <!--run … -->                     lines of Python that the reader does not see
    32,469<!--=len(docs)-->           a number (or a word), and how to come by it

A number must be equal when rounded to as many places as it is written with; with a
`%` the value is multiplied by 100. Beside what the page itself defines there are

    output("counting", "held-out loss")   the number after the last such words in
                                          the captured outputs of a chapter
    record                                docs/data/record.json, the full run
    final                                 the finished package: final.model, …
    measured("bench", "c", "share")       a number of docs/data/bench.csv: the row's
                                          first cell, its column ["speed"]
    book("data/bench.csv")                the path of a file in docs/

`python -m tools.proof.examples [CHAPTER…]` checks, `--write` writes the numbers.
"""

import argparse
import csv
import doctest
import importlib.util
import json
import os
import re
import subprocess
import sys
import traceback
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools import tangle
from tools.proof import stage
from tools.tangle import Problem

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
COMMENT_OR_CODE = re.compile(
    r"<!--(?P<comment>.*?)-->|(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n\s*\n).)*?(?<!`)"
    r"(?P=ticks)(?!`)",
    re.S,
)
NUMBER = re.compile(
    r"(?P<sign>(?<![\w)])[−-])?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)"
    r"(?P<fraction>\.\d+)?(?P<exponent>e[−-]?\d+)?"
    r"(?P<percent>\s?\\?%)?(?=[*_`$]*\s*\Z)"
)
CHILD = "from tools.proof.examples import child; child()"


# Reading: what is there to try on a page


@dataclass(frozen=True)
class Piece:
    """Something to evaluate; kind is "example", "hidden" or "fact"."""

    line: int
    kind: str
    source: str
    at: int = 0  # where the comment begins, in the page's text


def pieces(text, path):
    """All pieces of a page, from top to bottom."""
    blocks, _ = tangle.parse(text, path)
    lines = text.split("\n")
    found = []
    for block in blocks:
        if block.kind == "run":
            source = "".join(f"{line}\n" for line in block.lines)
            found.append(Piece(block.start, "example", source))
        for index in range(block.line - 1, min(block.end, len(lines))):
            lines[index] = " " * len(lines[index])  # no comments in there
    prose = "\n".join(lines)
    for match in COMMENT_OR_CODE.finditer(prose):
        comment = (match["comment"] or "").lstrip()
        line = prose.count("\n", 0, match.start()) + 1
        if comment.startswith("="):
            found.append(Piece(line, "fact", comment[1:].strip(), match.start()))
        elif re.match(r"run\s", comment):
            found.append(Piece(line, "hidden", comment[3:]))
    return sorted(found, key=lambda piece: (piece.line, piece.at))


def captured(page, label, book):
    """The number after the last such words in the captured outputs of a chapter."""
    path = book / f"{page.removesuffix('.md')}.md"
    blocks, _ = tangle.parse(tangle.decode(path.read_bytes()), path.name)
    lines = [line for b in blocks if b.kind == "output" for line in b.lines]
    pattern = re.escape(label) + r"[^\n\d]*?([−-]?\d[\d,]*(?:\.\d+)?)"
    if not (found := re.findall(pattern, "\n".join(lines))):
        raise LookupError(f"no number after {label!r} in the outputs of {page}")
    number = found[-1].replace(",", "").replace("−", "-")
    return float(number) if "." in number else int(number)


def cell(table, row, column="speed", *, book):
    """A number of a table in docs/data, by the first cell of its row and its column."""
    with open(book / "data" / f"{table}.csv", encoding="utf-8") as file:
        for found in csv.DictReader(file):
            if next(iter(found.values())) == row:
                return float(found[column])
    raise LookupError(f"{table}.csv has no row {row}")


# Evaluating: in a process of its own, where `microgpt` is the stage's


class Record(dict):
    """The numbers of the full run; says what to do where one is missing."""

    def __missing__(self, name):
        raise LookupError(f"record.json has no {name}; run python -m tools.lab.record")


class Final:
    """The finished package, loaded under the name `final` when it is first used."""

    def __init__(self, book):
        self._book = book

    def __getattr__(self, name):
        if "final" not in sys.modules:
            folder = stage.stage(stage.names(self._book)[-1], self._book) / "microgpt"
            spec = importlib.util.spec_from_file_location(
                "final",
                folder / "__init__.py",
                submodule_search_locations=[str(folder)],
            )
            sys.modules["final"] = package = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(package)
        if importlib.util.find_spec(f"final.{name}"):
            return importlib.import_module(f"final.{name}")
        return getattr(sys.modules["final"], name)


def namespace(book):
    """What every page starts with."""
    path = book / "data" / "record.json"
    return {
        "__name__": "__main__",
        "output": partial(captured, book=book),
        "record": Record(json.loads(path.read_text("utf-8")) if path.exists() else {}),
        "final": Final(book),
        "measured": partial(cell, book=book),
        "book": lambda name: book / name,
    }


class Runner(doctest.DocTestRunner):
    """Runs examples and collects what is wrong."""

    def __init__(self, path):
        super().__init__(optionflags=FLAGS)
        self.path, self.problems = path, []

    def report_start(self, out, test, example):
        pass

    def report_success(self, out, test, example, got):
        pass

    def report_failure(self, out, test, example, got):
        source = example.source.split("\n")[0]
        book, now = quoted(example.want), quoted(got)
        what = f"the example >>> {source} prints{now}, in the book it is{book}"
        self.add(test, example, what)

    def report_unexpected_exception(self, out, test, example, exc_info):
        source = example.source.split("\n")[0]
        what = f"the example >>> {source} raises {told(exc_info[1])}"
        self.add(test, example, what)

    def add(self, test, example, what):
        line = test.lineno + example.lineno + 1
        remedy = "mend the example or the code"
        self.problems.append(Problem(self.path, line, what, remedy))


def quoted(text):
    """An output in a message: in the line if it is short, else below it."""
    lines = text.rstrip("\n").split("\n")
    if len(lines) == 1 and len(lines[0]) < 60:
        return f" {lines[0] or 'nothing'}"
    return "".join(f"\n    {line}" for line in lines) + "\n"


def line_of(error, path):
    """The last line of the page that an error went through; 0 if there is none."""
    inside = isinstance(error, SyntaxError) and error.filename == path
    line = error.lineno if inside else 0
    for frame in traceback.extract_tb(error.__traceback__):
        line = frame.lineno if frame.filename == path else line
    return line


def told(error):
    return f"{type(error).__name__}: {error}".split("\n")[0]


def evaluate(text, path, names):
    """Try all pieces of a page: (problems, edits that would mend its numbers).

    An edit is (start, end, new text).
    """
    problems, edits = [], []
    parser = doctest.DocTestParser()
    for piece in pieces(text, path):
        try:
            if piece.kind == "example":
                here = path, path, piece.line - 1
                test = parser.get_doctest(piece.source, {}, *here)
                test.globs = names  # not the copy that DocTest makes
                runner = Runner(path)
                runner.run(test, out=lambda _: None, clear_globs=False)
                problems += runner.problems
            elif piece.kind == "hidden":
                source = "\n" * (piece.line - 1) + piece.source
                exec(compile(source, path, "exec"), names)
            else:
                source = "\n" * (piece.line - 1) + f"({piece.source}\n)"
                value = eval(compile(source, path, "eval"), names)
                start, end, new = written(text[: piece.at], value)
                if text[start:end] != new:
                    what = f"{text[start:end]} is {new} now, by {piece.source}"
                    remedy = "run python -m tools.proof.examples --write"
                    problems.append(Problem(path, piece.line, what, remedy))
                    edits.append((start, end, new))
        except (Exception, SystemExit) as error:
            source = (piece.source.strip() or "nothing").split("\n")[0]
            line = piece.line
            if piece.kind == "hidden":
                line = line_of(error, path) or line
            what = f"{source} raises {told(error)}"
            problems.append(Problem(path, line, what, "mend it"))
    return problems, edits


def written(before, value):
    """How a value is to be written in place of what stands before: (start, end, it)."""
    if isinstance(value, str):
        return written_word(before, value)
    match = NUMBER.search(before, max(0, len(before) - 60))
    if not match:
        raise ValueError("there is no number before the comment")
    return match.start(), match.end(), number_like(match, value)


def written_word(before, value):
    """As written, for text: as many words as the value has."""
    end = len(before.rstrip("*_`$ \n"))
    words = r"\s+".join([r"[^\s*_`$|(]+"] * len(value.split()))
    match = re.search(rf"{words}\Z", before[:end]) if value.strip() else None
    if not match:
        raise ValueError("there is no word before the comment")
    if match[0].split() == value.split():
        return match.start(), end, match[0]  # perhaps over the end of a line
    start = end - len(value) if before[:end].endswith(value) else match.start()
    return start, end, value


def number_like(match, value):
    """A value in the form of a number in the text: its places, commas, sign."""
    if isinstance(value, bool):
        raise ValueError("the expression gives no number")
    value = value * 100 if match["percent"] else value
    places = len(match["fraction"] or ".") - 1
    whole = isinstance(value, int) and not places
    if match["exponent"]:
        number = f"{float(value):.{places}e}"
        number = re.sub(r"e([+-])0*(\d)", r"e\1\2", number).replace("e+", "e")
    elif len(match["whole"]) > 3 and "," not in match["whole"]:
        number = f"{value:d}" if whole else f"{float(value):.{places}f}"
    else:
        number = f"{value:,d}" if whole else f"{float(value):,.{places}f}"
    if number.startswith("-"):
        zero = not float(number.replace(",", ""))
        number = number[1:] if zero else (match["sign"] or "−") + number[1:]
    minus = (match["exponent"] or "")[1:2]
    number = number.replace("e-", "e−") if minus == "−" else number
    return number + (match["percent"] or "")


def child():
    """Evaluate the page that comes in; the answer goes out, both as JSON."""
    text, path, book = json.load(sys.stdin)
    answer = sys.stdout
    with redirect_stdout(sys.stderr):
        problems, edits = evaluate(text, path, namespace(Path(book)))
    wrong = [(p.path, p.line, p.what, p.remedy) for p in problems]
    json.dump([wrong, edits], answer)


# Checking and mending: one process for each page


def check(page, book=stage.BOOK, write=False, bare=False):
    """Try the pieces of a page: its problems. write: mend its numbers.

    bare: with nothing but the standard library, whatever else is installed.
    """
    file = book / f"{page}.md"
    path = f"{book.name}/{page}.md"
    text = tangle.decode(file.read_bytes())
    if not pieces(text, path):
        return []
    done = subprocess.run(
        [sys.executable, *["-S"] * bare, "-c", CHILD],
        cwd=stage.stage(page, book),
        input=json.dumps([text, path, str(book)]),
        capture_output=True,
        env=os.environ | stage.SURROUNDINGS | {"PYTHONPATH": str(stage.ROOT)},
        encoding="utf-8",
    )
    if done.returncode:
        why = done.stderr.strip().split("\n")[-1]
        return [Problem(path, 1, f"the examples broke off, {why}", "mend them")]
    wrong, edits = json.loads(done.stdout)
    problems = [Problem(*each) for each in wrong]
    if not write or not edits:
        return problems
    if tangle.decode(file.read_bytes()) != text:
        return [Problem(path, 1, "changed during the check", "run it again")]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    stage.write_file(file, text)
    return check(page, book)


def main(argv=None):
    """Check or mend the pages that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    parser.add_argument("--write", action="store_true", help="write the numbers")
    parser.add_argument("--book", metavar="DIR", type=Path, default=stage.BOOK)
    options = parser.parse_args(argv)
    book = options.book.resolve()

    def find():
        for page in stage.chosen(options.chapters, book):
            yield from check(page, book, options.write)

    return stage.finish(find)


if __name__ == "__main__":
    sys.exit(main())
