"""Problems: to be solved with a pencil, their numbers drawn from a seed.

A kind of problem is a function from a generator to a text and its answers. The answers
are worked out by the book's own program where that can do it, when they are asked for;
they stand nowhere. A whole number must be met exactly, any other to three decimals.
"""

import math
import random
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from microgpt.model import (
    Config,
    attend,
    cross_entropy,
    linear,
    probabilities,
    rmsnorm,
    shapes,
)
from microgpt.ngram import NGram
from microgpt.optim import Adam
from microgpt.tokenizer import Tokenizer
from microgpt.value import Value

LETTERS = "abcdefghijkl"
NEAR = 0.0015  # by so much may an answer differ that is asked for to three decimals
GROUPED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?!\d)")
LINE = re.compile(r"(\d+)\s*\.?\s*([a-l])\s*[):.=]?\s+(\S+)", re.I)


@dataclass(frozen=True)
class Problem:
    """A problem: its text, and [(what is asked, the answer)]."""

    text: str
    asked: list[tuple[str, float]]


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its name, its chapter, its title, and who draws one."""

    name: str
    chapter: str
    title: str
    draw: Callable[[random.Random], Problem] = field(repr=False)


KINDS: dict[str, Kind] = {}


def kind(chapter, title):
    """Enter a function into the kinds, in the order of the book."""

    def entered(draw):
        name = draw.__name__.replace("_", "-")
        KINDS[name] = Kind(name, chapter, title, draw)
        return draw

    return entered


def drawn(seed, names=(), student=""):
    """The problems of a sheet: [(kind, problem)], the same for the same words.

    Each kind draws from a generator of its own, so that a choice of kinds changes
    no number.
    """
    found = []
    for name in dict.fromkeys(names or KINDS):
        rng = random.Random(f"{seed}/{student}/{name}")
        found.append((KINDS[name], KINDS[name].draw(rng)))
    return found


def key(problems):
    """The answers by their labels: {"1a": 0.665}."""
    return {
        f"{number}{letter}": answer
        for number, (_, problem) in enumerate(problems, 1)
        for letter, (_, answer) in zip(LETTERS, problem.asked)
    }


def read_answers(text):
    """The answers that somebody wrote, by their labels, and the lines that are none."""
    given, odd = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        found = LINE.fullmatch(line)
        value = number_of(found[3]) if found else None
        if value is not None:
            given[f"{int(found[1])}{found[2].lower()}"] = value
        elif line:
            odd.append(number)
    return given, odd


def number_of(text):
    """A number as people write it: -1, −1, 1,234, 1/4; None if it is none.

    A comma stands between thousands; so 0,665 is none.
    """
    text = GROUPED.sub(lambda it: it[0].replace(",", ""), text.replace("−", "-"))
    try:
        top, slash, bottom = text.partition("/")
        value = float(top) / float(bottom) if slash else float(top)
    except (ValueError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None


def right(answer, given):
    """Whether what was given is the answer."""
    return given == answer if isinstance(answer, int) else abs(given - answer) < NEAR


def told(answer):
    """An answer as the key has it."""
    return f"{answer}" if isinstance(answer, int) else f"{answer:.3f}"


# Drawing


def halves(rng, count, least=-6, most=6):
    """Different multiples of one half."""
    return [n / 2 for n in rng.sample(range(least, most + 1), count)]


def not_zero(rng, most):
    """A whole number that is not 0."""
    return rng.choice([-1, 1]) * rng.randint(1, most)


def listed(numbers):
    """Numbers as they stand in a sentence, with true minus signs."""
    words = [f"{n:g}".replace("-", "−") for n in numbers]
    return ", ".join(words[:-1]) + f" and {words[-1]}"


def shown(number):
    return f"{number:g}".replace("-", "−")


def vector(numbers):
    """A vector as it stands in a sentence."""
    return f"({', '.join(map(shown, numbers))})"


# The kinds, in the book's order


@kind("counting", "A table of pairs")
def pairs(rng):
    names = rng.sample(["emma", "ava", "mia", "anna", "eva", "ida", "ella", "maya"], 3)
    tokenizer = Tokenizer("".join(names))
    prior, before = rng.choice([1, 2, 3]), rng.choice(sorted(set(names[0])))
    after = rng.choice([*tokenizer.chars, "the end"])
    model = NGram(2, tokenizer.vocab_size, float(prior))
    for name in names:
        model.count(tokenizer.encode(name))
    token = tokenizer.ids.get(after, tokenizer.bos)
    context = [tokenizer.ids[before]]
    row, p = model.counts[tuple(context)], model.probs(context)[token]
    words = f"{', '.join(names[:-1])} and {names[-1]}"
    text = f"""The whole list is {words}. BOS stands at both ends of each name, and the
    vocabulary is their letters and BOS. Count pairs. What is the probability of
    {after} after {before}? First as it was counted, without a prior; then with the
    prior {prior}, mixing in the unigram, which mixes in the uniform distribution with
    the same prior; and at last the loss of that prediction in nats."""
    counted = row[token] / sum(row)
    asks = ["as it was counted", f"with the prior {prior}", "the loss with the prior"]
    return Problem(text, [*zip(asks, [counted, p, -math.log(p)])])


@kind("counting", "Two means")
def means(rng):
    short, long = halves(rng, 2, 1, 10), halves(rng, rng.randint(4, 6), 1, 10)
    text = f"""A model has predicted two documents. The losses of the predictions of one
    are {listed(short)}, those of the other {listed(long)}. Take the mean loss in both
    ways."""
    per_document = (statistics.mean(short) + statistics.mean(long)) / 2
    per_token = statistics.mean([*short, *long])
    return Problem(text, [("per document", per_document), ("per token", per_token)])


@kind("one-number", "One knob, two steps")
def knob(rng):
    total, rate = rng.choice([8, 10, 16, 20]), rng.choice([0.5, 1, 2, 4])
    ends, start = rng.randint(1, total // 2 - 1), rng.choice([-1, 0, 1])
    share, w, found = ends / total, float(start), []
    for _ in range(2):
        found.append(1 / (1 + math.exp(-w)) - share)
        w -= rate * found[-1]
    text = f"""Of {total} places where a name may end, {ends} are ends. A knob w says
    p = 1 / (1 + e^(−w)) for the end; the loss is the mean over the {total} places, and
    its slope is p less the share of ends. Begin at w = {shown(start)} and make two
    steps of gradient descent with the learning rate {rate:g}."""
    asks = ["the slope at the start", "the slope after one step", "w after two steps"]
    return Problem(text, [*zip(asks, [*found, w])])


@kind("nudging", "A softmax and its loss")
def softmax(rng):
    logits, came = halves(rng, 3), rng.randrange(3)
    p = probabilities(logits)
    text = f"""The logits of three tokens are {listed(logits)}. What are their
    probabilities, and what is the loss in nats if token {came + 1} came?"""
    asks = ["of token 1", "of token 2", "of token 3", "the loss"]
    return Problem(text, [*zip(asks, [*p, -math.log(p[came])])])


@kind("nudging", "What the logits want")
def gradient(rng):
    logits, came = halves(rng, 3, -4, 4), rng.randrange(3)
    rate = rng.choice([0.5, 1, 2])
    values = [Value(z) for z in logits]
    cross_entropy(values, came).backward()
    slopes = [value.grad for value in values]
    moved = [z - rate * slope for z, slope in zip(logits, slopes)]
    text = f"""The logits of three tokens are {listed(logits)}, and token {came + 1}
    came. What is the derivative of the loss with respect to each logit? Move the
    logits against it with the rate {rate:g}: what is the loss then?"""
    asks = ["for logit 1", "for logit 2", "for logit 3", "the loss after the step"]
    return Problem(text, [*zip(asks, [*slopes, -math.log(probabilities(moved)[came])])])


@kind("values", "How many nodes?")
def nodes(rng):
    times, three = rng.randint(4, 12), rng.random() < 0.5
    a, b, c = (Value(n) for n in (0.5, 0.25, 0.125))
    s, first = (a * b + c, "s = a * b + c") if three else (a * b, "s = a * b")
    steps = {
        "s = s + s * a": lambda s: s + s * a,
        "s = s * s + b": lambda s: s * s + b,
        "s = s + s": lambda s: s + s,
    }
    body = rng.choice([*steps])
    for _ in range(times):
        s = steps[body](s)
    text = f"""a, b and c are Values. First comes `{first}`, and then {times} times
    `{body}`. How many nodes has the graph of the last s, that s itself and the leaves
    that it needs included? And how many different paths lead in it from the last s down
    to the first?"""
    return Problem(text, [("nodes", count(s)), ("paths", 2**times)])


def count(value):
    """The nodes of a graph, its leaves included."""
    order = value.topological_order()
    return len({node for it in order for node in (it, *it._children)})


@kind("backward", "The chain rule on a small graph")
def chain(rng):
    numbers = [not_zero(rng, 4) for _ in range(3)]
    a, b, c = (Value(float(n)) for n in numbers)
    written, made = rng.choice(
        [
            ("L = (a * b + c) * a", lambda: (a * b + c) * a),
            ("L = (a * b + c) ** 2 + b", lambda: (a * b + c) ** 2 + b),
            ("L = a * b * c + c * c", lambda: a * b * c + c * c),
            ("L = (a + b) * (b + c)", lambda: (a + b) * (b + c)),
        ]
    )
    root = made()
    root.backward()
    text = f"""a = {shown(numbers[0])}, b = {shown(numbers[1])} and
    c = {shown(numbers[2])}. Draw the graph of `{written}`, and find with one sweep the
    derivative of L with respect to each of the three."""
    asks = ["L", "dL/da", "dL/db", "dL/dc"]
    return Problem(text, [*zip(asks, [int(it) for it in whole(root, a, b, c)])])


def whole(root, *leaves):
    return root.data, *(leaf.grad for leaf in leaves)


@kind("training", "Nats, bits and choices")
def perplexity(rng):
    loss, choices = rng.randint(120, 290) / 100, rng.randint(4, 60)
    length = rng.randint(4, 9)
    text = f"""A model of names has a mean loss of {loss:.2f} nats per token. Among how
    many equally likely choices does it guess, and how many bits is that per token?
    Another model has a perplexity of {choices} per token: what is its loss in nats?
    And how many nats does the first one pay on average for all predictions of a name
    of {length} letters together?"""
    asks = ["the choices", "in bits", "the loss of the other", "for the name"]
    answers = [math.exp(loss), loss / math.log(2), math.log(choices)]
    return Problem(text, [*zip(asks, [*answers, loss * (length + 1)])])


@kind("adam", "Two steps of Adam")
def adam(rng):
    start, rate = rng.randint(-4, 4) / 2, rng.choice([0.01, 0.05, 0.1])
    gradients = [n / 4 for n in rng.sample([n for n in range(-8, 9) if n], 2)]
    beta1, beta2 = rng.choice([(0.85, 0.99), (0.9, 0.999), (0.9, 0.95)])
    parameter, found = Value(start), []
    optimizer = Adam([parameter], beta1, beta2)
    for slope in gradients:
        parameter.grad = slope
        optimizer.step(rate)
        found.append(parameter.data)
    text = f"""A parameter begins at {shown(start)}. Its gradient is
    {shown(gradients[0])} at the first step and {shown(gradients[1])} at the second.
    Where is it after each, with Adam, betas of {beta1:g} and {beta2:g} and the constant
    rate {rate:g}? (The small number in the denominator may be left out.) And what is
    the first mean, m, after the second step, before it is corrected?"""
    asks = ["after one step", "after two", "m after two"]
    return Problem(text, [*zip(asks, [*found, optimizer.m[0]])])


@kind("parameters", "All the parameters")
def parameters(rng):
    heads, size = rng.choice([2, 4, 8]), rng.choice([4, 8, 16])
    config = Config(
        rng.randint(20, 90), heads * size, rng.choice([8, 16, 32, 64]),
        rng.randint(1, 6), heads,
    )  # fmt: skip
    layers = "layer" if config.n_layer == 1 else "layers"
    areas = {name: rows * columns for name, (rows, columns) in shapes(config).items()}
    attention = sum(n for name, n in areas.items() if ".attn_" in name)
    work = sum(areas.values()) - areas["wte"] - areas["wpe"]
    text = f"""A GPT as in the book has a vocabulary of {config.vocab_size} tokens,
    vectors of {config.n_embd} numbers, a context of {config.block_size}, and
    {config.n_layer} {layers} of {heads} heads. How many parameters has it? How many of
    them are in attention? And how many multiplications by a parameter does one token
    cost?"""
    asks = ["all parameters", "in attention", "multiplications"]
    return Problem(text, [*zip(asks, [sum(areas.values()), attention, work])])


@kind("residual", "A norm")
def norm(rng):
    numbers = [not_zero(rng, 9) for _ in range(4)]
    scaled = rmsnorm([float(n) for n in numbers])
    square = sum(n * n for n in numbers) / 4
    text = f"""Divide the vector {vector(numbers)} by its root mean square. What is
    that, what is the first number of the result, and what are the squares of the result
    added up?"""
    asks = ["the root mean square", "the first number", "the squares together"]
    answers = [square**0.5, scaled[0], sum(x * x for x in scaled)]
    return Problem(text, [*zip(asks, answers)])


@kind("attention", "A query and three keys")
def attention(rng):
    query, span = [not_zero(rng, 3), not_zero(rng, 3)], range(-3, 4)
    keys = rng.sample([[i, j] for i in span for j in span], 3)
    values = [[rng.randint(-5, 5) for _ in range(2)] for _ in range(3)]
    units = [[float(i == j) for j in range(3)] for i in range(3)]
    as_values = [[Value(float(x)) for x in it] for it in (query, *keys)]
    weights = [it.data for it in attend(as_values[0], as_values[1:], units)]
    read = [math.fsum(w * v[i] for w, v in zip(weights, values)) for i in range(2)]
    text = f"""A head of two numbers has the query {vector(query)}. The keys of three
    positions are {", ".join(map(vector, keys))}, and their values
    {", ".join(map(vector, values))}. What weight does each position get, and what is
    read?"""
    asks = [f"weight {i}" for i in (1, 2, 3)] + ["read, first number", "read, second"]
    return Problem(text, [*zip(asks, [*weights, *read])])


@kind("mlp", "A network with a bend")
def network(rng):
    x = [not_zero(rng, 3) for _ in range(2)]
    first = [[not_zero(rng, 2) for _ in range(2)] for _ in range(3)]
    second = [[not_zero(rng, 2) for _ in range(3)]]
    hidden = [max(0, h) for h in linear(x, first)]
    [out] = linear(hidden, second)
    text = f"""Two numbers, {vector(x)}, go through a layer with the rows
    {", ".join(map(vector, first))}, through a ReLU, and through a layer of the one row
    {vector(second[0])}. How many of the three units are on, and what comes out? And
    what would come out without the ReLU?"""
    [linear_out] = linear(linear(x, first), second)
    asks = ["units that are on", "what comes out", "without the ReLU"]
    on = sum(h > 0 for h in hidden)
    return Problem(text, [*zip(asks, [on, int(out), int(linear_out)])])


@kind("sampling", "A temperature")
def temperature(rng):
    logits, t = halves(rng, 3, -4, 6), rng.choice([0.25, 0.5, 2, 4])
    p = probabilities([z / t for z in logits])
    text = f"""The logits of three tokens are {listed(logits)}. What are their
    probabilities at temperature {t:g}? And what is the natural logarithm of the
    greatest of the three, divided by the least?"""
    asks = ["of token 1", "of token 2", "of token 3", "the logarithm"]
    return Problem(text, [*zip(asks, [*p, math.log(max(p) / min(p))])])


@kind("worth", "Is it a difference?")
def difference(rng):
    runs = rng.randint(4, 6)
    ours = [2.36 + rng.randint(-9, 9) / 1000 for _ in range(runs)]
    gaps = [rng.randint(-3, 9) / 1000 for _ in range(runs - 1)]
    gaps.append(rng.choice([10, 11, 12]) / 1000)
    theirs = [a + gap for a, gap in zip(ours, gaps)]
    mean, error = statistics.mean(gaps), statistics.stdev(gaps) / runs**0.5
    rows = "; ".join(f"{a:.3f} and {b:.3f}" for a, b in zip(ours, theirs))
    text = f"""Two models were trained with the same {runs} seeds. Their held-out losses
    are, in pairs: {rows}. By how many thousandths is the second worse on average, what
    is the standard error of that mean, also in thousandths, and how many standard
    errors is the mean away from 0?"""
    asks = ["the mean, in thousandths", "its standard error", "the mean over the error"]
    return Problem(text, [*zip(asks, [1000 * mean, 1000 * error, mean / error])])


@kind("machines", "A ring")
def ring(rng):
    processes, numbers = rng.choice([4, 8, 16]), 16 * rng.randint(20, 400)
    text = f"""{processes} processes add up lists of {numbers:,} floats of 8 bytes in a
    ring. In how many rounds, and how many bytes does each process send in all? How many
    would rank 0 send and receive together if the others sent it their lists, and it
    sent each the sum?"""
    size = 8 * numbers
    asks = ["rounds", "bytes sent by each", "bytes in and out of rank 0"]
    rounds = 2 * (processes - 1)
    answers = [rounds, rounds * size // processes, rounds * size]
    return Problem(text, [*zip(asks, answers)])
