"""A program that is measured: a process that answers, fails in words, and ends."""

import json
import os
from dataclasses import dataclass

import pytest

from tools.measure import bench, worker
from tools.measure.worker import Program, Worker
from tools.proof.stage import RunError

pytestmark = pytest.mark.long

ECHO = """
import json, sys
print(json.dumps([2.5, 2.25]), flush=True)
for line in sys.stdin:
    print(json.dumps([int(line), 1, 30]), flush=True)
"""


@dataclass
class Made(Program):
    """A program with a source of its own."""

    source: str = ECHO

    def command(self):
        return ["-c", self.source]


def test_its_first_answer_is_its_losses_and_then_its_parts_come_in_turn():
    with Worker(Made("echo", parts=2)) as worker:
        assert worker.answer() == [2.5, 2.25]
        assert [worker.turn()[0] for _ in range(5)] == [0, 1, 0, 1, 0]


def test_it_ends_with_its_block_even_when_that_fails():
    with pytest.raises(KeyboardInterrupt), Worker(Made("echo")) as worker:
        worker.answer()
        raise KeyboardInterrupt
    assert worker.process.poll() is not None


def test_one_that_fails_is_told_in_a_line():
    broken = Made("broken", source="raise OSError('no such file')")
    with Worker(broken) as worker, pytest.raises(RunError) as error:
        worker.answer()
    assert str(error.value) == "broken failed: OSError: no such file"


def test_a_turn_has_the_speed_and_the_share_of_its_round():
    figures = bench.Figures()
    figures.take_in([[1, 2, 30, 1], [3, 2, 30, 1]], first=8, cores=1)
    assert figures.speeds == [4]
    assert figures.shares == [0.5]


def test_programs_whose_losses_differ_are_not_measured(capfd, monkeypatch):
    other = ECHO.replace("2.25", "2.26")
    programs = [Made("one"), Made("other", source=other)]
    monkeypatch.setattr(bench, "timer", lambda program, worker: worker.turn)
    from tools.proof.progress import Progress

    with pytest.raises(RunError, match="the losses of other differ"):
        bench.rounds(programs, 1, Progress())
    assert capfd.readouterr().err == "starting\n"


def test_a_task_goes_to_the_process_as_json():
    task = json.loads(Program("c", engine="c", batch=32).command()[2])
    assert (task["engine"], task["batch"]) == ("c", 32)


WATCHED = """
import gc
from microgpt import engine as engines
make = engines.make_engine
def watched(*given, **settings):
    engine, calls = make(*given, **settings), []
    steps = engine.steps
    def looked(*given):
        calls.append(given)
        if calls[1:] and gc.isenabled():  # the first call gives the losses
            raise AssertionError("timed with the collector")
        return steps(*given)
    engine.steps = looked
    return engine
engines.make_engine = watched
"""


def asked(monkeypatch, before, engine):
    """What a real program answers to a turn, after some lines of its own."""
    monkeypatch.setattr(worker, "SETUP", before + worker.SETUP)
    program = Program(
        engine, engine=engine, docs=1, parts=1, tries=1, checked=1, warm=0, seconds=0
    )
    program.sizes = {"n_embd": 4, "n_head": 2, "block_size": 4}
    with Worker(program) as process:
        process.answer()
        return process.turn()


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux")
def test_memory_is_what_a_step_leaves_and_not_the_most_that_ever_was(monkeypatch):
    _, _, held = asked(monkeypatch, 'b"x" * 2**28\n', "explicit")
    assert 5 < held < 128


@pytest.mark.parametrize("engine", ["graph", "fused", "explicit"])
def test_no_time_of_an_engine_has_the_garbage_collector_in_it(monkeypatch, engine):
    whole, alone, _ = asked(monkeypatch, WATCHED, engine)
    assert whole > 0
    assert alone > 0


def test_every_engine_that_leaves_out_silent_units_is_timed_after_a_warm_up():
    warm = {it.engine: it.warm for it in bench.PROGRAMS if it.engine}
    assert {engine for engine, steps in warm.items() if not steps} == {"graph"}
