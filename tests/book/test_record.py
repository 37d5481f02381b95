"""The record of the full run is up to date, and agrees with the original."""

import json
import math
from pathlib import Path

import pytest

from tests.engine.test_golden import EXACT
from tools.lab import record as records

EMMA = [26, 4, 12, 12, 0]
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "names-1000.json"


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


def shares(scores):
    """The softmax of plain numbers."""
    exps = [math.exp(score) for score in scores]
    return [e / math.fsum(exps) for e in exps]


@pytest.fixture(scope="module")
def record():
    return records.read()


def test_the_record_was_made_by_the_code_as_it_is(record):
    assert record["key"] == records.key(), "run python -m tools.lab.record"


def test_its_losses_and_samples_are_the_originals(record):
    golden = json.loads(GOLDEN.read_text("utf-8"))
    assert record["losses"] == golden["losses"]
    assert record["samples"] == golden["samples"]


def test_what_it_says_agrees_with_itself(record):
    assert sum(record["num_params"].values()) == 4192
    assert record["initial"]["held_out_loss"] > record["held_out_loss"]
    assert all(abs(sum(row) - 1) < 1e-5 for row in record["initial"]["probs"])
    assert record["relu_off_at_bos"] == record["relu"]["emma"][0].count("0")
    for heads in record["attention"].values():
        for rows in heads:
            assert [len(row) for row in rows] == list(range(1, len(rows) + 1))
            assert all(abs(sum(row) - 1) < 1e-5 for row in rows)
    for history in record["followed"].values():
        assert {len(numbers) for numbers in history.values()} == {1000}
    assert record["bigram_samples_in_list"] < record["samples_in_list"] < 1


def test_the_vectors_of_emma_follow_from_each_other(record):
    seen, heads = record["inside"]["emma"], record["attention"]["emma"]
    for i, query in enumerate(seen["queries"]):
        for head, rows in enumerate(heads):
            part = slice(4 * head, 4 * head + 4)
            keys = [key[part] for key in seen["keys"][: i + 1]]
            scores = [dot(query[part], key) / 2 for key in keys]
            assert seen["scores"][head][i] == pytest.approx(scores, abs=1e-4)
            assert rows[i] == pytest.approx(shares(scores), abs=1e-4)
        for before, added, after in (
            ("embed", "attention out", "stream after attention"),
            ("stream after attention", "mlp out", "stream after mlp"),
        ):  # fmt: skip
            both = zip(seen[before][i], seen[added][i])
            assert seen[after][i] == pytest.approx([a + b for a, b in both], abs=1e-4)
        row = [a + b for a, b in zip(record["wte"][EMMA[i]], record["wpe"][i])]
        assert seen["wte + wpe"][i] == pytest.approx(row, abs=1e-5)
        switches = "".join("01"[h > 0] for h in seen["hidden"][i])
        assert switches == record["relu"]["emma"][i]


def test_the_vectors_of_emma_are_as_large_as_the_record_says(record):
    for point, sizes in record["rms"]["emma"].items():
        vectors = record["inside"]["emma"][point]
        assert [(dot(v, v) / 16) ** 0.5 for v in vectors] == pytest.approx(sizes, 1e-4)


def test_the_key_depends_on_what_the_code_does_and_on_nothing_else(monkeypatch):
    before = records.key()
    read_text = Path.read_text

    def edited(old, new):
        def read(path, *more):
            text = read_text(path, *more)
            return text.replace(old, new) if path.name == "optim.py" else text

        monkeypatch.setattr(Path, "read_text", read)

    edited("Adam (Kingma", "Adam, see (Kingma")  # a docstring
    assert records.key() == before
    edited("m_hat = self.m[i]", "m_hat = 2 * self.m[i]")
    assert records.key() != before


def test_what_the_record_depends_on_is_found():
    assert records.imported("from .a import x\nfrom microgpt.b import y") == {
        "microgpt/a.py", "microgpt/b.py",
    }  # fmt: skip
    found = records.imported(Path(records.__file__).read_text("utf-8"))
    assert {"microgpt/model.py", "tools/lab/looks.py"} <= found
    assert "tools/proof/stage.py" not in found


@pytest.mark.full
def test_the_whole_record_made_anew_is_the_same(record):
    made = json.loads(records.to_json(records.make()))
    if EXACT:
        assert made == record
    else:
        assert made["losses"] == pytest.approx(record["losses"], rel=1e-6)
        assert made["held_out_loss"] == pytest.approx(record["held_out_loss"], rel=1e-4)
