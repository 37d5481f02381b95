"""Port: every number of the first step, for who writes the program in another language.

`python -m tools.lab.port --write` writes docs/data/port.json: what Python's generator
gives for seed 42, the shuffle, all first weights, each number of the first step with
its gradient, Adam's means and the weights after it, the losses of all 1,000 steps and
the 20 samples. Its names and lists stand in the order in which they come about, so the
first that differs is the place to look.

`python -m tools.lab.port MINE.json` compares a file of another program with it, which
may have any part of its names, and names the first wrong number. The page Line by line
says what each name means.
"""

import json
import random
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from microgpt.data import bundled_names, load_documents
from microgpt.engine import Engine, State, make_engine, matrices, train_with
from microgpt.model import GPT, Config
from microgpt.sample import generate
from microgpt.tokenizer import Tokenizer
from microgpt.train import no_collector
from tools.lab import difference
from tools.lab.trace import gradients, numbers, trace
from tools.proof.about import about
from tools.proof.exits import Parser, ended
from tools.proof.progress import Progress
from tools.proof.stage import ROOT, RunError, write_file

PORT = ROOT / "docs" / "data" / "port.json"
REMEDY = "run python -m tools.lab.port --write"
SEED, STEPS, RATE, SHOWN = 42, 1000, 0.01, 10
LEAVES = ("token_embedding", "position_embedding")  # whose gradients are parameters'
Numbers = dict[str, Any]


# Before the first step


def generator() -> Numbers:
    """Returns what the generator gives at first: words of 32 bits, and numbers."""
    words, floats = random.Random(SEED), random.Random(SEED)
    return {
        "words": [words.getrandbits(32) for _ in range(SHOWN)],
        "random": [floats.random() for _ in range(SHOWN)],
    }


def below(n: int, rng: random.Random) -> int:
    """Returns a random number below n, as Python draws it: again, if it is too large.

    The bits that are asked for are the upper ones of the generator's next word.
    """
    bits = n.bit_length()
    while (drawn := rng.getrandbits(bits)) >= n:
        pass
    return drawn


def shuffled(docs: list[str], rng: random.Random) -> list[tuple[int, int]]:
    """Shuffles documents as Python does, from the last; returns what was exchanged."""
    exchanged = []
    for i in range(len(docs) - 1, 0, -1):
        j = below(i + 1, rng)
        docs[i], docs[j] = docs[j], docs[i]
        exchanged.append((i, j))
    return exchanged


def uniform(rng: random.Random, count: int = 4) -> list[float]:
    """Returns the next numbers of a generator, which does not move."""
    peek = random.Random()
    peek.setstate(rng.getstate())
    return [peek.random() for _ in range(count)]


# The first step


def first_step(model: GPT, tokens: list[int]) -> Numbers:
    """Returns all numbers of the forward pass, the backward pass and the step."""
    with no_collector():
        found = trace(model, tokens)
        found.loss.backward()
    flat = [p.grad for p in model.params]
    state = State(model.config, [p.data for p in model.params], *zeros(flat))
    engine = make_engine("graph", state)
    engine.step([tokens], RATE)
    after = engine.state()
    return {
        "forward": {
            f"position {i}": {name: numbers(part) for name, part in parts.items()}
            for i, parts in enumerate(found.positions)
        },
        "loss": found.loss.data,
        "backward": {
            f"position {i}": upward(parts)
            for i, parts in reversed([*enumerate(found.positions)])
        },
        "gradients": matrices(model.config, flat),
        "adam": {
            "m": matrices(model.config, after.m),
            "v": matrices(model.config, after.v),
            "weights": matrices(model.config, after.params),
        },
    }


def upward(parts: dict[str, Any]) -> Numbers:
    """Returns the gradients of a position's parts, from the loss to the embedding."""
    names = [name for name in reversed(parts) if name not in LEAVES]
    return {name: gradients(parts[name]) for name in names}


def zeros(flat: list[float]) -> tuple[list[float], list[float]]:
    """Returns Adam's two means before the first step."""
    return [0.0] * len(flat), [0.0] * len(flat)


# The file


def beginning() -> tuple[Numbers, GPT, list[str], Tokenizer, random.Random]:
    """Returns the numbers up to the end of the first step, and what made them."""
    rng, docs = random.Random(SEED), load_documents(bundled_names())
    exchanged = shuffled(docs, rng)
    tokenizer = Tokenizer("".join(docs))
    next_ones = uniform(rng)
    model = GPT(Config(tokenizer.vocab_size), rng)
    tokens = tokenizer.encode(docs[0])
    found = {
        "generator": generator(),
        "shuffle": {
            "exchanged": [[*pair] for pair in exchanged[:SHOWN]],
            "documents": docs[:SHOWN],
            "sha256": sha256("\n".join(docs).encode()).hexdigest(),
        },
        "characters": "".join(tokenizer.chars),
        "uniform": next_ones,
        "weights": {name: numbers(w) for name, w in model.state_dict.items()},
        "tokens": tokens,
        **first_step(model, tokens),
    }
    return found, model, docs, tokenizer, rng


def training(engine: Engine, docs: list[str], tokenizer: Tokenizer) -> Iterator[float]:
    """Trains, and yields the loss of each step."""
    for losses in train_with(engine, docs, tokenizer, RATE, STEPS):
        yield from losses


def make() -> Numbers:
    """Returns all that the file has."""
    found, model, docs, tokenizer, rng = beginning()
    params = [p.data for p in model.params]
    engine = make_engine("auto", State(model.config, params, *zeros(params)))
    found["losses"] = [*training(engine, docs, tokenizer)]
    found["samples"] = [generate(engine, tokenizer, rng) for _ in range(20)]
    return found


def to_json(value: Any, indent: str = "") -> str:
    """Returns numbers as JSON: a line for each name, and for each row of a matrix."""
    inner = indent + " "
    if isinstance(value, dict):
        rows = [
            f"{inner}{json.dumps(name)}: {to_json(it, inner)}"
            for name, it in value.items()
        ]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and value and isinstance(value[0], list):
        rows = [f"{inner}{json.dumps(row)}" for row in value]
        return "[\n" + ",\n".join(rows) + f"\n{indent}]"
    return json.dumps(value)


def read(path: Path) -> Numbers:
    """Returns a file of such numbers. Raises RunError if it is none."""
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise RunError(f"{path} is no JSON object with the names of {PORT.name}")
    return found


# The command


def write() -> None:
    """Writes the file."""
    with Progress() as progress:
        progress.tell("a thousand steps")
        text = to_json(make()) + "\n"
    write_file(PORT, text)
    print(f"{PORT.relative_to(ROOT)}: {len(text):,} bytes")


def compare(path: Path, digits: int) -> int:
    """Prints how a file compares with the book's; returns 1 if a number is wrong."""
    if not PORT.exists():
        raise RunError(f"there is no {PORT.name}; {REMEDY}")
    found = difference.compare(read(path), read(PORT), digits)
    if not (found.compared or found.first):
        raise RunError(f"{path} has none of the names of {PORT.name}")
    print("\n".join(found.lines()))
    return 1 if found.first else 0


def main() -> int | None:
    """Writes the file, or compares another one with it."""
    parser = Parser(description=about(__file__).splitlines()[0])
    add = parser.add_argument
    add("mine", nargs="?", type=Path, metavar="MINE.json", help="a file to compare")
    add("--digits", type=int, default=6, help="how many digits must be equal [6]")
    add("--write", action="store_true", help=f"write {PORT.name}")
    options = parser.parse_args()
    if options.write == (options.mine is not None):
        parser.error("give a file to compare, or --write")
    if not 1 <= options.digits <= 17:
        parser.error("--digits is a number from 1 to 17")
    return write() if options.write else compare(options.mine, options.digits)


if __name__ == "__main__":
    sys.exit(ended(main))
