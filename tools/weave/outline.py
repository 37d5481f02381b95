"""The outline: what each block of a stage does, in a phrase, and what its files define.

Both are made from a names.Program.
"""

import ast
import re
from collections import defaultdict
from functools import lru_cache

from tools.weave.names import PACKAGE, blocks_of
from tools.weave.scopes import FUNCTIONS, defined, module_name
from tools.weave.source import KEPT

LONGEST = 70  # of a sentence that is taken over as a phrase
SHOWN = 4  # of the names that a phrase lists
DEFINITION = FUNCTIONS | ast.ClassDef
IMPORT = ast.Import | ast.ImportFrom


def outline(program):
    """What the package's files define: [(path, number of lines, [Name])].

    The names are those of functions, classes and methods, as they stand in the file.
    """
    found = []
    for file in package(program):
        tree = program.modules[module_name(file.path)].node
        defines = [whole for whole, node in members(tree) if is_definition(node)]
        names = {n.whole: n for n in program.definitions if n.path == file.path}
        lines = file.text.count("\n")
        found.append((file.path, lines, [names[whole] for whole in defines]))
    return found


def summary(program):
    """A phrase for each block of the Python files: {block id: what it does}.

    The first sentence of a docstring, if it is short, of the package's module that the
    block opens, or of the one thing that it defines; or else the names that it
    defines, or what it is a part of. Docstrings are Markdown, and so are phrases.
    """
    phrases = {}
    for file in program.files:
        tree = program.modules[module_name(file.path)].node
        titled = file.path.startswith(f"{PACKAGE}/")
        phrases |= phrases_of(tree, blocks_of(file), file.imports, titled)
    return phrases


@lru_cache(maxsize=KEPT)
def phrases_of(tree, blocks, imports, titled):
    """A phrase for each block of a file; blocks: as names.blocks_of has them."""
    lines, moved = defaultdict(set), defaultdict(set)
    for id, _, _, first, count in blocks:
        own = range(first, first + count)
        (moved if first in imports else lines)[id].update(own)
    lines = {**moved, **lines}  # imports speak for a block that has nothing else
    defines = members(tree)
    return {id: phrase(tree, defines, own, titled) for id, own in lines.items()}


def package(program):
    """The files of the package, without those of the exercises."""
    return [file for file in program.files if file.path.startswith(f"{PACKAGE}/")]


def members(node, prefix=""):
    """What a module, and every class in it, defines: [(whole name, statement)]."""
    found = []
    for statement in node.body:
        for identifier, _ in defined(statement):
            found.append((prefix + identifier, statement))
        if isinstance(statement, ast.ClassDef):
            found += members(statement, f"{prefix}{statement.name}.")
    return found


def is_definition(node):
    return isinstance(node, DEFINITION)


def phrase(tree, defines, lines, titled):
    """What the lines of a block do.

    defines: the members of the module. titled: its docstring speaks for the block
    that holds it.
    """
    found = {whole: node for whole, node in defines if node.lineno in lines}
    outer = [whole for whole in found if whole.rpartition(".")[0] not in found]
    speaker = found[outer[0]] if len(outer) == 1 else None
    if titled and ast.get_docstring(tree) and tree.body[0].lineno in lines:
        speaker = tree
    if sentence := first_sentence(speaker):
        return sentence
    if outer:
        return f"defines {listed(outer)}"
    return part(tree, defines, lines)


def part(tree, defines, lines):
    """What the lines of a block are that defines nothing."""
    statements = [node for node in tree.body if node.lineno in lines]
    if statements and all(isinstance(node, IMPORT) for node in statements):
        return "imports"
    if any("__name__" in ast.unparse(node) for node in statements):
        return "runs the program"
    first = min(lines)
    around = [
        whole
        for whole, node in defines
        if is_definition(node) and node.lineno <= first <= node.end_lineno
    ]
    return f"part of {around[-1]}" if around else "statements of the module"


def first_sentence(node):
    """The first sentence of a docstring, without its full stop; "" if it is long."""
    if not isinstance(node, DEFINITION | ast.Module):
        return ""
    paragraph = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
    sentence = re.split(r"\.(?= [A-Z]|$)", paragraph)[0]
    return sentence if len(sentence) <= LONGEST else ""


def listed(names):
    """Names in a sentence: a, b and c."""
    if len(names) > SHOWN:
        names = [*names[: SHOWN - 1], f"{len(names) - SHOWN + 1} more"]
    *names, last = names
    return f"{', '.join(names)} and {last}" if names else last
