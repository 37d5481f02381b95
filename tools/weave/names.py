"""Names: those that the program defines, and where they stand in its text.

`Program(files)` reads the Python files of a stage, as tangle.tangle returns them.
Its `definitions` are the names of modules, the methods and the fields of classes; its
`uses` are all places at which an identifier means one of them. What an identifier
means follows from Python's rules: symtable says which scope binds it, imports are
followed to where they lead, and the class of a receiver comes from `self`, from
annotations and from assignments. An attribute of an unknown receiver counts if one
class alone has it, of all or of those that the module names, and no common type of
Python does. What remains is left out.
"""

import ast
import builtins
import io
from collections import defaultdict
from typing import NamedTuple

from tools.weave.scopes import FUNCTIONS, Instance, Name, Scope
from tools.weave.source import read

PACKAGE = "microgpt"
LITERALS = ast.Constant | ast.JoinedStr | ast.List | ast.Tuple | ast.Dict | ast.Set
MADE = LITERALS | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMMON = [str, bytes, int, float, complex, list, tuple, dict, set, frozenset, range]
COMMON += [slice, type, property, OSError, io.TextIOWrapper, io.BufferedRandom]
COMMON += [io.StringIO, type(iter([])), type(_ for _ in ()), type(lambda: 0)]
COMMON = frozenset().union(*map(dir, COMMON))
ELSEWHERE = "a module, a class or a function that is not of the program"
OBJECT = "an object of a class that is not of the program"


class Use(NamedTuple):
    """A place where an identifier stands for a name; columns count from 0.

    kind: "definition", "mention" in an import or in `__all__`, or "use". The length
    is that of the identifier, which differs from the name's after `import … as`.
    """

    path: str
    line: int
    column: int
    length: int
    name: Name
    kind: str


class Program:
    """The Python files of a stage: their definitions and uses, in the files' order."""

    def __init__(self, files):
        self.files = [file for file in files if file.path.endswith(".py")]
        sources = [read(file.path, file.text, blocks_of(file)) for file in self.files]
        self.modules = {source.module: source.scope for source in sources}
        self.definitions = [name for source in sources for name in source.definitions]
        self.classes = defaultdict(list)  # {identifier: classes that define it}
        for identifier, scope in (
            pair for source in sources for pair in source.members
        ):
            self.classes[identifier].append(scope)
        self.known = {}  # {(scope, identifier): what it is}
        self.uses = [use for source in sources for use in self.uses_in(source)]

    def uses_in(self, source):
        """The uses in a file, in their order; the first that is found at a place."""
        uses = {}
        for line, column, length, link, kind in source.found:
            if (line, column) not in uses and (name := link(self)):
                use = Use(source.path, line, column, length, name, kind)
                uses[line, column] = use
        return [uses[place] for place in sorted(uses)]

    # Which Name an identifier stands for

    def named(self, identifier, scope):
        """The Name for an identifier that stands in a scope."""
        owner = scope.owner(identifier)
        if identifier in owner.names:
            return owner.names[identifier]
        if identifier in owner.imports:
            return self.named_in(*owner.imports[identifier])
        return None

    def named_in(self, module, identifier):
        """The Name for an identifier of a module."""
        scope, identifier = self.source(module, identifier)
        return scope.names.get(identifier) if scope else None

    def named_of(self, node, scope):
        """The Name for an attribute."""
        holder = self.holder(node, scope)
        if holder and not holder.parent:
            return self.named_in(holder.module, node.attr)
        return holder.names.get(node.attr) if holder else None

    def field_of(self, function, keyword, scope):
        """The field that a keyword fills, if this is a call of a data class."""
        called = self.value(function, scope)
        if not (isinstance(called, Scope) and called.is_class):
            return None
        if self.member(called, "__init__"):
            return None
        holder = self.member(called, keyword)
        return holder.names[keyword] if holder else None

    def source(self, module, identifier, steps=9):
        """Where a module has an identifier from: the (Scope, identifier) there.

        (Scope, None) for a module, (None, None) for what is not of the program.
        """
        scope = self.modules.get(module)
        if scope and identifier in scope.bound:
            target = scope.imports.get(identifier, (module, identifier))
            if identifier in scope.names or not steps:
                return scope, identifier
            if target != (module, identifier):
                return self.source(*target, steps - 1)
        whole = f"{module}.{identifier}" if identifier else module
        return self.modules.get(whole), None

    def holder(self, node, scope):
        """The module or class that an attribute belongs to, or None."""
        value = self.value(node.value, scope)
        if isinstance(value, Instance):
            return self.member(value.scope, node.attr)
        if isinstance(value, Scope):
            return self.member(value, node.attr) if value.parent else value
        return None if value or node.attr in COMMON else self.only(node.attr, scope)

    def member(self, scope, identifier, steps=9):
        """The class that defines an attribute: this one, or one it is made from."""
        if identifier in scope.names:
            return scope
        bases = scope.node.bases if scope.is_class and steps else []
        for base in bases:
            value = self.value(base, scope.parent)
            if isinstance(value, Scope) and value.is_class:
                return self.member(value, identifier, steps - 1)
        return None

    def only(self, identifier, scope):
        """The only class that has an attribute, of those that a module can see.

        If there are several: the only one that it defines or imports by name.
        """
        seen = [
            found
            for found in self.classes[identifier]
            if found.module.split(".")[0] == PACKAGE or found.module == scope.module
        ]
        if len(seen) > 1:
            near = {*self.modules[scope.module].imports.values()}
            seen = [
                found
                for found in seen
                if found.module == scope.module
                or (found.module, found.node.name) in near
            ]
        return seen[0] if len(seen) == 1 else None

    # What an expression is: a Scope, an Instance, OBJECT, ELSEWHERE or None

    def value(self, node, scope):
        """What an expression is, for what a scope binds."""
        match node:
            case ast.Name():
                return self.bound(scope.owner(node.id), node.id)
            case ast.Attribute():
                return self.attribute(node, scope)
            case ast.Call():
                return self.result(node.func, scope)
            case ast.Subscript() if self.value(node.value, scope) == ELSEWHERE:
                return ELSEWHERE
            case ast.IfExp():
                return either([self.value(n, scope) for n in (node.body, node.orelse)])
            case _:
                return OBJECT if isinstance(node, MADE) else None

    def bound(self, scope, identifier):
        """What an identifier is that a scope binds; at most looked at once."""
        key = scope, identifier
        if key not in self.known:
            self.known[key] = None  # while we look: it may be bound to itself
            if identifier in scope.bound:
                found = either([bound(self) for bound in scope.bound[identifier]])
            else:
                is_type = not scope.parent and is_builtin_type(identifier)
                found = ELSEWHERE if is_type else None
            self.known[key] = found
        return self.known[key]

    def imported(self, module, identifier):
        """What an import binds."""
        scope, identifier = self.source(module, identifier)
        if scope and identifier:
            return self.bound(scope, identifier)
        return scope or ELSEWHERE

    def attribute(self, node, scope):
        """What an attribute is."""
        holder = self.holder(node, scope)
        if holder and holder.parent:
            return self.bound(holder, node.attr)
        if holder:
            return self.imported(holder.module, node.attr)
        return ELSEWHERE if self.value(node.value, scope) == ELSEWHERE else None

    def result(self, function, scope):
        """What a call of a function returns."""
        called = self.value(function, scope)
        if isinstance(called, Scope) and called.is_class:
            return Instance(called)
        if isinstance(called, Scope) and isinstance(called.node, FUNCTIONS):
            return self.typed(called.node.returns, called.parent)
        last = last_of(function)
        is_type = last[:1].isupper() or is_builtin_type(last)
        return OBJECT if called == ELSEWHERE and is_type else None

    def item(self, node, index, scope):
        """What a call returns at one place of a tuple."""
        called = self.value(node.func, scope) if isinstance(node, ast.Call) else None
        match getattr(getattr(called, "node", None), "returns", None):
            case ast.Subscript(ast.Name("tuple"), ast.Tuple(parts)):
                if index < len(parts):
                    return self.typed(parts[index], called.parent)
        return None

    def typed(self, annotation, scope):
        """What has an annotation."""
        if isinstance(annotation, ast.BinOp):
            sides = annotation.left, annotation.right
            return either([self.typed(side, scope) for side in sides])
        if isinstance(annotation, ast.Constant):
            return OBJECT if annotation.value is None else None
        found = self.value(annotation, scope) if annotation else None
        if isinstance(found, Scope) and found.is_class:
            return Instance(found)
        anything = found != ELSEWHERE or last_of(annotation) in ("Any", "object")
        return None if anything else OBJECT


def either(values):
    """What is one of several: what is of the program, if that is one, goes first."""
    ours = {value for value in values if value not in (OBJECT, ELSEWHERE)}
    if ours:
        return ours.pop() if len(ours) == 1 else None
    return values[0] if values else None


def last_of(node):
    """The last identifier of a dotted name; "" for another expression."""
    return getattr(node, "attr", getattr(node, "id", ""))


def is_builtin_type(identifier):
    return isinstance(getattr(builtins, identifier, None), type)


def blocks_of(file):
    """A file's segments but for their places in the book, which move with its words."""
    return tuple((id, "", 0, first, count) for id, _, _, first, count in file.segments)
