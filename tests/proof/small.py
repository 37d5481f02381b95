"""A small book, for the tests of the tools that check books."""

ONE = '''# One

```python {#package file="microgpt/__init__.py"}
"""A package."""
SIZE = 3


class Box:
    """A box."""

    # <<box>>
```

```python {#box-open into="box"}
def open(self):
    return SIZE
```

```python {#main file="microgpt/__main__.py"}
import sys
from microgpt import Box

print("size:", Box().open(), *sys.argv[1:])
```

<!--run
from microgpt import SIZE
big = 1000 * SIZE
-->

The size is 3<!--=SIZE-->, or 3,000<!--=big--> times less.

```pycon {.run}
>>> box = [SIZE] * 2
>>> box
[3, 3]
```

That is **6<!--=sum(box)-->** in all, by `2<!--=nothing-->`.

```text {.output of="python -m microgpt"}
size: 3
```
'''
TWO = """# Two

```python {#package-two replaces="package"}
SIZE = 4


class Box:
    # <<box>>
```

```pycon {.run}
>>> from microgpt import SIZE
>>> SIZE
4
```

It was 3<!--=output("one", "size")--> before.
"""
INDEX = "# Index\n\n[one](one.md) [two](two.md) [more](more.md)\n"


def make(place):
    """A book of two chapters and a page without blocks; returns its folder."""
    folder = place / "docs"
    folder.mkdir()
    pages = {"index": INDEX, "one": ONE, "two": TWO, "more": "# More\n"}
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    return folder


def change(book, page, old, new):
    path = book / f"{page}.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def line_of(book, page, text):
    lines = (book / f"{page}.md").read_text("utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if text in line)


def told(problems):
    return [str(problem) for problem in problems]
