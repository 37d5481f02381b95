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
    lab.mean("rotary", steps=1000)        the laboratory's, see tools/lab/results.py

`python -m tools.proof.examples [CHAPTER…]` checks, `--write` writes the numbers.
"""

import doctest
import gc
import json
import os
import subprocess
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path

from tools import tangle
from tools.proof import stage
from tools.proof.about import about
from tools.proof.asked import captured, namespace
from tools.proof.exits import Parser
from tools.proof.numbers import written
from tools.proof.pieces import COMMENT_OR_CODE, pieces
from tools.tangle import Problem

__all__ = ["COMMENT_OR_CODE", "captured", "check", "child", "evaluate", "written"]

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
CHILD = "from tools.proof.examples import child; child()"


# Evaluating: in a process of its own, where `microgpt` is the stage's


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


class Page:
    """A page that is tried: its text, its names, its problems, and what would mend it.

    An edit is (start, end, new text).
    """

    def __init__(self, text, path, names):
        self.text, self.path, self.names = text, path, names
        self.problems, self.edits = [], []

    def example(self, piece):
        """Run an example, by the rules of doctest."""
        here = self.path, self.path, piece.line - 1
        test = doctest.DocTestParser().get_doctest(piece.source, {}, *here)
        test.globs = self.names  # not the copy that DocTest makes
        runner = Runner(self.path)
        runner.run(test, out=lambda _: None, clear_globs=False)
        self.problems += runner.problems

    def hidden(self, piece):
        """Run lines that the reader does not see."""
        exec(self.compiled(piece, piece.source, "exec"), self.names)

    def fact(self, piece):
        """Compare a number with what it is by its expression."""
        code = self.compiled(piece, f"({piece.source}\n)", "eval")
        start, end, new = written(self.text[: piece.at], eval(code, self.names))
        old = self.text[start:end]
        if old != new:
            remedy = "run python -m tools.proof.examples --write"
            self.add(piece.line, f"{old} is {new} now, by {piece.source}", remedy)
            self.edits.append((start, end, new))

    def compiled(self, piece, source, mode):
        """Code whose line numbers are those of the page."""
        return compile("\n" * (piece.line - 1) + source, self.path, mode)

    def add(self, line, what, remedy):
        self.problems.append(Problem(self.path, line, what, remedy))

    def evaluate(self, piece):
        """Try a piece, whatever happens in it."""
        try:
            getattr(self, piece.kind)(piece)
        except (Exception, SystemExit) as error:
            source = (piece.source.strip() or "nothing").split("\n")[0]
            line = line_of(error, self.path) if piece.kind == "hidden" else 0
            self.add(line or piece.line, f"{source} raises {told(error)}", "mend it")


def evaluate(text, path, names):
    """Try all pieces of a page: (problems, edits that would mend its numbers)."""
    page = Page(text, path, names)
    for piece in pieces(text, path):
        page.evaluate(piece)
    return page.problems, page.edits


def child():
    """Evaluate the page that comes in; the answer goes out, both as JSON."""
    text, path, book = json.load(sys.stdin)
    answer = sys.stdout
    gc.disable()  # as the program does when it trains
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
    problems, edits = apart(text, path, page, book, bare)
    if not write or not edits:
        return problems
    if tangle.decode(file.read_bytes()) != text:
        return [Problem(path, 1, "changed during the check", "run it again")]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    stage.write_file(file, text)
    return check(page, book)


def apart(text, path, page, book, bare):
    """As evaluate, in a process of its own, at the stage that goes with the page."""
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
        return [Problem(path, 1, f"the examples broke off, {why}", "mend them")], []
    wrong, edits = json.loads(done.stdout)
    return [Problem(*each) for each in wrong], edits


def main(argv=None):
    """Check or mend the pages that are named, or all."""
    parser = Parser(description=about(__file__).splitlines()[0])
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
