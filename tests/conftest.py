"""What the tests share: the stages of the book, and the reader's answers."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from tools.proof import stage as stages

ROOT = Path(__file__).resolve().parent.parent
# Several tests run at a time, so PyTorch is not to take all cores for each of them.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser):
    add = parser.getgroup("the book").addoption
    add("--full", action="store_true", help="run what the book shows again, all of it")
    add("--answers", metavar="DIR", help="test DIR/CHAPTER.py, not the solutions")


def pytest_runtest_setup(item):
    """A test that measures time is not run beside others."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if item.get_closest_marker("alone") and workers > 1:
        pytest.skip("nothing may run beside it: python -m pytest -n0 -m alone")


@pytest.fixture(scope="session")
def full(pytestconfig):
    """Is everything to be run again, that which takes minutes included?"""
    return pytestconfig.getoption("full")


@pytest.fixture(scope="session")
def stage():
    """stage(chapter): the folder of the program as of the end of a chapter."""
    return stages.stage


@pytest.fixture(scope="module")
def answers(request, pytestconfig):
    """The module with the answers of test_CHAPTER.py: the reader's or the book's."""
    chapter = request.path.stem.removeprefix("test_")
    folder = pytestconfig.getoption("answers")
    if folder:
        path = Path(pytestconfig.invocation_params.dir, folder, f"{chapter}.py")
        if path.parent.is_dir() and not path.exists():
            pytest.skip(f"no answers to {chapter} yet: write them in {path}")
    else:
        path = ROOT / "tests" / "solutions" / f"{chapter}.py"
    if not path.exists():
        pytest.fail(f"there is no {path}: write your answers there", pytrace=False)
    name = f"answers_{chapter}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
