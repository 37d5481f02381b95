"""Every engine computes what the graph computes: losses, gradients, steps, logits.

Which engines there are is in engines.py. All 1,000 losses of `graph` are compared in
test_golden.py.
"""

import math
import os
import random
import subprocess
import sys
from copy import copy
from dataclasses import replace
from functools import cache

import pytest

from microgpt import InputError, Tokenizer, generate
from microgpt.check import gradient_errors
from microgpt.engine import (
    ENGINES,
    EXACT,
    batches_of,
    encode_all,
    make_engine,
    shapes,
    train_with,
)
from tests.engine.engines import (
    GLIBC,
    GOLDEN,
    NAMES,
    OTHERS,
    ROOT,
    WITH_F32,
    assert_same,
    documents,
    each_engine,
    each_other,
    full_size,
    marked,
    names,
    small_state,
)

over_1000_steps = {"numpy": 1e-12, "c": 1e-12}  # the others: 1e-10


# The original's losses


@pytest.mark.parametrize("name", marked(OTHERS, full=["fused"], long=["torch"]))
def test_all_1000_losses_and_20_samples_are_the_originals(name):
    docs, tokenizer, _ = names()
    state, rng = full_size()
    engine = make_engine(name, state)
    steps = train_with(engine, docs, tokenizer, 0.01, 1000)
    losses = [loss for some in steps for loss in some]
    assert len(losses) == 1000
    assert_same(name, losses, GOLDEN["losses"], over_1000_steps.get(name, 1e-10))
    if GLIBC:
        samples = [generate(engine, tokenizer, rng) for _ in range(20)]
        assert samples == GOLDEN["samples"]


@pytest.mark.parametrize("name", marked(WITH_F32, long=WITH_F32))
def test_with_floats_of_32_bits_the_first_100_losses_agree_to_four_digits(name):
    docs, tokenizer, _ = names()
    engine = make_engine(name, full_size()[0], precision="f32")
    batches = batches_of(range(100), 1, encode_all(docs, tokenizer, 17))
    rates = [0.01 * (1 - step / 1000) for step in range(100)]
    losses = engine.steps(batches, rates)
    assert losses == pytest.approx(GOLDEN["losses"][:100], rel=0, abs=1e-4)
    assert losses != GOLDEN["losses"][:100]  # or else the setting does nothing


# The gradient


@pytest.mark.parametrize("name", marked(OTHERS))  # the graph's: test_value.py
def test_the_gradient_is_that_of_finite_differences_in_every_matrix(name):
    state = small_state(vocab_size=4, n_embd=2, block_size=4)
    batch = documents(state.config, [5, 3])
    errors = gradient_errors(lambda s: make_engine(name, s), state, batch)
    assert errors.keys() == shapes(state.config).keys()
    assert max(errors.values()) < 1e-6


@each_other
def test_the_gradient_of_documents_of_every_length_is_the_graphs(name):
    state = small_state(n_layer=2, block_size=9)
    graph, engine = make_engine("graph", state), make_engine(name, state)
    for length in range(2, 11):
        batch = documents(state.config, [length], seed=length)
        loss, gradient = graph.loss_and_gradients(batch)
        found_loss, found = engine.loss_and_gradients(batch)
        assert_same(name, found_loss, loss)
        assert_same(name, found, gradient)


@each_other
def test_the_gradient_of_a_long_document_is_the_graphs(name):
    state = small_state(block_size=70, vocab_size=9)
    batch = documents(state.config, [71])
    loss, gradient = make_engine("graph", state).loss_and_gradients(batch)
    found_loss, found = make_engine(name, state).loss_and_gradients(batch)
    assert_same(name, found_loss, loss)
    assert_same(name, found, gradient)
    rows = [found[i : i + 4] for i in range(9 * 4, (9 + 70) * 4, 4)]
    assert all(any(row) for row in rows)  # every position has learned


@pytest.mark.parametrize("n_embd, n_head", [(16, 4), (20, 1), (34, 2)])
@pytest.mark.parametrize("scale", [-1.0, 0.0, 1.0])
def test_units_that_are_off_and_wide_rows_change_no_bit(n_embd, n_head, scale):
    state = small_state(n_embd=n_embd, n_head=n_head, block_size=5, scale=0.5)
    columns = 4 * n_embd * n_embd  # of mlp_fc1, which comes before mlp_fc2
    end = len(state.params) - columns
    some = state.params[end - columns : end]
    state.params[end - columns : end] = [scale * abs(p) for p in some]
    graph, engine = make_engine("graph", state), make_engine("explicit", state)
    batch = documents(state.config, [3, 2])
    assert engine.loss_and_gradients(batch) == graph.loss_and_gradients(batch)
    assert engine.step(batch, 0.01) == graph.step(batch, 0.01)
    assert engine.state() == graph.state()


@each_other
def test_the_gradient_of_one_letter_documents_is_the_graphs(name):
    state = small_state(n_layer=2)
    graph, engine = make_engine("graph", state), make_engine(name, state)
    for token in range(5):
        batch = [[4, token, 4]]
        loss, gradient = graph.loss_and_gradients(batch)
        found_loss, found = engine.loss_and_gradients(batch)
        assert_same(name, found_loss, loss)
        assert_same(name, found, gradient)


@each_engine
def test_the_gradient_of_a_batch_is_the_mean_of_its_documents(name):
    state = small_state(n_layer=2)
    engine = make_engine(name, state)
    batch = documents(state.config, [3, 6, 2, 5])
    alone = [engine.loss_and_gradients([document]) for document in batch]
    loss, gradient = engine.loss_and_gradients(batch)
    assert loss == pytest.approx(math.fsum(one for one, _ in alone) / 4)
    means = [math.fsum(each) / 4 for each in zip(*(grads for _, grads in alone))]
    assert gradient == pytest.approx(means, rel=1e-9, abs=1e-12)


@each_engine
def test_asking_for_a_gradient_changes_nothing(name):
    state = small_state()
    engine = make_engine(name, state)
    batch = documents(state.config, [4, 6])
    first = engine.loss_and_gradients(batch)
    engine.loss_and_gradients(batch[:1])
    assert engine.loss_and_gradients(batch) == first
    assert engine.state() == state


# Tokens


@pytest.mark.parametrize(
    "docs", [["abc", "", "cab"], ["añ", "ñ😀", "😀"], ["a\nb", "\n"], ["\x1a\x00"], []]
)
def test_tokens_made_at_once_are_those_of_encode(docs):
    tokenizer = Tokenizer("".join(docs))
    for limit in (1, 2, 3, 9):
        expected = [tokenizer.encode(doc)[:limit] for doc in docs]
        assert list(map(list, encode_all(docs, tokenizer, limit))) == expected


def test_a_character_without_an_id_is_told_with_its_document():
    with pytest.raises(InputError, match="the character 'x' of 'bx'"):
        encode_all(["ab", "bx"], Tokenizer("ab"), 9)


def test_tokens_are_made_once_for_a_training_and_of_the_documents_that_it_uses():
    class Counting(Tokenizer):
        looked_up = ""

        @property
        def ids(self):
            return self

        @ids.setter
        def ids(self, ids):
            self.known = ids

        def __getitem__(self, char):
            self.looked_up += char
            return self.known[char]

    tokenizer = Counting("abcd")
    engine = make_engine("explicit", small_state())
    for _ in train_with(engine, ["ab", "c", "dddd"], tokenizer, 0.01, 5, 0, 2):
        pass
    assert tokenizer.looked_up == "abcdddd"
    for _ in train_with(engine, ["ab", "c", "dddd"], tokenizer, 0.01, 2):
        pass
    assert tokenizer.looked_up == "abcdddd" + "abc"


# Steps


@each_other
def test_steps_on_batches_are_the_graphs(name):
    state = small_state(n_layer=2, scale=1.0)
    graph, engine = make_engine("graph", state), make_engine(name, state)
    for step in range(5):
        batch = documents(state.config, [3, 6, 4], seed=step)
        assert_same(name, engine.step(batch, 0.01), graph.step(batch, 0.01))


@each_engine
def test_many_steps_in_one_call_are_steps_one_after_the_other(name):
    state = small_state(scale=1.0)
    batches = [documents(state.config, [3, 6], seed=step) for step in range(7)]
    rates = [0.01 / (step + 1) for step in range(7)]
    one, other = make_engine(name, state), make_engine(name, state)
    losses = [one.step(batch, rate) for batch, rate in zip(batches, rates)]
    assert other.steps(batches[:4], rates[:4]) == losses[:4]
    assert other.steps(batches[4:], rates[4:]) == losses[4:]
    assert other.state() == one.state()


@each_engine
def test_a_run_that_diverges_is_stopped_and_says_so(name):
    docs, tokenizer, _ = names()
    engine = make_engine(name, small_state(vocab_size=27, scale=1.0))
    losses = []
    with pytest.raises(InputError, match=r"at step \d+ the loss is no longer a number"):
        for some in train_with(engine, docs, tokenizer, 1e308, 50):
            losses += some
    assert all(map(math.isfinite, losses))


# States


@each_engine
def test_a_state_comes_back_as_it_was(name):
    state = small_state()
    rng = random.Random(2)
    state.m = [rng.gauss(0, 0.1) for _ in state.params]
    state.v = [rng.random() * 0.01 for _ in state.params]
    state = replace(state, t=7)
    kept = replace(state, params=state.params[:], m=state.m[:], v=state.v[:])
    engine = make_engine(name, state)
    assert engine.state() == kept
    engine.step(documents(state.config, [4]), 0.01)
    assert state == kept  # the engine works on a copy of its own
    assert engine.state().t == 8


STEPS = 5


@cache
def started(name):
    """Returns the state in which an engine is after its first steps."""
    state = small_state(n_layer=2, scale=1.0)
    engine = make_engine(name, state)
    for step in range(STEPS):
        engine.step(documents(state.config, [3, 6], seed=step), 0.01)
    return engine.state()


@cache
def uninterrupted():
    """Returns the losses of the graph for twice as many steps."""
    state = small_state(n_layer=2, scale=1.0)
    graph = make_engine("graph", state)
    return [
        graph.step(documents(state.config, [3, 6], seed=step), 0.01)
        for step in range(2 * STEPS)
    ]


@pytest.mark.parametrize("second", marked(NAMES))
@pytest.mark.parametrize("first", marked(NAMES))
def test_an_engine_goes_on_where_another_has_stopped(first, second):
    state = started(first)
    engine = make_engine(second, state)
    losses = [
        engine.step(documents(state.config, [3, 6], seed=step), 0.01)
        for step in range(STEPS, 2 * STEPS)
    ]
    exact = {first, second} <= set(EXACT)
    assert_same("graph" if exact else "", losses, uninterrupted()[STEPS:])


# Writing


@each_other
def test_the_logits_with_the_cache_are_the_graphs_at_each_position(name):
    state = small_state(n_layer=2, block_size=9)
    graph, engine = make_engine("graph", state), make_engine(name, state)
    first, second = graph.empty_cache(), engine.empty_cache()
    [tokens] = documents(state.config, [9])
    for position, token in enumerate(tokens):
        expected = graph.logits(token, position, first)
        found = engine.logits(token, position, second)
        assert_same(name, found, expected)
    rows = [list(row) for row in engine.predict(tokens)]
    for found, expected in zip(rows, graph.predict(tokens)):
        assert_same(name, found, expected)


@each_other
def test_after_a_step_the_logits_are_those_of_the_new_parameters(name):
    state = small_state(scale=1.0)
    engine = make_engine(name, state)
    engine.step(documents(state.config, [5]), 0.05)
    found = engine.logits(4, 0, engine.empty_cache())
    again = make_engine(name, engine.state())
    assert_same(name, found, again.logits(4, 0, again.empty_cache()))
    before = make_engine(name, state)
    assert found != before.logits(4, 0, before.empty_cache())


# Choosing an engine


WRONG = {
    "no means": lambda s: replace(s, m=[], v=[]),
    "no parameters": lambda s: replace(s, params=[]),
    "one too few": lambda s: replace(s, v=s.v[1:]),
    "one too many": lambda s: replace(s, params=[*s.params, 0.0]),
    "sizes of another model": lambda s: replace(s, config=replace(s.config, n_layer=2)),
    "a thousand million layers": lambda s: replace(
        s, config=replace(s.config, n_layer=10**9)
    ),
    "heads below 0": lambda s: sized(s, n_head=-2),
    "no heads": lambda s: sized(s, n_head=0),
    "a width below 0": lambda s: sized(s, n_embd=-4),
    "a width that C would cut": lambda s: sized(s, n_embd=2**64 + 4),
    "layers below 0": lambda s: sized(s, n_layer=-1),
}


def sized(state, **sizes):
    """A state whose sizes were set behind the back of Config's own checks."""
    config = copy(state.config)
    vars(config).update(sizes)
    return replace(state, config=config)


@each_engine
@pytest.mark.parametrize("wrong", WRONG)
def test_a_state_whose_parts_do_not_fit_together_is_refused(name, wrong):
    with pytest.raises(InputError, match=r"no model of these sizes|where a model"):
        make_engine(name, WRONG[wrong](small_state()))


def test_auto_is_the_fastest_of_the_exact_engines():
    state = small_state()
    auto, fastest = make_engine("auto", state), make_engine(EXACT[-1], state)
    assert type(auto) is type(fastest)
    assert set(EXACT) <= set(ENGINES) and EXACT[0] == "graph"


@pytest.mark.parametrize("name", EXACT)
def test_an_exact_engine_needs_nothing_but_the_standard_library(name):
    code = f"""
import sys
for needed in ("numpy", "torch"):
    sys.modules[needed] = None  # an import of it fails
import random
from microgpt.engine import Config, State, make_engine
state = State.random(Config(3, n_embd=4, n_head=2), random.Random(0))
print(make_engine({name!r}, state).step([[2, 0, 1, 2]], 0.01))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert math.isfinite(float(done.stdout))


@each_engine
def test_a_setting_that_an_engine_does_not_take_is_refused(name):
    with pytest.raises(InputError, match=f"--engine {name} has no --colour"):
        make_engine(name, small_state(), colour="red")


# The command line


@pytest.fixture
def microgpt(tmp_path):
    """Runs the program on a small text, in an empty folder."""
    text = tmp_path / "text.txt"
    text.write_text("abc\nbca\ncab\nabcabc\nbbb\naac\n")
    sizes = ["--n-embd", "4", "--n-head", "2", "--block-size", "7"]

    def run(*options, fresh=True):
        command = [sys.executable, "-m", "microgpt", *map(str, options)]
        if fresh:
            command += ["--data", str(text), *sizes]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    run.folder = tmp_path
    return run


PAIRS = [
    pytest.param(*one.values, *other.values, marks=[*one.marks, *other.marks])
    for one, other in zip(marked(NAMES), marked([*NAMES[1:], NAMES[0]]))
]


@pytest.mark.parametrize("first, second", PAIRS)
def test_a_checkpoint_of_one_engine_is_resumed_by_another(first, second, microgpt):
    def losses(first, second):
        """Six steps of one engine, then three of another."""
        log = ("--log", "losses.csv", "--save", "model.json", "--num-samples", 0)
        start = ("--engine", first, "--num-steps", 6)
        resume = ("--engine", second, "--num-steps", 9, "--load", "model.json")
        for done in (
            microgpt(*start, *log),
            microgpt(*resume, "--resume", *log, fresh=False),
        ):
            assert done.returncode == 0, done.stderr
        rows = (microgpt.folder / "losses.csv").read_text().splitlines()[1:]
        return [float(row.split(",")[1]) for row in rows]

    found = losses(first, second)
    assert len(found) == 9
    exact = {first, second} <= set(EXACT)
    assert_same("graph" if exact else "", found, losses("graph", "graph"))


def test_the_command_takes_auto_and_names_the_engines_it_knows(microgpt):
    few = ("--num-steps", 2, "--num-samples", 1)
    automatic = microgpt(*few)
    assert automatic.returncode == 0, automatic.stderr
    assert microgpt("--engine", "auto", *few).stdout == automatic.stdout
    assert microgpt("--engine", "graph", *few).stdout == automatic.stdout
    done = microgpt("--engine", "steam", *few)
    assert done.returncode == 2 and done.stdout == ""
    assert all(name in done.stderr for name in ("steam", "auto", *ENGINES))


@pytest.mark.parametrize("name", EXACT)
def test_the_command_says_when_a_run_of_an_engine_diverges(name, microgpt):
    # Others never take the logarithm of a probability that was rounded to 0.
    done = microgpt("--engine", name, "--learning-rate", "1e4", "--num-steps", 50)
    assert done.returncode == 2
    assert "the loss is no longer a number" in done.stderr
    assert "Traceback" not in done.stderr
