"""Figures of noise, and of what is learned from more names: from the laboratory."""

from contextlib import suppress

from tools.draw.charts import log_scale, path, scale, spread, x_axis, y_axis
from tools.draw.figures import figure
from tools.draw.palette import BLUE, FAINT, INK, RED, SOFT, WIDTH
from tools.draw.svg import circle, line, note
from tools.lab import results
from tools.lab.runs import EPOCH
from tools.proof import tables
from tools.proof.tables import NotYet

TWENTY = range(1, 21)
READ = (100, 300, 1000, 3000, 10_000, EPOCH)
ROUNDS = (3, 10)
TICKS = {
    100: "100", 1000: "1,000", 10_000: "10,000", EPOCH: "all", 10 * EPOCH: "ten times",
}  # fmt: skip


def bar(at, low, high, colour, width=1.5, standing=False):
    """Returns a line from low to high, with caps: how uncertain a mean is."""
    lines = [
        [(low, at), (high, at)],
        *([(x, at - 4), (x, at + 4)] for x in (low, high)),
    ]
    if standing:
        lines = [[(y, x) for x, y in one] for one in lines]
    return [line(a, b, colour, width) for a, b in lines]


def middle(losses):
    """Returns the mean of losses and its standard error; 0 if there is one only."""
    if len(losses) < 2:
        return results.middle(losses), 0.0
    return results.middle(losses), results.standard_error(losses)


@figure
def worth_noise():
    """The loss after training with twenty first weights, and with twenty orders of the
    names, less its mean; and how uncertain it is for which names are asked."""
    left, top, tall = 196, 20, 40
    x = scale((-0.016, 0.016), (left, WIDTH - 12))
    kinds = [("first weights", {"order": 42, "weights": TWENTY}),
             ("orders", {"weights": 42, "order": TWENTY})]  # fmt: skip
    parts, y = [], top
    for steps, told in ((1000, "1,000 names"), (EPOCH, "all names")):
        for what, seeds in kinds:
            losses = list(results.alike("book", {"steps": steps, **seeds}).values())
            parts += strip(losses, x, y)
            parts.append(note(0, y + 5, f"20 {what}, {told}", fill=INK))
            y += tall
    found = results.rows(steps=EPOCH, weights=42, order=42).values()
    error = next(iter(found)).error
    parts += bar(y, x(-error), x(error), SOFT, 2)
    parts.append(note(0, y + 5, "1,000 names asked", fill=INK))
    parts.append(line((x(0), top - 16), (x(0), y + 16), FAINT, 0.7))
    ticks = (-0.01, -0.005, 0, 0.005, 0.01)
    return y + 66, *parts, x_axis(x, ticks, y + 24, "less the mean, in nats")


def strip(losses, x, y):
    """Returns losses less their mean as dots, with a bar of one standard deviation."""
    mean, sd = results.middle(losses), results.spread(losses)
    marks = [circle((x(z - mean), y), 4, RED, fill_opacity=0.45) for z in losses]
    return [*marks, *bar(y + 11, x(-sd), x(sd), INK)]


@figure
def worth_diet():
    """Held-out loss against names read, from 100 to ten times all of them: tables of
    two to five tokens, and the GPT at four widths."""
    low, high = 2.04, 2.66
    x = log_scale((100, 10 * EPOCH), (44, WIDTH - 112), 10)
    y = scale((low, high), (450, 26))
    parts = [line((x(EPOCH), y(low)), (x(EPOCH), y(high)), FAINT, 0.7)]
    curves = {told: (BLUE, counted(n)) for n, told in TABLES.items()}
    curves |= {
        f"GPT, {w} wide": (RED, trained(w)) for w in (8, 16, 32, 64) if trained(w)
    }
    ends = []
    for colour, points in curves.values():
        parts += falling(points, x, y, colour)
        ends.append((x(points[-1][0]), y(points[-1][1])))
    heights = spread([at for _, at in ends], 17)
    for (name, (colour, _)), (at, was), height in zip(curves.items(), ends, heights):
        parts.append(line((at + 4, was), (WIDTH - 108, height), colour, 0.5))
        parts.append(note(WIDTH - 104, height + 5, name, fill=colour))
    ticks = (2.1, 2.2, 2.3, 2.4, 2.5, 2.6)
    left = y_axis(y, ticks, 40, "loss", "{:.1f}", (low, high))
    return 498, *parts, left, names_read(x, 454, TICKS)


TABLES = {2: "bigram", 3: "trigram", 4: "4-gram", 5: "5-gram"}


def falling(points, x, y, colour):
    """Returns a curve; at its points a bar goes two errors to either side."""
    dashes = "6 3" if colour == BLUE else None  # the tables'
    places = [(x(n), y(z)) for n, z, _ in points]
    parts = [path(places, colour, 1.6, stroke_dasharray=dashes)]
    for names, loss, error in points:
        ends = y(loss - 2 * error), y(loss + 2 * error)
        parts += bar(x(names), *ends, colour, 1, standing=True)
        parts.append(circle((x(names), y(loss)), 2, colour))
    return parts


def names_read(x, y, ticks):
    """Returns the axis of names read."""
    parts = [line((x(min(ticks)), y), (x(max(ticks)), y), FAINT)]
    for tick, told in ticks.items():
        parts.append(line((x(tick), y), (x(tick), y + 4), FAINT))
        parts.append(note(x(tick), y + 19, told, "middle"))
    return "\n".join([*parts, note(x(max(ticks)), y + 38, "names read", "end")])


def counted(n):
    """Returns (names, mean loss, its standard error over orders) of tables."""
    losses = {}
    for row in tables.read("counts"):
        if int(row["n"]) == n:
            losses.setdefault(int(row["names"]), []).append(float(row["loss"]))
    points = [(names, *middle(found)) for names, found in sorted(losses.items())]
    return [*points, (10 * EPOCH, *points[-1][1:])]  # a second reading changes nothing


def trained(width):
    """Returns (names, mean loss, its standard error over seeds) of the GPT."""
    same, points = {"width": width, "order": 42, "weights": (1, 2, 3)}, []
    for names in (*READ, *(n * EPOCH for n in ROUNDS)):
        with suppress(NotYet):
            losses = results.alike("book", {**same, "steps": names})
            points.append((names, *middle([*losses.values()])))
    return points
