"""Record: one run of the finished program, and all that the book tells of it.

`python -m tools.lab.record` does what `python -m microgpt --eval 1000` does, looks at
the model before, during and after, and writes docs/data/record.json, from which come
numbers of the prose and most figures. It takes some minutes. `--check` says at once
whether the record was made with the program, the names and the tool as they are now.

Losses and samples have all their digits, other numbers six. What is said of documents
is a mean over them of the mean over a document's tokens, in nats.
"""

import argparse
import ast
import json
import math
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from microgpt.data import bundled_names, load_documents, split
from microgpt.evaluate import mean, token_losses
from microgpt.model import GPT, Config, add, softmax
from microgpt.ngram import NGram
from microgpt.sample import generate
from microgpt.tokenizer import Tokenizer
from microgpt.train import no_collector, train
from microgpt.value import Value
from tools.lab.watch import (
    WatchedAdam,
    attention_weights,
    hidden_on,
    numbers,
    rms,
    watch,
)
from tools.proof import stage
from tools.proof.stage import ROOT

RECORD = ROOT / "docs" / "data" / "record.json"
SEED, STEPS, RATE, HELD_OUT = 42, 1000, 0.01, 1000
NAMES = ("emma", "katelyn", "antonia")  # looked at closely; none is trained on
PREFIXES = ("", "ma", "q")
# Two parameters followed through training: one that every name uses, and one of
# a letter that is rare. (matrix, row, column)
FOLLOWED = (("lm_head", 0, 0), ("wte", 25, 0))

# The perceptron with gradients by hand stands in the program as of this chapter. There
# one of its weights is moved, and it is trained.
PERCEPTRON = "nudging"
WORKER = """
import contextlib, io, json, random
from microgpt.data import bundled_names, load_documents, split
from microgpt.model import MLP
from microgpt.tokenizer import Tokenizer
from microgpt.train import train

rng = random.Random(42)
docs = load_documents(bundled_names())
rng.shuffle(docs)
train_docs, _ = split(docs, 1000)
tokenizer = Tokenizer("".join(docs))
model = MLP(tokenizer.vocab_size, 16, 64, rng)
emma = tokenizer.encode("emma")
# As in the chapter, the model whose weight is moved has random numbers of its own.
moved = MLP(tokenizer.vocab_size, 16, 64, random.Random(42))
loss, grads = moved.loss_and_gradients(emma)
row = moved.state_dict["fc2"][0]
nudge = {"at": row[10], "loss": loss, "slope": grads["fc2"][0][10]}
nudge["weights"] = [k / 2 for k in range(-60, 61)]
nudge["losses"] = []
for row[10] in nudge["weights"]:
    nudge["losses"].append(moved.loss_and_gradients(emma)[0])
with contextlib.redirect_stdout(io.StringIO()):
    losses = train(model, train_docs, tokenizer)
print(json.dumps({"losses": losses, "nudge": nudge}))
"""


# What the record depends on


def imported(source: str) -> set[str]:
    """Returns the paths of the modules that a module of the book's code imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            package, _, name = (node.module or "").rpartition(".")
            if node.level:
                found.add(f"microgpt/{node.module or '__init__'}.py")
            elif package in ("microgpt", "tools.lab"):
                found.add(f"{package.replace('.', '/')}/{name}.py")
    return found


def key() -> str:
    """Returns a hash of the code and the data that the record is made of."""
    sources, waiting = {}, {"tools/lab/record.py"}
    while waiting:
        path = waiting.pop()
        sources[path] = (ROOT / path).read_text("utf-8")
        waiting |= imported(sources[path]) - sources.keys()
    parts = [stage.skeleton(source) for _, source in sorted(sources.items())]
    parts += stage.code_of(stage.stage(PERCEPTRON))
    return stage.digest([*parts, bundled_names().read_text("utf-8")])


# Measuring


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


# The record


def make(say: Callable[[str], None] = lambda text: None) -> dict[str, Any]:
    """Returns the record: the whole run, and everything looked at in it."""
    with no_collector():
        rng = random.Random(SEED)
        docs = load_documents(bundled_names())
        rng.shuffle(docs)
        tokenizer = Tokenizer("".join(docs))
        model = GPT(Config(tokenizer.vocab_size), rng)
        train_docs, held_out = split(docs, HELD_OUT)
        record: dict[str, Any] = {
            "key": key(), "seed": SEED, "learning_rate": RATE,
            "chars": "".join(tokenizer.chars),
            "num_params": {n: len(w) * len(w[0]) for n, w in model.state_dict.items()},
        }  # fmt: skip
        say("the perceptron")
        record["perceptron"] = perceptron()
        say("before training")
        record |= before(model, train_docs[0], held_out, tokenizer)
        say("training")
        record |= during(model, train_docs, tokenizer)
        record["samples"] = [generate(model, tokenizer, rng) for _ in range(20)]
        say("after training")
        record |= after(model, train_docs[:STEPS], held_out, tokenizer)
        say("writing")
        record |= writing(model, docs, train_docs, tokenizer)
        say("counting")
        record["ngrams"] = ladder(train_docs, held_out, tokenizer)
        record["ngrams_trained"] = ladder(train_docs[:STEPS], held_out, tokenizer)
        record["floor_per_token"] = floor_per_token(docs)
    return {name: rounded(name, value) for name, value in record.items()}


def perceptron() -> dict[str, Any]:
    """Returns the perceptron's losses, and one name's loss as one weight moves."""
    command = [sys.executable, "-c", WORKER]
    where = stage.stage(PERCEPTRON)
    done = subprocess.run(command, cwd=where, check=True, capture_output=True)
    return json.loads(done.stdout)


def before(
    model: GPT, doc: str, held_out: list[str], tokenizer: Tokenizer
) -> dict[str, Any]:
    """Returns what is said of the model as it begins; doc: the first document."""
    watched, logits = watch(model, tokenizer.encode(doc)[:-1])
    flat = [z for row in logits for z in row]
    middle = mean(flat)
    losses = document_losses(model.predict, held_out, tokenizer)
    initial = {
        "doc": doc,
        "logits": logits,
        "logits_sd": mean([(z - middle) ** 2 for z in flat]) ** 0.5,
        "probs": model.predict(tokenizer.encode(doc)[:-1]),
        "held_out_loss": means(losses)[0],
        "rms": {NAMES[0]: rms(watch(model, tokenizer.encode(NAMES[0])[:-1])[0])},
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


def after(
    model: GPT, trained: list[str], held_out: list[str], tokenizer: Tokenizer
) -> dict[str, Any]:
    """Returns what is said of the model as it ends."""
    losses, on_counts, positions = [], [0] * 4 * model.config.n_embd, 0
    size = model.config.block_size, model.config.n_head
    by_distance = [[[] for _ in range(size[0])] for _ in range(size[1])]
    for doc in held_out:
        tokens = tokenizer.encode(doc)
        watched, logits = watch(model, tokens[:-1])
        rows = [numbers(softmax([Value(z) for z in row])) for row in logits]
        losses.append([-math.log(row[i]) for row, i in zip(rows, tokens[1:])])
        for on in hidden_on(watched):
            on_counts, positions = add(on_counts, on), positions + 1
        for head, weights in enumerate(attention_weights(watched)):
            for row in weights:
                for distance, weight in enumerate(reversed(row)):
                    by_distance[head][distance].append(weight)
    by_doc = [mean(row) for row in losses]
    middle = mean(by_doc)
    ranked = sorted(zip(by_doc, held_out))
    last = document_losses(model.predict, trained[-100:], tokenizer)
    found: dict[str, Any] = {
        "held_out_loss": middle,
        "held_out_sd": mean([(x - middle) ** 2 for x in by_doc]) ** 0.5,
        "held_out_per_token": means(losses)[1],
        "held_out_easiest": ranked[0][::-1],
        "held_out_hardest": ranked[-1][::-1],
        "last_100_after": means(last)[0],
        "loss_by_position": [
            mean([row[i] for row in losses if len(row) > i])
            for i in range(max(map(len, losses)))
        ],
        "relu_off_share": 1 - sum(on_counts) / (positions * len(on_counts)),
        "relu_never_on": on_counts.count(0),
        "relu_on_shares": sorted(n / positions for n in on_counts),
        "attention_by_distance": [[mean(x) for x in row if x] for row in by_distance],
        "rms": {}, "attention": {}, "relu": {}, "logits_after": {},
    }  # fmt: skip
    for name in NAMES:
        watched, _ = watch(model, tokenizer.encode(name)[:-1])
        found["rms"][name] = rms(watched)
        found["attention"][name] = attention_weights(watched)
        rows = hidden_on(watched)
        found["relu"][name] = ["".join("01"[on] for on in row) for row in rows]
    found["relu_off_at_bos"] = found["relu"][NAMES[0]][0].count("0")
    for prefix in PREFIXES:
        logits = watch(model, tokenizer.encode(prefix)[:-1])[1][-1]
        found["logits_after"][prefix] = logits
    found["after_ma"] = model.predict(tokenizer.encode("ma")[:-1])[-1]
    found["wte"] = watched.numbers_of("wte")
    found["wpe"] = watched.numbers_of("wpe")
    return found


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


WHOLE = ("losses", "held_out_loss", "held_out_per_token", "last_100_after", "ngrams",
         "ngrams_trained")  # fmt: skip


def rounded(name: str, value: Any) -> Any:
    """Returns the value with its floats rounded to six digits, but for losses."""
    if isinstance(value, float):
        return value if name in WHOLE else float(f"{value:.6g}")
    if isinstance(value, dict):
        return {k: rounded(k, v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(name, v) for v in value]
    return value


def to_json(record: dict[str, Any]) -> str:
    """Returns the record as JSON, one line a name."""
    rows = [f'"{name}": {json.dumps(value)}' for name, value in record.items()]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def read() -> dict[str, Any]:
    """Returns the record as it was written."""
    return json.loads(RECORD.read_text("utf-8"))


def main() -> int:
    """Makes the record, or says whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare the key")
    if parser.parse_args().check:
        if RECORD.exists() and read()["key"] == key():
            return 0
        print("docs/data/record.json is out of date: run python -m tools.lab.record")
        return 1
    text = to_json(make(lambda text: print(text, file=sys.stderr, flush=True)))
    RECORD.write_text(text, "utf-8")
    print(f"{RECORD.relative_to(ROOT)}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
