"""Figures of what parts and recipes are worth: from the table of the laboratory."""

from tools.draw.charts import key, log_scale, minus, path, scale, x_axis, y_axis
from tools.draw.figures import figure
from tools.draw.figures.worth import READ, TICKS, bar, names_read
from tools.draw.palette import BLUE, FAINT, GREEN, INK, PAPER, RED, SOFT, WIDTH
from tools.draw.svg import circle, line, note
from tools.lab import results
from tools.lab.runs import EPOCH
from tools.proof.tables import NotYet

PARTS = {
    "no-attention": "no attention",
    "no-mlp": "no MLP",
    "heads 1": "one head",
    "heads 8": "eight heads",
    "layers 2": "two layers",
    "no-residual": "no residual",
    "no-norm": "no norm",
    "no-position": "no position",
    "no-root": "no root",
    "no-relu": "no ReLU",
    "gelu": "GELU",
    "squared-relu": "ReLU squared",
    "layernorm": "LayerNorm",
    "sinusoidal": "fixed waves",
    "rotary": "rotary",
    "shared-keys": "shared keys",
    "tied-head": "tied head",
    "parallel": "MLP beside",
}
RECIPE = {
    "sgd": "SGD",
    "momentum": "momentum",
    "constant-rate": "constant rate",
    "warm-up": "warm-up",
    "clipping": "clipping",
    "betas": "0.9 and 0.999",
    "adamw": "AdamW",
    "initial-std": "smaller weights",
    "zero-init": "silent start",
    "batch 8": "batch of 8",
    "batch 32": "batch of 32",
}
AXIS = (-0.02, 0, 0.02, 0.04, 0.06, 0.08, 0.1)


def differences(name, names):
    """Returns losses less the book's after as many names, by the same seeds.

    name: a variant, or a size and what it is.
    """
    what, _, size = name.partition(" ")
    if not size:
        return results.differences(name, steps=names)
    ours = {what: int(size), "steps": names}
    if what == "batch":
        ours["steps"] //= int(size)
    theirs = results.alike("book", {"steps": names})
    losses = results.alike("book", ours)
    return [losses[seeds] - theirs[seeds] for seeds in losses if seeds in theirs]


def worth(name, names):
    """Returns the mean difference and its standard error; None without runs."""
    try:
        apart = differences(name, names)
        return results.middle(apart), results.standard_error(apart)
    except NotYet:
        return None


def compared(labels):
    """Returns rows of what was changed, and how much worse the model is for it."""
    left, top, tall = 130, 34, 26
    x = scale((AXIS[0], AXIS[-1]), (left, WIDTH - 62))
    found = {name: [worth(name, names) for names in (1000, EPOCH)] for name in labels}
    found = {name: both for name, both in found.items() if any(both)}
    order = sorted(found, key=lambda name: -(found[name][1] or found[name][0])[0])
    bottom = top + len(order) * tall
    parts = [line((x(t), top - 8), (x(t), bottom), FAINT, 0.5) for t in AXIS]
    parts.append(line((x(0), top - 8), (x(0), bottom), SOFT, 1))
    for y, name in enumerate(order):
        parts += row(labels[name], *found[name], x, left, top + y * tall)
    axis = x_axis(x, AXIS, bottom, "worse by, in nats")
    short = ("ring", BLUE, "after 1,000 names")
    told = key(left, 15, short, ("dot", RED, "after all of them"))
    return bottom + 42, *parts, axis, told


def row(label, short, long, x, left, y):
    """Returns what a change is worth after 1,000 names, and after all of them."""
    parts = [note(left - 12, y + 11, label, "end", INK)]
    for both, colour, at in ((short, BLUE, y + 2), (long, RED, y + 11)):
        if both:
            parts += dot(*both, x, at, colour, PAPER if both is short else colour)
    if long:
        told = minus(f"{long[0]:+.3f}")
        parts.append(note(WIDTH - 4, y + 12, told, "end", RED))
    return parts


def dot(value, error, x, at, colour, fill):
    """Returns a difference with a bar of two errors to either side, if it fits."""
    ends = (min(max(value + s * error, AXIS[0]), AXIS[-1]) for s in (-2, 2))
    parts = bar(at, *map(x, ends), colour)
    if AXIS[0] <= value <= AXIS[-1]:
        parts.append(circle((x(value), at), 3.4, fill, stroke=colour))
    return parts


@figure
def worth_parts():
    """How much worse the model is without a part, or with another in its place, after
    1,000 names and after all of them."""
    return compared(PARTS)


@figure
def worth_recipe():
    """How much worse the model is when it is trained in another way, each with the best
    of several rates, after 1,000 names and after all of them."""
    return compared(RECIPE)


@figure
def worth_waking():
    """How much worse the model is without attention, without the MLP and with a single
    head, against the names it has read."""
    x = log_scale((100, EPOCH), (56, WIDTH - 108), 10)
    y = scale((-0.02, 0.1), (300, 30))
    parts = [line((x(100), y(0)), (x(EPOCH), y(0)), SOFT)]
    for name, colour in (("no-attention", RED), ("no-mlp", BLUE), ("heads 1", GREEN)):
        points = {names: worth(name, names) for names in READ}
        if None in points.values():
            raise NotYet(f"lab.csv has not all runs of {name}; run tools.lab grid")
        heights = [(x(n), y(value)) for n, (value, _) in points.items()]
        parts.append(path(heights, colour, 2))
        for n, (value, error) in points.items():
            ends = y(value - 2 * error), y(value + 2 * error)
            parts += bar(x(n), *ends, colour, standing=True)
        parts += [circle(at, 3, colour) for at in heights]
        at, height = heights[-1]
        parts.append(note(at + 10, height + 5, PARTS[name], fill=colour))
    ticks = {n: told for n, told in TICKS.items() if n <= EPOCH}
    left = y_axis(y, (-0.02, *AXIS[1:]), 52, "worse by, in nats", "{:.2f}")
    return 348, *parts, left, names_read(x, 304, ticks)
