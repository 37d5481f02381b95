"""What pupils answer: a part of docs/data/learned.json is made again."""

import json
import math
import random

import pytest

pytest.importorskip("numpy")

from microgpt.engine import State, make_engine
from microgpt.model import Config
from tools.lab import inside, larger, learned, lessons, marks, pupils, texts

pytestmark = [pytest.mark.numpy, pytest.mark.c]
QUICK = ("losses", "endings", "positions", "kinship", "switches", "parts")


@pytest.fixture(scope="module")
def some():
    return pupils.pupil("some")


@pytest.mark.parametrize("layers", [1, 2])
def test_inside_a_model_its_logits_are_those_of_the_engines(layers):
    config = Config(27, n_embd=8, block_size=6, n_layer=layers, n_head=2)
    state = State.random(config, random.Random(1))
    tokens = [26, 3, 4, 3, 0]
    found = inside.read(inside.weights_of(state), config, tokens)
    probs = make_engine("explicit", state).predict(tokens)
    for mine, right in zip(inside.probabilities(found.logits), probs):
        assert mine.tolist() == pytest.approx(right, abs=1e-12)
    assert [table.shape for table in found.weights] == [(2, 5, 5)] * layers
    assert found.weights[0].sum(-1).flatten().tolist() == pytest.approx([1.0] * 10)
    losses = inside.token_losses(found.logits[:2], [3, 4])
    assert losses.tolist() == pytest.approx(
        [-math.log(probs[i][3 + i]) for i in (0, 1)]
    )


def test_the_books_own_pupil_answers_as_before(some):
    known = learned.known()["some"]
    for lesson in QUICK:
        now = learned.rounded(lessons.LESSONS[lesson](some))
        assert now == pytest.approx(known[lesson][0], abs=1e-3), lesson
    assert known["losses"][0]["held out"] == pytest.approx(2.36333, abs=1e-5)


@pytest.mark.full
@pytest.mark.parametrize("school", pupils.SCHOOLS)
def test_the_first_pupil_of_each_school_answers_as_before(school):
    assert learned.changed(school) == []


def test_without_attention_a_letter_further_back_changes_nothing():
    blind = pupils.pupil("some, blind")
    answers = lessons.endings(blind)
    assert answers["on"] == pytest.approx(answers["on as an"], abs=1e-12)
    assert answers["an"] == pytest.approx(answers["an as on"], abs=1e-12)


def test_twins_have_read_the_same_but_for_names_that_stand_in_the_list_once(some):
    other, mine, theirs = pupils.twin(some)
    assert len(mine) == len(theirs) == len({*mine}) > 800
    assert {*mine} <= {*some.seen} & pupils.once()
    assert {*theirs} <= {*other.seen} and not {*theirs} & {*some.seen}
    pairs = [(a, b) for a, b in zip(some.seen, other.seen, strict=True) if a != b]
    assert pairs and {a for a, _ in pairs} == {*mine}


def test_an_echo_is_learned_up_to_its_floor_and_not_without_attention():
    for school, copied in (("echo", True), ("echo, blind", False)):
        losses = lessons.positions(pupils.pupil(school))
        mean = sum(losses.values()) / 16
        assert texts.floor(copied) < mean < texts.floor(copied) + 0.01


def test_marks_are_means_over_pupils(tmp_path, monkeypatch):
    rows = {"some": {"x": [{"a": 3, "b": 1}, {"a": 5, "b": 2}]}}
    rows["all"] = {"x": [{"a": 1, "b": 1}, {"a": 1, "b": 1}]}
    file = tmp_path / "learned.json"
    file.write_text(json.dumps(rows))
    monkeypatch.setattr(marks, "FILE", file)
    assert marks.one("some", "x", "a") == 3
    assert marks.mean("some", "x", "a") == 4
    assert marks.error("some", "x", "a") == pytest.approx(1)
    assert marks.mean("some", "x", "a - b") == 2.5
    assert marks.mean("some", "x", "a / b") == 2.75
    assert marks.gain("some", "all", "x", "a") == 3
    assert marks.gain_error("some", "all", "x", "a") == pytest.approx(1)
    with pytest.raises(marks.NotYet):
        marks.mean("ten", "x", "a")


def test_a_power_law_is_a_straight_line():
    sizes = [1000, 5000, 100_000]
    made = [larger.Point(8, 1, n, 3 * n**-0.1, 0.0) for n in sizes]
    tilt, height = larger.slope(made)
    assert tilt == pytest.approx(-0.1) and math.exp(height) == pytest.approx(3)
    assert larger.farthest(made) == pytest.approx(0, abs=1e-12)
    assert larger.foretold(made) == pytest.approx(made[-1].loss)
    assert larger.needed(made, made[1].loss) == pytest.approx(5000)
    assert larger.slope_error(made) == pytest.approx(0, abs=1e-12)


def test_what_a_line_foretells_has_an_error():
    rng, far, sizes = random.Random(1), [], [2000, 5000, 8000, 16_000, 30_000, 60_000]
    for _ in range(2000):
        losses = [3 * n**-0.1 * math.exp(rng.gauss(0, 0.01)) for n in sizes]
        made = [larger.Point(8, 1, n, loss, 0.0) for n, loss in zip(sizes, losses)]
        far.append(abs(larger.missed(made)) > 3.182)
    assert sum(far) / len(far) == pytest.approx(0.05, abs=0.015)
