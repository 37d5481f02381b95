"""Pupils: models trained in C as the laboratory trains its runs, to be asked.

A pupil knows the documents that it has read, and those that it has not.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from microgpt.data import bundled_names, load_documents
from microgpt.engine import Engine, make_engine, train_with
from microgpt.tokenizer import Tokenizer
from tools.lab import worker
from tools.lab.catalogue import ZEROS
from tools.lab.inside import Reading, Weights, read, weights_of
from tools.lab.runs import EPOCH, Run, text_file

BLIND, STRAIGHT = "no-attention", "no-mlp"
ECHO, PSALMS = Run(text="echo"), Run(text="psalms", steps=2215)
# What is read, and how often; the blind have no attention, the straight no MLP.
SCHOOLS = {
    "new": Run(steps=0),
    "some": Run(),
    "some, blind": Run(BLIND),
    "all": Run(steps=EPOCH, rate=0.003),
    "all, blind": Run(BLIND, steps=EPOCH, rate=0.003),
    "all, straight": Run(STRAIGHT, steps=EPOCH, rate=0.003),
    "ten": Run(steps=10 * EPOCH, rate=0.001),
    "echo": ECHO,
    "echo, blind": replace(ECHO, variant=BLIND),
    "psalms": PSALMS,
    "psalms, 64": replace(PSALMS, context=64),
}


@dataclass
class Pupil:
    """A trained model, with the documents that it learned from and those held out."""

    school: str
    seed: int
    engine: Engine
    tokenizer: Tokenizer
    seen: list[str]
    held_out: list[str]

    @cached_property
    def w(self) -> Weights:
        """Returns its weight matrices."""
        return weights_of(self.engine.state())

    def read(self, tokens: list[int]) -> Reading:
        """Returns what happens inside while it reads."""
        return read(self.w, self.engine.config, tokens)

    @cached_property
    def readings(self) -> list[tuple[list[int], Reading]]:
        """Returns the held-out documents as tokens, each with what happens inside."""
        most = self.engine.config.block_size + 1
        encoded = (self.tokenizer.encode(doc)[:most] for doc in self.held_out)
        return [(tokens, self.read(tokens[:-1])) for tokens in encoded]

    def predictions(self) -> Iterator[tuple[str, str, Reading, int]]:
        """Yields, for each token to come: what stands before it, it, and where."""
        for doc, (_, reading) in zip(self.held_out, self.readings):
            for i in range(len(doc) + 1):
                yield doc[:i], doc[i : i + 1], reading, i


def pupil(school: str, seed: int = 42) -> Pupil:
    """Returns a model that was trained as a school does, from such first weights."""
    docs, held_out, _, _ = documents(school)
    seen = docs[: SCHOOLS[school].steps]
    return taught(school, seed, docs, seen, held_out)


def documents(school: str) -> tuple[list[str], list[str], Tokenizer, int]:
    """Returns the documents to train on, those held out, the tokenizer, how many."""
    run = SCHOOLS[school]
    return worker.documents(str(text_file(run.text)), run.held)


def taught(
    school: str, seed: int, docs: list[str], seen: list[str], held_out: list[str]
) -> Pupil:
    """Returns a model that was trained on documents."""
    run = replace(SCHOOLS[school], weights=seed)
    _, _, tokenizer, number = documents(school)
    task = asdict(run) | {"zeros": ZEROS.get(run.variant, ())}
    state = worker.first_state(task, tokenizer.vocab_size, number)
    engine = make_engine("c", state, threads=1)
    for _ in train_with(engine, docs, tokenizer, run.rate, run.steps):
        pass
    return Pupil(school, seed, engine, tokenizer, seen, held_out)


def twin(one: Pupil) -> tuple[Pupil, list[str], list[str]]:
    """Returns a pupil that read others in place of some names, and these and those.

    It began with the same weights and read in the same order; but in place of a
    thousand names of the first pupil's, or as many as it has of those that stand in
    the list once, it read the held-out ones.
    """
    docs, held_out, _, _ = documents(one.school)
    alone, seen = once(), set(one.seen)
    mine = [name for name in docs if name in seen and name in alone]
    mine = random.Random(1).sample(mine, min(len(mine), len(held_out)))
    theirs = held_out[: len(mine)]
    other = dict(zip(mine, theirs))
    docs = [other.get(name, name) for name in docs]
    seen_then = [other.get(name, name) for name in one.seen]
    return taught(one.school, one.seed, docs, seen_then, mine), mine, theirs


def once() -> set[str]:
    """Returns the names that stand in the list only once, as the held-out ones do."""
    counts = Counter(load_documents(bundled_names()))
    return {name for name, n in counts.items() if n == 1}
