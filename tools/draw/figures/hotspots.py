"""Figures of the chapter `profile`: where the time goes, and the ring that costs it."""

from tools.draw.charts import scale
from tools.draw.figures import figure
from tools.draw.palette import INK, PAPER, RED, WIDTH
from tools.draw.svg import note, rect, text
from tools.proof import tables

ACTIVITIES = {
    "the collector": "the collector",
    "the way back": "the way back",
    "putting them in order": "ordering Values",
    "making Values": "making Values",
}
REST = "all else"
LEFT, TALL = 142, 50


@figure
def hotspots():
    """The time of each activity in a step, in two programs, on one scale."""
    before, after = shares("sampling"), shares("complete")
    faster = tables.cell("bench", "graph")
    x = scale((0, max(before.values())), (LEFT, WIDTH - 66))
    parts = key(16)
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


def key(y):
    """Returns what full and hollow bars are."""
    return [
        rect(LEFT, y - 11, 12, 12, RED, fill_opacity=0.75),
        note(LEFT + 18, y, "the stage of Sampling"),
        rect(LEFT + 190, y - 11, 12, 12, PAPER, stroke=RED),
        note(LEFT + 208, y, "graph"),
    ]
