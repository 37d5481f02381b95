"""Figures: every drawing of the book, made of the book's code and its record.

A figure is a function that returns the drawing's height and its parts; the function's
name is that of its file, and its docstring is the drawing's title. The functions
stand in the modules of this folder, one for each idea:

    counting   the names and the tables of counts
    graphs     graphs of Values
    fused      a node for many
    arrays     a graph whose nodes are arrays
    hotspots   where the time goes
    kernel     vectors of positions and the series of the kernel in C
    valley     one weight and two, seen from above and from the side
    perceptron three letters: softmax, the network and one step
    learning   losses, gradients and steps
    road       the whole transformer, with one part lit
    passing    the pass from a token to its probabilities, vector by vector
    stream     what comes onto the stream, and what the MLP's switches let through
    emma       attention and its heads, where the second m of emma asks
    inside     the matrices and the vectors of the trained model
    program    the book and its package
    explicit   the backward pass on paper
    correct    mistakes in gradients, and the check that finds them
    vectors    the engine that works with arrays
    worth      noise, and what is learned from more names
    parts      what each part is worth
    learned    what the model has learned, and larger ones
    speed      the engines, and how fast they are
    framework  the engine in PyTorch
    machines   several processes
    laboratory the turn of rotary positions, and what each variant is worth
    course     what has to be read before what

`python -m tools.draw.figures [NAME…]` writes docs/figures/NAME.svg, `--check` compares.
"""

import importlib.util
import inspect
import random
from collections.abc import Callable
from functools import cache
from typing import Any

from microgpt.data import bundled_names, load_documents
from microgpt.tokenizer import Tokenizer
from tools.draw.palette import WIDTH
from tools.draw.svg import drawing
from tools.lab import record as records
from tools.proof import stage, tables
from tools.proof.about import about
from tools.proof.stage import ROOT
from tools.proof.tables import NotYet

__all__ = [
    "FIGURES", "FOLDER", "WIDTHS", "NotYet", "enter", "figure", "record", "shuffled",
    "symbols", "svg_of", "tokenizer",
]  # fmt: skip

FOLDER = ROOT / "docs" / "figures"
FIGURES: dict[str, Callable[[], tuple]] = {}
TITLES: dict[str, str] = {}  # of the figures that are not a function's own
WIDTHS: dict[str, float] = {}  # of those narrower than the page


def figure(draw: Callable[[], tuple]) -> Callable[[], tuple]:
    """Enters a function into the list of figures."""
    FIGURES[draw.__name__.replace("_", "-")] = draw
    return draw


def enter(name: str, draw: Callable[[], tuple], title: str, width: float) -> None:
    """Enters a figure that one function draws beside others, narrower than the page."""
    FIGURES[name], TITLES[name], WIDTHS[name] = draw, title, width


@cache
def model_of(chapter):
    """Returns the module of the model as it is at the end of a chapter."""
    file = stage.stage(chapter) / "microgpt" / "model.py"
    spec = importlib.util.spec_from_file_location(chapter.replace("-", "_"), file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def record() -> dict[str, Any]:
    """Returns the record of the full run."""
    return tables.record()


def symbols(doc: str) -> list[str]:
    """Returns a document's input tokens as they are shown: BOS is a dot."""
    return ["·", *doc]


@cache
def shuffled() -> list[str]:
    """Returns the names in the order in which the program reads them."""
    docs = load_documents(bundled_names())
    random.Random(records.SEED).shuffle(docs)
    return docs


@cache
def tokenizer() -> Tokenizer:
    """Returns the tokenizer of the names."""
    return Tokenizer(record()["chars"])


def svg_of(name: str) -> str:
    """Returns the text of a figure's file."""
    draw = FIGURES[name]
    height, *parts = draw()
    title = TITLES.get(name) or title_of(draw)
    return drawing(name, title, height, *parts, width=WIDTHS.get(name, WIDTH))


def title_of(draw: Callable[[], tuple]) -> str:
    """Returns the docstring of a figure's function, as one line."""
    code = inspect.unwrap(draw).__code__
    return " ".join(about(code.co_filename, code.co_name).split()).rstrip(".")
