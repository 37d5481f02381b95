"""The exercises of docs/vectors.md."""

import pytest

np = pytest.importorskip("numpy", reason="NumPy is missing: pip install numpy")


def test_each_row_adds_up_to_one_and_the_argument_is_kept(answers):
    x = np.array([[0.0, np.log(3.0)], [1000.0, 1000.0], [-5.0, 700.0]])
    before = x.copy()
    found = answers.row_softmax(x)
    assert found[:2] == pytest.approx(np.array([[0.25, 0.75], [0.5, 0.5]]))
    assert found.sum(axis=1) == pytest.approx(np.ones(3))
    assert (x == before).all()


def test_rows_do_not_depend_on_each_other(answers):
    x = np.random.default_rng(0).normal(size=(5, 7))
    whole = answers.row_softmax(x)
    for i in range(5):
        assert whole[i] == pytest.approx(answers.row_softmax(x[i : i + 1])[0])


def test_a_letter_that_occurs_twice_collects_from_both_places(answers):
    dx = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0], [8.0, 80.0]])
    found = answers.embedding_gradient(dx, [1, 2, 2, 1], 4)
    assert found.tolist() == [[0, 0], [9, 90], [6, 60], [0, 0]]


def test_without_the_mask_training_looks_too_good_and_writing_is_bad(answers):
    training, writing = answers.looking_ahead(300)
    assert training < 2.0
    assert writing > 3.0


def test_the_gradient_of_the_scores_is_that_of_the_softmax(answers):
    rng = np.random.default_rng(1)
    scores, values, dy = (rng.normal(size=s) for s in ((6, 6), (6, 3), (6, 3)))
    scores[np.triu_indices(6, 1)] = -np.inf

    def attend(scores):
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    weights = attend(scores)
    found = answers.scores_gradient(weights, values, weights @ values, dy)
    for i in range(6):
        for j in range(i + 1):
            more, less = scores.copy(), scores.copy()
            more[i, j] += 1e-6
            less[i, j] -= 1e-6
            change = ((attend(more) - attend(less)) @ values * dy).sum() / 2e-6
            assert found[i, j] == pytest.approx(change, abs=1e-8)
    assert (found[np.triu_indices(6, 1)] == 0).all()
