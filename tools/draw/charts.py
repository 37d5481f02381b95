"""Charts: scales, axes and tables of shades, drawn with tools/draw/svg.py."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, pairwise

from tools.draw.palette import FAINT, INK, MONO, PAPER, RED, SMALL, SOFT
from tools.draw.svg import Point, circle, element, line, note, number, path, rect, text

Scale = Callable[[float], float]


def scale(domain: Sequence[float], range_: Sequence[float]) -> Scale:
    """Returns the straight line that takes the ends of one range to the other's."""
    (a, b), (c, d) = domain, range_
    return lambda x: c + (x - a) * (d - c) / (b - a)


def log_scale(domain: Sequence[float], range_: Sequence[float], base: int) -> Scale:
    """Returns the scale on which each step of the base is as long as the next."""
    log = {2: math.log2, 10: math.log10}[base]
    straight = scale((log(domain[0]), log(domain[1])), range_)
    return lambda x: straight(log(x))


def minus(told: str) -> str:
    """Returns a number's text with a true minus sign."""
    return told.replace("-", "−")


def x_axis(
    x: Scale, ticks: Iterable[float], y: float, label: str = "",
    form: str = "{:g}", ends: Sequence[float] = (),
) -> str:  # fmt: skip
    """Returns an axis at the height y: a line, ticks, and a label under its end."""
    ticks = list(ticks)
    first, last = ends or (ticks[0], ticks[-1])
    parts = [line((x(first), y), (x(last), y), FAINT)]
    for tick in ticks:
        parts.append(line((x(tick), y), (x(tick), y + 4), FAINT))
        told = minus(form.format(tick))
        if told:
            parts.append(note(x(tick), y + 19, told, "middle"))
    if label:
        parts.append(note(x(last), y + 38, label, "end"))
    return "\n".join(parts)


def y_axis(
    y: Scale, ticks: Iterable[float], x: float, label: str = "",
    form: str = "{:g}", ends: Sequence[float] = (),
) -> str:  # fmt: skip
    """Returns an axis at x: a line, ticks to its left, and a label above it."""
    ticks = list(ticks)
    first, last = ends or (ticks[0], ticks[-1])
    parts = [line((x, y(first)), (x, y(last)), FAINT)]
    for tick in ticks:
        parts.append(line((x - 4, y(tick)), (x, y(tick)), FAINT))
        told = minus(form.format(tick))
        parts.append(note(x - 8, y(tick) + 5, told, "end"))
    if label:
        parts.append(note(0, y(last) - 14, label))
    return "\n".join(parts)


def dots(
    points: Iterable[tuple[float, float]], radius: float, fill: str, **more: object
) -> str:
    """Returns many dots of one size and colour as one short element."""
    d = "".join(f"M{number(x)} {number(y)}h0" for x, y in points)
    return element(
        "path", d=d, stroke=fill, stroke_width=2 * radius, fill="none",
        stroke_linecap="round", **more,
    )  # fmt: skip


def curve(
    points: Sequence[tuple[float, float]], colour: str, radius: float,
    width: float = 1.5,
) -> str:  # fmt: skip
    """Returns a line through points, each of them marked."""
    marks = [circle(point, radius, colour) for point in points]
    return "\n".join([path(points, colour, width), *marks])


def look(colour: str, full: bool = True) -> dict[str, object]:
    """Returns how a bar looks, full or hollow."""
    if full:
        return {"fill": colour, "fill_opacity": 0.75}
    return {"fill": colour, "fill_opacity": 0.1, "stroke": colour}


def mark(kind: str, colour: str, x: float, y: float) -> str:
    """Returns a mark of a legend, 12 units wide from x on, around the height y."""
    if kind in ("bar", "frame"):
        return rect(x, y - 6, 12, 12, **look(colour, kind == "bar"))
    if kind in ("dot", "ring"):
        return circle((x + 6, y), 4, colour if kind == "dot" else PAPER, stroke=colour)
    assert kind == "dash", kind
    return line((x - 8, y), (x + 12, y), colour, 2, stroke_dasharray="5 4")


def key(x: float, y: float, *entries: tuple[str, str, str]) -> str:
    """Returns a legend, one line of words at the height y.

    entries: of each, its mark (bar, frame, dot, ring or dash), colour and words.
    """
    parts = []
    for kind, colour, told in entries:
        parts += [mark(kind, colour, x, y - 5), note(x + 18, y, told)]
        x += 18 + 7.2 * len(told) + 22
    return "\n".join(parts)


def rules(
    y: Scale, ticks: Iterable[float], left: float, right: float, gap: float = 10,
    told: Callable[[float], object] = str, **more: object,
) -> str:  # fmt: skip
    """Returns a thin line across for each tick, with its number to the left."""
    parts = []
    for tick in ticks:
        parts.append(line((left, y(tick)), (right, y(tick)), FAINT, 0.5))
        parts.append(note(left - gap, y(tick) + 5, told(tick), "end", **more))
    return "\n".join(parts)


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Returns the places, in their order, moved so that none are nearer than gap."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = [float(place) for place in places]
    for _ in range(200):
        for i, j in pairwise(order):
            lack = gap - (moved[j] - moved[i])
            if lack > 1e-6:
                moved[i] -= lack / 2
                moved[j] += lack / 2
    return moved


def apart(points: Sequence[Point], gap: float) -> list[Point]:
    """Returns points in a plane, moved as little as leaves none nearer than gap."""
    moved = [(float(x), float(y)) for x, y in points]
    for _ in range(200):
        for i, j in combinations(range(len(moved)), 2):
            (ax, ay), (bx, by) = moved[i], moved[j]
            far = math.dist(moved[i], moved[j]) or 1e-9
            if (lack := gap - far) > 1e-6:
                dx, dy = (bx - ax) / far * lack / 2, (by - ay) / far * lack / 2
                moved[i], moved[j] = (ax - dx, ay - dy), (bx + dx, by + dy)
    return moved


def shades(
    rows: Sequence[Sequence[float]], x: float, y: float, cell: float,
    most: float = 1.0, fill: str = RED, below: str = SOFT, gap: float = 1.0,
    height: float | None = None,
) -> str:  # fmt: skip
    """Returns a table of squares, the stronger the larger; `below` is for negatives."""
    height = height or cell
    parts = []
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            shade = round(min(1.0, abs(value) / most), 2)
            if shade > 0:
                parts.append(rect(
                    x + j * cell, y + i * height, cell - gap, height - gap,
                    fill if value > 0 else below, fill_opacity=shade,
                ))  # fmt: skip
    return "\n".join(parts)


def labels_down(
    labels: Iterable[str], x: float, y: float, cell: float, size: float = SMALL
) -> str:
    """Returns labels to the left of a table's rows."""
    return "\n".join(
        text(x - 7, y + (i + 0.5) * cell + size * 0.33, label, "end", size, INK,
             font_family=MONO)
        for i, label in enumerate(labels)
    )  # fmt: skip


def labels_across(
    labels: Iterable[str], x: float, y: float, cell: float, size: float = SMALL
) -> str:
    """Returns labels above a table's columns."""
    return "\n".join(
        text(x + (i + 0.5) * cell - 0.5, y - 7, label, "middle", size, INK,
             font_family=MONO)
        for i, label in enumerate(labels)
    )  # fmt: skip


def table(
    labels: Sequence[str], rows: Sequence[Sequence[float]], x: float, y: float,
    cell: float, size: float = SMALL, **more: object,
) -> str:  # fmt: skip
    """Returns a square table of shades with the same labels above and to its left."""
    return "\n".join([
        labels_across(labels, x, y, cell, size),
        labels_down(labels, x, y, cell, size),
        shades(rows, x, y, cell, **more),
    ])  # fmt: skip
