"""Experiments: settings as data, one row each, kept as they come."""

import sys

import pytest

from tools.lab import experiment
from tools.lab.experiment import Experiment, Setting, seeded, trained
from tools.proof import tables

pytestmark = pytest.mark.long


@pytest.fixture
def trials(tmp_path, monkeypatch):
    """An experiment of three settings whose cells are made up."""
    path = tmp_path / "made.csv"
    monkeypatch.setattr(tables, "path_of", lambda name, book=tmp_path: path)
    monkeypatch.setattr("sys.argv", ["made", "--write"])
    settings = {(name,): name for name in ("one", "two", "three")}
    made = Experiment("made", ("what", "found"), settings, lambda it: (it.upper(),))
    return made, path


def test_what_stands_in_the_table_is_not_trained_again(trials, capsys):
    made, path = trials
    path.write_text("what,found\ntwo,known\n")
    made.main("Made: up.")
    assert path.read_text() == "what,found\none,ONE\ntwo,known\nthree,THREE\n"
    captured = capsys.readouterr()
    assert captured.err == "1 of 3: one\n3 of 3: three\n"
    assert captured.out == "one    ONE\ntwo    known\nthree  THREE\n"


def test_with_anew_it_is(trials, monkeypatch):
    made, path = trials
    path.write_text("what,found\ntwo,known\n")
    monkeypatch.setattr(sys, "argv", ["made", "--write", "--anew"])
    made.main("Made: up.")
    assert path.read_text() == "what,found\none,ONE\ntwo,TWO\nthree,THREE\n"


def test_nothing_is_written_unless_it_is_asked_for(trials, monkeypatch):
    made, path = trials
    monkeypatch.setattr(sys, "argv", ["made"])
    made.main("Made: up.")
    assert not path.exists()


def test_rows_that_were_found_are_kept_when_it_is_stopped(trials):
    made, path = trials

    def cells(setting):
        if setting == "three":
            raise KeyboardInterrupt
        return (setting.upper(),)

    stopped = Experiment(made.name, made.columns, made.settings, cells)
    with pytest.raises(KeyboardInterrupt):
        stopped.main("Made: up.")
    assert path.read_text() == "what,found\none,ONE\ntwo,TWO\n"


def test_a_setting_is_repeated_with_seeds():
    found = seeded({("a",): Setting("complete", 0.01)}, (42, 7))
    assert [(key, it.seed) for key, it in found.items()] == [
        (("a", "42"), 42),
        (("a", "7"), 7),
    ]


CHAPTERS = {"nudging": 0.5, "training": 1.0, "parameters": 0.01, "complete": 0.01}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_program_of_any_chapter_can_be_trained(chapter, monkeypatch):
    setting = Setting(chapter, CHAPTERS[chapter], look="len(held_out)", before=True)
    found = trained(setting, num_steps=2)
    assert (found["before"], found["after"]) == (1000, 1000)
    assert len(found["losses"]) == 2
    again = trained(Setting(chapter, CHAPTERS[chapter], seed=1, look="0"), 1)
    assert again["losses"][0] != found["losses"][0]  # other first parameters


def test_a_change_is_made_before_the_model_is():
    change = "module.GPT.embed = lambda self, token, position: 1 / 0"
    found = trained(Setting("complete", 0.01, change=change), num_steps=1)
    assert found == {}  # neither losses nor a look, as where numbers run over
    assert experiment.number(experiment.NOTHING) == "nan"
