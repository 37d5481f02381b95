"""The tables of counts, and of pairs of models, are what their tools make now."""

import pytest

from microgpt.evaluate import mean, token_losses
from microgpt.ngram import NGram
from tools.lab import diet
from tools.lab.diet import DIET
from tools.lab.pairs import PAIRS


def test_the_fast_way_has_the_losses_of_an_ngram():
    counted, asked, size = diet.parts("report")
    model = NGram(4, size, 20)
    for doc in counted[:300]:
        model.count(list(doc))
    losses = diet.Counts(300, 42, 4).losses("report", 20)
    for doc, loss in zip(asked[:20], losses):
        assert loss == mean(token_losses(model.predict, list(doc)))


def test_names_for_choosing_are_neither_counted_nor_reported_on():
    counted, chosen_by, _ = diet.parts("choose")
    _, reported, _ = diet.parts("report")
    chosen_by = {tuple(doc) for doc in chosen_by}
    assert len(chosen_by) == 1000
    assert chosen_by.isdisjoint(map(tuple, counted))
    assert chosen_by.isdisjoint(map(tuple, reported))


def test_a_row_comes_out_again():
    key = ("300", "42", "3")
    assert DIET.row(key) == DIET.table.known()[key]


@pytest.mark.full
@pytest.mark.parametrize("key", DIET.settings, ids=" ".join)
def test_with_full_every_row_comes_out_again(key):
    assert DIET.row(key) == DIET.table.known()[key]


@pytest.mark.parametrize("table", [DIET.table, PAIRS.table], ids=["counts", "pairs"])
def test_the_tables_have_all_their_rows(table):
    assert not table.lacking(table.known())


@pytest.mark.c
@pytest.mark.long
def test_a_pair_comes_out_again():
    key = ("no-attention", "book")
    found = [float(cell) for cell in PAIRS.row(key)[2:]]
    there = [float(cell) for cell in PAIRS.table.known()[key][2:]]
    assert found == pytest.approx(there, abs=2e-6)
