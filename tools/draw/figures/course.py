"""Figures of the course: what has to be read before what."""

import re

from tools.draw.figures import figure
from tools.draw.palette import FAINT, INK, PAPER, RED, SMALL, SOFT, WIDTH
from tools.draw.svg import circle, number, path, text
from tools.proof import stage
from tools.weave import contents
from tools.weave import course as told

ROW, GAP, LEFT = 17, 9, 318
SKIPPED = re.compile(r"\((\w[\w-]*)\.md\).*\(may be skipped\)")


def skipped():
    """Returns the chapters that may be skipped."""
    return set(SKIPPED.findall((stage.BOOK / "index.md").read_text("utf-8")))


def heights():
    """Returns where the row of each chapter is; there is a gap between parts."""
    y, found = 12, {}
    for _, part in told.parts():
        for name in part:
            found[name] = y
            y += ROW
        y += GAP
    return found


def bow(top, bottom, most, near):
    """Returns a bow from one row up to another, the wider the longer it is."""
    x, far = LEFT + 8, 1.3 * (WIDTH - LEFT - 14) * ((bottom - top) / most) ** 0.6
    lift = 0.2 * min(far / 1.3, (bottom - top) / 2)
    turns = [(x + far, bottom - lift), (x + far, top + lift), (x, top)]
    data = " ".join(f"{number(a)} {number(b)}" for a, b in turns)
    start = f"M{number(x)} {number(bottom)}C{data}"
    return path(start, SOFT if near else RED, 1.2 if near else 1.6)


def bows(chapters, rows, optional):
    """Returns the bows, coloured where they pass over a chapter of the main road."""
    pairs = [(need, name) for name in chapters for need in chapters[name].needs]
    most, road = max(rows[name] - rows[need] for need, name in pairs), [*rows]
    for need, name in pairs:
        between = road[road.index(need) + 1 : road.index(name)]
        yield bow(rows[need], rows[name], most, optional.issuperset(between))


@figure
def needs():
    """What needs what: a bow leads from each chapter up to those that have to be read
    before it."""
    chapters, _ = told.read()
    found, rows, optional = contents.of_book(stage.BOOK), heights(), skipped()
    drawn = [*bows(chapters, rows, optional)]
    for name, y in rows.items():
        title, grey = found.chapter(f"{name}.md").title, name in optional
        drawn.append(text(LEFT - 8, y + 5, title, "end", SMALL, SOFT if grey else INK))
        fill, edge = (PAPER, FAINT) if grey else (INK, INK)
        drawn.append(circle((LEFT + 4, y), 3.5, fill, stroke=edge))
    return max(rows.values()) + 14, *drawn
