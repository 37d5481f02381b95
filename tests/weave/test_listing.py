"""Listings: every line has its number, every name its link, every change its mark."""

import posixpath
import re
import xml.etree.ElementTree as etree
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools import tangle
from tools.weave import contents, listing
from tools.weave.difference import anew, difference
from tools.weave.listing import Listing
from tools.weave.views import place, view, view_of

pytestmark = pytest.mark.site
ROOT = Path(__file__).resolve().parents[2]

INDEX = "# A book\n\n1. [One](one.md)\n2. [Two](two.md)\n"
ONE = '''# One

```python {#box file="microgpt/box.py"}
"""Boxes."""


class Box:
    """Holds a thing."""

    # <<box-methods>>


full = Box()
```

```python {#box-open into="box-methods"}
def open(self):
    return self.thing, Box
```

```python {#box-shut into="box-methods"}
def shut(self, thing):
    # as it was
    self.thing = thing
    self.open()
```
'''
TWO = """# Two

```python {#box-shut-twice replaces="box-shut"}
def shut(self, thing):
    # as it was
    self.thing = [thing, thing]
    self.open()
```

```text {.output of="cat x"}
y
```
"""


@pytest.fixture
def book(tmp_path):
    """The contents of a small book."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in {"index": INDEX, "one": ONE, "two": TWO}.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    return contents.of_book(folder)


@pytest.fixture(scope="module")
def real():
    return contents.of_book(ROOT / "docs")


@pytest.fixture(scope="module")
def shown(real):
    """Every block of the program as the site shows it: [(block, its figure)]."""
    return [(b, drawn(real, b.id)) for b in real.book.blocks if b.tangled]


def drawn(found, id):
    """A block's figure, as the page that it stands on shows it."""
    block = found.book.ids[id]
    figure = etree.Element("figure")
    Listing(found, contents.page_of(found.book, block)).draw(figure, block, "t/0001/")
    return figure


def lines(figure):
    """The lines of a figure: [(element's name, number, text)]."""
    found = []
    for line in figure.iter():
        if "line" in (line.get("class") or "").split():
            number = line.find("*[@class='ln']").get("data-n")
            found.append((line.tag, int(number or 0), "".join(line.itertext())))
    return found


def told(figure):
    """The words below a block."""
    return " ".join("".join(figure.find("p[@class='links']").itertext()).split())


def links(figure, within=""):
    """The links of a figure: [(text, address)]."""
    return [(a.text, a.get("href")) for a in figure.findall(f".//{within}a")]


def test_lines_are_numbered_as_in_the_file_right_across_a_slot(book):
    numbers = [number for _, number, _ in lines(drawn(book, "box"))]
    assert numbers == [4, 5, 6, 7, 8, 9, 0, 19, 20, 21]  # the slot itself has none


def test_the_caption_tells_name_task_place_and_how_to_cite(book):
    caption = drawn(book, "box-open").find("figcaption")
    text = " ".join(" ".join(caption.itertext()).split())
    assert text == "box-open defines Box.open microgpt/box.py, lines 11–12 cite copy"
    assert ("box-open", "#box-open") in links(caption)
    assert ("cite", "t/0001/") in links(caption)


def test_a_caption_does_not_repeat_what_the_docstring_below_it_says(book):
    first = drawn(book, "box").find("figcaption")
    assert [it for it in first.iter("span") if it.get("class") == "what"] == []
    for does, lines, repeated in [
        (
            "Holds a thing",
            ["class Box:", '    """Holds', "    a thing.", '    """'],
            True,
        ),
        ("the lid of a box", ["/* The lid of a box. */", "int lid;"], True),
        ("Holds a thing", ["class Box:", '    """Keeps a thing."""'], False),
        ("imports", ["# what it imports", "import a"], False),
    ]:
        assert listing.repeats(does, SimpleNamespace(lines=lines)) is repeated


def test_a_phrase_may_hold_code_and_words_in_italics():
    parent = etree.Element("span")
    listing.phrase(parent, "of *microgpt, the book*: `a * b` times 2 * 3")
    assert [(it.tag, it.text) for it in parent] == [
        ("em", "microgpt, the book"),
        ("code", "a * b"),
    ]
    assert "".join(parent.itertext()) == "of microgpt, the book: a * b times 2 * 3"


def test_a_replaced_block_is_numbered_as_in_its_own_chapter(book):
    block = book.book.ids["box-shut"]
    new = book.book.ids["box-shut-twice"]
    assert place(book, block) == "microgpt/box.py, lines 15–18, as of chapter 1"
    assert place(book, new) == "microgpt/box.py, lines 15–18"


def test_a_block_that_its_own_page_replaces_is_numbered_as_before(book, tmp_path):
    swap = TWO.removeprefix("# Two\n").partition("```text")[0]
    (tmp_path / "docs" / "one.md").write_text(ONE + swap, "utf-8")
    (tmp_path / "docs" / "two.md").write_text("# Two\n", "utf-8")
    found = contents.of_book(tmp_path / "docs")
    old, new = (found.book.ids[id] for id in ("box-shut", "box-shut-twice"))
    assert place(found, old) == "microgpt/box.py, lines 15–18, as of chapter 1"
    assert place(found, new) == "microgpt/box.py, lines 15–18"
    assert ("box-shut-twice", "#box-shut-twice") in links(drawn(found, "box-shut"))


def test_a_block_is_linked_with_those_it_belongs_to(book):
    below = "p[@class='links']/*/"
    assert links(drawn(book, "box-open"), below) == [
        ("box", "#box"),
        ("box-shut", "#box-shut"),
        ("box-shut-twice", "two.md#box-shut-twice"),
    ]
    assert "Used in box-shut-twice" in told(drawn(book, "box-open"))
    assert links(drawn(book, "box-shut"), below) == [
        ("box", "#box"),
        ("box-open", "#box-open"),
        ("box-open", "#box-open"),
        ("box-shut-twice", "two.md#box-shut-twice"),
    ]
    assert told(drawn(book, "box-shut-twice")) == (
        "Replaces box-shut Part of box Used in box-open"
    )


def test_slots_and_names_are_links_and_a_name_at_home_is_none(book):
    code = "code/*/"
    assert links(drawn(book, "box"), code) == [("<<box-methods>>", "#box-open")]
    assert links(drawn(book, "box-open"), code) == [
        ("thing", "#box-shut"),  # as of this chapter
        ("Box", "#box"),
    ]


def test_a_replacement_shows_what_goes_what_comes_and_what_stays(book):
    figure = drawn(book, "box-shut-twice")
    assert lines(figure) == [
        ("span", 15, "def shut(self, thing):\n"),
        ("span", 16, "    # as it was\n"),
        ("del", 0, "    self.thing = thing\n"),
        ("ins", 17, "    self.thing = [thing, thing]\n"),
        ("span", 18, "    self.open()\n"),
    ]
    (gone,) = figure.iter("s")
    assert gone.text == "self.thing = thing"
    assert "checked" in figure.find("input[@class='toggle']").attrib


def block_of(*lines):
    return SimpleNamespace(lines=list(lines))


def test_of_a_block_written_anew_all_that_goes_stands_before_all_that_comes():
    old = block_of("def f(x):", "    y = x", "", "    return y")
    new = block_of("def f(x):", "    a", "    b", "", "    c", "    return a + b + c")
    assert anew(old, new)
    assert [(mark, index) for mark, _, index in difference(old, new)] == [
        ("same", 0),
        *(("del", n) for n in (1, 2, 3)),
        *(("ins", n) for n in (1, 2, 3, 4, 5)),
    ]
    assert not anew(old, old)


def test_of_a_block_written_anew_the_new_lines_are_shown_until_a_reader_asks(
    book, tmp_path
):
    code = "def open(self):\n    print(self)\n    return self\n"
    text = f'# Two\n\n```python {{#anew replaces="box-open"}}\n{code}```\n'
    (tmp_path / "docs/two.md").write_text(text, "utf-8")
    found = contents.of_book(tmp_path / "docs")
    assert "checked" not in drawn(found, "anew").find("input[@class='toggle']").attrib


THREE = INDEX + "3. [Three](three.md)\n"
LID = """# Three

```python {#box-lid instead="box-open"}
from .box import (
    Box,
    full as Full,
)
from .lid import Lid, shut as closed

from random import choice

def lid(self):
    return Lid(Box, closed, choice)
```

```python {#lid file="microgpt/lid.py"}
class Lid:
    size = 1


def shut():
    return Lid
```

```python {#lid-more file="microgpt/lid.py"}
import random
from random import choice
```
"""


@pytest.fixture
def lidded(book, tmp_path):
    """The same book with a third chapter, in which a block leaves."""
    for name, text in {"index": THREE, "three": LID}.items():
        (tmp_path / "docs" / f"{name}.md").write_text(text, "utf-8")
    return contents.of_book(tmp_path / "docs")


def test_a_block_that_takes_a_place_is_no_new_version_of_the_one_that_leaves(lidded):
    figure = drawn(lidded, "box-lid")
    assert not list(figure.iter("s")) and not list(figure.iter("ins"))
    assert figure.find("input") is None
    assert told(figure).startswith(
        "Takes the place of box-open, which leaves the program here Part of box"
    )
    assert "Leaves the program at box-lid" in told(drawn(lidded, "box-open"))


def test_what_took_a_blocks_place_is_continued_and_not_what_left(book, tmp_path):
    for name, text in {
        "index": THREE,
        "two": '# Two\n\n```python {#old file="microgpt/lid.py"}\na = 1\n```\n',
        "three": '# Three\n\n```python {#new instead="old"}\na = 2\n```\n\n'
        '```python {#more file="microgpt/lid.py"}\nb = 3\n```\n',
    }.items():
        (tmp_path / "docs" / f"{name}.md").write_text(text, "utf-8")
    found = contents.of_book(tmp_path / "docs")
    assert "Continues new" in told(drawn(found, "more"))
    assert "Continued in more" in told(drawn(found, "new"))
    assert "Continued" not in told(drawn(found, "old"))


def test_imports_have_the_numbers_and_links_of_where_they_were_brought(lidded):
    figure = drawn(lidded, "box-lid")
    assert "lines 16–17" in " ".join(figure.find("figcaption").itertext())
    file = next(file for file in view(lidded).files if file.path.endswith("box.py"))
    assert file.text.split("\n")[5:9] == [
        "from random import choice", "", "from .box import Box, full as Full",
        "from .lid import Lid, shut as closed",
    ]  # fmt: skip
    numbers = [number for _, number, _ in lines(figure)]
    assert numbers == [8, 8, 8, 8, 9, 0, 6, 0, 16, 17]
    found = links(figure, "code/*/")
    assert found[:5] == [
        ("Box", "one.md#box"), ("full", "one.md#box"), ("Full", "one.md#box"),
        ("Lid", "#lid"), ("shut", "#lid"),
    ]  # fmt: skip


def test_a_block_of_nothing_but_imports_stands_where_these_do(lidded):
    assert place(lidded, lidded.book.ids["lid-more"]) == "microgpt/lid.py, lines 5–6"
    assert "imports" in "".join(drawn(lidded, "lid-more").find("figcaption").itertext())


def test_a_line_of_imports_leads_to_the_block_that_brought_it(lidded):
    figure = etree.Element("p")
    Listing(lidded, "two.md").whole(figure, "microgpt/box.py")
    found = [e for e in figure.iter() if "line" in e.get("class", "").split()]
    assert found[8].find("a").get("href") == "three.md#box-lid"
    assert ("Lid", "three.md#lid") in links(found[8], "")


def test_an_output_has_its_command_and_neither_numbers_nor_a_tag(book):
    block = next(b for b in book.book.blocks if b.kind == "output")
    figure = etree.Element("figure")
    Listing(book, "two.md").draw(figure, block)
    assert "$ cat x" in "".join(figure.itertext())
    assert figure.find(".//*[@class='ln']") is None
    assert "cite" not in "".join(figure.itertext())


def test_every_line_of_the_whole_program_leads_to_its_block(book):
    figure = etree.Element("p")
    Listing(book, "two.md").whole(figure, "microgpt/box.py")
    file = view(book).files[0]
    found = [e for e in figure.iter() if "line" in e.get("class", "").split()]
    assert [line.get("id") for line in found] == [
        f"line-box-{n}" for n in range(1, file.text.count("\n") + 1)
    ]
    assert found[16].find("a").get("href") == "#box-shut-twice"
    assert "".join(found[16].itertext()) == "        self.thing = [thing, thing]\n"
    assert "".join("".join(line.itertext()) for line in found) == file.text


def test_the_outline_lists_files_and_marks_what_is_new(book):
    root = etree.Element("div")
    Listing(book, "two.md").outline(root, "2")
    assert [code.text for code in root.iter("code")] == [
        "microgpt/box.py", "Box", "Box.open", "Box.shut",
    ]  # fmt: skip
    new = [a[0].text for a in root.iter("a") if a.get("class") == "new"]
    assert new == ["Box.shut"]


# The book itself


def test_every_numbered_line_of_the_book_is_that_line_of_the_file(real, shown):
    compared = 0
    for block, figure in shown:
        it = view_of(real, block)
        path = it.spans[block.id][0]
        text = next(f.text for f in it.files if f.path == path).split("\n")
        moved = next(f.imports for f in it.files if f.path == path)
        for tag, number, line in lines(figure):
            if number in moved:  # joined with those of other blocks
                brought = re.findall(r"\w+", line.partition(" import ")[2] or line)
                assert set(brought) <= set(re.findall(r"\w+", imports(text, moved)))
            elif number:
                assert tag != "del"
                assert text[number - 1].strip() == line.strip(), (block.id, number)
                compared += 1
    assert compared > 2000


def imports(lines, where):
    """The text of the lines of a file that hold its imports."""
    return "\n".join(lines[number - 1] for number in where)


def test_what_is_shown_without_the_deleted_lines_is_the_block(shown):
    for block, figure in shown:
        code = [text for tag, _, text in lines(figure) if tag != "del"]
        assert code == [f"{line}\n" for line in block.lines], block.id


def test_every_link_from_a_block_leads_to_something_in_the_book(real, shown):
    for block, figure in shown:
        page = contents.page_of(real.book, block)
        for _, address in links(figure):
            path, _, anchor = address.partition("#")
            if path != listing.LISTING and not path.startswith("t/"):
                target = posixpath.normpath(path) if path else page
                assert anchor in real.anchors[target], (block.id, address)


def test_the_package_is_shown_as_it_stands_on_the_disk(real):
    for file in view(real).files:
        assert isinstance(file, tangle.File)
        assert (ROOT / file.path).read_text("utf-8") == file.text
