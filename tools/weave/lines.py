"""Lines: code as HTML, every line an element, coloured by Pygments.

What is coloured is kept by its text: a block is shown on its page, on the page of its
tag and, while a writer waits, again and again.
"""

import xml.etree.ElementTree as etree
from functools import cache, lru_cache

from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

KEPT = 2048  # texts; the book has some 800 blocks
SIZES = (*range(1, 17), 20, 24, 28, 32, 40, 48, 64, 96, 160, 320, 640, 1280)
PLAIN = ("", "p", "n", "o")  # classes of tokens that look like the text around them


def put(parent, tag, text, css="", **attributes):
    """Append an element."""
    css = {"class": css} if css else {}
    element = etree.SubElement(parent, tag, {**css, **attributes})
    element.text = text
    return element


def append(line, text, css):
    """Append text to a line, in a span if it has a class."""
    if css not in PLAIN and text.strip():
        put(line, "span", text, css)
    elif len(line):
        line[-1].tail = (line[-1].tail or "") + text
    else:
        line.text = (line.text or "") + text


def write(line, tokens):
    """Append tokens and the end of the line."""
    for css, text in tokens:
        append(line, text, css)
    append(line, "\n", "")


def code_element(figure, count):
    """The element of a figure that takes so many lines of code."""
    outer = put(figure, "div", None, f"highlight lines-{about(count)}")
    pre = put(outer, "pre", None, tabindex="0")
    # The span hides the code from Material, whose script measures every "pre > code".
    return put(put(pre, "span", None), "code", None)


def about(count):
    """A number of lines, rounded up to one that the style sheet has a class for."""
    return next((size for size in SIZES if size >= count), SIZES[-1])


def coloured(block):
    """The code of a block, for a page without links and numbers: HTML."""
    return html(block.lang, tuple(block.lines))


@lru_cache(maxsize=KEPT)
def html(language, lines):
    """Lines of code as HTML."""
    figure = etree.Element("div")
    parent = code_element(figure, len(lines))
    for tokens in tokens_of(language, lines):
        write(put(parent, "span", None, "line"), tokens)
    return etree.tostring(figure[0], "unicode", method="html")


@cache
def lexer(language):
    return get_lexer_by_name(language, stripnl=False)


def tokens_of(language, lines):
    """The tokens of each line: [[(short CSS class, text)]]."""
    return tokens(language, "\n".join(lines))[: len(lines)]


@lru_cache(maxsize=KEPT)
def tokens(language, text):
    """The tokens of each line of a text."""
    found = [[]]
    for kind, piece in lexer(language).get_tokens(text):
        while kind not in STANDARD_TYPES:
            kind = kind.parent
        first, *rest = piece.split("\n")
        found[-1].append((STANDARD_TYPES[kind], first))
        found += [[(STANDARD_TYPES[kind], part)] for part in rest]
    return found
