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
import random
import sys
from collections.abc import Callable
from typing import Any

from microgpt.data import bundled_names, load_documents, split
from microgpt.model import GPT, Config
from microgpt.sample import generate
from microgpt.tokenizer import Tokenizer
from microgpt.train import no_collector
from tools.lab.counts import floor_per_token, ladder
from tools.lab.looks import HELD_OUT, RATE, SEED, STEPS, after, before, during, writing
from tools.lab.perceptron import CHAPTER, perceptron
from tools.proof import stage
from tools.proof.about import about
from tools.proof.exits import ended
from tools.proof.progress import Progress
from tools.proof.stage import ROOT

RECORD = ROOT / "docs" / "data" / "record.json"


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
    parts += stage.code_of(stage.stage(CHAPTER))
    return stage.digest([*parts, bundled_names().read_text("utf-8")])


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
    parser = argparse.ArgumentParser(description=about(__file__).splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare the key")
    if parser.parse_args().check:
        if RECORD.exists() and read()["key"] == key():
            return 0
        print("docs/data/record.json is out of date: run python -m tools.lab.record")
        return 1
    with Progress() as progress:
        text = to_json(make(progress.tell))
    stage.write_file(RECORD, text)
    print(f"{RECORD.relative_to(ROOT)}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
