"""The table of counts is what its tool makes now."""

import pytest

from microgpt.evaluate import mean, token_losses
from microgpt.ngram import NGram
from tools.lab import diet
from tools.lab.diet import DIET


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


def test_the_table_has_all_its_rows():
    assert not DIET.table.lacking(DIET.table.known())
