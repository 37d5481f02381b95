"""Checks of the exercises in docs/names.md."""

import random

from checking import case

from microgpt.data import bundled_names, load_documents, split

SECONDS = {"both": 1, "neighbours": 2}  # whoever compares all with all waits no longer


def names():
    """The names of the list, in the order in which the program has them."""
    docs = load_documents(bundled_names())
    random.Random(42).shuffle(docs)
    return docs


def both(answers):
    for docs, right in (
        (["b", "a", "b", "c", "a", "b"], ["b", "a"]),
        (["b", "a", "a", "b"], ["b", "a"]),
        (["a", "b"], []),
    ):
        tried = f"repeated({docs})"
        yield case(tried, lambda: answers.repeated(list(docs)), right)
    tried = "len(repeated(docs)), docs being the list of names"
    yield case(tried, lambda: len(answers.repeated(names())), 2559)


def shuffled(answers):
    def after():
        docs = list("abcdefgh")
        answers.shuffled(docs, 7)
        return "".join(docs)

    for seed in (7, 8):
        right = list("abcdefgh")
        random.Random(seed).shuffle(right)
        tried = f'shuffled(list("abcdefgh"), {seed})'
        yield case(tried, lambda: answers.shuffled(list("abcdefgh"), seed), right)
    tried = '"".join(docs) after shuffled(docs, 7), "abcdefgh" before'
    yield case(tried, after, "abcdefgh")


def leak(answers):
    def naive():
        return answers.leaked(*answers.naive_split(names(), 1000))

    docs = ["a", "b", "c"]
    for n, right in ((1, (["a", "b"], ["c"])), (0, (["a", "b", "c"], []))):
        tried = f"naive_split({docs}, {n})"
        yield case(tried, lambda: answers.naive_split(list(docs), n), right)
    for train_docs in (["a", "b"], ["a", "b", "b"]):
        tried = f"leaked({train_docs}, ['b', 'c', 'b'])"
        yield case(tried, lambda: answers.leaked(train_docs, ["b", "c", "b"]), 2)
    tried = "leaked(*naive_split(names, 1000)), the names shuffled"
    yield case(tried, naive, 160)
    tried = "leaked(*split(names, 1000)), with the book's split"
    yield case(tried, lambda: answers.leaked(*split(names(), 1000)), 0)


def neighbours(answers):
    docs = ["ana", "na", "anna", "hanna", "annah", "nana", "ona", "an", "oto"]
    for doc, right in (
        ("ana", ["an", "anna", "na", "nana", "ona"]),
        ("an", ["ana"]),
        ("hannah", ["annah", "hanna"]),
        ("x", []),
    ):
        tried = f'the neighbours of "{doc}" among {" ".join(docs)}'
        yield case(tried, lambda: sorted(answers.neighbours(doc, docs)), right)
    train_docs, held_out = split(names(), 1000)
    known = set(train_docs)

    def with_neighbours():
        return sum(bool(answers.neighbours(doc, known)) for doc in held_out)

    tried = "how many of 1,000 held-out names have a training name as neighbour"
    yield case(tried, with_neighbours, 906)
