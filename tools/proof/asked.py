"""Asked: what the examples and numbers of a page can ask for by name."""

import importlib
import importlib.util
import re
import sys
from functools import partial
from pathlib import Path

from tools import tangle
from tools.proof import stage, tables

HERE = Path(__file__).parent


def namespace(book):
    """What every page starts with."""
    return {
        "__name__": "__main__",
        "output": partial(captured, book=book),
        "record": tables.record(book),
        "final": Final(book),
        "measured": partial(tables.cell, book=book),
        "book": lambda name: book / name,
        **{room: Offered(room) for room in offering()},
    }


def offering():
    """The rooms above that have results for the pages: a module of that name."""
    return [path.parent.name for path in sorted(HERE.parent.glob("*/results.py"))]


class Offered:
    """What a room has for the pages, loaded when it is first asked for."""

    def __init__(self, room):
        self._room = room

    def __getattr__(self, name):
        found = importlib.import_module(f"..{self._room}.results", __package__)
        return getattr(found, name)


def captured(page, label, book):
    """The number after the last such words in the captured outputs of a chapter."""
    path = book / f"{page.removesuffix('.md')}.md"
    blocks, _ = tangle.parse(tangle.decode(path.read_bytes()), path.name)
    lines = [line for b in blocks if b.kind == "output" for line in b.lines]
    pattern = re.escape(label) + r"[^\n\d]*?([−-]?\d[\d,]*(?:\.\d+)?)"
    if not (found := re.findall(pattern, "\n".join(lines))):
        raise LookupError(f"no number after {label!r} in the outputs of {page}")
    number = found[-1].replace(",", "").replace("−", "-")
    return float(number) if "." in number else int(number)


class Final:
    """The finished package, loaded under the name `final` when it is first used."""

    def __init__(self, book):
        self._book = book

    def __getattr__(self, name):
        if "final" not in sys.modules:
            folder = stage.stage(stage.names(self._book)[-1], self._book) / "microgpt"
            spec = importlib.util.spec_from_file_location(
                "final",
                folder / "__init__.py",
                submodule_search_locations=[str(folder)],
            )
            sys.modules["final"] = package = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(package)
        if importlib.util.find_spec(f"final.{name}"):
            return importlib.import_module(f"final.{name}")
        return getattr(sys.modules["final"], name)
