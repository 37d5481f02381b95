"""Figures of one weight and of two: a valley, a step too long, a map of a landscape."""

import math
from functools import cache

from microgpt.data import split
from tools.draw.charts import dots, minus, scale, x_axis, y_axis
from tools.draw.figures import figure, model_of, shuffled
from tools.draw.palette import BLUE, FAINT, INK, PAPER, RED, SOFT, WIDTH
from tools.draw.svg import arrow, circle, line, note, path, rect, text

HELD_OUT = 1000


@cache
def counts(letter):
    """Returns how often training names end after a letter, and how often not."""
    docs, _ = split(shuffled(), HELD_OUT)
    ends = sum(doc.endswith(letter) for doc in docs)
    return ends, sum(doc.count(letter) for doc in docs) - ends


def loss(w):
    """Returns the loss of one weight, that of the end after a."""
    return model_of("one-number").end_loss([w], [counts("a")])


def roll(rate, steps):
    """Returns the weights on the way from 0, with their losses."""
    w, way = 0.0, []
    for _ in range(steps + 1):
        way.append((w, loss(w)))
        w -= rate * model_of("one-number").slope(loss, w)
    return way


def bottom(letter):
    """Returns the weight at which the loss of a letter is least."""
    ends, others = counts(letter)
    return math.log(ends / others)


def walls(left, right, low, top):
    """Returns scales, and the parts of a drawing of the valley."""
    x, y = scale((left, right), (50, WIDTH - 10)), scale((low, top), (262, 34))
    ws = [left + (right - left) * i / 120 for i in range(121)]
    ticks = [k / 5 for k in range(round(low * 5), round(top * 5) + 1)]
    return x, y, [
        x_axis(x, range(math.ceil(left), math.floor(right) + 1), 270,
               "the weight w", ends=(left, right)),
        y_axis(y, ticks, 42, "loss", "{:.1f}", (low, top)),
        path([(x(w), y(loss(w))) for w in ws], SOFT, 2),
    ]  # fmt: skip


@figure
def valley():
    """The loss over one weight: a valley, and the steps that lead from 0 to its
    bottom."""
    x, y, parts = walls(-4.0, 1.0, 0.2, 1.2)
    way = [(x(w), y(z)) for w, z in roll(2, 4)]
    slope = model_of("one-number").slope(loss, 0.0)
    tangent = [(x(d), y(loss(0) + slope * d)) for d in (-0.55, 0.55)]
    low = bottom("a")
    told = minus(f"bottom: w = {low:.2f}, p = {model_of('one-number').chance(low):.3f}")
    return (
        312, *parts,
        path(tangent, BLUE, 1.5),
        text(x(0) - 10, y(loss(0)) - 28, f"slope {slope:.3f}", "end", fill=BLUE),
        note(x(0) - 10, y(loss(0)) - 10, "at w = 0", "end", BLUE),
        line((x(low), y(loss(low)) + 6), (x(low), y(loss(low)) + 22), SOFT),
        text(x(low), y(loss(low)) + 38, told, "middle"),
        *[circle(point, 5, RED) for point in way],
        note(way[0][0] + 12, way[0][1] + 14, "start", fill=RED),
        note(way[1][0] - 8, way[1][1] - 10, "step 1", "end", RED),
    )  # fmt: skip


@figure
def too_long():
    """The same valley with steps that are too long: they jump from wall to wall."""
    x, y, parts = walls(-7.0, 1.0, 0.4, 1.4)
    way = [(x(w), y(z)) for w, z in roll(20, 4)]
    for a, b in zip(way, way[1:]):
        parts.append(arrow(a, short(a, b, 7), BLUE, 1.6))
    parts += [circle(point, 5, RED) for point in way]
    sides = ((12, 5, None), (12, -8, None), (-12, 18, "end"), (12, 18, None),
             (-12, 18, "end"))  # fmt: skip
    for number, ((px, py), (dx, dy, anchor)) in enumerate(zip(way, sides)):
        label = f"step {number}" if number else "start"
        parts.append(note(px + dx, py + dy, label, anchor, RED))
    return 312, *parts


def short(a, b, gap):
    """Returns the end of the way from a to b, so far before b."""
    far = math.dist(a, b)
    return tuple(q - (q - p) / far * gap for p, q in zip(a, b))


def both(a, n):
    """Returns the loss of two weights, of the end after a and after n."""
    return model_of("one-number").end_loss([a, n], [counts("a"), counts("n")])


def walk(rate, steps):
    """Returns the places of both weights on the way from 0, 0."""
    a = n = 0.0
    way = [(a, n)]
    for _ in range(steps):
        slope_a, slope_n = gradient(a, n)
        a, n = a - rate * slope_a, n - rate * slope_n
        way.append((a, n))
    return way


def gradient(a, n):
    """Returns the slopes along both weights."""
    slope = model_of("one-number").slope
    return slope(lambda w: both(w, n), a), slope(lambda w: both(a, w), n)


def contour(height, middle):
    """Returns the places around the bottom at which the loss has this height."""
    places = []
    for degrees in range(0, 360, 3):
        ca, sa = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        near, far = 0.0, 20.0
        for _ in range(50):
            r = (near + far) / 2
            low = both(middle[0] + r * ca, middle[1] + r * sa) < height
            near, far = (r, far) if low else (near, r)
        places.append((middle[0] + near * ca, middle[1] + near * sa))
    return places


@figure
def two_numbers():
    """A landscape over two weights as a map of contour lines, and the path from 0, 0
    to its bottom."""
    (west, east), (south, north), unit = (-3.25, 0.45), (-2.0, 1.1), 136
    x = scale((west, east), (48, 48 + (east - west) * unit))
    y = scale((south, north), (34 + (north - south) * unit, 34))
    low, parts = (bottom("a"), bottom("n")), []
    for height in (0.56, 0.58, 0.6, 0.62, 0.64, 0.66, 0.68):
        places = contour(height, low)
        shown = [west < a < east and south < n < north for a, n in places]
        for stretch in stretches(places, shown):
            parts.append(path([(x(a), y(n)) for a, n in stretch], FAINT, 1.2))
        if height < 0.66:
            parts += on_line(x(low[0]), y(max(n for _, n in places)), f"{height:.2f}")
    way = [(x(a), y(n)) for a, n in walk(4, 30)]
    return (
        y(south) + 44,
        x_axis(x, (-3, -2, -1, 0), y(south), "weight of a", ends=(west, east)),
        y_axis(y, (-2, -1, 0, 1), 48, "weight of n", ends=(south, north)),
        *parts,
        path(way, RED, 1.5),
        dots(way, 3.5, RED),
        circle((x(low[0]), y(low[1])), 3, INK),
        note(way[0][0] + 9, way[0][1] + 5, "start", fill=RED),
        note(x(low[0]), y(low[1]) + 20, f"{both(*low):.3f}", "middle", INK),
    )


def stretches(places, shown):
    """Returns the parts of a closed line that are shown."""
    first = shown.index(False) if False in shown else 0
    row = [*range(first, len(places)), *range(first + 1)]
    found = [[]]
    for i in row:
        if shown[i]:
            found[-1].append(places[i])
        elif found[-1]:
            found.append([])
    return [stretch for stretch in found if len(stretch) > 1]


def on_line(x, y, told):
    """Returns a number that stands on a line, and the gap for it."""
    return rect(x - 17, y - 8, 34, 16, PAPER), note(x, y + 5, told, "middle")
