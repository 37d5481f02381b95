"""Source: a Python file read by itself, and all questions that it asks.

`read(path, text, blocks)` tells the file's scopes, the names that it defines, and every
identifier in it with the question which name it stands for. Rooms of the program change
seldom from one chapter to the next: so what was read is kept, by its content, for all
stages and for all builds of a writer who waits.
"""

import ast
import re
import symtable
from functools import lru_cache
from operator import methodcaller as ask
from typing import NamedTuple

from tools import tangle
from tools.weave.scopes import (
    FUNCTIONS,
    Instance,
    Name,
    Scope,
    defined,
    dunder,
    module_name,
    parameters,
    texts,
)

KEPT = 512  # files, each of some hundred lines
HEAD = re.compile(r"(?:async\s+)?(?:def|class)\s+")


class Found(NamedTuple):
    """An identifier and its place; columns count from 0.

    link: a function that tells, for a program, its Name or None. kind: "definition",
    "mention" in an import or in `__all__`, or "use".
    """

    line: int
    column: int
    length: int
    link: object
    kind: str


def nothing(program):
    """What is not known."""
    return None


@lru_cache(maxsize=KEPT)
def read(path, text, blocks):
    """The Source of a file. blocks: segments, as tangle has them, of its lines."""
    return Source(path, text, blocks)


class Source(ast.NodeVisitor):
    """A file: its module's scope, its definitions, and the identifiers found in it.

    members: (identifier, the class that defines it), of all its classes.
    """

    def __init__(self, path, text, blocks):
        self.path, self.blocks, self.lines = path, blocks, text.split("\n")
        self.definitions, self.members, self.found = [], [], []
        self.module = module_name(path)
        self.tables = {
            (table.get_name(), table.get_lineno()): table
            for table in inner(symtable.symtable(text, path, "exec"))
            if table.get_type() in ("function", "class")
        }
        self.given = {}  # {target of an assignment: a function that tells its value}
        tree = ast.parse(text)
        self.scope = Scope(self.module, tree, prefix="")
        self.define_all(tree.body)
        self.generic_visit(tree)
        del self.tables, self.given

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

    def find(self, line, column, text, link, kind="use"):
        """Keep an identifier, and the question which Name it stands for."""
        if place := self.place(line, column, text):
            self.found.append(Found(*place, len(text), link, kind))

    def define(self, scope, identifier, kind, line, column):
        """Define a name of a module or class, where it is defined first."""
        if scope.prefix is None or identifier in scope.names:
            return
        whole, block = scope.prefix + identifier, tangle.where(self.blocks, line)[2]
        name = Name(identifier, whole, kind, self.module, self.path, line, block)
        scope.names[identifier] = name
        self.definitions.append(name)
        if scope.is_class:
            self.members.append((identifier, scope))
        self.find(line, column, identifier, lambda program: name, "definition")

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
                        link = ask("named", text.value, self.scope)
                        place = text.lineno, text.col_offset + 1
                        self.find(*place, text.value, link, "mention")

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
        self.scope.bound[node.name].append(lambda program: scope)
        return scope

    def visit_FunctionDef(self, node):
        for part in (*node.decorator_list, node.args, *filter(None, [node.returns])):
            self.visit(part)
        scope = self.enter(node)
        arguments = parameters(node.args)
        for argument in arguments:
            typed = ask("typed", argument.annotation, self.scope)
            scope.bound[argument.arg].append(typed)
        marks = {mark.id for mark in node.decorator_list if isinstance(mark, ast.Name)}
        if self.scope.is_class and arguments and "staticmethod" not in marks:
            scope.receiver, of = arguments[0].arg, self.scope
            value = of if "classmethod" in marks else Instance(of)
            scope.bound[scope.receiver] = [lambda program: value]
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
            if not self.path.endswith("__init__.py"):
                packages.pop()
            packages = packages[: len(packages) - node.level + 1]
            module = ".".join([*packages, *filter(None, [module])])
        for alias in node.names:
            target = module, alias.name
            self.bind_import(alias.asname or alias.name, target)
            link = ask("named_in", *target)
            self.find(alias.lineno, alias.col_offset, alias.name, link, "mention")
            if alias.asname:
                end = alias.end_col_offset - len(alias.asname.encode())
                self.find(alias.end_lineno, end, alias.asname, link, "mention")

    def bind_import(self, identifier, target):
        self.scope.imports[identifier] = target
        self.scope.bound[identifier].append(ask("imported", *target))

    def visit_Assign(self, node):
        for target in node.targets:
            self.give(target, node.value)
        self.generic_visit(node)

    def give(self, target, value):
        """Note which value a target of an assignment gets, as far as it is plain."""
        if not isinstance(target, ast.Tuple | ast.List):
            self.given[target] = ask("value", value, self.scope)
        elif isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
            for part, one in zip(target.elts, value.elts):
                self.give(part, one)
        else:
            for index, part in enumerate(target.elts):
                item = ask("item", value, index, self.scope)
                self.given[part] = item

    def visit_AnnAssign(self, node):
        self.given[node.target] = ask("typed", node.annotation, self.scope)
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
        link = ask("named", node.id, self.scope)
        self.find(node.lineno, node.col_offset, node.id, link)

    def visit_Attribute(self, node):
        self.visit(node.value)
        place = node.end_lineno, node.end_col_offset - len(node.attr.encode())
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            method = self.scope.owner(node.value.id)
            if method.receiver == node.value.id:
                self.define(method.parent, node.attr, "field", *place)
                field = method.parent.bound[node.attr]
                field.append(self.given.get(node, nothing))
        link = ask("named_of", node, self.scope)
        self.find(*place, node.attr, link)

    def visit_Call(self, node):
        for keyword in filter(lambda keyword: keyword.arg, node.keywords):
            link = ask("field_of", node.func, keyword.arg, self.scope)
            self.find(keyword.lineno, keyword.col_offset, keyword.arg, link)
        self.generic_visit(node)


def inner(table):
    """All tables below one of symtable's."""
    for child in table.get_children():
        yield child
        yield from inner(child)
