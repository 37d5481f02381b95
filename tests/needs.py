"""What some tests need beside pytest, whether it is here, and what brings it.

A test says what it needs by a mark, `@pytest.mark.torch`; a file of tests says it by
`pytestmark = pytest.mark.site`, and is imported only where that is there. NEEDS is
the table of the marks. What is missing is looked for, never imported, and what is left
out for want of it stands in one line at the end (tests/conftest.py).
"""

import ast
import ctypes.util
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NPM = ROOT / "build" / "npm" / "node_modules"  # .ci/run fills it
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
COMPILERS = ("cc", "gcc", "clang")
EXTRAS = ("test", "site", "all")  # of pyproject.toml: each brings the one before
SITE = (
    *("mkdocs", "material", "mkdocstrings", "pymdownx", "quickjs", "yaml"),
    *("bs4", "fontTools", "zensical"),
)
SITE_PYTHON = (3, 11, 5)


def program(*names: str) -> str:
    """The path of the first of these programs that there is; "" if there is none."""
    beside = Path(sys.executable).parent  # where pip puts programs
    path = f"{beside}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    found = (shutil.which(name, path=path) for name in names if name)
    return next(filter(None, found), "")


def chromium() -> str:
    """The path of the browser."""
    return program(os.environ.get("CHROMIUM", ""), *CHROMIUM)


def browser_here() -> bool:
    files = ("axe-core/axe.min.js", "lighthouse/cli/index.js")
    there = all((NPM / name).exists() for name in files)
    return there and bool(chromium()) and bool(program("node"))


def pango_here() -> bool:
    return bool(ctypes.util.find_library("pango-1.0"))


def compiler_here() -> bool:
    wanted = os.environ.get("CC", "").split()
    return bool(program(*(wanted[:1] or COMPILERS)))


@dataclass(frozen=True)
class Need:
    """Something that tests need: what it is, which extra brings it, its modules."""

    what: str
    extra: str = ""
    modules: tuple[str, ...] = ()
    system: Callable[[], bool] = lambda: True  # is that here which no extra brings?
    python: tuple[int, ...] = (3, 10)

    def possible(self) -> bool:
        """Is this Python new enough?"""
        return sys.version_info >= self.python

    def installed(self) -> bool:
        """Is everything here that the extra brings? Nothing is imported."""
        return all(importlib.util.find_spec(name) for name in self.modules)

    def here(self) -> bool:
        """Is everything here?"""
        return self.possible() and self.installed() and self.system()

    def remedy(self) -> str:
        """What brings what is missing."""
        if not self.installed():
            return f"python -m pip install -e '.[{self.extra}]'"
        return "bash .ci/run"


NEEDS = {
    "properties": Need("Hypothesis", "test", ("hypothesis",)),
    "numpy": Need("NumPy", "test", ("numpy",)),
    "c": Need("the engine c", system=compiler_here),
    "site": Need("the site", "site", SITE, python=SITE_PYTHON),
    "browser": Need(
        "its pages in a browser", "site", (*SITE, "playwright"), browser_here,
        SITE_PYTHON,
    ),
    "pdf": Need(
        "the PDF", "site", (*SITE, "pypdf", "weasyprint"), pango_here, SITE_PYTHON
    ),
    "torch": Need("PyTorch", "all", ("torch",)),
    "wheel": Need("the wheel", "all", ("hatchling",)),
    "zig": Need("the kernel for the page", "all", ("ziglang",)),
    "long": Need("long runs", "all", ("hatchling", "numpy", "torch")),
}  # fmt: skip
# Of an engine: the mark of what it needs, where that is not its name.
ENGINES = {"arrays": "numpy", "torchrun": "torch"}
FULL = "full"  # the mark of what takes minutes: --full runs it


@cache
def missing(mark: str) -> bool:
    """Is that missing which tests with this mark need?"""
    return not NEEDS[mark].here()


def required() -> bool:
    """Is nothing to be left out? On a machine of CI what lacks is a fault."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def reason(marks: Iterable[str], full: bool, asked: str = "") -> str:
    """The mark for whose sake a test is left out; "" if it is to be run.

    asked: the expression behind -m. What it names is not left out.
    """
    wanted = {*marks} - {*re.findall(r"\w+", asked)}
    lacking = [mark for mark in NEEDS if mark in wanted and missing(mark)]
    if required():  # there it fails, unless no installation could help
        lacking = [mark for mark in lacking if not NEEDS[mark].possible()]
    full = full or FULL not in wanted
    return lacking[-1] if lacking else "" if full else FULL


def told(counts: dict[str, int]) -> str:
    """One line: how many tests were left out for the sake of what, and what helps."""
    lacking = [mark for mark in NEEDS if counts.get(mark)]
    parts = []
    if lacking:
        number = sum(counts[mark] for mark in lacking)
        what = listed([NEEDS[mark].what for mark in lacking])
        parts.append(f"{number} of {what} ({remedies(lacking)})")
    if counts.get(FULL):
        parts.append(f"{counts[FULL]} that repeat runs of minutes (--full)")
    return f"left out: {', and '.join(parts)}" if parts else ""


def listed(words: list[str]) -> str:
    """Words in a row: one, two and three."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def remedies(lacking: list[str]) -> str:
    """What brings all that is missing."""
    installs = [NEEDS[mark] for mark in lacking if not NEEDS[mark].installed()]
    found = []
    if installs:
        largest = max(installs, key=lambda need: EXTRAS.index(need.extra))
        found.append(f"{largest.remedy()} brings them")
    if not all(NEEDS[mark].system() for mark in lacking):
        found.append("bash .ci/run brings what the system lacks")
    return ", ".join(found) or f"they need Python {'.'.join(map(str, SITE_PYTHON))}"


def marks_of(tree: ast.Module) -> set[str]:
    """The marks that a file gives to all its tests: `pytestmark = pytest.mark.site`."""
    found = set()
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "pytestmark"
        ):
            parts = ast.walk(node.value)
            found |= {part.attr for part in parts if isinstance(part, ast.Attribute)}
    return found & {*NEEDS, FULL}


def tests_in(tree: ast.Module) -> list[str]:
    """The names of the tests of a file."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [node.name for node in functions if node.name.startswith("test_")]
