"""Figures of the chapter `profile`: where the time goes, and the ring that costs it."""

import math

from tools.draw.charts import key, scale
from tools.draw.figures import figure
from tools.draw.palette import BLUE, INK, MONO, PAPER, RED, SERIF, SOFT, WIDTH
from tools.draw.svg import arrow, circle, note, rect, text
from tools.proof import tables

ACTIVITIES = {
    "the collector": "the collector",
    "the way back": "the way back",
    "putting them in order": "ordering Values",
    "making Values": "making Values",
}
REST = "all else"
LEFT, TALL = 142, 50
SLANTED = {"font_family": SERIF, "font_style": "italic"}


@figure
def hotspots():
    """The time of each activity in a step, in two programs, on one scale."""
    before, after = shares("sampling"), shares("complete")
    faster = tables.cell("bench", "graph")
    x = scale((0, max(before.values())), (LEFT, WIDTH - 66))
    stage = ("bar", RED, "the stage of Sampling")
    parts = [key(LEFT, 16, stage, ("frame", RED, "graph"))]
    for i, name in enumerate((*ACTIVITIES, REST)):
        y = 38 + i * TALL
        parts.append(text(LEFT - 12, y + 24, ACTIVITIES.get(name, name), "end"))
        parts += bar(x, y, before[name], full=True)
        parts += bar(x, y + 20, after[name] / faster, full=False)
    return 38 + len(before) * TALL, *parts


def shares(program):
    """Returns the share of each activity that is named, and of all else."""
    found = {
        row["name"]: float(row["value"])
        for row in tables.read("hotspots")
        if row["program"] == program and row["kind"] == "share"
    }
    named = {name: found[name] for name in ACTIVITIES}
    return named | {REST: sum(s for name, s in found.items() if name not in named)}


def bar(x, y, time, full):
    """Returns a time, in parts of the slower program's step, with its number."""
    wide, low = max(x(time) - LEFT, 1), {"fill": RED, "fill_opacity": 0.75}
    look = low if full else {"fill": PAPER, "stroke": RED}
    told = note(LEFT + wide + 8, y + 13, f"{time:.0%}", fill=INK)
    return [rect(LEFT, y, wide, 16, **look), told]


NODES = {"e": (462, 40), "d": (414, 96), "c": (510, 96), "a": (378, 152),
         "b": (450, 152)}  # fmt: skip
CHILDREN = {"e": "dc", "d": "ab"}


@figure
def visit_ring():
    """What the recursive search leaves behind: a function and the cell of its name that
    refer to each other, and the list from which the whole graph hangs."""
    parts = [
        *named(2, 72, "visit", "the function"),
        *named(2, 196, "visit", "the cell of its name"),
        *named(186, 72, "order", "the list it fills"),
        arrow((56, 122), (56, 193), RED, 2.2),
        arrow((104, 196), (104, 125), RED, 2.2),
        text(80, 164, "ring", "middle", 14, RED),
        arrow((152, 96), (183, 96)),
        arrow((336, 96), (353, 96)),
        rect(356, 8, 198, 178, "none", rx=8, stroke=SOFT, stroke_dasharray="4 4"),
        note(455, 206, "all nodes of the graph", "middle"),
    ]
    for name, at in NODES.items():
        for child in CHILDREN.get(name, ""):
            parts.append(arrow(at, joined(at, NODES[child]), INK, 1.4))
    for name, at in NODES.items():
        parts.append(circle(at, 17, PAPER, stroke=BLUE, stroke_width=1.6))
        parts.append(text(at[0], at[1] + 5, name, "middle", fill=INK, **SLANTED))
    return 254, *parts


def named(x, y, name, what):
    """Returns an object of the program as a box: its name, and what it is."""
    wide = 148
    return [
        rect(x, y, wide, 48, PAPER, rx=5, stroke=INK),
        text(x + wide / 2, y + 20, name, "middle", font_family=MONO),
        note(x + wide / 2, y + 39, what, "middle"),
    ]


def joined(a, b):
    """Returns where a line from a to the node at b ends: at its edge."""
    (x1, y1), (x2, y2) = a, b
    far = math.dist(a, b)
    return x2 - (x2 - x1) / far * 18, y2 - (y2 - y1) / far * 18
