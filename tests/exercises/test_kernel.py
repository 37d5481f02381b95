"""The exercises of docs/kernel.md."""

import math

import pytest

from microgpt import bundled_names, load_documents
from microgpt.native import compiler


def needs_a_compiler():
    try:
        compiler()
    except Exception as error:
        pytest.skip(str(error))


def test_lanes_are_wasted_at_the_end_of_a_document_only(answers):
    assert answers.wasted([8, 16, 24], 8) == 0
    assert answers.wasted([1], 4) == pytest.approx(3 / 4)
    assert answers.wasted([7, 9], 8) == pytest.approx(1 - 16 / 24)
    assert answers.wasted([5, 2, 11], 1) == 0


def test_wider_vectors_waste_more_on_the_names(answers):
    lengths = [len(doc) + 1 for doc in load_documents(bundled_names())]
    shares = [answers.wasted(lengths, lanes) for lanes in (4, 8, 16)]
    assert shares == sorted(shares) and 0.1 < shares[0] < 0.2 < shares[1] < 0.4


def test_the_degrees_of_the_kernel_are_enough(answers):
    width = math.log(2) / 2
    assert 3 < answers.degree_for(2**-24, width) <= 7
    assert 7 < answers.degree_for(2**-53, width) <= 13
    assert answers.degree_for(2**-24, 10) == 38
    assert answers.degree_for(0.6, 1.0) == 1


def test_the_mistake_shows_in_long_documents_only(answers, tmp_path):
    needs_a_compiler()
    assert answers.wrong_gradient(15, tmp_path) < 1e-14
    assert answers.wrong_gradient(32, tmp_path) < 1e-14
    assert answers.wrong_gradient(33, tmp_path) > 1e-8


def test_one_pass_is_enough_for_a_softmax(answers):
    scores, values = [0.3, -2.0, 1.5, 1.4], [1.0, 2.0, -3.0, 0.5]
    shares = [math.exp(s) for s in scores]
    wanted = sum(s * v for s, v in zip(shares, values)) / sum(shares)
    assert answers.attend_once(scores, values) == pytest.approx(wanted)
    assert answers.attend_once(iter(scores), iter(values)) == pytest.approx(wanted)


def test_no_score_is_too_large_for_one_pass(answers):
    assert answers.attend_once([-5000.0, 5000.0, 4000.0], [1, 2, 3]) == 2
    assert answers.attend_once([5000.0, -5000.0], [1.0, 2.0]) == 1
