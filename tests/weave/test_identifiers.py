"""The names of the program: on small programs, and on every stage of the book."""

import ast
import re

import pytest

from tools import tangle
from tools.proof import stage
from tools.weave import names, outline

BOX = '''"""Boxes: things that hold a number."""

from __future__ import annotations

import math
from dataclasses import dataclass

SIZE = 3


class Box:
    """A box."""

    __slots__ = ("size", "_inner")

    def __init__(self, size: float, inner: Box | None = None) -> None:
        self.size, self._inner = size, inner

    @classmethod
    def empty(cls):
        return cls(0)

    def exp(self) -> Box:
        return Box(math.exp(self.size))

    def count(self):
        return self._inner.count()


@dataclass
class Shape:
    width: int = SIZE
    box: Box = None

    async def grow(self, by):
        """Makes the shape wider. Returns nothing of use."""
        self.width += by
        self.grown = True


def area(size):
    """Returns the area."""
    shape = Shape(width=2)
    return shape.width * size


def both() -> tuple[Box, Shape]:
    return Box(SIZE), Shape()
'''
USES = """from . import box
from .box import SIZE as size, Shape, area, both
import microgpt.box
import microgpt.box as boxes


@area
def use(something, area, shape: Shape, number: float):
    first, second = both()
    π = "é"; third = box.Box(size); third.exp()
    return [
        area, something.width, something.size, something.count(), shape.box.size,
        number.size, first.size, second.box, microgpt.box.area, boxes.Shape.grow,
        something
        .grown, f"{shape.width} and {size}", (lambda Shape: Shape)(1),
        [Shape for Shape in area], {area: both for area in boxes.SIZE},
    ]


def change():
    global counter
    from microgpt import Box
    counter = Box.empty()
    return counter.size


counter = 0
if counter:
    total = counter
"""
FILES = {
    "microgpt/__init__.py": 'from .box import Box\n\n__all__ = ["Box"]\n',
    "microgpt/box.py": BOX,
    "microgpt/uses.py": USES,
    "tests/solutions/box.py": """import copy
from microgpt import Box, missing

class Deep(Box):
    def depth(self):
        return self._inner.size + self.depth() + copy.size

def depth(box, deep):
    return box.depth(), Deep(1).size, missing.size, box.size, deep.empty
""",
}


def program(files):
    """A program of files, {path: text}, each of which is one block."""
    made = []
    for path, text in files.items():
        segments = [["block-" + path, "docs/one.md", 5, 1, text.count("\n")]]
        made.append(tangle.File(path, text, segments))
    return names.Program(made)


@pytest.fixture(scope="module")
def small():
    return program(FILES)


def found(program, path, line):
    """What the identifiers of a line stand for: [(text, whole name, kind)]."""
    texts = {file.path: file.text.split("\n") for file in program.files}
    number = next(i for i, text in enumerate(texts[path], 1) if line in text)
    whole = texts[path][number - 1]
    return [
        (whole[use.column : use.column + use.length], use.name.whole, use.kind)
        for use in program.uses
        if (use.path, use.line) == (path, number)
    ]


def used(program, path, line):
    """The whole names that the identifiers of a line stand for."""
    return [whole for _, whole, _ in found(program, path, line)]


# Definitions


def test_names_methods_and_fields_are_defined_where_they_stand_first(small):
    box = {
        name.whole: (name.kind, name.line)
        for name in small.definitions
        if name.module == "microgpt.box"
    }
    at = {text.strip(): number for number, text in enumerate(BOX.split("\n"), 1)}
    slots = at['__slots__ = ("size", "_inner")']
    assert box == {
        "SIZE": ("name", at["SIZE = 3"]),
        "Box": ("name", at["class Box:"]),
        "Box.size": ("field", slots),
        "Box._inner": ("field", slots),
        "Box.__init__": ("method", slots + 2),
        "Box.empty": ("method", at["def empty(cls):"]),
        "Box.exp": ("method", at["def exp(self) -> Box:"]),
        "Box.count": ("method", at["def count(self):"]),
        "Shape": ("name", at["class Shape:"]),
        "Shape.width": ("field", at["width: int = SIZE"]),
        "Shape.box": ("field", at["box: Box = None"]),
        "Shape.grow": ("method", at["async def grow(self, by):"]),
        "Shape.grown": ("field", at["self.grown = True"]),
        "area": ("name", at["def area(size):"]),
        "both": ("name", at["def both() -> tuple[Box, Shape]:"]),
    }


def test_a_name_knows_its_block_and_its_file(small):
    name = next(name for name in small.definitions if name.whole == "Shape.grow")
    assert (name.name, name.path) == ("grow", "microgpt/box.py")
    assert name.block == "block-microgpt/box.py"


def test_a_definition_is_a_use_at_its_own_place(small):
    own = [("grow", "Shape.grow", "definition")]
    assert found(small, "microgpt/box.py", "async def grow") == own
    slots = [("size", "Box.size", "definition"), ("_inner", "Box._inner", "definition")]
    assert found(small, "microgpt/box.py", "__slots__") == slots


# Names


def test_imports_lead_to_the_definition_also_under_another_name(small):
    line = found(small, "microgpt/uses.py", "SIZE as size")
    assert line == [
        ("SIZE", "SIZE", "mention"),
        ("size", "SIZE", "mention"),
        ("Shape", "Shape", "mention"),
        ("area", "area", "mention"),
        ("both", "both", "mention"),
    ]
    third = found(small, "microgpt/uses.py", "third =")
    assert third[:2] == [("Box", "Box", "use"), ("size", "SIZE", "use")]
    assert found(small, "microgpt/__init__.py", "__all__") == [
        ("Box", "Box", "mention")
    ]


def test_exports_of_the_package_are_followed_also_inside_of_a_function(small):
    assert used(small, "microgpt/uses.py", "from microgpt import Box") == ["Box"]
    line = used(small, "microgpt/uses.py", "counter = Box.empty()")
    assert line == ["counter", "Box", "Box.empty"]
    assert used(small, "tests/solutions/box.py", "import Box, missing") == ["Box"]


def test_a_local_variable_of_the_same_name_is_no_use(small):
    assert used(small, "microgpt/uses.py", "@area") == ["area"]
    assert used(small, "microgpt/uses.py", "def use(") == ["use", "Shape"]
    line = used(small, "microgpt/uses.py", "area, something.width")
    assert line == ["Shape.width", "Box.size", "Shape.box", "Box.size"]
    assert used(small, "microgpt/uses.py", "for Shape in area") == ["both", "SIZE"]


def test_a_global_variable_is_found_from_a_function(small):
    uses = [use for use in small.uses if use.name.whole == "counter"]
    kinds = [use.kind for use in uses]
    assert kinds == ["use", "use", "definition", "use", "use"]


def test_a_method_does_not_see_the_names_of_its_class():
    text = "x = 1\nclass A:\n    x = x\n    y = x\n    def f(self): return x\n"
    made = program({"microgpt/a.py": text})
    assert used(made, "microgpt/a.py", "y = x") == ["A.y", "A.x"]
    assert used(made, "microgpt/a.py", "return x") == ["A.f", "x"]


def test_a_name_that_is_declared_global_is_not_the_enclosing_functions():
    text = "x = 1\ndef f(x):\n    def g():\n        global x\n        return x\n"
    text += "    def h():\n        return -x\n"
    made = program({"microgpt/a.py": text})
    assert used(made, "microgpt/a.py", "return x") == ["x"]
    assert used(made, "microgpt/a.py", "return -x") == []


def test_names_in_annotations_count(small):
    line = used(small, "microgpt/box.py", "def __init__")
    assert line == ["Box.__init__", "Box"]
    assert used(small, "microgpt/box.py", "def both") == ["both", "Box", "Shape"]


# Attributes


def test_self_and_cls_are_of_their_class(small):
    line = used(small, "microgpt/box.py", "self.size, self._inner = ")
    assert line == ["Box.size", "Box._inner"]
    assert used(small, "microgpt/box.py", "self.width += by") == ["Shape.width"]
    deep = used(small, "tests/solutions/box.py", "return self._inner.size")
    assert deep == ["Box._inner", "Box.size", "Deep.depth"]


def test_an_attribute_of_a_module_from_elsewhere_is_not_ours(small):
    assert used(small, "microgpt/box.py", "math.exp(") == ["Box", "Box.size"]
    line = used(small, "tests/solutions/box.py", "missing.size")
    assert line == ["Deep.depth", "Deep", "Box.size", "Box.size", "Box.empty"]


def test_a_receiver_is_known_by_annotations_assignments_and_calls(small):
    assert used(small, "microgpt/uses.py", "third.exp()")[2:] == ["Box.exp"]
    assert used(small, "microgpt/box.py", "self._inner.count") == [
        "Box._inner",
        "Box.count",
    ]
    line = used(small, "microgpt/uses.py", "first.size")
    assert line == ["Box.size", "Shape.box", "area", "Shape", "Shape.grow"]


def test_an_attribute_that_common_types_have_is_not_guessed(small):
    line = found(small, "microgpt/uses.py", "something.count()")
    assert "Box.count" not in [whole for _, whole, _ in line]


def test_a_keyword_of_a_data_class_is_its_field(small):
    assert used(small, "microgpt/box.py", "Shape(width=2)") == ["Shape", "Shape.width"]


def test_a_keyword_of_a_class_with_its_own_init_is_a_parameter():
    text = "class A:\n    def __init__(self, x): self.x = x\n\na = A(x=1)\n"
    made = program({"microgpt/a.py": text})
    assert used(made, "microgpt/a.py", "a = A(x=1)") == ["a", "A"]


def test_the_class_of_one_exercise_is_not_guessed_in_another():
    one = "class A:\n    def f(self): pass\n\ndef g(x): x.f()\n"
    files = {"tests/solutions/a.py": one, "tests/solutions/b.py": "def h(x): x.f()\n"}
    made = program(files)
    assert used(made, "tests/solutions/a.py", "def g") == ["g", "A.f"]
    assert used(made, "tests/solutions/b.py", "def h") == ["h"]


def test_an_attribute_that_two_classes_define_is_not_guessed():
    one = "class A:\n    def f(self): pass\n\nclass B:\n    def f(self): pass\n"
    made = program({"microgpt/a.py": f"{one}\ndef g(x):\n    return x.f()\n"})
    assert [use.kind for use in made.uses if use.name.name == "f"] == ["definition"] * 2


def test_a_variable_that_holds_different_things_is_unknown():
    text = "class A:\n    def f(self): pass\n\nclass B:\n    def f(self): pass\n"
    text += "\ndef g():\n    x = A()\n    x = B()\n    y = A()\n    x.f(), y.f()\n"
    made = program({"microgpt/a.py": text})
    assert used(made, "microgpt/a.py", "x.f(), y.f()") == ["A.f"]


def test_imports_in_a_circle_are_no_names():
    a = "from .b import x\nx()\n"
    made = program({"microgpt/a.py": a, "microgpt/b.py": "from .a import x\nx.y = x\n"})
    assert made.uses == made.definitions == []


# Programs that share files

MAKES = """from .box import thing


class Maker:
    def make(self):
        return thing.size
"""
BOX_1 = "class Box:\n    size = 1\n\n\nthing = Box()\n"
BOX_2 = "class Crate:\n    size = 2\n\n\nthing = Crate()\n"


def test_a_file_that_two_stages_hold_is_read_once_and_means_what_each_says():
    path = "microgpt/make.py"
    first, second = (
        program({path: MAKES, "microgpt/box.py": box}) for box in (BOX_1, BOX_2)
    )
    assert first.modules["microgpt.make"] is second.modules["microgpt.make"]
    for it, whole in ((first, "Box.size"), (second, "Crate.size"), (first, "Box.size")):
        assert ("size", whole, "use") in found(it, path, "return thing")


def test_a_file_whose_lines_come_from_other_blocks_is_read_anew():
    file = program({"a.py": "x = 1\n"}).files[0]
    other = file._replace(segments=[["other", "docs/one.md", 5, 1, 1]])
    moved = file._replace(segments=[["other", "docs/one.md", 9, 1, 1]])
    assert names.Program([file]).definitions[0].block == "block-a.py"
    assert names.Program([other]).definitions[0].block == "other"
    assert names.Program([moved]).definitions == names.Program([other]).definitions


# Places


def test_columns_count_characters_not_bytes(small):
    texts = {file.path: file.text.split("\n") for file in small.files}
    for use in small.uses:
        text = texts[use.path][use.line - 1][use.column : use.column + use.length]
        assert text in (use.name.name, "size")
    assert len(found(small, "microgpt/uses.py", "π =")) == 3
    made = program({"microgpt/a.py": 'x = "é", "é"; x = x, x\n'})
    assert [use.column for use in made.uses] == [0, 14, 18, 21]


def test_an_attribute_on_a_line_of_its_own_and_names_in_f_strings_are_found(small):
    line = used(small, "microgpt/uses.py", ".grown")
    assert line == ["Shape.grown", "Shape.width", "SIZE"]


# Outline


def test_a_block_is_told_by_its_docstring_or_by_what_it_defines():
    opened = {
        "opens": '"""Boxes',
        "box": "class Box:",
        "slots": "    __slots__",
        "init": "    def __init__",
        "methods": "    @classmethod",
        "shape": "@dataclass",
        "grow": "    async def",
        "body": "        self.width += by",
        "area": "def area",
        "both": "def both",
    }
    lines = BOX.split("\n")
    starts = [line_that_starts(lines, text) for text in opened.values()]
    segments = [
        [id, "docs/one.md", 1, first, end - first]
        for id, first, end in zip(opened, starts, [*starts[1:], len(lines)])
    ]
    files = [tangle.File("microgpt/box.py", BOX, segments)]
    assert outline.summary(names.Program(files)) == {
        "opens": "Boxes: things that hold a number",
        "box": "A box",
        "slots": "defines Box.__slots__",
        "init": "defines Box.__init__",
        "methods": "defines Box.empty, Box.exp and Box.count",
        "shape": "defines Shape",
        "grow": "Makes the shape wider",
        "body": "part of Shape.grow",
        "area": "Returns the area",
        "both": "defines both",
    }


def line_that_starts(lines, text):
    """The number of the one line that starts with a text."""
    (number,) = (i for i, line in enumerate(lines, 1) if line.startswith(text))
    return number


@pytest.mark.parametrize(
    "text, phrase",
    [
        ("import math\nfrom os import path\n", "imports"),
        ('if __name__ == "__main__":\n    print(1)\n', "runs the program"),
        ("print(1)\n", "statements of the module"),
        ("a = b = c = d = 1\n", "defines a, b, c and d"),
        ("a = b = c = d = e = 1\n", "defines a, b, c and 2 more"),
        (f'def f():\n    """{"long " * 20}."""\n', "defines f"),
        ('class A:\n    """Is one. Or two."""\n    x = 1\n', "Is one"),
        ("# nothing\n", "statements of the module"),
    ],
)
def test_every_block_has_a_phrase(text, phrase):
    assert outline.summary(program({"microgpt/a.py": text})) == {
        "block-microgpt/a.py": phrase
    }


def test_the_outline_has_functions_classes_and_methods_of_the_package(small):
    found = [
        (path, lines, [name.whole for name in listed])
        for path, lines, listed in outline.outline(small)
    ]
    methods = ["Box.__init__", "Box.empty", "Box.exp", "Box.count"]
    everything = ["Box", *methods, "Shape", "Shape.grow", "area", "both"]
    assert found == [
        ("microgpt/__init__.py", 3, []),
        ("microgpt/box.py", BOX.count("\n"), everything),
        ("microgpt/uses.py", USES.count("\n"), ["use", "change"]),
    ]


# The book

ELSEWHERE = ("math", "random", "os", "sys", "options")
STAGES = list(dict.fromkeys(map(stage.name_of, stage.names())))


@pytest.fixture(scope="module", params=STAGES)
def book_stage(request):
    """Every stage of the book: (files, program)."""
    _, files, problems = tangle.tangle(stage.read(), request.param)
    assert problems == []
    return files, names.Program(files)


@pytest.mark.site
def test_every_use_in_the_book_is_where_its_identifier_stands(book_stage):
    files, program = book_stage
    texts = {file.path: file.text.split("\n") for file in files}
    places = set()
    for use in program.uses:
        text = texts[use.path][use.line - 1]
        identifier = text[use.column : use.column + use.length]
        assert identifier == use.name.name or imported_as(identifier, texts[use.path])
        assert not text[: use.column][-1:].isidentifier()
        assert not text[use.column + use.length :][:1].isidentifier()
        places.add((use.path, use.line, use.column))
    assert len(places) == len(program.uses)


def imported_as(identifier, lines):
    return any(re.search(rf" as {identifier}\b", text) for text in lines)


@pytest.mark.long
def test_every_definition_of_the_book_has_a_use_at_its_place(book_stage):
    _, program = book_stage
    own = {
        (use.name, use.path, use.line)
        for use in program.uses
        if use.kind == "definition"
    }
    assert own == {(name, name.path, name.line) for name in program.definitions}
    assert len(set(program.definitions)) == len(program.definitions)


@pytest.mark.site
def test_every_block_of_the_book_that_stands_in_a_file_has_a_short_phrase(book_stage):
    files, program = book_stage
    phrases = outline.summary(program)
    ids = stage.read().ids
    told = {id: ids[id].does for file in files for id, *_ in file.segments}
    python = {id for f in files if f.path.endswith(".py") for id, *_ in f.segments}
    assert set(phrases) == python
    told = {id: does or phrases.get(id, "") for id, does in told.items()}
    assert all(0 < len(text) <= 90 for text in told.values())
    assert "statements of the module" not in told.values()


@pytest.mark.long
def test_no_attribute_of_a_module_from_elsewhere_is_a_name_of_the_book(book_stage):
    _, program = book_stage
    places = {(use.path, use.line, use.column) for use in program.uses}
    for file in program.files:
        for node in ast.walk(ast.parse(file.text)):
            attribute = isinstance(node, ast.Attribute)
            if attribute and getattr(node.value, "id", "") in ELSEWHERE:
                column = node.end_col_offset - len(node.attr)
                assert (file.path, node.end_lineno, column) not in places


@pytest.fixture(scope="module")
def finished():
    return names.Program(tangle.tangle(stage.read())[1])


def test_names_of_the_finished_program_lead_to_their_blocks(finished):
    value = next(
        use
        for use in finished.uses
        if use.path == "microgpt/model.py" and use.name.name == "Value"
    )
    assert (value.name.block, value.name.module) == ("value", "microgpt.value")
    slots = ["Value.data", "Value.grad", "Value._children", "Value._local_grads"]
    assert used(finished, "microgpt/value.py", "__slots__ =") == slots
    assert used(finished, "microgpt/value.py", "self.data = data") == ["Value.data"]
    line = used(finished, "microgpt/value.py", "node._local_grads")
    assert line == ["Value._children", "Value._local_grads"]  # and not a Bundle's
    assert used(finished, "microgpt/value.py", "math.exp(") == ["Value.data"]


def test_attributes_of_the_same_name_are_told_apart(finished):
    line = used(finished, "microgpt/checkpoint.py", "vocab_size == ")
    assert line == ["Config.vocab_size", "Tokenizer.vocab_size"]
    assert used(finished, "microgpt/train.py", "optimizer.step(") == ["Adam.step"]
    assert "Run.step" in used(finished, "microgpt/run.py", "self.step += len(")
    line = used(finished, "microgpt/run.py", "open_log(run) as log")
    assert line == ["open_log", "interruptible"]


def test_variables_that_have_the_name_of_a_function_are_told_apart(finished):
    assert used(finished, "microgpt/ngram.py", "context = self.") == ["NGram.context"]
    line = used(finished, "microgpt/sample.py", "logits = model.forward")
    assert line == ["GPT.forward"]
    assert used(finished, "microgpt/run.py", "log.write(f") == []
