"""The numbers for ports are the program's, and the first wrong one is named."""

import json
import platform
import random
import subprocess
import sys

import pytest

from microgpt import GPT, Config, document_loss, graph
from microgpt.optim import Adam
from tools.lab import difference, port
from tools.lab.trace import numbers, trace
from tools.proof.stage import ROOT

EXACT = platform.libc_ver()[0] == "glibc"
GOLDEN = ROOT / "tests" / "golden" / "names-1000.json"


@pytest.fixture(scope="module")
def book():
    return port.read(port.PORT)


def test_the_file_has_what_the_program_computes_up_to_the_end_of_the_first_step(book):
    made = json.loads(port.to_json(port.beginning()[0]))
    found = difference.compare(made, book)
    assert not found.first and not found.unknown
    assert found.absent == ["losses", "samples"]
    assert not (EXACT and found.inexact)


def test_its_losses_and_samples_are_the_originals(book):
    golden = json.loads(GOLDEN.read_text("utf-8"))
    assert book["losses"] == golden["losses"]
    assert book["samples"] == golden["samples"]
    assert book["loss"] == book["losses"][0]


@pytest.mark.full
def test_with_full_the_whole_file_comes_out_again(book):
    found = difference.compare(json.loads(port.to_json(port.make())), book)
    assert not (found.first or found.absent or found.unknown)


@pytest.mark.parametrize("n_layer", (1, 2))
def test_a_trace_has_the_loss_and_the_gradients_of_the_model(n_layer):
    models = [
        GPT(Config(5, n_embd=4, n_head=2, n_layer=n_layer), random.Random(1))
        for _ in range(2)
    ]
    losses = trace(models[0], [4, 1, 2, 4]).loss, document_loss(models[1], [4, 1, 2, 4])
    for loss in losses:
        loss.backward()
    assert losses[0].data == losses[1].data
    ours, right = ([p.grad for p in model.params] for model in models)
    assert ours == right and any(ours)


def test_a_trace_ends_with_the_logits_of_the_model():
    model = GPT(Config(5, n_embd=4, n_head=2), random.Random(1))
    parts = trace(model, [4, 1, 2, 4]).positions[-1]
    assert numbers(parts["logits"]) == numbers(model.logits([4, 1, 2])[-1])


def test_the_shuffle_is_pythons():
    ours, theirs = [*map(str, range(100))], [*map(str, range(100))]
    rngs = random.Random(7), random.Random(7)
    port.shuffled(ours, rngs[0])
    rngs[1].shuffle(theirs)
    assert ours == theirs
    assert rngs[0].random() == rngs[1].random()


def test_the_file_stays_below_a_megabyte():
    assert port.PORT.stat().st_size < 1_000_000


BOOK = {"a": [1.0, 2.0], "b": {"c": [[3.0, 4.0]], "d": "word"}, "e": 1e-4}


def test_the_first_wrong_number_is_named_and_nothing_behind_it():
    mine = {"a": [1.0, 2.0], "b": {"c": [[3.0, 4.1]], "d": "other"}}
    found = difference.compare(mine, BOOK)
    assert found.first == "b.c[0][1] is 4.1, in the book 4.0"
    assert found.compared == {"a": 2, "b": 1}


def test_the_last_digits_may_differ_and_that_is_told():
    found = difference.compare({"a": [1.0000000001, 2.0], "e": 1.1e-4}, BOOK)
    assert found.inexact == {"a": 1}
    assert found.first == "e is 0.00011, in the book 0.0001"


def test_what_is_not_there_is_told_and_no_fault():
    found = difference.compare({"b": {"d": "word"}, "f": 0}, BOOK)
    assert not found.first
    assert found.absent == ["a", "b.c", "e"]
    assert found.unknown == ["f"]
    assert [*found.lines()] == [
        "b: 1 equal to the last digit",
        "not in your file: a, b.c, e",
        "unknown, not compared: f",
        "no wrong number",
    ]


@pytest.mark.parametrize(
    ("mine", "told"),
    [
        ({"a": [1.0]}, "a is a list of 1, in the book a list of 2"),
        ({"a": 1.0}, "a is 1.0, in the book a list of 2"),
        ({"a": ["1", 2.0]}, "a[0] is '1', in the book 1.0"),
        ({"a": [float("nan"), 2.0]}, "a[0] is nan, in the book 1.0"),
        ({"a": [True, 2.0]}, "a[0] is True, in the book 1.0"),
        ({"e": 10**400}, f"e is {10**400}, in the book 0.0001"),
        ({"b": {"d": "wird"}}, "b.d is 'wird', in the book 'word'"),
        ({"b": []}, "b is a list of 0, in the book an object of 2"),
    ],
)
def test_what_is_of_another_kind_is_a_wrong_number(mine, told):
    assert difference.compare(mine, BOOK).first == told


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tools.lab.port", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip


def test_the_command_names_the_first_wrong_number(tmp_path, book):
    mine = tmp_path / "mine.json"
    for before in ({"tokens": book["tokens"]}, {}):
        mine.write_text(json.dumps({**before, "loss": 3.4}))
        done = command(mine)
        assert done.returncode == 1
        last = f"first wrong: loss is 3.4, in the book {book['loss']}"
        assert done.stdout.splitlines()[-1] == last


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON"),
        ("[1]", "is no JSON object"),
        ("[" * 100_000, "is no JSON"),
        ('{"lossses": []}', "has none of the names of port.json"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_compared_is_told_in_a_line(tmp_path, text, told):
    mine = tmp_path / "mine.json"
    if text is not None:
        mine.write_text(text)
    done = command(mine)
    assert done.returncode == 1 and not done.stdout
    assert told in done.stderr and done.stderr.count("\n") == 1


def test_the_command_alone_says_how_it_is_used():
    done = command()
    assert done.returncode == 2
    assert "give a file to compare, or --write" in done.stderr


class Uncorrected(Adam):
    """Adam whose means are not corrected for having begun at 0."""

    def step(self, learning_rate):
        before = [p.data for p in self.params]
        super().step(learning_rate)
        for p, old, m, v in zip(self.params, before, self.m, self.v):
            p.data = old - learning_rate * m / (v**0.5 + self.eps)


class Forgetful(random.Random):
    """A generator whose gauss throws its second number away."""

    def gauss(self, mu=0.0, sigma=1.0):
        number = super().gauss(mu, sigma)
        self.gauss_next = None
        return number


@pytest.mark.full
@pytest.mark.parametrize(
    ("module", "name", "wrong", "first"),
    [
        (graph, "Adam", Uncorrected, "adam.weights.wte[0][0] "),
        (random, "Random", Forgetful, "weights.wte[0][1] "),
    ],
)
def test_with_full_a_mistake_is_found_where_the_page_says(
    monkeypatch, book, module, name, wrong, first
):
    monkeypatch.setattr(module, name, wrong)
    found = difference.compare(json.loads(port.to_json(port.beginning()[0])), book)
    assert found.first.startswith(first)
