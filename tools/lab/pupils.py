"""Pupils: models of the names, trained in C as the laboratory trains, to be asked.

A pupil knows the names that it has read, and those that it has not.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from microgpt.data import bundled_names, load_documents
from microgpt.engine import Engine, make_engine, train_with
from microgpt.tokenizer import Tokenizer
from tools.lab import worker
from tools.lab.inside import Reading, Weights, read, weights_of

EPOCH = 31_469
BLIND = ("attn_wv", "attn_wo")  # zeros stay zeros: no attention
BOOK = {"steps": 1000, "rate": 0.01, "zeros": ()}
SIZES = {"width": 16, "layers": 1, "heads": 4, "context": 16}
# What has been read; what attention is to be compared with has the same letters.
SCHOOLS = {
    "new": BOOK | {"steps": 0},
    "some": BOOK,
    "some, blind": BOOK | {"zeros": BLIND},
    "all": BOOK | {"steps": EPOCH, "rate": 0.003},
    "all, blind": BOOK | {"steps": EPOCH, "rate": 0.003, "zeros": BLIND},
    "ten": BOOK | {"steps": 10 * EPOCH, "rate": 0.003},
}


@dataclass
class Pupil:
    """A trained model, with the names that it learned from and those held out."""

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
        """Returns the held-out names as tokens, each with what happens inside."""
        encoded = map(self.tokenizer.encode, self.held_out)
        return [(tokens, self.read(tokens[:-1])) for tokens in encoded]

    def predictions(self) -> Iterator[tuple[str, str, Reading, int]]:
        """Yields, for each token to come: what stands before it, it, and where."""
        for doc, (_, reading) in zip(self.held_out, self.readings):
            for i in range(len(doc) + 1):
                yield doc[:i], doc[i : i + 1], reading, i


def pupil(school: str, seed: int = 42) -> Pupil:
    """Returns a model that was trained as a school does, from such first weights."""
    names = str(bundled_names())
    task = SCHOOLS[school] | SIZES | {"weights": seed}
    docs, held_out, tokenizer, number = worker.documents(names, "report")
    state = worker.first_state(task, tokenizer.vocab_size, number)
    engine = make_engine("c", state, threads=1)
    for _ in train_with(engine, docs, tokenizer, task["rate"], task["steps"]):
        pass
    return Pupil(engine, tokenizer, docs[: task["steps"]], held_out)


def once() -> set[str]:
    """Returns the names that stand in the list only once, as the held-out ones do."""
    counts = Counter(load_documents(bundled_names()))
    return {name for name, n in counts.items() if n == 1}
