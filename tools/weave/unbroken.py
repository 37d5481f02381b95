"""Unbroken: what stays on one line, and percent signs, which stand close everywhere.

A browser may break a line behind each hyphen or dash: so names such as GPT-2 and
n-gram, ranges such as 12–13, short code, and options such as --answers in code of any
length are kept together here, and writers need not think of it. What is code comes
through letter by letter, so that its quotes stay straight.
"""

import html
import re
import xml.etree.ElementTree as etree

from markdown.util import HTML_PLACEHOLDER, AtomicString

from tools.weave.page import Step

SHORT = 30  # characters
PERCENT = re.compile(r"(?<=\d)[ \u00a0]+%")
NAME = re.compile(r"((?<![\w-])(?:[A-Za-z]+-\d[\w.]*\b|[A-Za-z]-[a-z]+\b|\d+–\d+\b))")
OPTION = re.compile(r"(\S*-\S+)")
ASIDE = HTML_PLACEHOLDER % r"(\d+)"  # what Markdown does not touch is set aside
STASHED = re.compile(f"{ASIDE}([^\\x02]*){ASIDE}")
TAGS = ["<code>", "</code>"]
VERBATIM = {"pre", "code", "script", "style", "svg", "math", "kbd"}


class ShowCode(Step):
    """Take code that is written in HTML, as in a summary, for what it is."""

    def show(self, root):
        for element in list(root.iter()):
            pieces = self.pieces(element.text or "")
            if len(pieces) > 1:
                element.text, *rest = pieces
                for at, (code, after) in enumerate(zip(rest[::2], rest[1::2])):
                    made = etree.Element("code")
                    made.text, made.tail = AtomicString(html.unescape(code)), after
                    element.insert(at, made)

    def pieces(self, text):
        """A text, cut before and behind each code that Markdown has set aside."""
        kept, found, end = self.md.htmlStash.rawHtmlBlocks, [], 0
        for match in STASHED.finditer(text):
            if [kept[int(number)] for number in match.group(1, 3)] == TAGS:
                found += [text[end : match.start()], match[2]]
                end = match.end()
        return [*found, text[end:]]


class KeepTogether(Step):
    """Keep names with a hyphen, and short code, on one line; close up percent signs."""

    def show(self, root):
        if root.get("class") == "arithmatex":
            return
        for child in list(root):
            if child.tag == "code":
                keep(child)
            if child.tag in VERBATIM:
                leave(child)
            else:
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


def leave(element):
    """Let what stands in an element come through as it is, its quotes, too."""
    for each in element.iter():
        each.text = AtomicString(each.text or "")
        if each is not element:
            each.tail = AtomicString(each.tail or "")


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
