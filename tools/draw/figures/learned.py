"""Figures of what the model has learned: the answers of pupils, and larger models."""

from itertools import accumulate, pairwise

from tools.draw.charts import (
    curve,
    key,
    log_scale,
    look,
    path,
    rules,
    scale,
    spread,
    x_axis,
)
from tools.draw.figures import figure
from tools.draw.figures.worth import bar
from tools.draw.palette import BLUE, FAINT, GREEN, INK, MONO, RED, SOFT, WIDTH
from tools.draw.svg import circle, line, note, rect, text
from tools.lab import larger, marks

TAUGHT = {
    "some, blind": "1,000, no attention",
    "some": "1,000 names",
    "all, blind": "all, no attention",
    "all": "all names",
}
READ = {
    "names": "names",
    "greek": "Greek words",
    "psalms": "verses",
    "prose": "this book",
}


@figure
def learned_endings():
    """How probable the end of a name is after on, and after an in its place, for four
    models: alike without attention, far apart with it and all names."""
    left, top, tall = 200, 30, 44
    x = scale((0.3, 0.65), (left, WIDTH - 20))
    parts, bottom = [], top + 44 * len(TAUGHT) - 14
    for i, (school, told) in enumerate(TAUGHT.items()):
        at = top + i * tall
        ends = []
        for what, colour in (("on", RED), ("on as an", BLUE)):
            middle = marks.mean(school, "endings", what)
            error = 2 * marks.error(school, "endings", what)
            ends.append((x(middle), at))
            parts += bar(at, x(middle - error), x(middle + error), colour)
            parts.append(circle((x(middle), at), 5, colour))
        parts += [line(*ends, FAINT, 1), note(left - 22, at + 5, told, "end", INK)]
        if i == len(TAUGHT) - 1:
            for (place, _), told, colour in zip(ends, ("…on", "…an"), (RED, BLUE)):
                parts.append(text(place, at - 14, told, "middle", 14, colour))
    ticks = (0.3, 0.4, 0.5, 0.6)
    return bottom + 62, *parts, x_axis(x, ticks, bottom + 10, "probability of the end")


@figure
def learned_positions():
    """The held-out loss by position, from the first letter to the tenth token: with and
    without attention, after 1,000 names and after all."""
    x, y = scale((1, 10), (60, 400)), scale((0.9, 3.05), (330, 26))
    parts, ends = [rules(y, (1, 1.5, 2, 2.5, 3), 60, 400, told="{:g}".format)], []
    shown = {
        "some, blind": BLUE,
        "some": SOFT,
        "all, blind": GREEN,
        "all": RED,
    }
    for school, colour in shown.items():
        points = []
        for i in range(10):
            middle = marks.mean(school, "positions", str(i))
            error = 2 * marks.error(school, "positions", str(i))
            points.append((x(i + 1), y(middle)))
            parts += bar(
                x(i + 1), y(middle - error), y(middle + error), colour, standing=True
            )
        parts.append(curve(points, colour, 2.5))
        ends.append(points[-1][1])
    for (school, colour), height in zip(shown.items(), spread(ends, 18)):
        parts.append(note(412, height + 5, TAUGHT[school], fill=colour))
    return 390, *parts, note(0, 14, "loss"), x_axis(x, range(1, 11), 336, "position")


@figure
def learned_heads():
    """How the four heads divide their attention, before training, after 1,000 names and
    after all names: to the position itself, one back, two back, the rest and BOS."""
    cells = {"self": RED, "1 back": BLUE, "2 back": GREEN, "rest": SOFT, "BOS": FAINT}
    x, y, parts = scale((0, 1), (120, WIDTH - 10)), 28, []
    parts.append(note(0, 14, "head looks at"))
    for school, told in (
        ("new", "untrained"),
        ("some", "1,000 names"),
        ("all", "all names"),
    ):
        parts.append(note(0, y + 44, told, fill=INK))
        for head in range(4):
            shares = [marks.one(school, "heads", f"{head} {what}") for what in cells]
            borders = [*pairwise(accumulate(shares, initial=0))]
            if (school, head) == ("new", 0):  # the first row carries the names
                for (a, b), what in zip(borders, cells):
                    parts.append(note((x(a) + x(b)) / 2, 14, what, "middle", INK))
            for (a, b), colour in zip(borders, cells.values()):
                width = max(x(b) - x(a) - 1, 0.3)
                parts.append(rect(x(a), y, width, 16, colour, fill_opacity=0.75))
            parts.append(note(108, y + 13, str(head), "end"))
            y += 20
        y += 16
    return y - 8, *parts


@figure
def learned_echo():
    """The loss of each token of an echo, with attention and without: the first seven
    letters cost the same, the seven echoed ones nothing or as much again."""
    y, width, parts = scale((0, 2.1), (230, 60)), 31, []
    for at, told in ((0, "0"), (1, "1"), (2.0794, "ln 8")):
        parts += [line((48, y(at)), (552, y(at)), FAINT, 0.5)]
        parts.append(note(42, y(at) + 5, told, "end"))
    for i, symbol in enumerate("cabbage|cabbage·"):
        left = 54 + i * width
        for school, colour, shift in (("echo, blind", BLUE, 0), ("echo", RED, 13)):
            loss = marks.mean(school, "positions", str(i))
            height = max(y(0) - y(loss), 1)
            bar_look = look(colour, colour == RED)
            parts.append(rect(left + shift, y(0) - height, 12, height, **bar_look))
        parts.append(text(left + 12, 252, symbol, "middle", 16, INK, font_family=MONO))
    without = ("frame", BLUE, "without attention")
    parts.append(key(54, 17, without, ("bar", RED, "with")))
    return 264, note(0, 44, "loss"), *parts


@figure
def learned_larger():
    """Held-out loss against the number of parameters for four texts, both on scales of
    factors: the straight line through each, and how far it is from the models."""
    x = log_scale((1000, 250_000), (50, 430), 10)
    y = log_scale((1.7, 2.45), (400, 26), 10)
    parts, ends = [], []
    for tick in (1.8, 2, 2.2, 2.4):
        parts += [line((50, y(tick)), (430, y(tick)), FAINT, 0.5)]
        parts.append(note(42, y(tick) + 5, f"{tick:g}", "end"))
    for label, colour in zip(larger.TEXTS, (RED, BLUE, GREEN, SOFT)):
        points = larger.points(label)
        fit = larger.fitted(points)
        size = [x(point.size) for point in points]
        low, high = min(p.size for p in points), max(p.size for p in points)
        parts.append(path([(x(n), y(fit(n))) for n in (low, high)], colour, 1))
        for at, point in zip(size, points):
            heights = [y(point.loss + k * 2 * point.error) for k in (-1, 1)]
            parts += bar(at, *heights, colour, 1, standing=True)
            fill = colour if point.layers == 1 else "none"
            parts.append(circle((at, y(point.loss)), 4, fill, stroke=colour))
        ends.append(y(fit(high)))
    for label, colour, at in zip(
        larger.TEXTS, (RED, BLUE, GREEN, SOFT), spread(ends, 18)
    ):
        parts.append(note(442, at + 5, READ[label], fill=colour))
    ticks = {1000: "1,000", 10_000: "10,000", 100_000: "100,000"}
    axis = x_axis(x, ticks, 408, "parameters", "{:,.0f}", (1000, 250_000))
    return 458, note(0, 14, "loss"), *parts, axis
