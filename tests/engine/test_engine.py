"""The engine beside the backward pass: text, counts, the model, Adam, writing."""

import math
import random

import pytest

from microgpt import (
    GPT,
    Adam,
    Config,
    InputError,
    NGram,
    Tokenizer,
    Value,
    bundled_names,
    choose,
    document_loss,
    generate,
    load,
    load_documents,
    mean_loss,
    model_state,
    restore_model,
    save,
    split,
    token_losses,
)
from microgpt.model import attend, probabilities, rmsnorm, softmax


@pytest.fixture
def model():
    return GPT(Config(5, n_embd=8, n_head=2, block_size=8), random.Random(3))


@pytest.fixture
def tokenizer():
    return Tokenizer("abcd")


def test_the_names_are_32469_documents_29910_different():
    docs = load_documents(bundled_names())
    assert (len(docs), len(set(docs))) == (32469, 29910)
    assert len(set("".join(docs))) == 26


def test_documents_are_the_lines_that_are_not_blank(tmp_path):
    path = tmp_path / "text"
    path.write_bytes("\ufeff one \r\n\r\n\ttwo\rthree\n\n".encode())
    assert load_documents(path) == ["one", "two", "three"]


def test_too_many_held_out_documents_are_refused():
    with pytest.raises(InputError, match="2 occur only once"):
        split(["a", "b", "c", "c"], 3)
    with pytest.raises(InputError):
        split(["a", "b"], 2)


def test_an_unknown_character_is_named(tokenizer):
    with pytest.raises(InputError, match="'x' of 'abxd'"):
        tokenizer.encode("abxd")


def test_a_bigram_counts_what_follows_a_token(tokenizer):
    counts = NGram(2, tokenizer.vocab_size, prior=1.0)
    for doc in ["ab", "ab", "ac"]:
        counts.count(tokenizer.encode(doc))
    unigram_b = (2 + 1 / 5) / (9 + 1)  # 9 tokens in all, b twice
    assert counts.probs([4, 0])[1] == pytest.approx((2 + unigram_b) / (3 + 1))


def test_rmsnorm_makes_the_mean_square_one():
    y = [v.data for v in rmsnorm([Value(x) for x in (3.0, -4.0, 12.0)])]
    assert sum(v * v for v in y) / 3 == pytest.approx(1, abs=1e-5)
    assert y[0] / y[2] == pytest.approx(3 / 12)


def test_attention_to_one_position_returns_its_value():
    q, k, v = ([Value(x) for x in row] for row in ([1, 2], [3, 4], [5, 6]))
    assert [x.data for x in attend(q, [k], [v])] == [5, 6]


def test_a_prediction_does_not_depend_on_later_tokens(model):
    short, long = model.predict([4, 0, 1]), model.predict([4, 0, 1, 3, 2])
    assert long[:3] == short


def test_the_parameters_are_4192():
    params = GPT(Config(27), random.Random(0)).params
    assert len(params) == 27 * 16 * 2 + 16 * 16 + 4 * 16 * 16 + 8 * 16 * 16 == 4192


def test_heads_must_share_the_width_evenly():
    with pytest.raises(InputError, match="n_head must divide it"):
        Config(27, n_embd=10, n_head=4)


def test_a_long_document_counts_as_far_as_the_context_goes(model, tokenizer):
    long = tokenizer.encode("abcdabcdabcd")
    assert document_loss(model, long).data == document_loss(model, long[:9]).data


def test_the_first_step_of_adam_moves_by_the_learning_rate():
    params = [Value(1.0), Value(1.0), Value(1.0)]
    params[0].grad, params[1].grad = 1e-3, -50.0
    Adam(params).step(0.01)
    assert [p.data for p in params] == pytest.approx([0.99, 1.01, 1.0], abs=1e-6)
    assert all(p.grad == 0 for p in params)


def test_adam_follows_its_definition():
    rng = random.Random(0)
    p, m, v, x = Value(0.3), 0.0, 0.0, 0.3
    adam = Adam([p])
    for t in range(1, 50):
        p.grad = g = rng.gauss(0, 1)
        adam.step(0.05)
        m, v = 0.85 * m + 0.15 * g, 0.99 * v + 0.01 * g * g
        x -= 0.05 * (m / (1 - 0.85**t)) / (math.sqrt(v / (1 - 0.99**t)) + 1e-8)
        assert p.data == pytest.approx(x, rel=1e-12)


def test_the_mean_loss_is_the_loss_that_training_reports(model, tokenizer):
    tokens = tokenizer.encode("abca")
    loss = document_loss(model, tokens).data
    losses = token_losses(model.predict, tokens)
    assert sum(losses) / 5 == pytest.approx(loss, rel=1e-12)
    assert mean_loss(model.predict, ["abca"], tokenizer) == pytest.approx(loss)


def test_writing_with_the_cache_is_writing_without_it(model, tokenizer):
    doc = generate(model, tokenizer, random.Random(8), top_k=1)
    tokens = tokenizer.encode(doc)
    for i in range(1, len(tokens) - 1 if len(doc) < 8 else len(tokens) - 2):
        row = model.predict(tokens[:i])[-1]
        assert row.index(max(row)) == tokens[i]


def test_a_low_temperature_is_greedy_and_a_high_one_is_even():
    logits = [Value(x) for x in (0.0, 1.0, 0.5)]
    rng = random.Random(0)
    assert {choose(logits, rng, 0.01) for _ in range(50)} == {1}
    drawn = [choose(logits, rng, 1000) for _ in range(3000)]
    assert all(900 < drawn.count(i) < 1100 for i in range(3))


def test_top_k_leaves_the_k_most_probable():
    logits = [Value(x) for x in (0.0, 3.0, 2.9, -1.0)]
    rng = random.Random(0)
    assert {choose(logits, rng, 2.0, 2) for _ in range(200)} == {1, 2}


@pytest.mark.parametrize("scale", [0.1, 3, 300])
def test_the_softmax_of_plain_numbers_is_that_of_values_to_the_last_bit(scale):
    rng = random.Random(0)
    for size in (1, 2, 27):
        numbers = [rng.gauss(0, scale) for _ in range(size)]
        values = softmax([Value(x) for x in numbers])
        assert probabilities(numbers) == [p.data for p in values]


def test_drawing_a_token_makes_no_values(monkeypatch):
    logits = [Value(x) for x in (0.0, 3.0, 2.9, -1.0)]
    monkeypatch.setattr(Value, "__init__", None)  # to make one is a TypeError
    assert 0 <= choose(logits, random.Random(0), 0.5) < 4


def test_what_is_written_begins_with_the_prompt(model, tokenizer):
    for seed in range(10):
        doc = generate(model, tokenizer, random.Random(seed), 1.0, prompt="dab")
        assert doc.startswith("dab") and len(doc) <= 8


def test_a_prompt_that_fills_the_context_is_refused(model, tokenizer):
    assert len(generate(model, tokenizer, random.Random(0), prompt="a" * 7)) in (7, 8)
    with pytest.raises(InputError, match="room for 7"):
        generate(model, tokenizer, random.Random(0), prompt="a" * 8)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda s: s.pop("chars"), "damaged"),
        (lambda s: s.update(chars="ab"), "damaged"),
        (lambda s: s["config"].update(n_embd=8), "damaged"),
        (lambda s: s["config"].update(n_embd="8"), "damaged"),
        (lambda s: s["config"].update(n_head=0), "damaged"),
        (lambda s: s["config"].update(colour=1), "damaged"),
        (lambda s: s["state_dict"]["wte"].pop(), "damaged"),
        (lambda s: s["state_dict"]["wte"][0].pop(), "damaged"),
        (lambda s: s["state_dict"].pop("lm_head"), "damaged"),
        (lambda s: s["state_dict"]["wpe"][0].__setitem__(0, "x"), "damaged"),
        (lambda s: s["state_dict"]["wpe"][0].__setitem__(0, float("nan")), "damaged"),
        (lambda s: s.update(format="another"), "not a checkpoint"),
    ],
)
def test_a_damaged_checkpoint_is_refused(tmp_path, change, word):
    path = tmp_path / "model.json"
    config = Config(4, n_embd=4, n_head=1, block_size=3)
    state = model_state(GPT(config, random.Random(0)), Tokenizer("abc"))
    change(state)
    save(path, state)
    with pytest.raises(InputError, match=word):
        restore_model(load(path))


def test_a_file_that_cannot_be_written_whole_leaves_the_old_one(tmp_path):
    path = tmp_path / "model.json"
    save(path, {"old": 1})
    with pytest.raises(TypeError):
        save(path, {"new": object()})
    assert path.read_text() == '{"old": 1}'
    with pytest.raises(InputError, match="cannot write"):
        save(tmp_path / "nowhere" / "model.json", {})
    assert [p.name for p in tmp_path.iterdir()] == ["model.json"]
