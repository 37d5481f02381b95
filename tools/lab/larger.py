"""Larger: the loss of larger models against their number of parameters."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from microgpt.data import load_documents
from microgpt.limit import num_params
from microgpt.model import Config
from microgpt.tokenizer import Tokenizer
from tools.lab import questions, results
from tools.lab.runs import text_file

TEXTS = questions.LARGER
SEEDS = {"order": 42, "weights": (1, 2)}
Line = Callable[[float], float]


@dataclass(frozen=True)
class Point:
    """A size of model, and its mean loss on held-out documents over first weights.

    error: the standard error of that mean; 0 for one run.
    """

    width: int
    layers: int
    size: int
    loss: float
    error: float


def points(text: str) -> list[Point]:
    """Returns the models of a text, by size."""
    vocab_size = Tokenizer("".join(load_documents(text_file(text)))).vocab_size
    found = [point(run, vocab_size) for run in sizes(text)]
    return sorted(found, key=lambda one: one.size)


def sizes(text: str) -> list:
    """Returns a run of each size of a text."""
    runs = (run for run, _ in questions.larger() if run.text == text)
    return list(dict.fromkeys(run.setting for run in runs))


def point(run, vocab_size: int) -> Point:
    """Returns what came of a size."""
    same = {k: getattr(run, k) for k in ("text", "width", "layers", "context", "steps")}
    losses = list(results.alike("book", same | SEEDS).values())
    config = Config(vocab_size, run.width, run.context, run.layers)
    error = results.standard_error(losses) if len(losses) > 1 else 0.0
    middle = results.middle(losses)
    return Point(run.width, run.layers, num_params(config), middle, error)


def slope(found: list[Point]) -> tuple[float, float]:
    """Returns the slope of the straight line on log axes, and its height at 1.

    By least squares: log loss = height + slope * log size.
    """
    x, y = logs(found)
    mx, my = results.middle(x), results.middle(y)
    tilt = sum((a - mx) * (b - my) for a, b in zip(x, y)) / extent(x)
    return tilt, my - tilt * mx


def logs(found: list[Point]) -> tuple[list[float], list[float]]:
    """Returns the logarithms of the sizes, and of the losses."""
    return [math.log(one.size) for one in found], [math.log(one.loss) for one in found]


def extent(x: list[float]) -> float:
    """Returns how far numbers lie apart: the sum of the squares about their mean."""
    middle = results.middle(x)
    return sum((a - middle) ** 2 for a in x)


def scatter(found: list[Point]) -> float:
    """Returns the standard deviation of log losses about the line, as an estimate.

    Two numbers are used up by the line itself.
    """
    tilt, height = slope(found)
    rest = sum((b - height - tilt * a) ** 2 for a, b in zip(*logs(found)))
    return math.sqrt(rest / (len(found) - 2))


def slope_error(found: list[Point]) -> float:
    """Returns the standard error of the slope, by how the points scatter."""
    return scatter(found) / math.sqrt(extent(logs(found)[0]))


def fitted(found: list[Point]) -> Line:
    """Returns the loss that the straight line gives to a size."""
    tilt, height = slope(found)
    return lambda size: math.exp(height + tilt * math.log(size))


def farthest(found: list[Point]) -> float:
    """Returns how far the loss of a model is from the line at most."""
    line = fitted(found)
    return max(abs(one.loss - line(one.size)) for one in found)


def foretold(found: list[Point]) -> float:
    """Returns the loss that the line through all the others gives to the largest."""
    *others, largest = found
    return fitted(others)(largest.size)


def foretold_error(found: list[Point]) -> float:
    """Returns how far that may be off, as a standard error, if the line is straight.

    Both the line through the others and the largest model itself have their share.
    """
    *others, largest = found
    x, new = logs(others)[0], math.log(largest.size)
    leverage = 1 / len(x) + (new - results.middle(x)) ** 2 / extent(x)
    return foretold(found) * scatter(others) * math.sqrt(1 + leverage)


def missed(found: list[Point]) -> float:
    """Returns how many of these errors the largest model lies above what was foretold.

    From five points a twentieth of all straight lines would miss by over 3.2.
    """
    return (found[-1].loss - foretold(found)) / foretold_error(found)


def needed(found: list[Point], loss: float) -> float:
    """Returns the size at which the line comes to a loss."""
    tilt, height = slope(found)
    return math.exp((math.log(loss) - height) / tilt)
