"""Worker: a process that trains runs, one after the other.

It is started in the folder of a program, whose `microgpt` it trains. Each line that
comes in is a run, as JSON; each that goes out is what was found, or the problem.
"""

import json
import math
import random
import signal
import sys
import time
from contextlib import redirect_stdout, suppress
from functools import lru_cache
from typing import Any

from microgpt.data import load_documents, split
from microgpt.engine import State, make_engine, train_with
from microgpt.errors import InputError
from microgpt.evaluate import mean, token_losses
from microgpt.model import Config, shapes
from microgpt.tokenizer import Tokenizer

SETTINGS = {"c": {"threads": 1}}  # another process has the other core


@lru_cache(maxsize=2)
def documents(path: str, held: str) -> tuple[list[str], list[str], Tokenizer, int]:
    """Returns the documents to train on, those to ask, the tokenizer, and how many."""
    docs = load_documents(path)
    random.Random(42).shuffle(docs)
    tokenizer, number = Tokenizer("".join(docs)), min(1000, len(docs) // 10)
    trained, asked = split(docs, number)
    if held == "choose":
        trained, asked = split(trained, number)
    return trained, asked, tokenizer, len(docs)


def first_state(task: dict[str, Any], vocab_size: int, number: int) -> State:
    """Returns the weights that the program draws with --seed, parts of it set to 0."""
    rng = random.Random(task["weights"])
    rng.shuffle([None] * number)  # as the program does with its documents, before
    sizes = task["width"], task["context"], task["layers"], task["heads"]
    config = Config(vocab_size, *sizes)
    state, at = State.random(config, rng), 0
    for name, (rows, columns) in shapes(config).items():
        if name.endswith(tuple(task["zeros"])):
            state.params[at : at + rows * columns] = [0.0] * (rows * columns)
        at += rows * columns
    return state


def engine_for(names: list[str], state: State) -> tuple[str, Any]:
    """Returns the first engine that works here, and its name."""
    for name in names:
        try:
            return name, make_engine(name, state, **SETTINGS.get(name, {}))
        except InputError as error:
            problem = error
    raise InputError(f"no engine works here: {problem}")


def in_order(docs: list[str], order: int) -> list[str]:
    """Returns the documents in another order; 42 is the program's own."""
    docs = docs[:]
    if order != 42:
        random.Random(order).shuffle(docs)
    return docs


def trained(task: dict[str, Any]) -> dict[str, Any]:
    """Trains a run; returns what was found, the first losses, each document's."""
    docs, asked, tokenizer, number = documents(task["path"], task["held"])
    state = first_state(task, tokenizer.vocab_size, number)
    name, engine = engine_for(task["engines"], state)
    docs = in_order(docs, task["order"])
    losses: list[float] = []
    started = time.process_time()
    try:
        for some in train_with(
            engine, docs, tokenizer, task["rate"], task["steps"],
            batch_size=task["batch"],
        ):  # fmt: skip
            losses += some[: max(0, 100 - len(losses))]
        of_each = asked_losses(engine, asked, tokenizer, task["held"])
        loss, error = scatter(of_each)
    except (InputError, ArithmeticError, ValueError) as problem:
        known = "no longer a number" in str(problem)
        if isinstance(problem, InputError) and not known:
            raise
        of_each, loss, error = [], math.nan, math.nan
    seconds = time.process_time() - started
    found = {"engine": name, "loss": loss, "error": error, "seconds": seconds}
    return found | {"losses": losses, "asked": of_each}


def asked_losses(engine: Any, docs: list[str], tokenizer: Tokenizer, held: str):
    """Returns the loss of each document, or of its first tokens."""
    first = int(held.partition("-")[2] or engine.config.block_size)
    encoded = [tokenizer.encode(doc)[: first + 1] for doc in docs]
    if hasattr(engine, "train"):  # the kernel takes them all at once
        return engine.train([[tokens] for tokens in encoded], [])
    return [mean(token_losses(engine.predict, tokens)) for tokens in encoded]


def scatter(losses: list[float]) -> tuple[float, float]:
    """Returns the mean of losses, and its standard error."""
    middle = mean(losses)
    variance = math.fsum((x - middle) ** 2 for x in losses) / (len(losses) - 1)
    return middle, math.sqrt(variance / len(losses))


def main() -> None:
    """Trains the runs that come in, until no more do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    answers = sys.stdout
    with suppress(BrokenPipeError):  # nobody waits for the answer any more
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


def answer(task: dict[str, Any]) -> dict[str, Any]:
    """Returns what was found, or the problem."""
    try:
        with redirect_stdout(sys.stderr):
            return trained(task)
    except Exception as error:
        return {"problem": f"{type(error).__name__}: {error}"}
