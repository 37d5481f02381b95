"""Lessons: what can be asked of a pupil, each as numbers.

Losses are in nats, a mean over held-out names of the mean over a name's tokens, or over
tokens where they are told apart.
"""

import math
import random
import string
from collections.abc import Callable

import numpy as np

from microgpt.data import bundled_names, load_documents
from microgpt.evaluate import mean_loss
from microgpt.evaluate import token_losses as token_losses_of
from microgpt.ngram import NGram
from microgpt.sample import generate
from microgpt.tokenizer import Tokenizer
from tools.lab import results
from tools.lab.counts import share
from tools.lab.inside import probabilities, token_losses
from tools.lab.pupils import SCHOOLS, Pupil, twin

VOWELS = "aeiouy"
TEMPERATURES = (0.5, 0.8, 1.0)
SAMPLES = 2000
CROSSED = ("eo", "ey", "lo", "ly")  # an n often follows the first and the last
Numbers = dict[str, float]


def losses(pupil: Pupil) -> Numbers:
    """Returns the loss on held-out names, and on a thousand of those that it read."""
    read = pupil.seen[:: max(1, len(pupil.seen) // 1000)][:1000]
    asked = {"held out": pupil.held_out} | ({"read": read} if read else {})
    predict = pupil.engine.predict
    return {
        what: mean_loss(predict, docs, pupil.tokenizer) for what, docs in asked.items()
    }


def memory(pupil: Pupil) -> Numbers:
    """Returns how many times as probable a name is to a model that has read it.

    Two twins have each read what the other has not, and both are asked about the names
    that set them apart: the mean difference of a name's loss, its standard error over
    these names, and e to the power of the mean.
    """
    other, mine, theirs = twin(pupil)
    gains = []
    for reader, stranger, names in ((pupil, other, mine), (other, pupil, theirs)):
        for name in names:
            tokens = pupil.tokenizer.encode(name)
            known, new = (
                math.fsum(token_losses_of(one.engine.predict, tokens))
                for one in (reader, stranger)
            )
            gains.append(new - known)
    gain, error = results.middle(gains), results.standard_error(gains)
    return {"nats": gain, "over names": error, "times": math.exp(gain)}


def endings(pupil: Pupil) -> Numbers:
    """Returns the probability of the end after ...on and ...an, and the share of ends.

    It is asked wherever these letters stand in a held-out name. `on as an` is asked
    of the same names with an a in place of their o.
    """
    end, found = pupil.tokenizer.bos, {}
    for pair, other in (("on", "an"), ("an", "on")):
        given, true, changed = [], [], []
        for before, came, reading, i in pupil.predictions():
            if before.endswith(pair):
                given.append(probabilities(reading.logits[i])[end])
                true.append(not came)
                tokens = pupil.tokenizer.encode(before[:-2] + other)[:-1]
                changed.append(probabilities(pupil.read(tokens).logits[-1])[end])
        found |= {pair: np.mean(given), f"{pair} ends": np.mean(true)}
        found |= {f"{pair} as {other}": np.mean(changed), f"{pair} count": len(given)}
    return found


def crossed(pupil: Pupil) -> Numbers:
    """Returns the probability of an n after each of four pairs of letters.

    It is asked wherever one of them stands in a held-out name, with each of the four in
    its place: so the four answers are means over the same places.
    """
    n, found = pupil.tokenizer.ids["n"], {}
    places = [
        before[:-2]
        for before, _, _, _ in pupil.predictions()
        if before.endswith(CROSSED)
    ]
    for pair in CROSSED:
        asked = (pupil.tokenizer.encode(before + pair)[:-1] for before in places)
        given = [probabilities(pupil.read(it).logits[-1])[n] for it in asked]
        found |= {pair: np.mean(given), "places": len(places)}
    return found


def leigh(pupil: Pupil) -> Numbers:
    """Returns the probability of the g in names like ashleigh, and how many it is."""
    g = pupil.tokenizer.ids["g"]
    given = [
        probabilities(reading.logits[i])[g]
        for before, came, reading, i in pupil.predictions()
        if before.endswith("lei") and came == "g"
    ]
    return {"g": np.mean(given), "count": len(given)}


def positions(pupil: Pupil) -> Numbers:
    """Returns the loss of each token, over the documents that have it.

    Of names the first ten, as few are longer.
    """
    most = 10 if pupil.tokenizer.vocab_size == 27 else None
    rows: dict[int, list[float]] = {}
    for tokens, reading in pupil.readings:
        for i, loss in enumerate(token_losses(reading.logits, tokens[1:])[:most]):
            rows.setdefault(i, []).append(loss)
    return {str(i): np.mean(row) for i, row in sorted(rows.items())}


def letters(pupil: Pupil) -> Numbers:
    """Returns the loss of each letter that came, and of the end."""
    rows: dict[str, list[float]] = {}
    for tokens, reading in pupil.readings:
        for token, loss in zip(tokens[1:], token_losses(reading.logits, tokens[1:])):
            letter = pupil.tokenizer.decode([token]) or "end"
            rows.setdefault(letter, []).append(loss)
    return {letter: np.mean(row) for letter, row in sorted(rows.items())}


def kinship(pupil: Pupil) -> Numbers:
    """Returns how alike the embeddings of two letters are, by what they are.

    The cosine of the angle between them, once the mean of all letters is taken off.
    """
    table = angles(pupil)
    kinds = {"vowels": [], "consonants": [], "mixed": []}
    for i, a in enumerate(string.ascii_lowercase):
        for j, b in enumerate(string.ascii_lowercase[:i]):
            both = (a in VOWELS) + (b in VOWELS)
            kinds[("consonants", "mixed", "vowels")[both]].append(table[i, j])
    nearest = nearest_letters(table)
    kin = [nearest[vowel] in VOWELS for vowel in VOWELS]
    return {kind: np.mean(row) for kind, row in kinds.items()} | {"kin": sum(kin)}


def angles(pupil: Pupil) -> np.ndarray:
    """Returns the cosines between the rows of wte, less their mean."""
    rows = pupil.w["wte"][:26] - pupil.w["wte"][:26].mean(0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows @ rows.T


def nearest_letters(table: np.ndarray) -> dict[str, str]:
    """Returns for each letter the one whose embedding is most like its own."""
    best = np.argmax(table - 2 * np.eye(26), axis=1)
    return {a: string.ascii_lowercase[i] for a, i in zip(string.ascii_lowercase, best)}


def switches(pupil: Pupil) -> Numbers:
    """Returns how many of the hidden units are on, never on, and on at BOS."""
    rows = np.concatenate([reading.hidden[0] > 0 for _, reading in pupil.readings])
    first = pupil.readings[0][1].hidden[0][0] > 0
    never, share = (~rows.any(0)).sum(), rows.mean()
    return {"share on": share, "never on": int(never), "on at BOS": int(first.sum())}


def parts(pupil: Pupil) -> Numbers:
    """Returns the loss if lm_head reads the stream after each part.

    And the part of a position's stream that attention, and the MLP, have written: the
    mean of its length against that of the whole.
    """
    found: dict[str, list[float]] = {}
    for tokens, reading in pupil.readings:
        for part, stream in reading.stream.items():
            loss = token_losses(stream @ pupil.w["lm_head"].T, tokens[1:])
            found.setdefault(part, []).append(loss.mean())
        start, read, last = reading.stream.values()
        for part, change in (("attention", read - start), ("mlp", last - read)):
            share = np.linalg.norm(change, axis=1) / np.linalg.norm(last, axis=1)
            found.setdefault(f"share of {part}", []).append(share.mean())
    return {part: np.mean(row) for part, row in found.items()}


def heads(pupil: Pupil) -> Numbers:
    """Returns how each head divides its attention, from the fourth letter on.

    To itself, one back, two back, BOS and the rest; and among how many positions, as
    the exponential of the entropy, of as many as there are (1: evenly).
    """
    found: dict[str, list[float]] = {}
    for _, reading in pupil.readings:
        for head, table in enumerate(reading.weights[0]):
            for i in range(4, len(table)):
                row = table[i, : i + 1]
                cells = {"self": row[i], "1 back": row[i - 1], "2 back": row[i - 2]}
                cells |= {"BOS": row[0], "rest": row[1 : i - 2].sum()}
                cells["evenness"] = np.exp(-(row * np.log(row)).sum()) / len(row)
                for what, cell in cells.items():
                    found.setdefault(f"{head} {what}", []).append(cell)
    return {what: np.mean(cells) for what, cells in found.items()}


def copying(pupil: Pupil) -> Numbers:
    """Returns how much easier made-up letters are the second time.

    Five letters are drawn; their last four are asked for, after the same five and
    after five others. The difference is negative if it has learned to copy.
    """
    rng, differences = random.Random(1), []
    for _ in range(500):
        one, two = ("".join(rng.choices(string.ascii_lowercase, k=5)) for _ in "ab")
        loss = []
        for doc in (one + one, two + one):
            tokens = pupil.tokenizer.encode(doc)[:-1]
            rows = pupil.read(tokens[:-1]).logits[6:]
            loss.append(token_losses(rows, tokens[7:]).mean())
        differences.append(loss[0] - loss[1])
    return {"again": np.mean(differences)}


def samples(pupil: Pupil) -> Numbers:
    """Returns what share of its samples is in the list, at three temperatures."""
    rng, found = random.Random(pupil.seed), {}
    for temperature in TEMPERATURES:
        written = [
            generate(pupil.engine, pupil.tokenizer, rng, temperature)
            for _ in range(SAMPLES)
        ]
        found[f"{temperature}"] = share(written, listed())
    return found


def counted(
    model: NGram, tokenizer: Tokenizer, rng: random.Random, temperature: float
) -> str:
    """Returns a name that a table of counts writes."""
    tokens = [tokenizer.bos]
    while len(tokens) <= 16:
        weights = [p ** (1 / temperature) for p in model.probs(tokens)]
        token = rng.choices(range(len(weights)), weights)[0]
        if token == tokenizer.bos:
            break
        tokens.append(token)
    return tokenizer.decode(tokens)


def listed() -> list[str]:
    """Returns the whole list of names."""
    return load_documents(bundled_names())


LESSONS: dict[str, Callable[[Pupil], Numbers]] = {
    lesson.__name__: lesson
    for lesson in (
        losses, endings, crossed, leigh, positions, letters, kinship, switches, parts,
        heads, copying, memory, samples,
    )
}  # fmt: skip


def lessons_of(school: str) -> list[str]:
    """Returns what the pupils of a school can be asked."""
    if SCHOOLS[school].text != "names":
        return ["positions"]
    if school == "all, straight":
        return ["crossed"]
    left_out = {"new": ("memory", "samples"), "some, blind": ("memory", "samples")}
    if school not in ("all", "all, blind"):
        left_out[school] = (*left_out.get(school, ()), "leigh")
    if school != "all":
        left_out[school] = (*left_out.get(school, ()), "crossed")
    return [lesson for lesson in LESSONS if lesson not in left_out.get(school, ())]
