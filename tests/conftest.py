"""What the tests share: what is left out and how that is told; the stages."""

import ast
import gc
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests import needs
from tests.quiet import quiet
from tools.proof import stage as stages

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = pytest.StashKey[Counter]()
# Several tests run at a time, so PyTorch is not to take all cores for each of them.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser):
    add = parser.getgroup("the book").addoption
    add("--full", action="store_true", help="run what the book shows again, all of it")


def pytest_collection_finish():
    """What is there by now stays: the collector of garbage need not look at it."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """Take as many processes as there are cores, if pytest-xdist is here to do it."""
    started = hasattr(config, "workerinput")  # this is one of them: it starts no others
    if started or not config.pluginmanager.hasplugin("xdist"):
        return
    if config.option.numprocesses is None:
        config.option.numprocesses, config.option.dist = "auto", "worksteal"


# What is left out


def pytest_configure(config):
    if needs.missing("long") and not needs.missing("properties"):  # a quick run
        import hypothesis

        hypothesis.settings.register_profile("quick", max_examples=40)
        hypothesis.settings.load_profile("quick")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a job in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)  # tests send it
    config.stash[LEFT_OUT] = Counter()
    for mark, need in needs.NEEDS.items():
        line = f"{mark}: {need.what}; left out where that is not installed"
        config.addinivalue_line("markers", line)
    line = f"{needs.FULL}: repeats a run that takes minutes; only with --full"
    config.addinivalue_line("markers", line)


def reason(config, marks):
    """The mark for whose sake a test is left out; "" if it is to be run."""
    option = config.option
    return needs.reason(marks, option.full, option.markexpr)


class Unread(pytest.File):
    """A file of tests that is not imported, since what it needs is not here."""

    def collect(self):
        tree = ast.parse(self.path.read_bytes())
        for name in needs.tests_in(tree):
            test = Absent.from_parent(self, name=name)
            for mark in needs.marks_of(tree):
                test.add_marker(mark)
            yield test


class Absent(pytest.Item):
    """A test in a file that is not imported."""

    def runtest(self):
        raise NotImplementedError("it is left out")


def pytest_pycollect_makemodule(module_path, parent):
    marks = needs.marks_of(ast.parse(module_path.read_bytes()))
    if reason(parent.config, marks):
        return Unread.from_parent(parent, path=module_path)


@pytest.hookimpl(trylast=True)  # of what is asked for
def pytest_collection_modifyitems(config, items):
    """Leave out what cannot be run here; put the rest in a good order."""
    kept, gone = [], []
    for item in items:
        why = reason(config, [mark.name for mark in item.iter_markers()])
        config.stash[LEFT_OUT][why] += 1
        (gone if why else kept).append(item)
    kept.sort(key=turn)
    items[:] = kept
    if gone:
        config.hook.pytest_deselected(items=gone)


def turn(item):
    """Long runs come first; what waits for the site, the PDF or quiet comes last."""
    marks = {mark.name for mark in item.iter_markers()}
    waits = ["whole_pdf" in item.fixturenames, "site" in item.fixturenames]
    return "alone" in marks, *waits, "long" not in marks


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """A test that measures time has the machine for itself."""
    with quiet(alone=item.get_closest_marker("alone") is not None):
        return (yield)


def pytest_runtest_setup(item):
    """Where nothing is left out, say of what is missing how it can be had."""
    for mark in item.iter_markers():
        if mark.name in needs.NEEDS and needs.missing(mark.name):
            need = needs.NEEDS[mark.name]
            told = f"{need.what}: something is missing; {need.remedy()} brings it"
            pytest.fail(told, pytrace=False)


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # one of several processes
        counts = session.config.stash[LEFT_OUT]
        session.config.workeroutput["left out"] = dict(counts)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """A process has ended: what it left out, all of them did."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left out", {})


def pytest_terminal_summary(terminalreporter, config):
    if line := needs.told(config.stash[LEFT_OUT]):
        terminalreporter.write_line(line, yellow=True)


# What tests are given


@pytest.fixture(scope="session")
def shared(request, tmp_path_factory):
    """A folder for this run that all of its processes have."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if hasattr(request.config, "workerinput") else folder


@pytest.fixture(scope="session", autouse=True)
def ahead(request, shared):
    """The site and its PDF are begun at once, beside the tests, if any needs them."""
    worker = getattr(request.config, "workerinput", {"workerid": "gw0"})["workerid"]
    wanted = {name for item in request.session.items for name in item.fixturenames}
    if worker != "gw0" or "site" not in wanted:
        yield
        return
    parts = [name for name in ("site", "whole_pdf") if name in wanted]
    command = [sys.executable, "-m", "tests.weave.website", str(shared), *parts]
    with subprocess.Popen(command, cwd=ROOT) as process:
        yield
        process.terminate()


@pytest.fixture(scope="session")
def full(pytestconfig):
    """Is everything to be run again, that which takes minutes included?"""
    return pytestconfig.getoption("full")


@pytest.fixture(scope="session")
def stage():
    """stage(chapter): the folder of the program as of the end of a chapter."""
    return stages.stage
