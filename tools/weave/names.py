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
import re
import symtable
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from tools import tangle

PACKAGE = "microgpt"
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
LITERALS = ast.Constant | ast.JoinedStr | ast.List | ast.Tuple | ast.Dict | ast.Set
MADE = LITERALS | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMMON = [str, bytes, int, float, complex, list, tuple, dict, set, frozenset, range]
COMMON += [slice, type, property, OSError, io.TextIOWrapper, io.BufferedRandom]
COMMON += [io.StringIO, type(iter([])), type(_ for _ in ()), type(lambda: 0)]
COMMON = frozenset().union(*map(dir, COMMON))
HEAD = re.compile(r"(?:async\s+)?(?:def|class)\s+")
ELSEWHERE = "a module, a class or a function that is not of the program"
OBJECT = "an object of a class that is not of the program"


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


class Instance(NamedTuple):
    """An object of a class of the program."""

    scope: "Scope"


class Scope:
    """A module, a class, a function or a comprehension, and what is bound in it.

    prefix: what stands before its names, as in "Value."; None if it defines none.
    bound: for each identifier functions that return what was bound to it: a Scope, an
    Instance, OBJECT, ELSEWHERE or, if that is not known, None.
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


def nothing():
    """What is not known."""
    return None


# Reading: from a file to its scopes, definitions and identifiers


class Reader(ast.NodeVisitor):
    """Reads a file: tells the program of its scopes, and of every identifier."""

    def __init__(self, program, file):
        self.program, self.file = program, file
        self.lines = file.text.split("\n")
        self.module = module_name(file.path)
        self.tables = {
            (table.get_name(), table.get_lineno()): table
            for table in inner(symtable.symtable(file.text, file.path, "exec"))
            if table.get_type() in ("function", "class")
        }
        self.given = {}  # {target of an assignment: a function that returns its value}

    def read(self):
        tree = ast.parse(self.file.text)
        self.scope = self.program.modules[self.module]
        self.scope.node = tree
        self.define_all(tree.body)
        self.generic_visit(tree)

    # What is found

    def place(self, line, column, text):
        """The (line, column) of an identifier, for ast's place of it; or None.

        ast counts bytes, and before Python 3.12 it can be wrong inside of f-strings:
        then the identifier has to be the only one of its line.
        """
        if not 0 < line <= len(self.lines):
            return None
        source = self.lines[line - 1]
        if not source.isascii():
            column = len(source.encode()[:column].decode(errors="ignore"))
        if source[column : column + len(text)] == text:
            return line, column
        word = re.escape(text)
        found = [match.start() for match in re.finditer(rf"\b{word}\b", source)]
        return (line, found[0]) if len(found) == 1 else None

    def found(self, line, column, text, name, kind="use"):
        """Keep an identifier; name: a function that returns its Name, or None."""
        if place := self.place(line, column, text):
            self.program.found.append((self.file.path, *place, len(text), name, kind))

    def define(self, scope, identifier, kind, line, column):
        """Define a name of a module or class, where it is defined first."""
        if scope.prefix is None or identifier in scope.names:
            return
        whole, path = scope.prefix + identifier, self.file.path
        block = tangle.where(self.file.segments, line)[2]
        name = Name(identifier, whole, kind, self.module, path, line, block)
        scope.names[identifier] = name
        self.program.definitions.append(name)
        if scope.is_class:
            self.program.classes[identifier].append(scope)
        self.found(line, column, identifier, lambda: name, "definition")

    def define_all(self, body):
        """Define what the statements of a module or class define."""
        for statement in body:
            kind = "name"
            if self.scope.is_class:
                kind = "method" if isinstance(statement, FUNCTIONS) else "field"
            for identifier, node in defined(statement):
                if identifier == "__slots__":
                    for text in texts(statement.value):
                        place = text.lineno, text.col_offset + 1
                        self.define(self.scope, text.value, "field", *place)
                elif isinstance(statement, FUNCTIONS) or not dunder(identifier):
                    place = node.lineno, self.column(node)
                    self.define(self.scope, identifier, kind, *place)
                elif identifier == "__all__" and isinstance(statement, ast.Assign):
                    for text in texts(statement.value):
                        link = partial(self.program.named, text.value, self.scope)
                        place = text.lineno, text.col_offset + 1
                        self.found(*place, text.value, link, "mention")

    def column(self, node):
        """Where the identifier begins in a statement that defines it, in bytes."""
        if isinstance(node, ast.Name):
            return node.col_offset
        text = self.lines[node.lineno - 1].encode()[node.col_offset :].decode()
        return node.col_offset + HEAD.match(text).end()

    # Scopes

    def inside(self, scope, *nodes):
        """Visit nodes that stand in another scope."""
        before, self.scope = self.scope, scope
        for node in nodes:
            self.visit(node)
        self.scope = before

    def enter(self, node, prefix=None):
        """The scope of a function or class, with what symtable knows of it."""
        scope = Scope(self.module, node, self.scope, prefix)
        symbols = self.tables[node.name, node.lineno].get_symbols()
        scope.local = {symbol.get_name() for symbol in symbols if symbol.is_local()}
        declared = (symbol for symbol in symbols if symbol.is_declared_global())
        scope.outside = {symbol.get_name() for symbol in declared}
        self.scope.bound[node.name].append(lambda: scope)
        return scope

    def visit_FunctionDef(self, node):
        for part in (*node.decorator_list, node.args, *filter(None, [node.returns])):
            self.visit(part)
        scope = self.enter(node)
        arguments = parameters(node.args)
        for argument in arguments:
            typed = partial(self.program.typed, argument.annotation, self.scope)
            scope.bound[argument.arg].append(typed)
        marks = {mark.id for mark in node.decorator_list if isinstance(mark, ast.Name)}
        if self.scope.is_class and arguments and "staticmethod" not in marks:
            scope.receiver, of = arguments[0].arg, self.scope
            value = of if "classmethod" in marks else Instance(of)
            scope.bound[scope.receiver] = [lambda: value]
        self.inside(scope, *node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        outer = self.scope.prefix
        scope = self.enter(node, None if outer is None else f"{outer}{node.name}.")
        before, self.scope = self.scope, scope
        self.define_all(node.body)
        self.scope = before
        self.inside(scope, *node.body)

    def visit_Lambda(self, node):
        self.visit(node.args)
        scope = Scope(self.module, node, self.scope)
        scope.local = {argument.arg for argument in parameters(node.args)}
        self.inside(scope, node.body)

    def visit_comprehension_of(self, node):
        """Visit a comprehension: from Python 3.12 on, symtable has none of them."""
        first, *rest = node.generators
        self.visit(first.iter)
        scope = Scope(self.module, node, self.scope)
        targets = [inner for part in node.generators for inner in ast.walk(part.target)]
        scope.local = {target.id for target in targets if isinstance(target, ast.Name)}
        last = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self.inside(scope, first.target, *first.ifs, *rest, *last)

    visit_ListComp = visit_SetComp = visit_comprehension_of
    visit_DictComp = visit_GeneratorExp = visit_comprehension_of

    # Bindings

    def visit_Import(self, node):
        for alias in node.names:
            first = alias.name.split(".")[0]
            target = (alias.name if alias.asname else first), None
            self.bind_import(alias.asname or first, target)

    def visit_ImportFrom(self, node):
        module = node.module or ""
        if node.level:
            packages = self.module.split(".")
            if not self.file.path.endswith("__init__.py"):
                packages.pop()
            packages = packages[: len(packages) - node.level + 1]
            module = ".".join([*packages, *filter(None, [module])])
        for alias in node.names:
            target = module, alias.name
            self.bind_import(alias.asname or alias.name, target)
            link = partial(self.program.named_in, *target)
            self.found(alias.lineno, alias.col_offset, alias.name, link, "mention")
            if alias.asname:
                end = alias.end_col_offset - len(alias.asname.encode())
                self.found(alias.end_lineno, end, alias.asname, link, "mention")

    def bind_import(self, identifier, target):
        self.scope.imports[identifier] = target
        self.scope.bound[identifier].append(partial(self.program.imported, *target))

    def visit_Assign(self, node):
        for target in node.targets:
            self.give(target, node.value)
        self.generic_visit(node)

    def give(self, target, value):
        """Note which value a target of an assignment gets, as far as it is plain."""
        if not isinstance(target, ast.Tuple | ast.List):
            self.given[target] = partial(self.program.value, value, self.scope)
        elif isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
            for part, one in zip(target.elts, value.elts):
                self.give(part, one)
        else:
            for index, part in enumerate(target.elts):
                item = partial(self.program.item, value, index, self.scope)
                self.given[part] = item

    def visit_AnnAssign(self, node):
        self.given[node.target] = partial(
            self.program.typed, node.annotation, self.scope
        )
        self.generic_visit(node)

    def visit_NamedExpr(self, node):
        self.give(node.target, node.value)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node):
        if node.name:
            self.scope.bound[node.name].append(nothing)
        self.generic_visit(node)

    # Identifiers

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load):
            owner = self.scope.owner(node.id)
            owner.bound[node.id].append(self.given.get(node, nothing))
        link = partial(self.program.named, node.id, self.scope)
        self.found(node.lineno, node.col_offset, node.id, link)

    def visit_Attribute(self, node):
        self.visit(node.value)
        place = node.end_lineno, node.end_col_offset - len(node.attr.encode())
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            method = self.scope.owner(node.value.id)
            if method.receiver == node.value.id:
                self.define(method.parent, node.attr, "field", *place)
                field = method.parent.bound[node.attr]
                field.append(self.given.get(node, nothing))
        link = partial(self.program.named_of, node, self.scope)
        self.found(*place, node.attr, link)

    def visit_Call(self, node):
        for keyword in filter(lambda keyword: keyword.arg, node.keywords):
            link = partial(self.program.field_of, node.func, keyword.arg, self.scope)
            self.found(keyword.lineno, keyword.col_offset, keyword.arg, link)
        self.generic_visit(node)


def inner(table):
    """All tables below one of symtable's."""
    for child in table.get_children():
        yield child
        yield from inner(child)


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
    return identifier.startswith("__") and identifier.endswith("__")


def parameters(arguments):
    """The parameters of a function, in their order, then those with stars."""
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return plain + [part for part in (arguments.vararg, arguments.kwarg) if part]


# Resolving: from identifiers to names


class Program:
    """The Python files of a stage: their definitions and uses, in the files' order."""

    def __init__(self, files):
        self.files = [file for file in files if file.path.endswith(".py")]
        self.definitions, self.found, self.known = [], [], {}
        self.classes = defaultdict(list)  # {identifier: classes that define it}
        names = [module_name(file.path) for file in self.files]
        self.modules = {name: Scope(name, None, prefix="") for name in names}
        for file in self.files:
            Reader(self, file).read()
        uses = {}
        for path, line, column, length, link, kind in self.found:
            if name := link():
                use = Use(path, line, column, length, name, kind)
                uses.setdefault((path, line, column), use)
        self.uses = [uses[place] for place in sorted(uses)]

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
                found = either([bound() for bound in scope.bound[identifier]])
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
