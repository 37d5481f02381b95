"""Figures of what the parts are worth: from the tables of the laboratory."""

from tools.draw.charts import log_scale, minus, path, scale, spread, x_axis, y_axis
from tools.draw.figures import figure
from tools.draw.palette import BLUE, FAINT, GREEN, INK, RED, SOFT, WIDTH
from tools.draw.svg import circle, line, note
from tools.lab import results
from tools.lab.runs import EPOCH
from tools.proof import tables
from tools.proof.tables import NotYet

TEN, TWENTY = range(1, 11), range(1, 21)
READ = (100, 300, 1000, 3000, 10_000, EPOCH)
EPOCHS = (3, 10)
TICKS = {
    100: "100",
    1000: "1,000",
    10_000: "10,000",
    EPOCH: "all",
    10 * EPOCH: "ten times",
}
PARTS = {
    "no-residual": "no residual",
    "no-attention": "no attention",
    "no-position": "no position",
    "no-mlp": "no MLP",
    "heads": "one head",
    "no-norm": "no norm",
    "no-root": "no root",
    "no-relu": "no ReLU",
    "gelu": "GELU",
    "squared-relu": "ReLU squared",
    "layernorm": "LayerNorm",
    "sinusoidal": "fixed waves",
    "rotary": "rotary",
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
    "initial-std": "first weights 0.02",
    "zero-init": "first weights 0",
    "batch 8": "batch of 8",
    "batch 32": "batch of 32",
}


def bar(at, low, high, colour, width=1.5, standing=False):
    """Returns a line from low to high, with caps: how uncertain a mean is."""
    ends = [(low, at), (high, at)]
    caps = [[(x, at - 4), (x, at + 4)] for x in (low, high)]
    lines = [ends, *caps]
    if standing:
        lines = [[(y, x) for x, y in one] for one in lines]
    return [line(a, b, colour, width) for a, b in lines]


# The noise


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
    middle, sd = results.middle(losses), results.spread(losses)
    return [
        *(circle((x(loss - middle), y), 4, RED, fill_opacity=0.45) for loss in losses),
        *bar(y + 11, x(-sd), x(sd), INK),
    ]


# The diet


@figure
def worth_diet():
    """Held-out loss against names read, from 100 to ten times all of them: tables of
    one to five tokens, and the GPT at four widths."""
    x = log_scale((100, 10 * EPOCH), (44, WIDTH - 98), 10)
    y = scale((2.05, 2.85), (450, 26))
    curves = {f"{n} token{'s' * (n > 1)}": (BLUE, counted(n)) for n in range(1, 6)}
    curves |= {f"GPT, {w} wide": (RED, trained(w)) for w in (8, 16, 32, 64)}
    parts = [line((x(EPOCH), y(2.05)), (x(EPOCH), y(2.85)), FAINT, 0.7)]
    ends = []
    for colour, points in curves.values():
        width = 1.6
        for names, loss, error in points:
            parts += bar(x(names), y(loss - 2 * error), y(loss + 2 * error), colour, 1,
                         standing=True)  # fmt: skip
        parts.append(path([(x(n), y(z)) for n, z, _ in points], colour, width))
        parts += [circle((x(n), y(z)), 2, colour) for n, z, _ in points]
        ends.append((x(points[-1][0]), y(points[-1][1])))
    heights = spread([at for _, at in ends], 17)
    for (name, (colour, _)), (at, was), height in zip(curves.items(), ends, heights):
        parts.append(line((at + 4, was), (WIDTH - 94, height), colour, 0.5))
        parts.append(note(WIDTH - 90, height + 5, name, fill=colour))
    return (
        504, *parts,
        y_axis(y, [2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8], 40, "loss", "{:.1f}",
               (2.05, 2.85)),
        names_read(x, 454),
    )  # fmt: skip


def names_read(x, y):
    """Returns the axis of names read."""
    parts = [line((x(100), y), (x(10 * EPOCH), y), FAINT)]
    for tick, told in TICKS.items():
        parts.append(line((x(tick), y), (x(tick), y + 4), FAINT))
        parts.append(note(x(tick), y + 19, told, "middle"))
    parts.append(note(x(10 * EPOCH), y + 38, "names read", "end"))
    return "\n".join(parts)


def counted(n):
    """Returns (names, mean loss, its standard error over orders) of tables."""
    losses = {}
    for row in tables.read("counts"):
        if int(row["n"]) == n:
            losses.setdefault(int(row["names"]), []).append(float(row["loss"]))
    return [(names, *middle(found)) for names, found in sorted(losses.items())]


def trained(width):
    """Returns (names, mean loss, its standard error over seeds) of the GPT."""
    steps = [*READ, *(epochs * EPOCH for epochs in EPOCHS)]
    found = {n: results.alike("book", {"width": width, "steps": n}) for n in steps}
    return [(n, *middle(list(losses.values()))) for n, losses in found.items()]


def middle(losses):
    """Returns the mean of losses and its standard error; 0 if there is one only."""
    if len(losses) < 2:
        return results.middle(losses), 0.0
    return results.middle(losses), results.standard_error(losses)


# The parts


def worths(labels):
    """Returns, by variant, (difference, error) after 1,000 names, and after all."""
    found = {}
    for name in labels:
        try:
            found[name] = [worth(name, names) for names in (1000, EPOCH)]
        except NotYet:
            continue
    return dict(sorted(found.items(), key=lambda it: -it[1][1][0]))


def worth(name, names):
    """Returns the mean difference to the book's model and its standard error."""
    numbers = differences(name, names)
    return results.middle(numbers), results.standard_error(numbers)


def differences(name, names):
    """Returns the losses less the book's after as many names, by the same seeds."""
    if name == "heads":
        return results.differences("book", {"heads": 4}, heads=1, steps=names)
    if name.startswith("batch "):
        size = int(name.split()[1])
        ours = results.alike("book", {"batch": size, "steps": names // size})
        theirs = results.alike("book", {"steps": names})
        return [ours[seeds] - theirs[seeds] for seeds in ours.keys() & theirs.keys()]
    return results.differences(name, steps=names)


def compared(labels, domain, ticks):
    """Returns rows of what was changed, and how much worse the model is for it."""
    left, top, tall = 150, 34, 27
    x = scale(domain, (left, WIDTH - 62))
    found, y = worths(labels), top
    bottom = top + len(found) * tall
    parts = [line((x(t), top - 8), (x(t), bottom - 6), FAINT, 0.5) for t in ticks]
    parts.append(line((x(0), top - 8), (x(0), bottom - 6), SOFT, 1))
    for name, (short, long) in found.items():
        parts.append(note(left - 12, y + 11, labels[name], "end", INK))
        for (value, error), colour, at in ((short, BLUE, y + 2), (long, RED, y + 11)):
            low, high = (min(max(value + s * error, domain[0]), domain[1])
                         for s in (-2, 2))  # fmt: skip
            parts += bar(at, x(low), x(high), colour)
            if value < domain[1]:
                parts.append(circle((x(value), at), 3.2, colour))
        told = minus(f"{long[0]:+.3f}")
        parts.append(note(WIDTH - 6, y + 15, told, "end", RED))
        y += tall
    return (
        bottom + 40,
        *parts,
        x_axis(x, ticks, bottom, "worse by, in nats"),
        *key(left),
    )


def key(left):
    """Returns what the colours mean."""
    return [
        circle((left + 6, 10), 3.2, BLUE),
        note(left + 16, 15, "after 1,000 names"),
        circle((left + 166, 10), 3.2, RED),
        note(left + 176, 15, "after all of them"),
    ]


@figure
def worth_parts():
    """How much worse the model is without a part, or with another in its place, after
    1,000 names and after all of them."""
    return compared(PARTS, (-0.02, 0.12), (0, 0.02, 0.04, 0.06, 0.08, 0.1))


@figure
def worth_waking():
    """How much worse the model is without attention, without the MLP and with a single
    head, against the names it has read."""
    x = log_scale((100, EPOCH), (44, WIDTH - 112), 10)
    y = scale((-0.01, 0.1), (300, 30))
    parts = [line((x(100), y(0)), (x(EPOCH), y(0)), SOFT)]
    for name, colour in (("no-attention", RED), ("no-mlp", BLUE), ("heads", GREEN)):
        points = [(n, *worth(name, n)) for n in READ]
        parts.append(path([(x(n), y(z)) for n, z, _ in points], colour, 2))
        for n, value, error in points:
            parts += bar(x(n), y(value - 2 * error), y(value + 2 * error), colour,
                         standing=True)  # fmt: skip
            parts.append(circle((x(n), y(value)), 3, colour))
        last = points[-1]
        parts.append(note(x(last[0]) + 8, y(last[1]) + 5, PARTS[name], fill=colour))
    ticks = {100: "100", 1000: "1,000", 10_000: "10,000", EPOCH: "all"}
    for tick, told in ticks.items():
        parts.append(line((x(tick), 304), (x(tick), 308), FAINT))
        parts.append(note(x(tick), 323, told, "middle"))
    parts.append(note(x(EPOCH), 342, "names read", "end"))
    return (
        350, *parts,
        y_axis(y, [0, 0.02, 0.04, 0.06, 0.08, 0.1], 40, "worse by, in nats", "{:.2f}"),
    )  # fmt: skip


# The recipe


@figure
def worth_recipe():
    """How much worse the model is when it is trained in another way, each with the best
    of several rates, after 1,000 names and after all of them."""
    return compared(RECIPE, (-0.02, 0.12), (0, 0.02, 0.04, 0.06, 0.08, 0.1))
