"""Figures of the laboratory: how rotary positions turn, and the catalogue."""

import math
from contextlib import suppress

from tools.draw.charts import minus
from tools.draw.figures import figure
from tools.draw.palette import BLUE, FAINT, INK, MONO, PAPER, RED, SOFT, WIDTH
from tools.draw.svg import arrow, circle, line, note, path, text
from tools.lab import catalogue as pages
from tools.lab import results
from tools.lab.runs import EPOCH
from tools.proof.tables import NotYet

QUERY, KEY = (0.6, 1.0), (0.1, 0.8)  # of each arrow: its angle and its length
REACH = 74  # of an arrow of length 1
SEEDS = {"order": 42, "weights": range(1, 11)}
TICKS = (-0.01, -0.001, 0, 0.001, 0.01, 0.1)
ROW = 19


@figure
def rotary():
    """A query and a key as arrows: as they are made, and turned by a radian for each
    position; positions that are as far apart leave the same angle between them."""
    parts = []
    for number, (i, j) in enumerate(((0, 0), (5, 3), (8, 6))):
        told = f"query at {i}, key at {j}" if i else "as they are made"
        parts += plane(93 + 187 * number, 120, i, j, told)
    return 216, *parts


def plane(x, y, i, j, told):
    """Returns the two arrows, turned by i and by j radians, and what is between."""
    ends = {}
    for name, colour, (angle, length), turns in (
        ("q", BLUE, QUERY, i),
        ("k", RED, KEY, j),
    ):
        angle += turns
        end = place(x, y, angle, REACH * length)
        ends[name] = angle
        label = place(x, y, angle, REACH * length + 12)
        yield arrow((x, y), end, colour, 2)
        yield note(label[0], label[1] + 5, name, "middle", colour)
    between = [ends["k"] + (ends["q"] - ends["k"]) * t / 20 for t in range(21)]
    yield path([place(x, y, angle, 22) for angle in between], INK, 1.2)
    yield circle((x, y), 2, INK)
    yield text(x, 16, told, "middle")
    degrees = math.degrees(ends["q"] - ends["k"])
    yield note(x, 211, f"{degrees:.0f}° from k to q", "middle", INK)


def place(x, y, angle, length):
    """Returns the point at an angle and a distance from another."""
    return x + length * math.cos(angle), y - length * math.sin(angle)


@figure
def catalogue():
    """What each variant does to the held-out loss: the mean difference from the book's
    after all names and after 1,000, with two standard errors to either side."""
    rows = sorted(measured(), reverse=True)
    left, top, bottom = 132, 12, 12 + ROW * len(rows)
    middle, unit = left + 130, 112
    parts = [line((middle, top), (middle, bottom), SOFT, 0.8)]

    def x(difference):
        share = math.log10(1 + abs(difference) / 0.001)
        return middle + math.copysign(unit * share, difference)

    for tick in TICKS:
        parts.append(line((x(tick), bottom), (x(tick), bottom + 4), FAINT))
        parts.append(note(x(tick), bottom + 19, minus(f"{tick:g}"), "middle"))
    parts.append(line((x(TICKS[0]), bottom), (x(TICKS[-1]), bottom), FAINT))
    parts.append(note(WIDTH - 4, bottom + 38, "nats, less the book’s", "end"))
    for number, (mean, error, short, _, name) in enumerate(rows):
        y = top + ROW * (number + 0.5)
        parts += [
            note(left - 12, y + 5, name, "end", INK, font_family=MONO),
            line((left, y), (WIDTH - 8, y), FAINT, 0.3),
            circle((x(short), y), 3.6, PAPER, stroke=SOFT, stroke_width=1.2),
            line((x(mean - 2 * error), y), (x(mean + 2 * error), y), RED, 1.6),
            circle((x(mean), y), 3.8, RED),
        ]
    return bottom + 44, *parts


def measured():
    """Yields the differences of each variant that was run, and its name."""
    for name in pages.names():
        with suppress(NotYet):
            yield *apart(name, EPOCH), *apart(name, 1000), name


def apart(name, steps):
    """Returns a variant's mean difference from the book, and its standard error."""
    found = {"steps": steps, **SEEDS}
    return results.diff(name, **found), results.diff_error(name, **found)
