"""Figures of the book and of its package."""

import ast
import re
from collections import Counter

from tools.draw.charts import key, scale
from tools.draw.figures import figure
from tools.draw.palette import FAINT, INK, MONO, RED, WIDTH
from tools.draw.svg import circle, line, note, rect
from tools.proof import stage

PACKAGE = stage.ROOT / "microgpt"
PART = re.compile(r"^\*\*(.+)\*\*$")
SHORT = {  # what the drawing calls the parts of the book
    "A model, and how it learns": "learning",
    "The transformer, one part at a time": "transformer",
    "The program": "program",
    "Everything else is efficiency": "efficiency",
}
CHAPTER = re.compile(r"^(\d+)\. \[[^\]]+\]\(([\w-]+\.md)\)")


def file_of(block, book):
    """Returns the file that a tangled block belongs to; "" if it has none."""
    seen = set()
    while block and block.kind != "file" and block not in seen:
        seen.add(block)
        if block.kind == "into":
            slot = f" <<{block.target}>>"
            hosts = [b for b in book.blocks if any(s.endswith(slot) for s in b.lines)]
            block = hosts[0] if hosts else None
        else:
            block = book.ids.get(block.target)
    return block.target if block and block.kind == "file" else ""


def tags():
    """Returns the ids of the blocks that the package consists of."""
    files = [*PACKAGE.glob("[!.]*.py"), *PACKAGE.glob("[!.]*.c")]
    text = "".join(path.read_text("utf-8") for path in files)
    return set(re.findall(r"^ *(?:#|//) \[([a-z0-9-]+)\]$", text, re.M))


def lines_by_chapter():
    """Returns {(chapter, module): lines written}, and the same of lines that stay."""
    book, live = stage.read(), tags()
    written, staying = Counter(), Counter()
    for block in book.blocks:
        path = file_of(block, book) if block.tangled else ""
        if path.startswith("microgpt/"):
            place = block.path, path.removeprefix("microgpt/").removesuffix(".py")
            size = sum(bool(line.strip()) for line in block.lines)
            written[place] += size
            if block.id in live:
                staying[place] += size
    return written, staying


def columns(labels, left, top, step):
    """Returns labels that stand above columns and read upwards: so none collide."""
    return [
        note(left + i * step + 4.5, top, label, fill=INK, turn=-90, font_family=MONO)
        for i, label in enumerate(labels)
    ]  # fmt: skip


def numbers():
    """Returns {a chapter's file: (its number, its part)}, in the order of the book."""
    found, part = {}, ""
    for row in (stage.ROOT / "docs" / "index.md").read_text("utf-8").splitlines():
        if title := PART.match(row):
            part = SHORT.get(title[1], "")
        elif it := CHAPTER.match(row):
            found[f"docs/{it[2]}"] = int(it[1]), part
    return {name: it for name, it in found.items() if it[0]}


@figure
def map():
    """The program as a map: the modules from top to bottom as the book begins them, the
    chapters from left to right; how many lines each writes, and how many stay."""
    written, staying = lines_by_chapter()
    chapters = numbers()
    modules = list(dict.fromkeys(module for _, module in written))
    modules.sort(key=lambda module: module.startswith("__"))  # these two last
    left, top, row = 124, 64, 18
    last = max(number for number, _ in chapters.values())
    x = scale((1, last), (left, WIDTH - 12))
    bottom = top + len(modules) * row
    parts = [*spans(chapters, x, bottom), *ruled(modules, left, top, row)]
    for (chapter, module), count in written.items():
        at = x(chapters[chapter][0]), top + modules.index(module) * row
        parts += spot(*at, count, staying[chapter, module])
    writes = ("ring", RED, "lines that a chapter writes")
    stays = ("dot", RED, "those that stay to the end")
    return bottom + 28, *parts, key(2, bottom + 16, writes, stays)


def spans(chapters, x, bottom):
    """Returns the numbers of the chapters, and above them the parts of the book."""
    parts, named = [], {}
    for number, part in chapters.values():
        named.setdefault(part, []).append(number)
        if number == 1 or number % 5 == 0:
            parts.append(note(x(number), 42, number, "middle"))
            parts.append(line((x(number), 48), (x(number), bottom - 8), FAINT, 0.5))
    half = (x(2) - x(1)) / 2
    for part, numbers in named.items():
        if not part:
            continue
        first, last = x(numbers[0]) - half, x(numbers[-1]) + half
        parts.append(line((first + 2, 22), (last - 2, 22), INK, 1.2))
        parts.append(note((first + last) / 2, 14, part, "middle", INK))
    return [*parts, note(0, 42, "chapter")]


def ruled(modules, left, top, row):
    """Returns the names of the modules, each at its line."""
    parts = []
    for i, module in enumerate(modules):
        y = top + i * row
        parts.append(line((left - 6, y), (WIDTH, y), FAINT, 0.5))
        parts.append(note(left - 12, y + 5, module, "end", INK, font_family=MONO))
    return parts


def spot(x, y, written, staying):
    """Returns circles of the lines that are written, and of those that stay."""
    parts = []
    if written:
        parts.append(circle((x, y), radius(written), "none", stroke=RED))
    if written and staying:
        parts.append(circle((x, y), radius(staying), RED, fill_opacity=0.75))
    return parts


def radius(lines):
    """Returns how large the circle of some lines is: large enough to be seen."""
    return max(1.6, 0.55 * lines**0.5)


def imports(name):
    """Returns the modules of the package that one of them imports."""
    tree = ast.parse((PACKAGE / f"{name}.py").read_text("utf-8"))
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level]
    return {m for n in nodes for m in ([n.module] if n.module else named(n))}


def named(node):
    """The modules that `from . import …` names."""
    return [alias.name for alias in node.names]


def lines_of(name):
    """Returns the number of lines of a module, without blank ones and comments."""
    lines = (PACKAGE / f"{name}.py").read_text("utf-8").splitlines()
    return sum(s.strip() != "" and not s.strip().startswith("#") for s in lines)


def in_layers(used):
    """Returns the modules, each after all that it imports."""
    order = []
    while len(order) < len(used):
        free = [m for m in used if m not in order and used[m] <= set(order)]
        if not free:
            raise ValueError("modules import each other in a ring")
        order.append(min(free, key=lambda m: (len(used[m]), m)))
    return order


@figure
def modules():
    """The modules of the finished package: the lines of each, and what it imports."""
    used = {path.stem: imports(path.stem) for path in PACKAGE.glob("[!.]*.py")}
    order = in_layers(used)
    sizes = {name: lines_of(name) for name in order}
    left, top, row = 232, 108, 19
    imported = [m for m in order if any(m in u for u in used.values())]
    step = (WIDTH - left - 30) / (len(imported) - 1)
    parts = columns(imported, left, top - 16, step)
    for i, (name, size) in enumerate(sizes.items()):
        y = top + i * row
        parts += bar(y, name, size, max(sizes.values()))
        parts.append(line((left - 10, y), (WIDTH - 20, y), FAINT, 0.5))
        for j, other in enumerate(imported):
            if other in used[name]:
                parts.append(circle((left + j * step, y), 5, INK))
    y = top + len(order) * row + 10
    return (
        y + 8,
        *parts,
        note(102, top - 22, "lines"),
        note(0, 14, f"{sum(sizes.values()):,} lines in"),
        note(0, 32, f"{len(order)} modules"),
        note(0, y, "a dot: the module of the row imports that of the column"),
    )


def bar(y, name, size, most):
    """Returns a module's name, and its lines as a bar."""
    return [
        note(94, y + 5, name, "end", INK, font_family=MONO),
        rect(102, y - 7, 68 * size / most, 14, RED, fill_opacity=0.75),
        note(106 + 68 * size / most, y + 5, size),
    ]
