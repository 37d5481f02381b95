"""Workers: what they train, by which seeds and on which engines."""

import json
import random
from functools import cache

import pytest

from microgpt.data import load_documents, split
from microgpt.engine import train_with
from tools import tangle
from tools.lab import catalogue, grid, worker
from tools.lab.runs import Run, text_file
from tools.proof.stage import BOOK, RunError

pytestmark = pytest.mark.long

NAMES = str(text_file("names"))
RECORD = json.loads((BOOK / "data" / "record.json").read_text("utf-8"))
PART = {"no-attention": ("attn_w", 4), "no-mlp": ("mlp_fc", 2)}


@pytest.fixture(scope="module")
def ask():
    """ask(run, "graph"): what a worker finds, on the first engine or on that one."""
    one = grid.Worker()

    @cache
    def asked(run, *engines):
        return one.ask(run, engines)

    yield asked
    one.close()


def state(weights=42, zeros=()):
    task = {"weights": weights, "width": 16, "context": 16, "layers": 1, "heads": 4}
    _, _, tokenizer, number = worker.documents(NAMES, "report")
    return worker.first_state(task | {"zeros": zeros}, tokenizer.vocab_size, number)


# Seeds


@pytest.mark.c
def test_the_run_of_seeds_42_and_42_is_the_book_s(ask):
    found = ask(Run(), "c")
    assert found["losses"] == pytest.approx(RECORD["losses"][:100], abs=1e-12)
    assert found["loss"] == pytest.approx(RECORD["held_out_loss"], abs=1e-9)
    assert found["error"] == pytest.approx(RECORD["held_out_sd"] / 1000**0.5, rel=1e-3)


def test_the_order_is_that_of_the_program_or_another_of_the_same_documents():
    docs, asked, _, _ = worker.documents(NAMES, "report")
    rng = random.Random(42)
    own = load_documents(NAMES)
    rng.shuffle(own)
    assert (docs, asked) == split(own, 1000)
    assert worker.in_order(docs, 42) == docs
    one, other = worker.in_order(docs, 1), worker.in_order(docs, 2)
    assert docs != one != other and sorted(docs) == sorted(one) == sorted(other)


def test_the_weights_are_those_that_the_program_draws_with_their_seed():
    for seed in (42, 7):
        rng = random.Random(seed)
        rng.shuffle(load_documents(NAMES))
        assert state(seed).params[:3] == [rng.gauss(0, 0.08) for _ in range(3)]
    assert state(7).params != state(42).params


@pytest.mark.c
def test_the_order_has_no_part_in_the_weights_nor_they_in_it(ask):
    runs = [Run(steps=20, weights=w, order=o) for w in (1, 2) for o in (1, 2)]
    first = [ask(run)["losses"][0] for run in runs]
    assert len(set(first)) == 4
    again = ask(Run(steps=20, weights=1, order=1, held="report-4"))
    assert again["losses"] == ask(runs[0])["losses"]


def test_what_chooses_a_rate_is_neither_trained_on_nor_reported():
    trained, asked, _, _ = worker.documents(NAMES, "choose")
    docs, reported, _, _ = worker.documents(NAMES, "report")
    assert len(asked) == len(reported) == 1000
    assert not {*asked} & {*trained} and not {*reported} & {*trained, *asked}
    assert sorted([*trained, *asked]) == sorted(docs)
    assert trained[:1000] == [doc for doc in docs if doc not in {*asked}][:1000]


# Zeros


@pytest.mark.c
@pytest.mark.parametrize(
    "names", [["no-attention"], ["no-mlp"], ["no-attention", "no-mlp"]]
)
def test_zeros_stay_zeros(names):
    zeros = tuple(end for name in names for end in catalogue.ZEROS[name])
    before = state(zeros=zeros)
    docs, _, tokenizer, _ = worker.documents(NAMES, "report")
    for engine in ("c", "explicit"):
        _, made = worker.engine_for([engine], before)
        steps = 2000 if engine == "c" else 20
        for _ in train_with(made, docs, tokenizer, 0.03, steps):
            pass
        pairs = zip(before.params, made.state().params)
        still = [a for a, b in pairs if a == b]
        assert before.params.count(0.0) == still.count(0.0) >= 512


@pytest.mark.parametrize("name", catalogue.ZEROS)
def test_the_zeros_give_what_the_page_gives(ask, name, monkeypatch):
    run = Run(name, text="prose", steps=4, held="report-4")
    zeros = ask(run)["losses"]
    monkeypatch.setattr(catalogue, "ZEROS", {})
    catalogue.program.cache_clear()
    page = grid.Worker()
    try:
        assert page.ask(run, ["graph"])["losses"] == pytest.approx(zeros, rel=1e-9)
    finally:
        page.close()
        catalogue.program.cache_clear()


# Engines


@pytest.mark.long  # all variants are tangled
def test_the_engine_is_the_fastest_that_knows_of_the_change():
    fastest = {name: catalogue.program(name).engines[0] for name in catalogue.names()}
    assert fastest.pop("layernorm") == "arrays"
    assert {*fastest.values()} == {"c"}
    assert catalogue.program("rotary").engines == ("c", "arrays", "graph")
    assert catalogue.program("book").engines[0] == "c"
    for names, engine in {
        "no-attention+rotary": "c",
        "rotary+sgd": "c",
        "gelu+rotary": "arrays",  # both ask for the same block of the kernel
        "layernorm+sgd": "arrays",
    }.items():
        assert catalogue.program(names).engines[0] == engine


def test_what_pages_ask_of_the_kernel_bears_their_names_and_fits_the_page():
    pages = sorted(catalogue.KERNELS.glob("*.md"))
    assert pages and {path.stem for path in pages} <= {*catalogue.names()}
    for path in [*pages, *catalogue.BOTH.glob("*.md")]:
        blocks, problems = tangle.parse(path.read_text("utf-8"), path.name)
        assert not problems and all(
            block.id.startswith(path.stem[:5]) for block in blocks
        )
        assert max(len(line) for block in blocks for line in block.lines) <= 76


@pytest.mark.numpy
def test_without_a_compiler_another_engine_does_it(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    one = grid.Worker()
    try:
        found = one.ask(Run(steps=10))
    finally:
        one.close()
    assert found["engine"] == "arrays"
    assert len(found["losses"]) == 10


def test_an_engine_that_does_not_know_of_the_change_is_refused(ask):
    with pytest.raises(RunError, match="its engines are arrays, graph"):
        ask(Run("layernorm"), "c")


ALL = [
    *("book", "rotary+sgd", "no-attention+no-mlp+no-norm+no-position"),
    *catalogue.names(),
]


@pytest.mark.c
@pytest.mark.numpy
@pytest.mark.long
@pytest.mark.parametrize("variant", ALL)
def test_the_engines_of_a_variant_agree_on_its_first_losses(
    variant, monkeypatch, tmp_path
):
    few = tmp_path / "few.txt"
    few.write_text("\n".join(load_documents(NAMES)[:40]))
    monkeypatch.setattr(grid, "text_file", lambda text: few)
    run = Run(variant, width=8, heads=2, layers=2, steps=4)
    one, found = grid.Worker(), {}
    try:
        for engine in catalogue.program(variant).engines:
            if engine not in ("explicit", "fused"):
                answer = one.ask(run, [engine])
                assert answer["engine"] == engine and len(answer["losses"]) == 4
                found[engine] = [*answer["losses"], answer["loss"]]
    finally:
        one.close()
    assert len(found) >= 2
    for losses in found.values():
        assert losses == pytest.approx(found["graph"], rel=1e-9)
