"""What a chapter teaches stays: the names that leave the program are told, and few."""

import ast
import re

from tools.proof import baseline, stage
from tools.tangle import ROOT

SENTENCE = re.compile(r"Names that a chapter teaches stay importable.*?\n\n", re.S)


def defined(folder):
    """The functions and classes of a stage's modules, but for `__main__`."""
    for path in {*(folder / "microgpt").glob("*.py")} - {
        folder / "microgpt/__main__.py"
    }:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield f"{path.stem}.{node.name}"


def test_the_names_that_leave_the_program_are_those_that_the_book_tells():
    stages = [{*defined(stage.stage(chapter))} for chapter in baseline.chapters()]
    ever = set().union(*stages)
    gone = {name.partition(".")[2] for name in ever - stages[-1]}
    told = SENTENCE.search((ROOT / "docs/making.md").read_text("utf-8"))[0]
    left = re.findall(r"(?<!\[)`(\w+)`", told)
    assert gone == {*left}
