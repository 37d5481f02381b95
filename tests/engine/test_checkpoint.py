"""A checkpoint is parsed, not trusted: it is right, or one line names what is not."""

import copy
import io
import json
import random
from contextlib import redirect_stderr, redirect_stdout

import pytest

from microgpt import InputError, cli
from microgpt.checkpoint import load, restore_state
from tests.engine.program import SMALL, Program


@pytest.fixture
def program(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path, capsys)
    program(*SMALL, "--save", "good.json")
    return program


@pytest.fixture
def good(program):
    return json.loads((program.folder / "good.json").read_bytes())


DAMAGE = {  # a field: what to put there; "" for the whole
    "config": [None, {}, []],
    "config n_head": [2.0, -2, 0, True, "2", 10**9, 3],
    "config n_embd": [4.0, 0, -4, 10**9, 10**4000],
    "config n_layer": [-1, 0, 2, 10**9],
    "config block_size": [7.0, 0, 8, 10**9],
    "config vocab_size": [4.0, 3, 0, None],
    "chars": [None, ["a", "b", "c"], "aab", "cba", "ab\ud800", "abcd"],
    "state_dict": [[], {}, None],
    "state_dict wte": [[[1] * 4] * 4, [[]], {}, [{}] * 4, ["abcd"] * 4, 1],
    "state_dict wpe": [[[float("1e308") * 10] * 4] * 7, [[None] * 4] * 7],
    "training": [[], {}, None, 1],
    "training step": ["5", 5.0, -3, 4, 10**9, True],
    "training t": [-1, 1e400, 0.5, 6],
    "training m": [["1"] * 252, [float("nan")] * 252, [0.0] * 251, {}],
    "training v": [[-1.0] * 252, [float("inf")] * 252, None],
    "training recent_losses": [["x"], None, {}, [1], [1.0] * 101, [1.0] * 6],
    "training random_state": [[3, [1, 2, 3], None], [3, [], "x"], 1, [1], None],
    "training fingerprint": [None, 3],
    "training options": [[], None, {}],
    "training options num_steps": ["9", None, 0, 10**400],
    "training options learning_rate": ["0.01", None, -1, 0.0],
    "training options seed": [[1], -1, None, 2**65],
    "training options eval": ["1", -1],
    "training options batch_size": [0, "1"],
    "training options data": [7, "a\0b", ""],
    "training options quiet": [True],
}
ELSEWHERE = {  # what does not fit it
    "config n_embd": ["wte"], "config block_size": ["wpe"], "chars": ["vocab_size"],
    "training": [" m"], "training options quiet": ["options"],
    "state_dict wte": ["state_dict"], "state_dict wpe": ["state_dict"],
}  # fmt: skip
CASES = [(place, value) for place, values in DAMAGE.items() for value in values]


def damaged(good, place, value):
    """The checkpoint with something else in one place."""
    changed = copy.deepcopy(good)
    *way, last = place.split()
    inner = changed
    for key in way:
        inner = inner[key]
    inner[last] = value
    return changed


@pytest.mark.parametrize(
    ("place", "value"), CASES, ids=lambda x: f"{x!r:.30}".encode("ascii", "replace")
)
def test_what_is_damaged_is_named_before_anything_is_touched(
    program, good, place, value
):
    text = json.dumps(damaged(good, place, value))
    (program.folder / "bad.json").write_text(text)
    before = random.getstate()
    assert program.refuses("damaged", "--load", "bad.json")
    names = [place.split()[-1], *ELSEWHERE.get(place, []), "NaN", "Infinity"]
    assert any(name in program.err for name in names), program.err
    assert program.out == "" and random.getstate() == before


@pytest.mark.parametrize("place", [place for place in DAMAGE if place != "training"])
def test_what_is_missing_is_named(program, good, place):
    changed = damaged(good, place, None)
    *way, last = place.split()
    inner = changed
    for key in way:
        inner = inner[key]
    del inner[last]
    (program.folder / "bad.json").write_text(json.dumps(changed))
    if last in ("batch_size", "quiet"):
        assert program("--load", "bad.json", "--num-samples", 1) == 0
    else:
        assert program.refuses("damaged", "--load", "bad.json")
        names = [last, *ELSEWHERE.get(place, [])]
        assert any(name in program.err for name in names), program.err


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[" * 100_000, b'{"config":' * 20_000, b'{"a": ' + b"[" * 100_000,
        b'{"a": 1, "a": 1}', b'{"a": NaN}', b'{"a": -Infinity}', b"\xff\xfe{}", b"{}",
        b'{"a": ' + b"9" * 5000 + b"}", b"\0" * 100, b'{"a": 1} {',
    ],
    ids=lambda content: f"{content!r:.20}",
)  # fmt: skip
def test_what_is_no_checkpoint_is_told_in_one_line(program, content):
    (program.folder / "bad.json").write_bytes(content)
    assert program.refuses("bad.json is", "--load", "bad.json")


def test_a_name_that_stands_twice_is_not_overread(program):
    text = (program.folder / "good.json").read_text()
    (program.folder / "bad.json").write_text(text.replace("{", '{"format": "x", ', 1))
    assert program.refuses("a name stands twice", "--load", "bad.json")


def test_a_device_without_end_is_no_checkpoint(program):
    (program.folder / "zero").symlink_to("/dev/zero")
    assert program.refuses("it is not JSON", "--load", "zero")


def test_one_function_gives_the_state_the_tokenizer_and_the_training(program, good):
    state, tokenizer, training = restore_state(load(program.folder / "good.json"))
    assert (state.t, training.t, tokenizer.chars) == (5, 5, ["a", "b", "c"])
    assert state.m == training.m == good["training"]["m"]
    with pytest.raises(InputError, match="fingerprint"):
        restore_state(damaged(good, "training fingerprint", 1))


def test_a_checkpoint_without_training_writes_and_says_that_it_cannot_go_on(
    program, good
):
    del good["training"]
    (program.folder / "model.json").write_text(json.dumps(good))
    assert program("--load", "model.json", "--num-samples", 2) == 0
    assert program.refuses("but no training", "--load", "model.json", "--resume")


def test_weights_that_overflow_are_told_of(program, good):
    for name in ("wte", "lm_head"):
        changed = damaged(good, f"state_dict {name}", [[1e308] * 4] * 4)
        (program.folder / "bad.json").write_text(json.dumps(changed))
        status = program("--load", "bad.json", "--num-samples", 1)
        assert status == 0 or "no longer finite numbers" in program.err
        assert program.err.count("\n") == (status == 2)


# Damage at random

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.text(max_size=3)
    | st.sampled_from([10**9, -(10**9), 10**400, 1e308, "\ud800", "/dev/zero"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def mutate(data, value):
    """Changes one place of a JSON value, however deep; returns the value."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    how = data.draw(st.sampled_from(["deeper"] * 4 + ["junk", "remove", "twice"]))
    if not keys or how == "junk":
        return data.draw(JUNK)
    key = data.draw(st.sampled_from(keys))
    if how == "remove":
        del value[key]
    elif how == "twice" and isinstance(value, list):
        value.append(value[key])
    elif isinstance(value[key], (dict, list)):
        value[key] = mutate(data, value[key])
    else:
        value[key] = data.draw(JUNK)
    return value


MORE = [[], ["--resume", "--num-steps", "7"], ["--eval", "1", "--data", "text.txt"]]


def check_random_damage(good, folder, examples):
    path = folder / "bad.json"

    @hypothesis.settings(max_examples=examples, deadline=None, database=None)
    @hypothesis.given(st.data())
    def check(data):
        changed = mutate(data, copy.deepcopy(good))
        path.write_text(json.dumps(changed))
        more, out, err = data.draw(st.sampled_from(MORE)), io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = cli.main(["--load", str(path), "--num-samples", "1", *more])
        said = err.getvalue()
        assert status in (0, 2), said
        assert said.count("\n") <= 1 and (status == 0 or "error: " in said), said

    check()


@pytest.mark.properties
def test_no_damage_at_random_comes_through(program, good):
    check_random_damage(good, program.folder, 60)


@pytest.mark.properties
@pytest.mark.long
def test_none_of_2000_damages_at_random_comes_through(program, good):
    check_random_damage(good, program.folder, 2000)
