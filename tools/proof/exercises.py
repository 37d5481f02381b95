"""Exercises: what the chapters ask of their readers, and what checks an answer.

An exercise is a section `### Exercise: Title (kind) {#exercise-CHAPTER-NAME}`: its
statement, two hints and a solution (`<details class="hint">`, `class="solution"`). One
that has moved keeps the id, and so the name of the chapter that it came from.
The lines of the solution are tangled into tests/solutions/CHAPTER.py; the check is a
function of docs/exercises/CHAPTER.py (tools/proof/answers.py tries answers with it).

tests/exercises/wrong/CHAPTER.md holds wrong answers, at least three for each exercise,
with what the check says of them: `## NAME: what is wrong`, the code, the words. The
code is run behind the right answers, so that it need not repeat them.

    python -m tools.proof.exercises [CHAPTER…]           all that must hold of them
    python -m tools.proof.exercises --write [CHAPTER…]   write what the checks say
"""

import ast
import os
import re
import sys
import tempfile
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools import tangle
from tools.proof import stage
from tools.proof.about import about
from tools.proof.answers import (
    CHECKS,
    Missing,
    check_each,
    defined,
    function,
    words,
)
from tools.proof.exits import Parser
from tools.tangle import ROOT, Problem

SOLUTIONS = ROOT / "tests" / "solutions"
WRONG = ROOT / "tests" / "exercises" / "wrong"
TITLE = re.compile(r"### Exercise: (.*?) \((.*?)\) \{#exercise-([a-z0-9-]+)\}\s*")
FOLD = re.compile(r'<details class="(hint|solution)"[^>]*>\s*<summary>.*?</summary>')
COMMENT = re.compile(r"<!--.*?-->", re.S)
LINK = re.compile(r"\[([^]]+)\]\((?:[\w-]+\.md(?:#[\w-]+)?|#[\w-]+)\)")


@dataclass(frozen=True)
class Exercise:
    """An exercise of a chapter; kind is easy, break it or problem."""

    chapter: str
    name: str
    title: str
    kind: str
    line: int  # of its heading in the chapter
    statement: str  # Markdown, like the hints and the solution
    hints: tuple[str, ...]
    solution: str
    id: str


@dataclass(frozen=True)
class Wrong:
    """A wrong answer: the exercise's name, what is wrong, code, what is said of it."""

    name: str
    what: str
    code: str
    said: str
    span: tuple[int, int]  # of the lines of what is said


# Reading


@cache
def _of_text(text, chapter):
    blocks, _ = tangle.parse(text, chapter)
    lines = text.split("\n")
    fenced = {n for block in blocks for n in range(block.line, block.end + 1)}
    heads = [n for n, s in enumerate(lines, 1) if s[:1] == "#" and n not in fenced]
    found = []
    for line, end in zip(heads, [*heads[1:], len(lines) + 1]):
        if title := TITLE.fullmatch(lines[line - 1]):
            own = title[3].startswith(f"{chapter}-")
            home = chapter if own else title[3].partition("-")[0]
            name = title[3].removeprefix(f"{home}-")
            parts = *split("\n".join(lines[line : end - 1])), f"exercise-{title[3]}"
            found.append(Exercise(chapter, name, title[1], title[2], line, *parts))
    return tuple(found)


def of_chapter(chapter, book=stage.BOOK):
    """The exercises of a chapter, in their order."""
    return _of_text((book / f"{chapter}.md").read_text("utf-8"), chapter)


def split(text):
    """A section without its heading: (statement, hints, solution)."""
    first, *folds = FOLD.split(text)
    kinds, bodies = folds[::2], (fold.split("</details>")[0] for fold in folds[1::2])
    parts = [(kind, tidy(body)) for kind, body in zip(kinds, bodies)]
    hints = tuple(body for kind, body in parts if kind == "hint")
    solution = "\n\n".join(body for kind, body in parts if kind == "solution")
    return tidy(first), hints, solution


def tidy(markdown):
    """Markdown without the comments that pages do not show."""
    return COMMENT.sub("", markdown).strip()


def plain(markdown):
    """Markdown for a terminal: of a link to a page, what a reader reads of it."""
    return LINK.sub(r"\1", markdown)


def chapters(book=stage.BOOK):
    """The chapters that have exercises, in the book's order."""
    return [name for name in stage.names(book) if of_chapter(name, book)]


def wanted(exercise):
    """The names that the check of an exercise takes from the answers, in order."""
    tree = ast.parse((CHECKS / f"{exercise.chapter}.py").read_text("utf-8"))
    check = next(
        (n for n in tree.body if getattr(n, "name", "") == function(exercise)), tree
    )
    uses = [
        node.attr
        for node in ast.walk(check)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "answers"
    ]
    solution = ast.parse((SOLUTIONS / f"{exercise.chapter}.py").read_text("utf-8"))
    order = [name for node in solution.body for name in defined(node)]
    return sorted(dict.fromkeys(uses), key=lambda name: [*order, name].index(name))


# The file to fill in


def working_copy(chapter):
    """The text of answers/CHAPTER.py: statements as comments, signatures, no bodies."""
    source = (SOLUTIONS / f"{chapter}.py").read_text("utf-8")
    tree = ast.parse(source)
    text = f'"""My answers to the exercises of docs/{chapter}.md."""\n\n'
    imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    text += "".join(f"{ast.unparse(node)}\n" for node in imports)
    nodes = {name: node for node in tree.body for name in defined(node)}
    for exercise in of_chapter(chapter):
        text += f"\n\n# {exercise.title} ({exercise.kind})\n#\n"
        text += as_comment(plain(exercise.statement))
        command = f"python -m tools.exercise {chapter} {exercise.name}"
        text += f"#\n# Check it: {command}\n# A hint:   {command} --hint\n"
        for name in wanted(exercise):
            text += f"\n\n{signature(nodes[name])}\n" if name in nodes else ""
    return text


def as_comment(markdown):
    """Markdown as lines of a comment; its blocks of code keep their lines."""
    lines = []
    for n, part in enumerate(re.split(r"^```.*\n?", markdown, flags=re.M)):
        code = n % 2 == 1
        for paragraph in [part] if code else re.split(r"\n\s*\n", part):
            rows = paragraph.rstrip("\n").split("\n")
            rows = rows if code else textwrap.wrap(" ".join(rows).strip(), 76)
            lines += ["", *rows] if lines and any(rows) else rows
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def signature(node):
    """The head of a function or class, or the name of a value, with nothing in it."""
    if isinstance(node, ast.FunctionDef):
        head = ast.unparse(node).split("\n")
        end = next(n for n, line in enumerate(head) if line.endswith(":"))
        kept = [line for line in head[: end + 1]]
        said = ast.get_docstring(node)
        return "\n".join([*kept, *([f'    """{said}"""'] if said else []), PENDING])
    if isinstance(node, ast.ClassDef):
        bases = f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else ""
        return f"class {node.name}{bases}:\n    pass  # to be written"
    return f"{defined(node)[0]} = None  # to be found"


PENDING = "    raise NotImplementedError"


# What must hold of the exercises


def wrong_answers(chapter):
    """The wrong answers to the exercises of a chapter."""
    path = WRONG / f"{chapter}.md"
    text = path.read_text("utf-8") if path.exists() else ""
    return read_wrong(text, path.name)


def read_wrong(text, path):
    """The wrong answers of a page: [Wrong]."""
    blocks, _ = tangle.parse(text, path)
    heads = re.finditer(r"^## ([a-z0-9-]+): (.*)$", text, re.M)
    heads = [(text.count("\n", 0, h.start()) + 1, h[1], h[2].strip()) for h in heads]
    found = []
    for code, said in zip(blocks[::2], blocks[1::2]):
        _, name, what = max(head for head in heads if head[0] < code.line)
        lines = ("\n".join(block.lines) for block in (code, said))
        found.append(Wrong(name, what, *lines, (said.line, said.end - 1)))
    return found


def found_of(exercise, wrong):
    """What comes of the check: of the solution, the file to fill in, wrong answers.

    A wrong answer stands behind the right ones.
    """
    solution = SOLUTIONS / f"{exercise.chapter}.py"
    with tempfile.TemporaryDirectory() as folder:

        def written(text):
            file = Path(folder, f"{len(os.listdir(folder))}.py")
            file.write_text(text, "utf-8")
            return file

        tried = [[solution], [written(working_copy(exercise.chapter))]]
        tried += [[solution, written(it.code + "\n")] for it in wrong]
        return check_each(exercise, tried)


def problems(exercise, few=None):
    """What does not hold of an exercise: yields its problems.

    few: how many wrong answers are tried; None for all of them.
    Raises Missing if a package that the check needs is not installed.
    """
    path = f"docs/{exercise.chapter}.md"

    def problem(what, remedy):
        return Problem(path, exercise.line, f"{exercise.id}: {what}", remedy)

    if len(exercise.hints) != 2:
        yield problem(f"has {len(exercise.hints)} hints", "write two")
    if not exercise.statement or not exercise.solution:
        yield problem("lacks its statement or its solution", "write it")
    wrong = [w for w in wrong_answers(exercise.chapter) if w.name == exercise.name]
    solved, untouched, *found = found_of(exercise, wrong[:few])
    if solved["outcome"] == "missing":
        raise Missing(solved["what"])
    if solved["outcome"] != "solved":
        yield problem(f"the solution fails\n{words(exercise, solved)}", "mend one")
        return
    if untouched["outcome"] != "failed":
        yield problem("the untouched working copy passes", "mend the check")
    if len(wrong) < 3:
        what = f"has {len(wrong)} wrong answers"
        yield problem(what, f"write three into {WRONG.name}/{exercise.chapter}.md")
    if exercise.kind == "break it" and not any("unbroken" in w.what for w in wrong):
        what = "has no wrong answer that is the unbroken version"
        yield problem(what, "write one, and say unbroken in its heading")
    for answer, came in zip(wrong, found):
        said = words(exercise, came)
        if came["outcome"] != "failed" or said.count("\n") > 5:
            yield problem(f"a wrong answer passes, {answer.what}", "mend the check")
        elif said != answer.said:
            what = f"of the wrong answer, {answer.what}, is said now\n{said}\n"
            yield problem(what, "run python -m tools.proof.exercises --write")


def write(chapter):
    """Write what the checks say of the wrong answers to the exercises of a chapter."""
    path = WRONG / f"{chapter}.md"
    lines = path.read_text("utf-8").split("\n")
    known = {exercise.name: exercise for exercise in of_chapter(chapter)}
    for wrong in reversed(wrong_answers(chapter)):
        exercise, (first, last) = known[wrong.name], wrong.span
        *_, found = found_of(exercise, [wrong])
        lines[first:last] = words(exercise, found).split("\n")
    stage.write_file(path, "\n".join(lines))


def main(argv=None):
    """Check the exercises of the chapters that are named, or of all."""
    parser = Parser(description=about(__file__).splitlines()[0])
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    parser.add_argument("--write", action="store_true", help="what the checks say")
    options = parser.parse_args(argv)

    def tried(exercise):
        try:
            return [*problems(exercise)]
        except Missing as missing:
            print(f"{exercise.id}: not tried, needs {missing}", file=sys.stderr)
            return []

    def find():
        for chapter in stage.chosen(options.chapters):
            if options.write and (WRONG / f"{chapter}.md").exists():
                write(chapter)
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                for found in pool.map(tried, of_chapter(chapter)):
                    yield from found

    return stage.finish(find)


if __name__ == "__main__":
    sys.exit(main())
