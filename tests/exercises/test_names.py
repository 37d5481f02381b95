"""The exercises of docs/names.md."""

import random

import pytest

from microgpt import bundled_names, load_documents, split


@pytest.fixture(scope="module")
def names():
    docs = load_documents(bundled_names())
    random.Random(42).shuffle(docs)
    return docs


def test_repeated_documents_come_once_in_their_order(answers):
    assert answers.repeated(["b", "a", "b", "c", "a", "b"]) == ["b", "a"]
    assert answers.repeated(["a", "b"]) == []


def test_repeated_names(answers, names):
    assert len(answers.repeated(names)) == 2559


def test_shuffled_leaves_its_argument_alone(answers):
    docs = list("abcdefgh")
    expected = list(docs)
    random.Random(7).shuffle(expected)
    assert answers.shuffled(docs, 7) == expected
    assert docs == list("abcdefgh")


def test_naive_split(answers):
    assert answers.naive_split(["a", "b", "c"], 1) == (["a", "b"], ["c"])
    assert answers.naive_split(["a", "b", "c"], 0) == (["a", "b", "c"], [])


def test_the_naive_split_leaks_and_the_book_s_does_not(answers, names):
    assert answers.leaked(["a", "b"], ["b", "c", "b"]) == 2
    assert answers.leaked(*answers.naive_split(names, 1000)) == 160
    assert answers.leaked(*split(names, 1000)) == 0


def test_neighbours_of_a_word(answers):
    docs = ["ana", "na", "anna", "hanna", "annah", "nana", "ona", "an", "oto"]
    found = answers.neighbours("ana", docs)
    assert found == {"na", "anna", "nana", "ona", "an"}
    assert answers.neighbours("hannah", docs) == {"hanna", "annah"}
    assert answers.neighbours("x", docs) == set()


def test_most_held_out_names_have_a_neighbour(answers, names):
    train_docs, held_out = split(names, 1000)
    known = set(train_docs)
    assert sum(bool(answers.neighbours(doc, known)) for doc in held_out) == 906
