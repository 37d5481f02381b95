"""Minutes: about how long a first-year student takes for a section, by a rule.

With pencil and computer: 110 words of text a minute, folds left out; a minute for 7
lines of code, or for 18 of output, for a displayed formula and for a figure; 2 for a
question. The opening of a chapter counts with its first section, and its exercises
have minutes of their own (tools/weave/course.py).
"""

import json
import re
from pathlib import Path

from tools import tangle
from tools.proof import stage
from tools.weave import contents
from tools.weave.course import names

WORDS, CODE, OUTPUT, QUESTION = 110, 7, 18, 2
NO_TEXT = re.compile(r"\]\([^)]*\)|<[^>]*>")
FOLD = re.compile(r"<details(?![^>]*question).*?</details>", re.S)


def estimates(found, book=stage.BOOK):
    """By the rule, {chapter: {section: minutes, not rounded}}."""
    return {
        name: dict(of_chapter(found, f"{name}.md", Path(book, f"{name}.md")))
        for name in names(found)
    }


def of_chapter(found, page, path):
    """The minutes of a chapter's sections; the opening is part of the first."""
    text = tangle.decode(path.read_bytes())
    blocks = tangle.parse(text, page)[0]
    blank = contents.blank(text, blocks)
    code, prose = of_code(blocks, blank), FOLD.sub(blanked, blank).split("\n")
    heads = [it for it in found.headings[page] if it.kind != "chapter"]
    heads.sort(key=lambda it: it.line)
    ends = [it.line - 1 for it in heads[1:]] + [len(prose)]
    for head, start, end in zip(heads, [0, *ends], ends):
        if head.kind == "section" and not head.id.startswith("exercises-"):
            part = "\n".join(prose[start:end])
            if minutes := of_prose(part) + sum(code[start:end]):
                yield head.id, minutes


def of_code(blocks, blank):
    """The minutes of each line of a chapter, 0 where it is no code or in a fold."""
    minutes = [0.0] * (blank.count("\n") + 1)
    for block in blocks:
        pace = 1 / (OUTPUT if block.kind == "output" else CODE)
        for line in range(block.line, min(block.end - 1, len(minutes))):
            minutes[line] = pace
    for fold in FOLD.finditer(blank):
        first, last = (blank.count("\n", 0, at) for at in fold.span())
        minutes[first : last + 1] = [0.0] * (last + 1 - first)
    return minutes


def blanked(match):
    """The empty lines that stand in the place of a fold."""
    return "\n" * match[0].count("\n")


def of_prose(text):
    """The minutes of a text without its code."""
    words = len(re.findall(r"\w+", NO_TEXT.sub("", text)))
    formulas = len(re.findall(r"^\$\$", text, re.M)) / 2
    figures = len(re.findall(r"^!\[", text, re.M))
    return words / WORDS + formulas + figures + QUESTION * text.count("<details")


def near(minutes, estimate):
    """Whether minutes may stay, although some words have changed."""
    return abs(minutes - estimate) <= max(1, estimate / 4)


def renewed(data, by_rule):
    """The data with minutes for every section of the book, and for no other."""
    for name, sections in by_rule.items():
        chapter = data["chapters"].setdefault(name, dict(goals=[], needs=[], wrong=[]))
        old, new = chapter.get("sections", {}), {}
        for id, estimate in sections.items():
            it = old.get(id, {})
            if not near(it.get("minutes", -9), estimate):
                it = {**it, "minutes": max(1, round(estimate))}
            new[id] = {"minutes": it["minutes"], **it}
        chapter["sections"] = new
    order = [name for name in by_rule if name in data["chapters"]]
    return {**data, "chapters": {name: data["chapters"][name] for name in order}}


def dumped(it, depth=0):
    """The data as JSON; what fits into a line, and a section, stands in one."""
    line, indent = json.dumps(it, ensure_ascii=False), " " * (depth + 1)
    if len(line) + depth < 88 or "minutes" in it or not isinstance(it, (dict, list)):
        return line
    if isinstance(it, dict):
        parts = [f"{json.dumps(k)}: {dumped(v, depth + 1)}" for k, v in it.items()]
    else:
        parts = [dumped(v, depth + 1) for v in it]
    inside = ",\n".join(indent + part for part in parts)
    opened, closed = ("{", "}") if isinstance(it, dict) else ("[", "]")
    return f"{opened}\n{inside}\n{' ' * depth}{closed}"
