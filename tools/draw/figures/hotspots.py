"""Figures of the chapter `profile`: where the time of a step goes."""

from tools.draw.figures import figure
from tools.draw.palette import BLUE, FAINT, GREEN, INK, RED, SOFT
from tools.draw.svg import note, rect, text
from tools.proof import tables

COLOURS = {
    "the collector": RED,
    "the way back": BLUE,
    "putting them in order": GREEN,
    "making Values": SOFT,
}


@figure
def hotspots():
    """The share of each activity in the time of a step, in two programs."""
    faster = tables.cell("bench", "graph")
    first = bar(16, "the stage of Sampling", shares("sampling"), 1)
    second = bar(100, "graph", shares("complete"), faster)
    return 210, *first, *second, *key(184)


def shares(program):
    """Returns the share of each activity that has a colour, and of all else."""
    found = {
        row["name"]: float(row["value"])
        for row in tables.read("hotspots")
        if row["program"] == program and row["kind"] == "share"
    }
    found["all else"] = sum(s for name, s in found.items() if name not in COLOURS)
    return found


def bar(y, title, found, faster):
    """Returns the time of a step as a bar; a faster program's is shorter."""
    parts, x = [text(0, y, title, fill=SOFT)], 0
    for name in (*COLOURS, "all else"):
        wide = 558 / faster * found[name]
        parts.append(rect(x, y + 10, wide, 34, COLOURS.get(name, FAINT)))
        x += wide
    return parts


def key(y):
    """Returns what the colours mean."""
    parts = []
    for i, name in enumerate((*COLOURS, "all else")):
        x, line = (i % 3) * 180, y - 10 + 26 * (i // 3)
        parts.append(rect(x, line - 12, 14, 14, COLOURS.get(name, FAINT)))
        label = "putting Values in order" if name.startswith("putting") else name
        parts.append(note(x + 21, line, label, fill=INK))
    return parts
