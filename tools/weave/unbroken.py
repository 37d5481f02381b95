"""Unbroken: what stays on one line, and percent signs, which stand close everywhere.

A browser may break a line behind each hyphen or dash: so names such as GPT-2 and
n-gram, ranges such as 12–13, short code, and options such as --answers in code of any
length are kept together here, and writers need not think of it.
"""

import re
import xml.etree.ElementTree as etree

from tools.weave.page import Step

SHORT = 30  # characters
PERCENT = re.compile(r"(?<=\d)[ \u00a0]+%")
NAME = re.compile(r"((?<![\w-])(?:[A-Za-z]+-\d[\w.]*\b|[A-Za-z]-[a-z]+\b|\d+–\d+\b))")
OPTION = re.compile(r"(\S*-\S+)")
VERBATIM = {"pre", "code", "script", "style", "svg", "math", "kbd"}


class KeepTogether(Step):
    """Keep names with a hyphen, and short code, on one line; close up percent signs."""

    def show(self, root):
        if root.get("class") == "arithmatex":
            return
        for child in list(root):
            if child.tag == "code":
                keep(child)
            elif child.tag not in VERBATIM:
                self.show(child)
            divide(root, child, PERCENT.sub("%", child.tail or ""), NAME)
        divide(root, None, PERCENT.sub("%", root.text or ""), NAME)


def keep(code):
    """Keep code together if it is short; if it is not, each option in it."""
    text = code.text or ""
    if len(text) > SHORT:
        divide(code, None, text, OPTION)
    elif " " in text or "-" in text:
        code.set("class", "nowrap")


def divide(parent, before, text, pattern):
    """Put a text behind an element, or first; keep what fits the pattern together."""
    plain, *rest = pattern.split(text)
    if before is None:
        parent.text, at = plain, 0
    else:
        before.tail, at = plain, list(parent).index(before) + 1
    for name, after in zip(rest[::2], rest[1::2]):
        span = etree.Element("span", {"class": "nowrap"})
        span.text, span.tail = name, after
        parent.insert(at, span)
        at += 1
