"""The texts in docs/data: made by a program, or what they are said to be."""

import math
import struct
import zlib
from collections import Counter

import pytest

from microgpt.data import load_documents
from tools.lab import texts
from tools.proof.stage import DATA


@pytest.mark.parametrize("name", DATA)
def test_a_text_is_small_and_holds_no_blank_lines(name):
    content = (texts.DATA / name).read_bytes()
    assert len(content) < 300_000
    assert b"\n\n" not in content and content.endswith(b"\n")
    assert b"\r" not in content


def test_the_program_writes_the_echoes_again_byte_for_byte():
    content = "".join(f"{doc}\n" for doc in texts.echoes())
    assert content.encode() == (texts.DATA / "echo.txt").read_bytes()


def test_a_half_of_an_echo_is_drawn_and_the_other_is_the_same():
    docs = load_documents(texts.DATA / "echo.txt")
    halves = [doc.split("|") for doc in docs]
    assert all(first == second for first, second in halves)
    assert {len(first) for first, _ in halves} == {7}
    shares = Counter("".join(first for first, _ in halves))
    assert set(shares) == set("abcdefgh")
    for count in shares.values():  # five standard deviations of an eighth
        assert abs(count / 70_000 - 1 / 8) < 5 * (7 / 64 / 70_000) ** 0.5


def test_the_floor_is_what_the_drawn_letters_cost():
    seen = [-math.log(1 / 8)] * 7 + [0.0] * 9  # the bar, seven echoes, the end
    assert texts.floor() == pytest.approx(sum(seen) / 16)
    assert texts.floor(copied=False) == pytest.approx(2 * texts.floor())


def test_greek_words_have_small_letters_without_accents():
    docs = load_documents(texts.DATA / "greek.txt")
    assert len(docs) == len({*docs}) == 5475
    assert {*"".join(docs)} == {*"αβγδεζηθικλμνξοπρσςτυφχψωϛ"}
    assert texts.plain("Ἀαρών") == "ααρων"


def test_the_entries_of_a_dictionary_are_read(tmp_path):
    made = [f"<orth>{word}</orth>\n".encode() + b"\0" for word in ("λόγος", "ὁ δέ")]
    starts = [20, 20 + len(made[0])]  # behind a count and two pairs
    head = b"".join(struct.pack("<II", *x) for x in zip(starts, map(len, made)))
    block = zlib.compress(struct.pack("<I", 2) + head + b"".join(made))
    (tmp_path / "dict.zdt").write_bytes(b"--" + block)
    (tmp_path / "dict.zdx").write_bytes(struct.pack("<II", 2, len(block)))
    assert texts.greek(tmp_path) == ["λογος"]


def test_verses_lose_their_numbers(tmp_path):
    file = tmp_path / "verses"
    file.write_text("Psa1:1 Blessed is the man\nPsa1:2 But his delight\n", "ascii")
    assert texts.psalms(file) == ["Blessed is the man", "But his delight"]
    docs = load_documents(texts.DATA / "psalms.txt")
    assert len(docs) == 2461 and docs[0].startswith("Blessed is the man")
    assert min(map(len, docs)) > 16  # no verse fits the book's context
