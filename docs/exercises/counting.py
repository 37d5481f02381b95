"""Checks of the exercises in docs/counting.md."""

import random

from checking import case, rounded

from microgpt.data import bundled_names, load_documents
from microgpt.evaluate import token_losses
from microgpt.ngram import NGram
from microgpt.tokenizer import Tokenizer


def choices(answers):
    for tried, probs, right in (
        ("[0.5, 0.5]", [0.5, 0.5], 2.0),
        ("[0.0, 1.0]", [0.0, 1.0], 1.0),
        ("[1/27] * 27", [1 / 27] * 27, 27.0),
        ("[0.5, 0.25, 0.25]", [0.5, 0.25, 0.25], 8**0.5),
    ):
        tried = f"effective_choices({tried})"
        yield case(
            tried, lambda: rounded(answers.effective_choices(probs)), rounded(right)
        )


def means(answers):
    losses = [[2.0, 4.0], [1.0, 1.0, 1.0, 1.0]]
    tried = f"both_means({losses})"
    yield case(tried, lambda: answers.both_means(losses), (2.0, 10 / 6))


def zero(answers):
    def outcome(docs, doc):
        tokenizer = Tokenizer("abc")
        if not isinstance(doc, str):
            return f"a {type(doc).__name__} to predict, where a string was expected"
        if {*"".join(docs), *doc} - {*"abc"}:
            return "letters that are not a, b or c"
        model = NGram(2, tokenizer.vocab_size, prior=0)
        for each in docs:
            model.count(tokenizer.encode(each))
        try:
            token_losses(model.predict, tokenizer.encode(doc))
        except (ValueError, ZeroDivisionError) as error:
            return type(error).__name__
        return "a loss, and no error"

    tried = "the loss of the document of breaks_logarithm(), prior 0"
    yield case(tried, lambda: outcome(*answers.breaks_logarithm()), "ValueError")
    tried = "the loss of the document of breaks_division(), prior 0"
    yield case(tried, lambda: outcome(*answers.breaks_division()), "ZeroDivisionError")


def prior(answers):
    tokenizer, priors = Tokenizer("ab"), [0.1, 1, 10]
    for last, right in (("ab", 0.1), ("ba", 10)):
        docs = ["ab"] * 9 + [last]
        tried = f'best_prior(["ab"] * 9 + ["{last}"], tokenizer, 2, {priors})'
        yield case(tried, lambda: answers.best_prior(docs, tokenizer, 2, priors), right)
    docs = load_documents(bundled_names())
    random.Random(42).shuffle(docs)
    docs, priors = docs[:1500], [0.01, 2.0, 200.0]
    tokenizer = Tokenizer("".join(docs))
    tried = f"best_prior(1500 names, tokenizer, 3, {priors})"
    yield case(tried, lambda: answers.best_prior(docs, tokenizer, 3, priors), 2.0)
