"""The engine on inputs that nobody chose: Hypothesis draws them.

Numbers, texts, tables of counts, checkpoints, and models of any size.
"""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt import (
    GPT,
    Config,
    NGram,
    Tokenizer,
    Value,
    load,
    model_state,
    restore_model,
    save,
    split,
)
from microgpt.check import gradient_errors
from microgpt.engine import EXACT, State, make_engine
from microgpt.model import softmax
from tests import needs
from tests.engine.engines import assert_same, assert_same_state, each_other
from tests.engine.test_value import OPERATIONS

pytestmark = pytest.mark.properties
SOME = 5 if needs.missing("long") else 12  # models, each trained by two engines
numbers = st.floats(-3, 3).filter(lambda x: abs(x) > 0.1)
texts = st.text("abcd", min_size=1, max_size=12)


# Gradients


def slope(f, numbers, i, h=1e-6):
    """The derivative of f by its i-th number, from two values beside it."""
    above, below = list(numbers), list(numbers)
    above[i] += h
    below[i] -= h
    return (f(above) - f(below)) / (2 * h)


@pytest.mark.parametrize("name", OPERATIONS)
@given(x=numbers, y=numbers)
@settings(max_examples=25, deadline=None)
def test_every_operation_has_the_gradient_that_finite_differences_have(name, x, y):
    operation = OPERATIONS[name]
    leaves = [Value(x), Value(y)]
    operation(*leaves).backward()
    for i, leaf in enumerate(leaves):
        expected = slope(lambda xy: operation(*map(Value, xy)).data, (x, y), i)
        assert leaf.grad == pytest.approx(expected, rel=1e-4, abs=1e-5)


# Text, counts, probabilities, files


@given(st.lists(texts, min_size=2, max_size=30), st.data())
def test_a_held_out_document_is_never_among_the_others(docs, data):
    once = [doc for doc in docs if docs.count(doc) == 1]
    n = data.draw(st.integers(0, min(len(once), len(docs) - 1)))
    train, held_out = split(docs, n)
    assert len(held_out) == n and len(train) == len(docs) - n
    assert not set(train) & set(held_out)
    assert [doc for doc in docs if doc in set(held_out)] == held_out
    assert held_out == once[len(once) - n :]


@given(st.text(min_size=1, max_size=50))
def test_decoding_undoes_encoding(text):
    tokenizer = Tokenizer(text)
    tokens = tokenizer.encode(text)
    assert tokens[0] == tokens[-1] == tokenizer.bos == tokenizer.vocab_size - 1
    assert tokenizer.decode(tokens) == text


@given(st.lists(texts, min_size=1, max_size=8), st.integers(1, 4), texts)
def test_the_probabilities_of_an_ngram_add_up_to_one(docs, n, prefix):
    tokenizer = Tokenizer("abcd")
    counts = NGram(n, tokenizer.vocab_size)
    for doc in docs:
        counts.count(tokenizer.encode(doc))
    for row in counts.predict(tokenizer.encode(prefix)):
        assert sum(row) == pytest.approx(1) and min(row) > 0


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8), st.floats(-900, 900))
def test_softmax_adds_up_to_one_and_ignores_a_common_shift(logits, shift):
    probs = [p.data for p in softmax([Value(x) for x in logits])]
    moved = [p.data for p in softmax([Value(x + shift) for x in logits])]
    assert sum(probs) == pytest.approx(1)
    assert moved == pytest.approx(probs, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_a_checkpoint_gives_back_every_bit(tmp_path_factory, seed):
    path = tmp_path_factory.mktemp("checkpoint") / "model.json"
    model = GPT(Config(4, n_embd=4, n_head=1, block_size=3), random.Random(seed))
    save(path, model_state(model, Tokenizer("abc")))
    other, tokenizer = restore_model(load(path))
    assert [p.data for p in other.params] == [p.data for p in model.params]
    assert (other.config, tokenizer.chars) == (model.config, ["a", "b", "c"])


# Models of any size


@st.composite
def models(draw, width=12, layers=3):
    """A state of random sizes and a batch of random documents."""
    n_head = draw(st.integers(1, 3))
    config = Config(
        vocab_size=draw(st.integers(2, 6)),
        n_embd=n_head * draw(st.integers(1, width // 3)),
        block_size=draw(st.integers(1, 7)),
        n_layer=draw(st.integers(1, layers)),
        n_head=n_head,
    )
    state = State.random(config, random.Random(draw(st.integers(0, 99))))
    scale = draw(st.sampled_from([0.5, 1.0, 5.0]))
    state.params = [scale * p for p in state.params]
    token = st.integers(0, config.vocab_size - 1)
    document = st.lists(token, min_size=2, max_size=config.block_size + 1)
    return state, draw(st.lists(document, min_size=1, max_size=3))


@settings(deadline=None, max_examples=5, derandomize=True)
@given(models(width=3, layers=2))
def test_finite_differences_agree_for_random_sizes(model):
    state, batch = model
    errors = gradient_errors(lambda s: make_engine("explicit", s), state, batch)
    assert max(errors.values()) < 1e-5


@each_other
@settings(deadline=None, max_examples=SOME, derandomize=True)
@given(models())
def test_loss_gradient_and_step_are_the_graphs_for_random_sizes(name, model):
    state, batch = model
    graph, engine = make_engine("graph", state), make_engine(name, state)
    loss, gradient = graph.loss_and_gradients(batch)
    found_loss, found = engine.loss_and_gradients(batch)
    assert_same(name, found_loss, loss)
    assert_same(name, found, gradient)
    for _ in range(2):
        assert_same(name, engine.step(batch, 0.01), graph.step(batch, 0.01))
    if name in EXACT:  # elsewhere Adam makes much of a gradient that should be 0
        assert_same_state(name, engine.state(), graph.state())
