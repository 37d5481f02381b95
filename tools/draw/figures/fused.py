"""Figures of the chapter `fused`: one node where there were many."""

import random
from collections import Counter

from microgpt import (
    GPT,
    Config,
    State,
    document_loss,
    make_engine,
)
from tools.draw.figures import figure, shuffled, tokenizer
from tools.draw.palette import BLUE, INK, PAPER, RED, SERIF, SOFT
from tools.draw.svg import arrow, circle, note, rect, text

RADIUS = 13


def node(x, y, label, color=INK):
    """Returns a node: a circle with a sign in it."""
    return circle(
        (x, y), RADIUS, PAPER, stroke=color, stroke_width=1.4
    ) + text(x, y + 5.5, label, "middle", fill=color)  # fmt: skip


def edge(a, b, label=None, share=0.5):
    """Returns an arrow between two nodes, with its local gradient on it."""
    (x1, y1), (x2, y2) = a, b
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    ux, uy = (x2 - x1) / length * RADIUS, (y2 - y1) / length * RADIUS
    parts = arrow((x1 + ux, y1 + uy), (x2 - ux, y2 - uy))
    if label:
        x, y = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
        parts += rect(x - 9, y - 9, 18, 18, PAPER)
        parts += note(x, y + 5, label, "middle", font_style="italic", font_family=SERIF)
    return parts


def leaves(x, step):
    """Returns the places and names of x1, y1, x2, y2, … from top to bottom."""
    names = [f"{letter}{'₁₂₃₄'[i]}" for i in range(4) for letter in "xy"]
    return {name: (x, 46 + i * step) for i, name in enumerate(names)}


@figure
def dot_node():
    """A dot product of two vectors of four, as seven nodes and as one."""
    titles = [text(20, 18, "7 nodes", fill=SOFT), text(350, 18, "1 node", fill=SOFT)]
    return 382, *titles, *seven_nodes(leaves(24, 44)), *one_node(leaves(370, 44))


def seven_nodes(places):
    """Returns the dot product as four products and three sums."""
    parts, total = [], None
    for i, digit in enumerate("₁₂₃₄"):
        x, y = places[f"x{digit}"], places[f"y{digit}"]
        product = (110, (x[1] + y[1]) / 2)
        parts += [edge(x, product, f"y{digit}"), edge(y, product, f"x{digit}")]
        parts.append(node(*product, "×", BLUE))
        if total:
            place = (146 + 46 * i, product[1])
            parts += [edge(total, place, "1"), edge(product, place, "1")]
            parts.append(node(*place, "+", BLUE))
        total = place if total else product
    names = [text(x, y + 5.5, name, "middle") for name, (x, y) in places.items()]
    return parts + names


def one_node(places):
    """Returns the dot product as a single node."""
    parts, centre = [], (510, 46 + 3.5 * 44)
    for name, (x, y) in places.items():
        other = ("y" if name[0] == "x" else "x") + name[1]
        parts.append(edge((x, y), centre, other, 0.4))
        parts.append(text(x, y + 5.5, name, "middle"))
    return [*parts, node(*centre, "·", RED)]


@figure
def fewer_nodes():
    """Nodes of the first document's graph, by kind, in two engines."""
    found = {name: Counter(map(kind, nodes)) for name, nodes in graphs().items()}
    largest = max(found["graph"].values())
    parts, y = [], 20
    for name, counts in found.items():
        parts.append(text(2, y, f"{name}: {sum(counts.values()):,} nodes"))
        y += 14
        for label, number in counts.most_common():
            wide = 300 * number / largest
            parts += [
                rect(170, y, wide, 16, BLUE if name == "graph" else RED),
                note(162, y + 13, label, "end"),
                note(178 + wide, y + 13, f"{number:,}", fill=INK),
            ]
            y += 23
        y += 27
    return y - 27, *parts


def graphs():
    """Returns the nodes of the first document's graph, as two engines make it."""
    config = Config(tokenizer().vocab_size)
    tokens = tokenizer().encode(shuffled()[0])
    graph = document_loss(GPT(config, random.Random(42)), tokens)
    engine = make_engine("fused", State.random(config, random.Random(42)))
    fused = engine.document_loss(tokens)
    return {"graph": graph.topological_order(), "fused": fused.topological_order()}


def kind(node):
    """Returns what a node of a graph is called in the figure."""
    name = type(node).__name__
    if name != "Value":
        return name
    if len(node._children) == 1:
        return "of one number"
    if len(node._children) > 2:
        return "of many numbers"
    return "sum" if tuple(node._local_grads) == (1.0, 1.0) else "product"
