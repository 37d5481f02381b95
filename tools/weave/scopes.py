"""Scopes: the parts of a Python file that bind identifiers, and what each binds.

A scope is made while its file is read (tools/weave/source.py), and never changed
after. What an identifier is bound to follows from the whole program, of which the file
may be a part in several stages: so a scope holds questions, which a names.Program
answers.
"""

import ast
from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Name:
    """A name of the program; whole: with its class, as in Value.backward.

    kind: "name" of a module, "method" or "field". block: the id of the block that
    defines it.
    """

    name: str
    whole: str
    kind: str
    module: str
    path: str
    line: int
    block: str


class Instance(NamedTuple):
    """An object of a class of the program."""

    scope: "Scope"


class Scope:
    """A module, a class, a function or a comprehension, and what is bound in it.

    prefix: what stands before its names, as in "Value."; None if it defines none.
    bound: for each identifier functions that tell, for a program, what was bound to
    it: a Scope, an Instance, or another of the values that names.Program.value knows.
    """

    def __init__(self, module, node, parent=None, prefix=None):
        self.module, self.node, self.parent, self.prefix = module, node, parent, prefix
        self.names = {}  # {identifier: Name}
        self.imports = {}  # {identifier: (module, name in it or None)}
        self.bound = defaultdict(list)
        self.local, self.outside = set(), set()
        self.receiver = None  # of a method: the name of its first parameter

    @property
    def is_class(self):
        return isinstance(self.node, ast.ClassDef)

    def owner(self, identifier):
        """The scope that binds an identifier which stands in this one."""
        scope = self
        while scope.parent and identifier not in scope.outside:
            seen = scope is self or not scope.is_class
            if seen and identifier in scope.local:
                return scope
            scope = scope.parent
        while scope.parent:
            scope = scope.parent
        return scope


# What statements say


def module_name(path):
    """The module of a file: microgpt.value."""
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def defined(statement):
    """The (identifier, node) of what a statement defines."""
    if isinstance(statement, FUNCTIONS | ast.ClassDef):
        return [(statement.name, statement)]
    targets = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    nodes = [node for target in targets for node in ast.walk(target)]
    stored = [node for node in nodes if isinstance(getattr(node, "ctx", 0), ast.Store)]
    return [(node.id, node) for node in stored if isinstance(node, ast.Name)]


def texts(node):
    """The strings in a list of them."""
    found = (part for part in ast.walk(node) if isinstance(part, ast.Constant))
    return [part for part in found if isinstance(part.value, str)]


def dunder(identifier):
    """Whether Python gives an identifier its meaning, as it does to __init__."""
    return identifier.startswith("__") and identifier.endswith("__")


def parameters(arguments):
    """The parameters of a function, in their order, then those with stars."""
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return plain + [part for part in (arguments.vararg, arguments.kwarg) if part]
