"""Figures of the chapter `profile`: where the time of a step goes."""

import csv

from tools.draw.figures import NotYet, figure
from tools.draw.svg import BLUE, FAINT, GREEN, RED, SMALL, SOFT, rect, text
from tools.measure.bench import TABLE as BENCH
from tools.measure.hotspots import TABLE

COLOURS = {
    "the collector": RED,
    "the way back": BLUE,
    "putting them in order": GREEN,
    "making Values": SOFT,
}


def rows(path):
    """Returns the rows of a table."""
    if not path.exists():
        raise NotYet(
            f"there is no {path.name}: run python -m tools.measure.{path.stem} --write"
        )
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


@figure
def hotspots():
    """The share of each activity in the time of a step, in two programs."""
    speeds = {row["program"]: float(row["speed"]) for row in rows(BENCH)}
    speed = speeds.get("graph") or speeds["complete"]
    parts, y = [], 16
    bars = (("sampling", "the stage of Sampling", 1), ("complete", "graph", speed))
    for program, title, faster in bars:
        shares = {
            row["name"]: float(row["value"])
            for row in rows(TABLE)
            if row["program"] == program and row["kind"] == "share"
        }
        shares["all else"] = sum(s for name, s in shares.items() if name not in COLOURS)
        parts.append(text(0, y, title, fill=SOFT))
        x = 0
        for name in (*COLOURS, "all else"):
            wide = 558 / faster * shares[name]
            parts.append(rect(x, y + 10, wide, 34, COLOURS.get(name, FAINT)))
            x += wide
        y += 84
    for i, name in enumerate((*COLOURS, "all else")):
        x, line = (i % 3) * 180, y - 10 + 26 * (i // 3)
        parts.append(rect(x, line - 12, 14, 14, COLOURS.get(name, FAINT)))
        label = "putting Values in order" if name.startswith("putting") else name
        parts.append(text(x + 21, line, label, size=SMALL))
    return y + 26, *parts
