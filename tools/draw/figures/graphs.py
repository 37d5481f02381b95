"""Figures of graphs of Values, laid out from the graphs themselves."""

import importlib.util
from functools import cache
from typing import Any

from tools.draw.charts import minus
from tools.draw.figures import figure
from tools.draw.palette import INK, PAPER, RED, SERIF
from tools.draw.svg import arrow, circle, note, rect, text
from tools.proof.stage import stage

WIDE, X_STEP, Y_STEP = 100, 151, 96
EDGES = "on the edges: the local derivatives"


@cache
def value_class() -> Any:
    """Returns the class Value as it is after the chapter `backward`."""
    path = stage("backward") / "microgpt" / "value.py"
    spec = importlib.util.spec_from_file_location("value_of_backward", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Value


def example():
    """Returns L = (ab + c)^2, and what its nodes are called."""
    Value = value_class()
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    d = a * b
    e = d + c
    L = e**2
    return L, {a: "a", b: "b", c: "c", d: "d = a · b", e: "e = d + c", L: "L = e²"}


def places(root) -> dict[Any, tuple[int, float]]:
    """Returns a column and a row for each node of a graph.

    A node stands one column left of the leftmost node that uses it; the leaves
    share the rows in the order in which they are met, and a node stands in the
    middle of its children.
    """
    order = root.topological_order()
    distance = {root: 0}
    for node in reversed(order):
        for child in node._children:
            distance[child] = max(distance.get(child, 0), distance[node] + 1)
    rows: dict[Any, float] = {}
    leaves = 0
    for node in order:
        if node._children:
            below = [rows[child] for child in node._children]
            rows[node] = (min(below) + max(below)) / 2
        else:
            rows[node], leaves = leaves, leaves + 1
    last = max(distance.values())
    return {node: (last - distance[node], rows[node]) for node in order}


def signed(x: float) -> str:
    return minus(f"{x:g}")


def draw(root, names, tall, inside):
    """Returns a graph; inside(node): what stands in its box under its name."""
    at = places(root)
    spots = {n: (1 + c * X_STEP, 14 + r * Y_STEP) for n, (c, r) in at.items()}
    parts = []
    for node, (x, y) in spots.items():
        for child, local in zip(node._children, node._local_grads):
            cx, cy = spots[child]
            start, end = (cx + WIDE, cy + tall / 2), (x, y + tall / 2)
            parts += edge(start, end, signed(local))
    for node, (x, y) in spots.items():
        parts += [
            rect(x, y, WIDE, tall, PAPER, rx=5, stroke=INK, stroke_width=1.2),
            text(x + 10, y + 21, names[node], font_style="italic", font_family=SERIF),
            *inside(node, x, y),
        ]
    height = max(y for _, y in spots.values()) + tall
    return height, parts


def edge(start, end, label):
    """Returns an arrow with a label on its middle."""
    mx, my = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    return [
        arrow(start, end),
        rect(mx - 13, my - 9, 22, 18, PAPER),
        note(mx - 2, my + 5, label, "middle"),
    ]


@figure
def graph():
    """The graph of (a b + c) squared: each node with its number, each edge with its
    local derivative."""
    L, names = example()

    def inside(node, x, y):
        return [text(x + WIDE - 10, y + 45, signed(node.data), "end")]

    height, parts = draw(L, names, 56, inside)
    return height + 34, *parts, note(1, height + 28, EDGES)


@figure
def graph_grads():
    """The same graph with each node's data, its gradient, and the turn at which
    backward visits it."""
    L, names = example()
    L.backward()
    turns = {n: i for i, n in enumerate(reversed(L.topological_order()), 1)}

    def inside(node, x, y):
        return [
            note(x + 10, y + 43, "data"),
            text(x + WIDE - 10, y + 43, signed(node.data), "end"),
            note(x + 10, y + 64, "grad", fill=RED),
            text(x + WIDE - 10, y + 64, signed(node.grad), "end", fill=RED),
            circle((x + WIDE - 8, y), 11, PAPER, stroke=INK),
            note(x + WIDE - 8, y + 5, turns[node], "middle", INK),
        ]

    height, parts = draw(L, names, 74, inside)
    told = f"{EDGES} · in the circles: the turns"
    return height + 34, *parts, note(1, height + 28, told)
