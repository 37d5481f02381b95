"""The tables of trials, variants and optimizers agree with the book's other runs.

Each of them has a row that repeats, through the tool's own code, a run which the book
also captured from the program itself. With --full every row is measured again.
"""

import csv
import json
import platform
from pathlib import Path

import pytest

from tools.lab import optimizers, trials, variants, wrong
from tools.measure import bench, sizes
from tools.proof import examples, stage

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "docs" / "data"
RECORD = json.loads((DATA / "record.json").read_text())


def rows(name):
    with open(DATA / f"{name}.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def table(name, key, value="held_out"):
    return {tuple(row[k] for k in key): row[value] for row in rows(name)}


def quoted(chapter):
    """The held-out loss in the captured output of a chapter."""
    return f"{examples.captured(chapter, 'held-out loss', stage.BOOK):.4f}"


def test_the_trials_repeat_the_programs_of_their_chapters():
    found = table("trials", ("trial", "setting"), "after")
    assert found["learning-rate", "0.5"] == quoted("nudging")
    assert found["init", "0.08"] == quoted("parameters")


def test_the_optimizers_repeat_the_programs_of_their_chapters():
    found = table("optimizers", ("setting",))
    assert found["adam",] == quoted("adam") == f"{RECORD['held_out_loss']:.4f}"
    assert found["sgd-0.1",] == quoted("training")
    assert found["sgd-0.1-constant",] == quoted("mlp")


def test_the_variants_repeat_the_program_of_their_chapter():
    found = table("variants", ("chapter", "setting", "seed"))
    assert found["residual", "0.1", "42"] == quoted("residual")


def held_out(chapter):
    """The held-out loss that the program of a chapter prints."""
    return f"{examples.captured(chapter, 'held-out documents', stage.BOOK):.4f}"


def test_the_mistakes_begin_with_the_run_that_has_none():
    found = table("wrong", ("mistake", "seed"))
    assert found["none", "42"] == held_out("complete") == held_out("explicit")
    assert {mistake for mistake, _ in found} == set(wrong.MISTAKES)


def test_the_bench_table_is_of_programs_that_exist():
    found = {row["program"]: row for row in rows("bench")}
    assert list(found) == [program.name for program in bench.PROGRAMS]
    assert float(found["sampling"]["speed"]) == 1
    for row in found.values():
        assert float(row["least"]) <= float(row["speed"]) <= float(row["greatest"])
        assert 0 < float(row["share"]) < 1  # else the bound is none


def test_the_table_of_sizes_has_every_engine_at_every_size():
    found = [(row["model"], row["program"]) for row in rows("sizes")]
    wanted = [(m, p.name) for m in sizes.MODELS for p in sizes.programs(m)]
    assert found == wanted
    for row in rows("sizes"):
        assert float(row["least"]) <= float(row["speed"]) <= float(row["greatest"])
        assert 0 < float(row["share"]) < 1 and int(row["MiB"]) > 0


def test_a_program_with_other_losses_is_noticed():
    exact, near = bench.Program("a"), bench.Program("b", tolerance=1e-12)
    assert bench.same(exact, [1.0, 2.0], [1.0, 2.0])
    assert not bench.same(exact, [1.0, 2.0 + 1e-13], [1.0, 2.0])
    assert bench.same(near, [1.0, 2.0 + 1e-13], [1.0, 2.0])
    assert not bench.same(near, [float("nan")], [1.0])
    assert not bench.same(near, [1.0], [1.0, 2.0])


exact = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="not glibc")


@exact
@pytest.mark.full
@pytest.mark.parametrize("row", rows("trials"), ids=lambda r: r["trial"] + r["setting"])
def test_with_full_every_trial_comes_out_again(row):
    found = trials.measure(row["trial"], row["setting"])
    assert found == (row["before"], row["after"])


@exact
@pytest.mark.full
@pytest.mark.parametrize("row", rows("optimizers"), ids=lambda r: r["setting"])
def test_with_full_every_optimizer_comes_out_again(row):
    assert optimizers.row(row["setting"]) == row


@exact
@pytest.mark.full
@pytest.mark.parametrize(
    "row", rows("variants"), ids=lambda r: f"{r['chapter']} {r['setting']} {r['seed']}"
)
def test_with_full_every_variant_comes_out_again(row):
    loss = variants.measure((row["chapter"], row["setting"], row["seed"]))
    assert f"{loss:.4f}" == row["held_out"]


@exact
def test_the_check_says_of_a_mistake_what_the_table_says():
    found = table("wrong", ("mistake", "seed"), "error")
    assert wrong.checked("values")[0] == found["values", "42"]


@exact
@pytest.mark.full
@pytest.mark.parametrize("row", rows("wrong"), ids=lambda r: r["mistake"] + r["seed"])
def test_with_full_every_mistake_comes_out_again(row):
    assert wrong.row(row["mistake"], int(row["seed"])) == row
