"""What the tests share: the stages of the book, its site, and the reader's answers."""

import importlib.util
import os
import sys
from pathlib import Path

import browser
import pytest
import website

from tools import stage as stages

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


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id):
    """The whole site, built once, by whichever process of the tests comes first."""
    website.require()
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":  # one of several processes, each with its own folder
        shared = shared.parent
    log = shared / "site.log"
    with stages.lock(log):
        if not log.exists():
            run = website.build(shared / "site", ROOT / "mkdocs.yml")
            assert run.returncode == 0, run.stdout + run.stderr
            log.write_text(run.stderr, "utf-8")
    return website.Site(shared / "site", log.read_text("utf-8"))


@pytest.fixture(scope="session")
def address(site):
    """Where a web server of the tests shows the site: http://127.0.0.1:40123/."""
    with browser.served(site.folder) as address:
        yield address


@pytest.fixture(scope="session")
def playwright():
    """What drives the browser."""
    with browser.driver() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    """The browser."""
    with browser.launched(playwright) as chromium:
        yield chromium


@pytest.fixture
def visit(chromium, address):
    """visit("values.html"): the page, opened by somebody new to the site."""
    contexts = []

    def visit(name, **settings):
        contexts.append(browser.visitor(chromium, **settings))
        page = contexts[-1].new_page()
        page.goto(address + name)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def whole_pdf(site):
    """The whole book as a PDF, printed once from that site, in a minute or two."""
    path = site.folder / "microgpt.pdf"
    with stages.lock(path):
        if not path.exists():
            run = website.python("tools.print", "--site", site.folder)
            assert run.returncode == 0, run.stderr
    return path


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
