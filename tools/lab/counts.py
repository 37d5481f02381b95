"""Counts: what tables of counts make of the names that the model learns from.

What is said of documents is a mean over them of the mean over a document's tokens.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from microgpt.evaluate import mean, token_losses
from microgpt.model import Config
from microgpt.ngram import NGram
from microgpt.tokenizer import Tokenizer


def document_losses(
    predict: Callable[[list[int]], list[list[float]]],
    docs: list[str], tokenizer: Tokenizer,
) -> list[list[float]]:  # fmt: skip
    """Returns the loss of every token of every document."""
    return [token_losses(predict, tokenizer.encode(doc)) for doc in docs]


def means(losses: list[list[float]]) -> tuple[float, float]:
    """Returns the mean over documents, and the mean over all their tokens."""
    return mean([mean(row) for row in losses]), mean([x for row in losses for x in row])


def ladder(docs: list[str], held_out: list[str], tokenizer: Tokenizer) -> list[Any]:
    """Returns (n, loss by document, loss by token) of n-grams; 0 is uniform."""
    uniform = math.log(tokenizer.vocab_size)
    rungs = [(0, uniform, uniform)]
    model = count(5, docs, tokenizer)
    while model:
        losses = document_losses(model.predict, held_out, tokenizer)
        rungs.append((model.n, *means(losses)))
        model = model.shorter
    return sorted(rungs)


def count(n: int, docs: list[str], tokenizer: Tokenizer) -> NGram:
    """Returns the n-gram model of the documents."""
    model = NGram(n, tokenizer.vocab_size)
    for doc in docs:
        model.count(tokenizer.encode(doc))
    return model


def floor_per_token(docs: list[str]) -> float:
    """Returns the entropy of the list over the tokens of a document, in nats.

    No model of single documents has a lower loss per token on the whole list.
    """
    n = len(docs)
    entropy = -math.fsum(c / n * math.log(c / n) for c in Counter(docs).values())
    return entropy / mean([len(doc) + 1 for doc in docs])


def ngram_sample(model: NGram, tokenizer: Tokenizer, rng: random.Random) -> str:
    """Returns a document written by counts, at temperature 0.5."""
    tokens = [tokenizer.bos]
    while len(tokens) <= Config.block_size:
        weights = [p**2 for p in model.probs(tokens)]
        token = rng.choices(range(len(weights)), weights)[0]
        if token == tokenizer.bos:
            break
        tokens.append(token)
    return tokenizer.decode(tokens)


def share(samples: list[str], docs: Iterable[str]) -> float:
    """Returns the share of the samples that stand among the documents."""
    known = set(docs)
    return sum(sample in known for sample in samples) / len(samples)
