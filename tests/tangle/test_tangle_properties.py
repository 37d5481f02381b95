"""The tangler on books that nobody wrote: any sound one, and any text at all."""

import ast
import contextlib
import io
import re
import tempfile
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools import tangle

pytestmark = pytest.mark.properties
SLOW = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
LINES = st.one_of(
    st.sampled_from(
        ["", "x = 1", "def f():", "    pass", "# why", "<<x>>", "```", "if:"]
    ),
    st.text(LETTERS, max_size=12),
).filter(lambda line: not line.lstrip().startswith("````") and "# <<" not in line)
FILES = ["a.sh", "pkg/b.toml", "pkg/c.h", "d.txt"]


class Writer:
    """Writes a sound book, chapter by chapter, and remembers what must come of it."""

    def __init__(self, draw):
        self.draw = draw
        self.chapters = [""]
        self.blocks = {}  # id -> (chapter, file, slots, lines of the book it stands at)
        self.live = []  # ids, as of the last chapter
        self.slots = {}  # name -> file
        self.filled = set()
        self.quoted = set()  # files that have a block with quotes
        self.stages = []

    def without_torn(self, body, file, slots):
        """Lines in which no string begins that another block could end."""
        if file == "d.txt" or not re.search("[\"']", "".join(body)):
            return body
        if not slots and file not in self.quoted:
            self.quoted.add(file)
            return body
        return [re.sub("[\"']", " ", line) for line in body]

    def block(self, place, file, slots=()):
        """Write a block: some lines, and a line for each of the slots."""
        id = f"b{len(self.blocks)}"
        body = self.draw(st.lists(LINES, max_size=4))
        body = [line.replace("\n", " ") for line in body]
        body = self.without_torn(body, file, slots)
        for name in slots:
            mark = self.draw(st.sampled_from(["# ", "    # ", "  // "]))
            at = self.draw(st.integers(0, len(body)))
            body.insert(at, f"{mark}<<{name}>>")
        text = self.chapters[-1]
        header = text.count("\n") + 1
        self.chapters[-1] += "\n".join([f"````py {{#{id} {place}}}", *body, "````", ""])
        filled = [i for i, line in enumerate(body) if line.strip()] or [0]
        inside = range(filled[0], filled[-1] + 1) if body else ()
        kept = [header + 1 + i for i in inside if "<<s" not in body[i]]
        kept += [] if file == "d.txt" else [header]
        self.blocks[id] = (len(self.chapters) - 1, file, list(slots), kept)
        self.live.append(id)

    def write(self):
        """Add one block of a kind that is possible here."""
        here = len(self.chapters) - 1
        old = [id for id in self.live if self.blocks[id][0] < here]
        kinds = ["file"] + ["after"] * bool(self.live)
        kinds += ["replaces", "instead"] * bool(old)
        kind = self.draw(st.sampled_from(kinds + ["into"] * bool(self.slots)))
        slots = [f"s{len(self.slots) + n}" for n in range(self.draw(st.integers(0, 2)))]
        if kind in tangle.SWAPS:
            target = self.draw(st.sampled_from(old))
            file = self.blocks[target][1]
            self.live.remove(target)
            slots += self.blocks[target][2]
        elif kind == "after":
            target = self.draw(st.sampled_from(self.live))
            file = self.blocks[target][1]
        elif kind == "into":
            target = self.draw(st.sampled_from(sorted(self.slots)))
            file = self.slots[target]
            self.filled.add(target)
        else:
            target = file = self.draw(st.sampled_from(FILES))
        slots = slots if tangle.comment_mark(file) else []
        self.slots |= dict.fromkeys(slots, file)
        self.block(f'{kind}="{target}"', file, slots)

    def fill(self):
        """Fill the slots that are still empty."""
        for name in sorted(self.slots.keys() - self.filled):
            self.block(f'into="{name}"', self.slots[name])

    def end_chapter(self):
        self.stages.append(list(self.live))
        self.chapters.append("")


@st.composite
def books(draw):
    """A sound book: (texts by path, the writer that knows what is in them)."""
    writer = Writer(draw)
    for _ in range(draw(st.integers(1, 4))):
        for _ in range(draw(st.integers(0, 5))):
            writer.write()
        writer.end_chapter()
    writer.fill()
    writer.end_chapter()
    sources = {f"b/c{n}.md": text for n, text in enumerate(writer.chapters)}
    links = "".join(f"[](c{n}.md)\n" for n in range(len(sources)))
    return {"b/index.md": links, **sources}, writer


IMPORTS = ["import os", "import os.path as p", "from .m import a", "import numpy as np"]
IMPORTS += ["from .m import b, c as d", "from .m import (\n    a,\n    b\n)"]
IMPORTS += ["from . import m", "from __future__ import annotations", "import sys, json"]


@st.composite
def modules(draw):
    """A chapter with a sound Python file, in blocks that begin with imports."""
    text = ""
    for number in range(draw(st.integers(1, 4))):
        into = number and draw(st.booleans())
        place = f'into="s{number - 1}"' if into else 'file="a.py"'
        body = ['"""A file."""', ""] if not number and draw(st.booleans()) else []
        for statement in draw(st.lists(st.sampled_from(IMPORTS), max_size=4)):
            body += statement.split("\n") + [""] * draw(st.integers(0, 1))
        body += ["def f():", f"    x{number} = 1", f"    # <<s{number}>>"]
        text += "\n".join([f"```python {{#b{number} {place}}}", *body, "```", ""])
    fills = (f'{{#z{n} into="s{n}"}}\npass\n' for n in range(number + 1))
    return text + "".join(f"```python {fill}```\n" for fill in fills)


@SLOW
@given(modules())
def test_any_imports_stand_at_the_top_once_and_lead_back(text):
    book = tangle.parse_book({"b/a.md": text}, "b/index.md")
    _, (file,), problems = tangle.tangle(book)
    assert problems == []
    tree, source = ast.parse(file.text), [""] + text.split("\n")
    bound = [name for node in tree.body for name in binds(node)]
    assert len(bound) == len(set(bound))
    places, lines = {}, [""] + file.text.split("\n")
    for id, path, number, at, count in file.segments:
        assert tangle.where(file.segments, at)[0] == path
        for n in range(count):
            places.setdefault(number + n, at + n)
            assert (at + n in file.imports) == (count == 1 and at in file.imports)
        if at not in file.imports and "#" + id not in source[number]:
            assert source[number].strip() == lines[at].strip()
    for number, line in enumerate(source):
        moved = places.get(number) in file.imports
        if re.match("    [ab],?$|[)]|import |from ", line):
            assert moved
            names = set(re.findall(r"\w+", line.partition("import")[2] or line))
            assert names <= set(re.findall(r"\w+", file.text))
        else:
            assert not moved


def binds(node):
    """The names that an import statement binds, each with where it is from."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield getattr(node, "module", None), alias.name, alias.asname


@SLOW
@given(books())
def test_any_sound_book_maps_back_line_by_line_at_every_stage(example):
    sources, writer = example
    book = tangle.parse_book(sources, "b/index.md")
    for stage, live in enumerate(writer.stages):
        _, files, problems = tangle.tangle(book, f"c{stage}")
        assert problems == []
        found = Counter()
        for file in files:
            lines = file.text.split("\n")[:-1]
            known = PurePosixPath(file.path).suffix in tangle.COMMENTS
            kept = str.rstrip if known else str  # elsewhere blanks may mean something
            assert lines[-1].strip() and all(line == kept(line) for line in lines)
            for id, path, number, first, count in file.segments:
                assert writer.blocks[id][1] == file.path
                source = sources[path].split("\n")
                for offset in range(count):
                    here = lines[first - 1 + offset]
                    there = source[number - 1 + offset]
                    found[path, number + offset] += 1
                    if there.startswith(f"````py {{#{id} "):
                        assert here.strip() in (f"# [{id}]", f"// [{id}]")
                    else:
                        assert here.endswith(kept(there))
                        assert not here.removesuffix(kept(there)).strip()
                    assert tangle.where(file.segments, first + offset) == (
                        path,
                        number + offset,
                        id,
                    )
        blocks = (writer.blocks[id] for id in live)
        expected = ((f"b/c{c}.md", n) for c, _, _, kept in blocks for n in kept)
        lost = Counter(expected) - found
        for path, number in lost:  # blank lines at the edges of a file
            assert not sources[path].split("\n")[number - 1].strip()
        assert not found - Counter(
            (f"b/c{c}.md", n)
            for c, _, _, kept in map(writer.blocks.get, live)
            for n in kept
        )


HEADERS = st.builds(
    "```{}{}{{{}}}".format,
    st.sampled_from(["python", "c", "", "py thon"]),
    st.sampled_from([" ", "", "  ", "\t"]),
    st.lists(
        st.sampled_from(
            [
                "#a",
                "#b",
                "#c",
                "#d",
                "#A",
                ".run",
                ".output",
                'of="x"',
                'of="',
                "{",
                "}",
            ]
            + ['file="a.py"', 'file="../a.py"', 'file="/tmp/a.py"', 'file="a"', 'x="y"']
            + ['file="a/b.py"', 'file="link/b.py"', 'file="docs/a.md"', 'file="~"', "="]
            + ['into="s"', 'into="t"', 'replaces="a"', 'replaces="b"', 'after="a"']
            + ['after="c"', 'after="d"']
        ),
        max_size=3,
    ).map(" ".join),
)
PIECES = st.one_of(
    HEADERS,
    st.sampled_from(
        ["```", "~~~", "````", "  ```", "> ```", "# <<s>>", "  // <<t>>", "# <<S>>"]
        + [
            "x = 1",
            "def f():",
            "    # <<t>>",
            "\tx",
            "[a](a.md)",
            "[z](z.md)",
            "\r",
            "",
        ]
        + ["[x](../x.md#y)", "<!--", "-->", "`", "\ufeff", "\x00", "0777", "'\\d'"]
    ),
    st.text(max_size=8),
)
TEXTS = st.lists(PIECES, max_size=24).map("\n".join)
BYTES = st.one_of(TEXTS.map(lambda text: text.encode("utf-8", "replace")), st.binary())


@SLOW
@given(
    st.dictionaries(st.sampled_from(["index", "a", "b", "n/c"]), BYTES, min_size=1),
    st.lists(st.sampled_from(["--check", "--force", "--list"]), max_size=2),
)
def test_any_text_at_all_gives_a_result_or_a_clean_error(chapters, options):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        output = folder / "out"
        output.mkdir()
        (folder / "elsewhere").mkdir()
        (output / "link").symlink_to(folder / "elsewhere")
        for chapter, data in chapters.items():
            path = folder / "docs" / f"{chapter}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        before = snapshot(folder)
        out, err = io.StringIO(), io.StringIO()
        arguments = ["--book", str(folder / "docs"), "--output", str(output), *options]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = tangle.main(arguments)
        assert code in (0, 1)
        assert bool(err.getvalue()) <= (code == 1)
        after = snapshot(folder)
        changed = {
            path for path in before | after if before.get(path) != after.get(path)
        }
        assert all(path.is_relative_to(output) for path in changed)
        if code or "--check" in options or "--list" in options:
            assert not changed
        else:
            assert snapshot(folder) == after


def snapshot(folder):
    """The contents of all files below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@SLOW
@given(TEXTS)
def test_parsing_finds_blocks_in_order_and_never_fails(text):
    lines = text.split("\n")
    last = 0
    for block in tangle.parse(text, "a.md")[0]:
        assert last < block.line <= block.end
        first = block.start - 1
        assert lines[first : first + len(block.lines)] == block.lines
        last = block.end
