"""Figures of the book and of its package."""

import ast
import re
from collections import Counter

from tools.draw.figures import figure
from tools.draw.palette import FAINT, INK, MONO, RED, WIDTH
from tools.draw.svg import circle, line, note, rect, text
from tools.proof import stage

PACKAGE = stage.ROOT / "microgpt"
FIRST_ENGINE = "graph"  # it and all modules begun after it are one column of the map


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


def title_of(path):
    """Returns the title of a chapter."""
    lines = (stage.ROOT / path).read_text("utf-8").splitlines()
    return next(line[2:].split(" {")[0] for line in lines if line.startswith("# "))


def columns(labels, left, top, step):
    """Returns labels that stand above columns and read upwards: so none collide."""
    return [
        note(left + i * step + 4.5, top, label, fill=INK, turn=-90, font_family=MONO)
        for i, label in enumerate(labels)
    ]  # fmt: skip


def gathered(lines, modules):
    """Returns the same numbers, with those of some modules as one, `engines`."""
    found = Counter()
    for (chapter, module), count in lines.items():
        found[chapter, "engines" if module in modules else module] += count
    return found


def early_and_late(written, staying):
    """Returns both with the engines as one module, and the modules in their order."""
    order = list(dict.fromkeys(module for _, module in written))
    late = order[order.index(FIRST_ENGINE) :]
    written, staying = (gathered(lines, late) for lines in (written, staying))
    modules = list(dict.fromkeys(module for _, module in written))
    modules.sort(key=lambda module: module.startswith("__"))  # these two last
    return written, staying, modules


@figure
def map():
    """The book as a map: for each chapter and each module, how many lines the
    chapter writes, and how many of them stay to the end."""
    written, staying, modules = early_and_late(*lines_by_chapter())
    chapters = list(dict.fromkeys(chapter for chapter, _ in written))
    left, top, row = 276, 104, 18
    step = (WIDTH - left - 44) / (len(modules) - 1)
    parts = columns(modules, left, top - 18, step)
    for i, chapter in enumerate(chapters):
        y = top + i * row
        parts.append(text(0, y + 5, title_of(chapter), None, 13))
        parts.append(line((left - 9, y), (WIDTH - 34, y), FAINT, 0.5))
        for j, module in enumerate(modules):
            place = chapter, module
            parts += spot(left + j * step, y, written[place], staying[place])
    y = top + len(chapters) * row + 12
    return y + 12, *parts, *key(y)


def spot(x, y, written, staying):
    """Returns circles of the lines that are written, and of those that stay."""
    parts, scale = [], 0.62
    if written:
        parts.append(circle((x, y), scale * written**0.5, "none", stroke=RED))
    if written and staying:
        parts.append(circle((x, y), scale * staying**0.5, RED, fill_opacity=0.75))
    return parts


def key(y):
    """Returns what the circles mean."""
    return [
        circle((8, y - 5), 5, "none", stroke=RED),
        note(22, y, "lines that a chapter writes"),
        circle((236, y - 5), 5, RED, fill_opacity=0.75),
        note(250, y, "those that stay to the end"),
    ]


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
    left, top, row = 232, 96, 19
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
