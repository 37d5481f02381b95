"""The exercises of docs/tokens.md."""

import pytest

from microgpt import Tokenizer, bundled_names, load_documents

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer(LETTERS)


def test_questions_and_their_answers(answers, tokenizer):
    expected = [("", "a"), ("a", "b"), ("ab", "")]
    assert list(map(tuple, answers.questions(tokenizer, "ab"))) == expected
    assert len(answers.questions(tokenizer, "emma")) == 5


def test_a_stream_has_one_bos_between_two_documents(answers, tokenizer):
    ids = answers.stream(tokenizer, ["ab", "c"])
    assert ids == [26, 0, 1, 26, 2, 26]
    assert answers.stream(tokenizer, []) == [26]


def test_documents_undoes_stream(answers, tokenizer):
    docs = ["emma", "olivia", "ava", "ava"]
    assert answers.documents(tokenizer, answers.stream(tokenizer, docs)) == docs
    assert answers.documents(tokenizer, [26]) == []


def test_the_order_of_a_set_changes_from_process_to_process(answers):
    orders = [answers.ids_in_new_process(seed, False) for seed in (1, 2)]
    assert orders[0] != orders[1]
    assert all(sorted(order) == list(LETTERS) for order in orders)


def test_the_sorted_order_does_not(answers):
    orders = {answers.ids_in_new_process(seed, True) for seed in (1, 2)}
    assert orders == {LETTERS}


def test_merges_of_a_few_documents(answers):
    merges = [tuple(pair) for pair in answers.learn_merges(["aaab", "aab", "ab"], 9)]
    assert merges == [("a", "b"), ("a", "ab"), ("a", "aab")]
    assert answers.split_pieces("aaab", merges) == ["aaab"]
    assert answers.split_pieces("aaab", merges[:2]) == ["a", "aab"]
    assert answers.split_pieces("caab", merges) == ["c", "aab"]


def test_joining_goes_from_left_to_right(answers):
    assert answers.split_pieces("aaa", [("a", "a")]) == ["aa", "a"]


def test_the_first_merges_of_the_names(answers):
    docs = load_documents(bundled_names())
    merges = answers.learn_merges(docs, 3)
    assert [tuple(pair) for pair in merges] == [("a", "n"), ("e", "l"), ("a", "r")]
