"""Figures of the chapter `arrays`: a graph whose nodes are arrays."""

from collections import defaultdict
from typing import NamedTuple

from tools.draw.figures import figure
from tools.draw.palette import BLUE, FAINT, GREEN, INK, PAPER, RED, SOFT
from tools.draw.svg import arrow, line, note, path, rect, text

COLUMNS = (82, 212, 342)
WIDE, TALL, STEP = 122, 23, 31
SHAPES_AT = 415
STREAM, HEADS, SCORES = ("B", "T", 16), ("B", 4, "T", 4), ("B", 4, "T", "T")


class Box(NamedTuple):
    """A node of the graph: what it computes, where it stands, what it is made of.

    weight: the matrix in it. children: the numbers of the boxes that it comes from.
    """

    label: str
    column: int
    row: int
    shape: tuple = STREAM
    weight: str = ""
    children: tuple[int, ...] = ()


BOXES = [  # in the order of `topological_order`
    Box("rows", 0, 0, weight="wte"),
    Box("rows", 2, 0, ("T", 16), "wpe"),
    Box("+", 1, 1, children=(0, 1)),
    Box("rmsnorm", 1, 2, children=(2,)),
    Box("rmsnorm", 1, 3, children=(3,)),
    Box("linear", 0, 4, weight="attn_wq", children=(4,)),
    Box("split", 0, 5, HEADS, children=(5,)),
    Box("linear", 1, 4, weight="attn_wk", children=(4,)),
    Box("split", 1, 5, HEADS, children=(7,)),
    Box("swapaxes", 1, 6, ("B", 4, 4, "T"), children=(8,)),
    Box("@", 1, 7, SCORES, children=(6, 9)),
    Box("/ √d", 1, 8, SCORES, children=(10,)),
    Box("+ mask", 1, 9, SCORES, children=(11,)),
    Box("softmax", 1, 10, SCORES, children=(12,)),
    Box("linear", 2, 4, weight="attn_wv", children=(4,)),
    Box("split", 2, 5, HEADS, children=(14,)),
    Box("@", 1, 11, HEADS, children=(13, 15)),
    Box("join", 1, 12, children=(16,)),
    Box("linear", 1, 13, weight="attn_wo", children=(17,)),
    Box("+", 1, 14, children=(18, 3)),
    Box("rmsnorm", 1, 15, children=(19,)),
    Box("linear", 1, 16, ("B", "T", 64), "mlp_fc1", (20,)),
    Box("relu", 1, 17, ("B", "T", 64), children=(21,)),
    Box("linear", 1, 18, weight="mlp_fc2", children=(22,)),
    Box("+", 1, 19, children=(23, 19)),
    Box("linear", 1, 20, ("B", "T", 27), "lm_head", (24,)),
    Box("cross-entropy", 1, 21, (), children=(25,)),
]
HEIGHT = 22 * STEP + 10


def middle(box):
    """Returns the middle of a box."""
    return COLUMNS[box.column], HEIGHT - 20 - box.row * STEP


@figure
def array_graph():
    """The graph of the whole model: a box for each of its 27 nodes."""
    edges, boxes, told = [], [], defaultdict(dict)
    for box in BOXES:
        edges += [part for it in box.children for part in edge(BOXES[it], box)]
        x, y = middle(box)
        boxes.append(rect(x - WIDE / 2, y - TALL / 2, WIDE, TALL, PAPER,
                          stroke=RED if box.weight else INK, rx=4))  # fmt: skip
        named = f"{box.label} {box.weight}".strip()
        boxes.append(note(x, y + 5, named, "middle", RED if box.weight else INK))
        told[y + 5][written(box.shape)] = True
    shapes = [note(SHAPES_AT, y, " · ".join(some)) for y, some in told.items()]
    return HEIGHT, *edges, *boxes, *shapes


def written(shape):
    """Returns a shape as one reads it."""
    return " × ".join(map(str, shape)) or "one number"


def edge(child, box):
    """Returns the line from a box to the one that is made of it."""
    (x1, y1), (x2, y2) = middle(child), middle(box)
    if box.row > child.row + 1 and child.column == box.column:  # a residual
        side = COLUMNS[0] - WIDE / 2 - 12 if child.row == 2 else x1 - WIDE / 2 - 24
        road = [(x1 - WIDE / 2, y1), (side, y1), (side, y2)]
        return [path(road, BLUE, 1.6), arrow(road[-1], (x2 - WIDE / 2, y2), BLUE, 1.6)]
    if box.row > child.row + 1:  # straight up, then in from the side
        side = WIDE / 2 if x1 > x2 else -WIDE / 2
        return [line((x1, y1 - TALL / 2), (x1, y2)), arrow((x1, y2), (x2 + side, y2))]
    lean = max(-40, min(40, x2 - x1))
    if box.column == child.column:
        lean = 0
    if len(box.children) > 1:
        return [arrow((x1, y1 - TALL / 2), (x2 - lean, y2 + TALL / 2))]
    return [arrow((x1 + lean, y1 - TALL / 2), (x2, y2 + TALL / 2))]


@figure
def broadcasting():
    """A row is repeated over a table on the way forward; on the way back its gradient
    is the sum over the rows."""
    forward = [
        text(2, 18, "forward", fill=SOFT),
        *table(2, 34, [[1, 2], [3, 4], [5, 6]]),
        text(100, 89, "+", "middle"),
        *table(116, 34, [[10, 20]] * 3, BLUE, faint=(1, 2)),
        text(216, 89, "=", "middle"),
        *table(232, 34, [[11, 22], [13, 24], [15, 26]]),
    ]
    back = [
        text(362, 18, "back", fill=SOFT),
        *table(362, 34, [[1, 0], [2, -1], [0, 3]], GREEN),
        arrow((404, 134), (404, 154)),
        *table(362, 158, [[3, 2]], BLUE),
        note(456, 89, "the table’s"),
        note(456, 180, "the row’s"),
    ]
    return 196, *forward, *back


def table(x, y, rows, color=INK, faint=()):
    """Returns numbers in boxes; those of faint rows are drawn as repeated ones."""
    parts = []
    for i, row in enumerate(rows):
        for j, number in enumerate(row):
            again, left, top = i in faint, x + 42 * j, y + 32 * i
            edge = {"stroke": FAINT, "stroke_dasharray": "3 3"} if again else {}
            parts.append(rect(left, top, 42, 32, PAPER, **{"stroke": color} | edge))
            shown, ink = str(number).replace("-", "−"), SOFT if again else color
            parts.append(text(left + 21, top + 22, shown, "middle", fill=ink))
    return parts
