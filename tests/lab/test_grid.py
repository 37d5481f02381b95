"""The grid makes what is missing, keeps what it has, and says what went wrong."""

import subprocess
import sys
import time
from contextlib import suppress
from io import StringIO

import pytest

from tools.lab import __main__ as command
from tools.lab import grid, questions, table
from tools.lab.runs import Run
from tools.proof.stage import ROOT

pytestmark = [pytest.mark.c, pytest.mark.long]
STEPS = 5


def small(variant="book", **seeds):
    return Run(variant, width=8, heads=2, steps=STEPS, **seeds)


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A table of its own, for a question of four runs."""
    path = tmp_path / "lab.csv"
    monkeypatch.setattr(table, "path_of", lambda name: path)
    monkeypatch.setattr(table, "LOCK", tmp_path / "lock")
    asked = {"four": questions.Question("Four runs.", four)}
    monkeypatch.setattr(questions, "QUESTIONS", asked)
    return path


def four():
    """Four runs of two variants."""
    for variant in ("book", "no-mlp"):
        for seed in (1, 2):
            yield small(variant, weights=seed), False


class Quiet:
    def __init__(self):
        self.lines = []

    def tell(self, what):
        pass

    def say(self, line):
        self.lines.append(line)


def test_what_is_there_is_not_made_again(path):
    assert grid.fill(["four"], 2, Quiet()) == []
    made = path.read_text().splitlines()
    assert len(made) == 5 and len(table.read()) == 4
    path.write_text("\n".join([made[0], made[3], ""]))
    assert grid.plan(["four"])[0][:3] == ("four", 1, 3)
    assert grid.fill(["four"], 1, Quiet()) == []
    again = path.read_text().splitlines()
    assert again[1] == made[3]
    without_seconds = [{line.rpartition(",")[0] for line in it} for it in (made, again)]
    assert without_seconds[0] == without_seconds[1]


def test_a_run_that_fails_says_so_and_the_others_go_on(path, monkeypatch):
    ask = grid.Worker.ask

    def failing(self, run, engines=()):
        if run == small("book", weights=2):
            self.start(grid.catalogue.program("book"))
            self.process.stdout.close()
            self.process.stdout = StringIO()  # from which nothing comes any more
        return ask(self, run, engines)

    monkeypatch.setattr(grid.Worker, "ask", failing)
    quiet = Quiet()
    (problem,) = grid.fill(["four"], 1, quiet)
    assert problem.startswith("book, 5 steps") and "has ended" in problem
    assert quiet.lines == [f"failed: {problem}"]
    assert len(table.read()) == 3


def test_a_text_that_is_not_one_is_a_problem_of_its_run(path, monkeypatch, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    monkeypatch.setattr(grid, "text_file", lambda text: empty)
    problems = grid.fill(["four"], 2, Quiet())
    assert len(problems) == 4 and "fewer than two different characters" in problems[0]


def test_what_takes_too_long_is_left_for_another_time(path):
    assert grid.fill(["four"], 1, Quiet(), most=0.0) == []
    assert not path.exists()


KILLED = """
import sys
from pathlib import Path
from tools.lab import grid, questions, table
from tools.lab.runs import Run
from tools.proof.progress import Progress
path = Path(sys.argv[1])
table.path_of = lambda name: path
table.LOCK = path.with_name("lock")
many = [(Run(width=8, weights=w, steps=50), False) for w in range(1, 5000)]
questions.QUESTIONS = {"many": questions.Question("Many runs.", lambda: many)}
print("begun", flush=True)
grid.fill(["many"], 2, Progress())
"""


@pytest.mark.parametrize("signal", ["kill", "terminate"])
def test_a_kill_loses_the_runs_under_way_alone_and_leaves_no_process(path, signal):
    started = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    started.stdout.readline()
    until = time.monotonic() + 60
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.05)
    getattr(started, signal)()
    started.communicate()  # its workers hold the pipe until they end as well
    rows = table.read()
    assert rows and path.read_text().endswith("\n")
    assert len(path.read_text().splitlines()) == len(rows) + 1


# The command


@pytest.fixture
def lab(monkeypatch, capsys):
    """lab("list"): the exit code, what it prints, and what it complains of."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["lab", *map(str, words)])
        code = 2
        with suppress(SystemExit):
            code = command.ended(command.work)
        return code, *capsys.readouterr()

    return run


SMALL = ["--width", 8, "--heads", 2, "--steps", STEPS]


def test_a_variant_is_compared_with_the_book(path, lab):
    code, out, _ = lab("run", "no-mlp", "--seeds", 2, *SMALL)
    lines = out.splitlines()
    assert code == 0 and lines[0].split() == ["seed", "no-mlp", "book"]
    assert [line.split()[0] for line in lines[1:-1]] == [
        *("1", "2", "mean", "±", "rate", "engine")
    ]
    assert lines[-1].startswith("less the book's: ")
    assert not path.exists()  # nothing is kept unless it is asked for


def test_its_rows_are_kept_if_that_is_asked_for(path, lab):
    code, _, _ = lab("run", "no-mlp", "--seeds", 2, "--keep", *SMALL)
    assert code == 0
    assert set(table.read()) == {run for run, _ in four()}


@pytest.mark.numpy
def test_a_page_of_one_s_own_can_be_tried_and_is_not_kept(path, lab, tmp_path):
    page = tmp_path / "mine.md"
    page.write_text((questions.catalogue.FOLDER / "rotary.md").read_text("utf-8"))
    code, out, _ = lab("run", page, "--seeds", 1, *SMALL)
    assert code == 0 and "arrays" in out and "less the book's" in out
    code, _, wrong = lab("run", page, "--keep", *SMALL)
    assert code == 1 and "--keep is for the variants of docs/variants" in wrong


@pytest.mark.parametrize(
    "words, why",
    [
        (["run", "rotory"], "is it rotary?"),
        (["run", "rotary", "--seeds", 0], "--seeds must be 1 at least"),
        (["run", "layernorm", "--engine", "c"], "its engines are arrays, graph"),
        (["run", "rotary", "--text", "novel"], "no text novel"),
        (["grid", "everything"], "no question 'everything'; there are four"),
        (["report", "everything"], "no question 'everything'; there are four"),
        (["grid", "--cores", 0], "--cores must be 1 at least"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(path, lab, words, why):
    code, _, wrong = lab(*words)
    assert code == 1 and why in wrong.splitlines()[-1]
    assert "Traceback" not in wrong


@pytest.mark.long  # all of them are tangled
def test_the_variants_are_listed_with_their_engines(lab):
    code, out, _ = lab("list")
    assert code == 0
    assert "no-mlp          c       Without the MLP" in out
    assert "layernorm       arrays  LayerNorm" in out


def test_what_there_is_to_do_can_be_asked_before(path, lab):
    code, out, _ = lab("grid", "--dry")
    assert code == 0 and not path.exists()
    assert out.splitlines()[1].split() == ["four", "0", "4", "0", "s"]
