"""Looks: what the record says of a model before, during and after its training."""

import math
import random
from typing import Any, NamedTuple

from microgpt.evaluate import mean
from microgpt.model import GPT, add, softmax
from microgpt.sample import generate
from microgpt.tokenizer import Tokenizer
from microgpt.train import train
from microgpt.value import Value
from tools.lab.counts import count, document_losses, means, ngram_sample, share
from tools.lab.watch import (
    WatchedAdam,
    WatchedGPT,
    attention_weights,
    hidden_on,
    numbers,
    rms,
    vectors,
    watch,
)

SEED, STEPS, RATE, HELD_OUT = 42, 1000, 0.01, 1000
NAMES = ("emma", "katelyn", "antonia")  # looked at closely; none is trained on
PREFIXES = ("", "ma", "q")
# Two parameters followed through training: one that every name uses, and one of
# a letter that is rare. (matrix, row, column)
FOLLOWED = (("lm_head", 0, 0), ("wte", 25, 0))


def before(
    model: GPT, doc: str, held_out: list[str], tokenizer: Tokenizer
) -> dict[str, Any]:
    """Returns what is said of the model as it begins; doc: the first document."""
    watched, logits = watch(model, tokenizer.encode(doc)[:-1])
    closely = watch(model, tokenizer.encode(NAMES[0])[:-1])[0]
    flat = [z for row in logits for z in row]
    middle = mean(flat)
    losses = document_losses(model.predict, held_out, tokenizer)
    initial = {
        "doc": doc,
        "logits": logits,
        "logits_sd": mean([(z - middle) ** 2 for z in flat]) ** 0.5,
        "probs": model.predict(tokenizer.encode(doc)[:-1]),
        "held_out_loss": means(losses)[0],
        "rms": {NAMES[0]: rms(closely)},
        "relu": {NAMES[0]: switches(closely)},
    }
    return {
        "initial": initial,
        "wte_before": watched.numbers_of("wte"),
        "wpe_before": watched.numbers_of("wpe"),
    }


def during(model: GPT, train_docs: list[str], tokenizer: Tokenizer) -> dict[str, Any]:
    """Trains; returns the losses, and what is said of gradients and steps."""
    w = model.state_dict
    places = {p: i for i, p in enumerate(model.params)}
    followed = {f"{m}[{i}][{j}]": places[w[m][i][j]] for m, i, j in FOLLOWED}
    optimizer = WatchedAdam(model.params, followed)
    steps = train(model, optimizer, train_docs, tokenizer, RATE, STEPS)
    losses = [loss for _, loss in steps]
    zero = {}
    for m in ("wte", "wpe"):
        rows = [[optimizer.first_grads[places[p]] for p in row] for row in w[m]]
        zero[m] = sum(not any(row) for row in rows)
    return {"losses": losses, "untouched_rows": zero, "followed": optimizer.history}


class Reading(NamedTuple):
    """A document as the model reads it: by position, but for the weights by head."""

    losses: list[float]
    on: list[list[bool]]
    weights: list[list[list[float]]]


def reading(model: GPT, doc: str, tokenizer: Tokenizer) -> Reading:
    """Returns what is looked at while the model reads a held-out document."""
    tokens = tokenizer.encode(doc)
    watched, logits = watch(model, tokens[:-1])
    rows = [numbers(softmax([Value(z) for z in row])) for row in logits]
    losses = [-math.log(row[i]) for row, i in zip(rows, tokens[1:])]
    return Reading(losses, hidden_on(watched), attention_weights(watched))


def after(
    model: GPT, trained: list[str], held_out: list[str], tokenizer: Tokenizer
) -> dict[str, Any]:
    """Returns what is said of the model as it ends."""
    readings = [reading(model, doc, tokenizer) for doc in held_out]
    losses = [read.losses for read in readings]
    last = document_losses(model.predict, trained[-100:], tokenizer)
    closely = names_looked_at(model, tokenizer)
    return {
        **held_out_losses(losses, held_out),
        "last_100_after": means(last)[0],
        "loss_by_position": by_position(losses),
        **hidden_units(readings, 4 * model.config.n_embd),
        "attention_by_distance": by_distance(readings, model),
        **closely,
        "logits_after": {p: logits_after(p, model, tokenizer) for p in PREFIXES},
        "relu_off_at_bos": closely["relu"][NAMES[0]][0].count("0"),
        "after_ma": model.predict(tokenizer.encode("ma")[:-1])[-1],
        "wte": numbers_of(model, "wte"),
        "wpe": numbers_of(model, "wpe"),
    }


def numbers_of(model: GPT, matrix: str) -> list[list[float]]:
    """Returns the rows of a matrix as numbers."""
    return [numbers(row) for row in model.state_dict[matrix]]


def held_out_losses(losses: list[list[float]], held_out: list[str]) -> dict[str, Any]:
    """Returns the mean loss of held-out documents, and the best and the worst one."""
    by_doc = [mean(row) for row in losses]
    middle = mean(by_doc)
    ranked = sorted(zip(by_doc, held_out))
    return {
        "held_out_loss": middle,
        "held_out_sd": mean([(x - middle) ** 2 for x in by_doc]) ** 0.5,
        "held_out_per_token": means(losses)[1],
        "held_out_easiest": ranked[0][::-1],
        "held_out_hardest": ranked[-1][::-1],
    }


def by_position(losses: list[list[float]]) -> list[float]:
    """Returns the mean loss of each position, over the documents that reach it."""
    longest = max(map(len, losses))
    return [mean([row[i] for row in losses if len(row) > i]) for i in range(longest)]


def hidden_units(readings: list[Reading], units: int) -> dict[str, Any]:
    """Returns how often the units of the hidden layer are on."""
    rows = [on for read in readings for on in read.on]
    counts = [0] * units
    for on in rows:
        counts = add(counts, on)
    return {
        "relu_off_share": 1 - sum(counts) / (len(rows) * units),
        "relu_never_on": counts.count(0),
        "relu_on_shares": sorted(n / len(rows) for n in counts),
    }


def by_distance(readings: list[Reading], model: GPT) -> list[list[float]]:
    """Returns the mean weight that each head gives to what is so far back."""
    sizes = range(model.config.n_head), range(model.config.block_size)
    found = [[[] for _ in sizes[1]] for _ in sizes[0]]
    for read in readings:
        for head, weights in enumerate(read.weights):
            for row in weights:
                for distance, weight in enumerate(reversed(row)):
                    found[head][distance].append(weight)
    return [[mean(x) for x in row if x] for row in found]


def names_looked_at(model: GPT, tokenizer: Tokenizer) -> dict[str, Any]:
    """Returns the stream, the weights and the hidden units on some names."""
    found: dict[str, Any] = {"rms": {}, "attention": {}, "relu": {}, "inside": {}}
    for name in NAMES:
        watched, logits = watch(model, tokenizer.encode(name)[:-1])
        found["rms"][name] = rms(watched)
        found["attention"][name] = attention_weights(watched)
        found["relu"][name] = switches(watched)
        if name == NAMES[0]:
            found["inside"][name] = vectors(watched, logits)
    return found


def switches(watched: WatchedGPT) -> list[str]:
    """Returns, by position, a 1 for each hidden unit that is on, and else a 0."""
    return ["".join("01"[on] for on in row) for row in hidden_on(watched)]


def logits_after(prefix: str, model: GPT, tokenizer: Tokenizer) -> list[float]:
    """Returns the logits of what comes after a prefix."""
    return watch(model, tokenizer.encode(prefix)[:-1])[1][-1]


def writing(
    model: GPT, docs: list[str], train_docs: list[str], tokenizer: Tokenizer
) -> dict[str, Any]:
    """Returns what is said of samples; each kind has random numbers of its own."""

    def write(number, temperature):
        rng = random.Random(SEED)
        return [generate(model, tokenizer, rng, temperature) for _ in range(number)]

    samples = write(1000, 0.5)
    bigram, rng = count(2, train_docs, tokenizer), random.Random(SEED)
    counted = [ngram_sample(bigram, tokenizer, rng) for _ in range(1000)]
    trained = train_docs[:STEPS]
    return {
        "samples_in_list": share(samples, docs),
        "samples_in_trained": share(samples, trained),
        "samples_distinct": len(set(samples)),
        "bigram_samples_in_list": share(counted, docs),
        "bigram_samples_in_trained": share(counted, trained),
        "share_in_list_by_temperature": {
            str(t): share(write(200, t), docs) for t in (0.5, 1.0, 2.0)
        },
    }
