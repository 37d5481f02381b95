"""The tables of trials, variants and optimizers agree with the book's other runs.

Each of them has a row that repeats, through the tool's own code, a run which the book
also captured from the program itself. With --full every row is measured again.
"""

import json
import platform
from pathlib import Path

import pytest

from tools.lab import wrong
from tools.lab.optimizers import OPTIMIZERS
from tools.lab.trials import TRIALS
from tools.lab.variants import VARIANTS
from tools.measure import (
    adams,
    bench,
    calls,
    hotspots,
    kernelbench,
    overhead,
    scale,
    sizes,
)
from tools.proof import examples, stage, tables

ROOT = Path(__file__).resolve().parents[2]
RECORD = json.loads((ROOT / "docs" / "data" / "record.json").read_text("utf-8"))
EXPERIMENTS = {it.name: it for it in (TRIALS, OPTIMIZERS, VARIANTS, wrong.WRONG)}
MEASURED = [
    module.TABLE
    for module in (adams, bench, calls, hotspots, kernelbench, scale, sizes)
] + [overhead.OPERATORS, overhead.OVERHEAD]


def rows(name):
    return tables.read(name)


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
    assert found["adam-0.01",] == quoted("adam")
    assert found["sgd-1",] == quoted("training")
    assert found["sgd-0.5-constant",] == quoted("backward")


def test_the_complete_model_has_the_loss_of_the_record():
    assert quoted("mlp") == quoted("sampling") == f"{RECORD['held_out_loss']:.4f}"


def test_the_variants_repeat_the_program_of_their_chapter():
    found = table("variants", ("chapter", "setting", "seed"))
    assert found["residual", "0.01", "42"] == quoted("residual")


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


@pytest.mark.parametrize("table", MEASURED, ids=lambda table: table.name)
def test_a_table_in_the_book_has_the_columns_and_the_rows_of_its_tool(table):
    there = rows(table.name)
    assert {tuple(row) for row in there} == {table.columns}
    assert not table.lacking(map(table.key, (list(row.values()) for row in there)))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_table_of_an_experiment_has_a_row_for_each_setting_in_their_order(name):
    experiment = EXPERIMENTS[name]
    assert list(experiment.table.known()) == list(experiment.settings)
    assert tuple(rows(name)[0]) == experiment.columns


exact = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="not glibc")
SETTINGS = [(name, key) for name, it in EXPERIMENTS.items() for key in it.settings]


@exact
@pytest.mark.full
@pytest.mark.parametrize(("name", "key"), SETTINGS, ids=lambda it: "".join(it))
def test_with_full_every_setting_comes_out_again(name, key):
    experiment = EXPERIMENTS[name]
    assert experiment.row(key) == experiment.table.known()[key]


@exact
@pytest.mark.long
def test_the_check_says_of_a_mistake_what_the_table_says():
    found = table("wrong", ("mistake", "seed"), "error")
    assert wrong.checked("values")[0] == found["values", "42"]
