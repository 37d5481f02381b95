"""About: what a module says of itself, even where -OO takes its docstring away."""

import ast
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=8)
def parsed(path):
    """The syntax tree of a file."""
    return ast.parse(Path(path).read_text("utf-8"))


def about(path, name=None):
    """The docstring of a module, by its file; or of a function in it."""
    found = ast.walk(parsed(path))
    for node in found:
        if getattr(node, "name", None) == name:
            return ast.get_docstring(node) or ""
    raise LookupError(f"no {name} in {path}")
