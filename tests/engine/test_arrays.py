"""The engine `arrays`: its operations, one by one, and what is its own beside others.

What all engines are tested for (the graph's losses, gradients and steps) is in
test_engines.py.
"""

import random

import pytest

from microgpt.engine import make_engine
from tests.engine.engines import documents, small_state

pytestmark = pytest.mark.numpy

np = pytest.importorskip("numpy")
arrays = pytest.importorskip("microgpt.arrays")
Node = arrays.Node


def numbers(*shape, seed=0):
    """An array of numbers, none of them near 0."""
    drawn = np.random.default_rng(seed)
    return drawn.choice([-1.0, 1.0], shape) * drawn.uniform(0.3, 2.0, shape)


def worst(function, *given):
    """The largest error of any gradient of a function, by finite differences.

    The loss is the sum of the results, each times a number of its own.
    """

    def loss(found):
        return found * numbers(*found.data.shape, seed=9)

    nodes = [Node(np.array(it)) for it in given]
    loss(function(*nodes)).backward()
    found = 0.0
    for node, values in zip(nodes, given):
        assert node.grad.shape == values.shape
        for place in np.ndindex(values.shape):
            ends = []
            for nudge in (1e-6, -1e-6):
                moved = [np.array(it) for it in given]
                moved[[it is values for it in given].index(True)][place] += nudge
                ends.append(loss(function(*map(Node, moved))).data.sum())
            slope = (ends[0] - ends[1]) / 2e-6
            found = max(found, abs(node.grad[place] - slope))
    return found


HOT = np.array([[0, 2, 2], [1, 0, 3]])
SHARES = np.array([[0.2, 0.3, 0.0], [0.1, 0.4, 0.0]])
OPERATIONS = {
    "add": (lambda a, b: a + b, (2, 3), (2, 3)),
    "add a row": (lambda a, b: a + b, (2, 3), (3,)),
    "add a column and a row": (lambda a, b: a + b, (2, 1), (3,)),
    "a number for all": (lambda a, b: a * b, (2, 3), ()),
    "subtract": (lambda a, b: a - b, (4, 2, 3), (2, 1)),
    "multiply": (lambda a, b: a * b, (3, 1, 2), (4, 1)),
    "divide": (lambda a, b: a / b, (2, 3), (1, 3)),
    "used twice": (lambda a: a * a + a, (3,)),
    "both sides": (lambda a: 1 - a + 2 * a / 3 - 4 / a, (2, 3)),
    "arrays on both sides": (
        lambda a: HOT + a - SHARES * a + HOT / a + a * HOT, (2, 3)
    ),
    "power": (lambda a: (a * a) ** 1.5, (2, 3)),
    "negative": (lambda a: -a, (2, 3)),
    "exp": (lambda a: a.exp(), (2, 3)),
    "log": (lambda a: (a * a).log(), (2, 3)),
    "tanh": (lambda a: a.tanh(), (2, 3)),
    "relu": (lambda a: a.relu(), (2, 3)),
    "mean": (lambda a: a.mean(1), (2, 3, 2)),
    "less its mean": (lambda a: a - a.mean(-1), (2, 3)),
    "reshape": (lambda a: a.reshape(3, 4) * numbers(3, 4), (2, 6)),
    "swapaxes": (lambda a: a.swapaxes(0, 2) * numbers(4, 3, 2), (2, 3, 4)),
    "matrices": (lambda a, b: a @ b, (2, 3), (3, 4)),
    "many matrices": (lambda a, b: a @ b, (2, 1, 3, 2), (4, 2, 3)),
    "linear": (arrays.linear, (2, 3, 4), (5, 4)),
    "rmsnorm": (arrays.rmsnorm, (2, 3, 4)),
    "softmax": (arrays.softmax, (2, 3, 4)),
    "rows": (lambda a: arrays.rows(a, HOT), (4, 2)),
    "loss": (lambda a: arrays.cross_entropy(a, HOT, SHARES), (2, 3, 4)),
    "heads": (lambda a: arrays.split_heads(a, 2), (2, 3, 4)),
    "heads joined": (arrays.join_heads, (2, 2, 3, 2)),
    "attend": (arrays.attend, (2, 2, 3, 2), (2, 2, 3, 2), (2, 2, 3, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_gradient_of_an_operation_is_that_of_finite_differences(name):
    function, *shapes = OPERATIONS[name]
    given = [numbers(*shape, seed=i) for i, shape in enumerate(shapes)]
    assert worst(function, *given) < 1e-7


def test_a_sum_over_what_was_repeated_keeps_the_axes_of_length_one():
    assert arrays.fit(np.ones((4, 2, 3)), (2, 1)).tolist() == [[12.0]] * 2
    assert arrays.fit(np.ones((2, 3)), ()).tolist() == 6.0
    assert arrays.fit(np.ones((1, 3)), (3,)).tolist() == [1.0] * 3


def test_what_has_come_back_is_never_changed_in_place():
    """Both sides of a sum get the same array, and one of them gets more."""
    a, b = Node(numbers(3)), Node(numbers(3, seed=1))
    (a * 2 + (a + b)).backward()
    assert a.grad.tolist() == [3.0] * 3 and b.grad.tolist() == [1.0] * 3


def test_a_node_is_visited_once_and_after_all_that_use_it():
    x = Node(numbers(2))
    for _ in range(60):  # 2**60 paths, and 60 nodes
        x = x + x
    assert len(x.topological_order()) == 60


def test_a_softmax_of_large_numbers_and_of_what_is_hidden_is_exact():
    p = arrays.softmax(Node(np.array([[1000.0, 1000.0, -np.inf], [-1e5, 0.0, 0.0]])))
    assert p.data.tolist() == [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]


def test_the_loss_of_what_was_held_impossible_is_a_number():
    logits = Node(np.array([[[2000.0, 0.0]]]))
    loss = arrays.cross_entropy(logits, np.array([[1]]), np.array([[1.0]]))
    loss.backward()
    assert loss.data == 2000.0
    assert logits.grad.tolist() == [[[1.0, -1.0]]]


def test_what_comes_later_does_not_change_what_came_before():
    state = small_state(n_layer=2, block_size=9)
    engine = make_engine("arrays", state)
    [tokens] = documents(state.config, [9])
    for cut in range(1, 9):
        other = [*tokens[:cut], *(0 for _ in tokens[cut:])]
        found = engine.forward_all(np.array([tokens, other])).data[:, :cut]
        assert (found[0] == found[1]).all()


def test_padding_leaks_nothing():
    """A short document's gradient is the same beside a long one, and alone."""
    state = small_state(n_layer=2, block_size=9)
    short, long = documents(state.config, [3, 10])
    engine = make_engine("arrays", state)
    alone = [engine.loss_and_gradients([it]) for it in (short, long)]
    loss, found = engine.loss_and_gradients([short, long])
    assert loss == pytest.approx(sum(it for it, _ in alone) / 2, rel=1e-12)
    means = [(a + b) / 2 for a, b in zip(*(it for _, it in alone))]
    assert found == pytest.approx(means, rel=1e-9, abs=1e-14)


def test_what_stands_in_the_padding_changes_no_gradient(monkeypatch):
    state = small_state(n_layer=2, block_size=9)
    batch = documents(state.config, [3, 10, 2])
    expected = make_engine("arrays", state).loss_and_gradients(batch)
    pad = arrays.pad

    def filled(docs, share):
        tokens, weights = pad(docs, share)
        tokens[:, 1:][weights == 0] = 2  # what comes after the end
        return tokens, weights

    monkeypatch.setattr(arrays, "pad", filled)
    loss, found = make_engine("arrays", state).loss_and_gradients(batch)
    assert loss == pytest.approx(expected[0], rel=1e-12)
    assert found == pytest.approx(expected[1], rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("n_head", [1, 2, 3, 6])
def test_the_gradient_with_other_heads_is_the_graphs(n_head):
    state = small_state(n_embd=6, n_head=n_head, n_layer=2)
    batch = documents(state.config, [3, 6, 2])
    loss, gradient = make_engine("graph", state).loss_and_gradients(batch)
    found_loss, found = make_engine("arrays", state).loss_and_gradients(batch)
    assert found_loss == pytest.approx(loss, rel=1e-12)
    assert found == pytest.approx(gradient, rel=1e-9, abs=1e-12)


def test_the_matrices_are_windows_on_the_flat_arrays():
    state = small_state()
    engine = make_engine("arrays", state)
    for weight in engine.weights.values():
        assert np.shares_memory(weight.data, engine.params)
        assert np.shares_memory(weight.grad, engine.grads)
    before = engine.weights["wte"].data.copy()
    engine.step(documents(state.config, [4]), 0.05)
    assert (engine.weights["wte"].data != before).any()
    flat = [x for it in engine.weights.values() for x in it.data.ravel().tolist()]
    assert flat == engine.params.tolist() == engine.state().params


def test_the_gradient_of_other_models_follows_by_itself():
    """Of one with a tanh, a mean of all positions, and a gain that is learned."""

    class Other(arrays.Arrays):
        def mlp(self, i, x):
            gain = self.weights["wte"].mean(0)
            return super().mlp(i, (x * gain).tanh() - x.mean(1) / 2)

    state = small_state(n_layer=2)
    batch = documents(state.config, [3, 6, 2])
    _, gradient = Other(state).loss_and_gradients(batch)
    rng = random.Random(3)
    for place in rng.sample(range(len(state.params)), 40):
        ends = []
        for nudge in (1e-6, -1e-6):
            moved = small_state(n_layer=2)
            moved.params[place] += nudge
            ends.append(Other(moved).loss_and_gradients(batch)[0])
        slope = (ends[0] - ends[1]) / 2e-6
        assert gradient[place] == pytest.approx(slope, abs=1e-7)


def test_the_figure_of_the_graph_shows_the_graph():
    figures = pytest.importorskip("tools.draw.figures.arrays")
    state = small_state(vocab_size=27, n_embd=16, n_head=4, block_size=16)
    engine = make_engine("arrays", state)
    tokens, weights = arrays.pad(documents(state.config, [4, 8, 6]), 1 / 3)
    logits = engine.forward_all(tokens[:, :-1])
    order = arrays.cross_entropy(logits, tokens[:, 1:], weights).topological_order()
    sizes = {"B": 3, "T": 7}
    named = {id(weight): name for name, weight in engine.weights.items()}
    assert len(order) == len(figures.BOXES)
    for box, node in zip(figures.BOXES, order):
        assert node.data.shape == tuple(sizes.get(it, it) for it in box.shape)
        below = [it for it in node._children if id(it) not in named]
        assert [order.index(it) for it in below] == list(box.children)
        weight = [named[id(it)] for it in node._children if id(it) in named]
        assert "".join(weight).removeprefix("layer0.") == box.weight
