"""Checks of the exercises in docs/tokens.md."""

from checking import case

from microgpt.data import bundled_names, load_documents
from microgpt.tokenizer import Tokenizer

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TOKENIZER = Tokenizer(LETTERS)


def questions(answers):
    for doc, right in (
        ("ab", [("", "a"), ("a", "b"), ("ab", "")]),
        ("emma", [("", "e"), ("e", "m"), ("em", "m"), ("emm", "a"), ("emma", "")]),
    ):
        tried = f'questions(tokenizer, "{doc}")'
        yield case(tried, lambda: answers.questions(TOKENIZER, doc), right)


def stream(answers):
    for docs, ids in ((["ab", "c"], [26, 0, 1, 26, 2, 26]), ([], [26])):
        tried = f"stream(tokenizer, {docs})"
        yield case(tried, lambda: answers.stream(TOKENIZER, list(docs)), ids)
        tried = f"documents(tokenizer, {ids})"
        yield case(tried, lambda: answers.documents(TOKENIZER, list(ids)), docs)

    def there_and_back():
        docs = ["emma", "olivia", "ava", "ava"]
        return answers.documents(TOKENIZER, answers.stream(TOKENIZER, docs))

    tried = "documents(tokenizer, stream(tokenizer, docs)), docs = emma olivia ava ava"
    yield case(tried, there_and_back, ["emma", "olivia", "ava", "ava"])


def unsorted(answers):
    def orders(*seeds):
        found = [answers.ids_in_new_process(seed, False) for seed in seeds]
        for order in found:
            if not is_alphabet(order):
                return order
        return "the same order twice" if len({*found}) == 1 else "two orders"

    tried = "two processes, hash seeds 1 and 2, in_order=False"
    yield case(tried, lambda: orders(1, 2), "two orders")
    tried = "two processes, both with the hash seed 1, in_order=False"
    yield case(tried, lambda: orders(1, 1), "the same order twice")
    for seed in (1, 2):
        tried = f"ids_in_new_process({seed}, True)"
        yield case(
            tried, lambda: in_order(answers.ids_in_new_process(seed, True)), "a to z"
        )


def is_alphabet(order):
    """Is it a text of all the letters, in whichever order?"""
    return isinstance(order, str) and sorted(order) == list(LETTERS)


def in_order(order):
    """What is told of an order of the letters: not all of it, for it varies."""
    if order == LETTERS:
        return "a to z"
    return "another order of the letters" if is_alphabet(order) else order


def merges(answers):
    docs = ["aaab", "aab", "ab"]
    few = [("a", "b"), ("a", "ab"), ("a", "aab")]
    for n in (1, 9):
        tried = f"learn_merges({docs}, {n})"
        yield case(tried, lambda: answers.learn_merges(list(docs), n), few[:n])
    for doc, pairs, right in (
        ("aaab", few, ["aaab"]),
        ("aaab", few[:2], ["a", "aab"]),
        ("caab", few, ["c", "aab"]),
        ("aaa", [("a", "a")], ["aa", "a"]),
    ):
        tried = f'split_pieces("{doc}", {pairs})'
        yield case(tried, lambda: answers.split_pieces(doc, list(pairs)), right)
    tried = "learn_merges(docs, 3), docs being the list of names"
    first = [("a", "n"), ("e", "l"), ("a", "r")]
    names = load_documents(bundled_names())
    yield case(tried, lambda: answers.learn_merges(names, 3), first)
