"""Keys: what a program does, as one hash: the same as long as it does the same.

Comments, docstrings and the layout of the lines have no part in it.
"""

import ast
import hashlib
import re
from functools import lru_cache


def bare(node):
    """A syntax tree as nested tuples: equal in all versions of Python."""
    if isinstance(node, ast.AST):
        values = ((name, value) for name, value in ast.iter_fields(node))
        kept = ((name, value) for name, value in values if value not in (None, []))
        return type(node).__name__, *((name, bare(value)) for name, value in kept)
    return [bare(item) for item in node] if isinstance(node, list) else node


@lru_cache(maxsize=256)  # most modules are the same in many stages
def skeleton(source):
    """What a module does, as text: without its comments, lines and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree) if "__doc__" not in source else ():
        if hasattr(node, "body") and isinstance(node.body, list) and node.body:
            first = node.body[0]
            text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            if text and isinstance(first.value.value, str):
                del node.body[0]
    return repr(bare(tree))


def digest(texts):
    """One hash for a row of texts."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(hashlib.sha256(text.encode()).digest())
    return whole.hexdigest()[:32]


def code_of(folder):
    """The names and the skeletons of the modules of a folder's package."""
    for path in sorted((folder / "microgpt").glob("[!.]*.py")):
        yield from (path.name, skeleton(path.read_text("utf-8")))
    for path in sorted((folder / "microgpt").glob("[!.]*.c")):
        yield from (path.name, re.sub(r"//.*", "", path.read_text("utf-8")))
