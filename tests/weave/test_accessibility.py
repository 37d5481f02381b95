"""What axe-core found in the past, on every page, without a browser; and the colours.

In a browser axe looks at a page of each kind, and with --full at all: test_pages.py.
"""

import re

import access
import pytest

from tools.tangle import ROOT

pytestmark = pytest.mark.site
SHEET = (ROOT / "docs/assets/book.css").read_text("utf-8")
ENOUGH = 4.5  # WCAG 2.1, success criterion 1.4.3
SCHEMES = ("light", "dark")
GOOD = """<!doctype html><html lang="en"><head><title>T</title>
<meta name="viewport" content="width=device-width,initial-scale=1"></head><body>
<header>H <form role="search"><label for="q">Find</label><input id="q"></form></header>
<nav aria-label="Book"><ul><li><a href="a.html">A</a></li></ul></nav>
<main><h1>One</h1><h2>Two</h2><p><img alt="" src="x"><button>copy</button></p>
<div role="img" aria-label="A curve"><svg></svg></div><details><summary>Why?</summary>
<a href="#two" title="a place"></a></details>
<table><tr><th>Sum</th><td>1</td></tr></table></main><footer>F</footer></body></html>"""


def test_nothing_is_wrong_with_any_page(site):
    wrong = {}
    for path in sorted(site.folder.rglob("*.html")):
        if path.match("t/*/*") and path.parent.name != path.parent.name.upper():
            continue  # the same page again, for who types the tag in lower case
        if found := access.faults(path.read_text("utf-8")):
            wrong[path.relative_to(site.folder).as_posix()] = found[:5]
    assert not wrong


def test_a_good_page_has_no_faults():
    assert access.faults(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('<label for="q">Find</label>', "", "has no name"),
        ("<button>copy", "<button>", "has no name"),
        ("<button>copy", '<button><span aria-hidden="true">x</span>', "has no name"),
        (">A</a>", "></a>", "has no name"),
        ("<summary>Why?", "<summary>", "has no name"),
        ("<button>copy", "<a href='b'><button>copy</button></a><b>", "inside another"),
        ("<h2>", "<h3>", "comes after h1"),
        ("<h2>Two", "<h2>", "is empty"),
        ("<th>Sum", "<th>", "is empty"),
        ("<h2>", "<h1>", "2 headings are h1"),
        ('alt="" ', "", "has no alternative text"),
        (' aria-label="A curve"', "", "has no name"),
        ("<main>", "<div>", "0 main parts"),
        ("<footer>", "<nav aria-label='Book'></nav><footer>", "2 parts are"),
        ("<footer>", "<dialog role='dialog'></dialog><footer>", "has no name"),
        ('<input id="q">', '<input id="q"><b id="q"></b>', "stands twice"),
        ('for="q"', 'for="p"', "refers to p"),
        ("<li>", "<p>", "holds {'p'}"),
        ("<p><img", "<li>x</li><p><img", "is in no list"),
        (' lang="en"', "", "no language"),
        ("<title>T", "<title>", "no title"),
        ("initial-scale=1", "maximum-scale=1", "keeps the page small"),
    ],
)
def test_each_fault_is_found(old, new, fault):
    assert old in GOOD
    assert any(fault in it for it in access.faults(GOOD.replace(old, new, 1)))


# Colours


def colours():
    """The colours that have a name: {name: value}."""
    return dict(re.findall(r"(--[\w-]+): *([^;]+);", SHEET))


def resolved(value, scheme):
    """A colour as its red, green and blue, by day or by night."""
    while name := re.fullmatch(r"var\((--[\w-]+)\)", value.strip()):
        value = colours()[name[1]]
    pair = re.fullmatch(r"light-dark\((#\w+), (#\w+)\)", value.strip())
    sign = pair[1 + SCHEMES.index(scheme)] if pair else value.strip()
    return [int(sign[n : n + 2], 16) / 255 for n in (1, 3, 5)]


def luminance(colour):
    """How bright a colour is, by WCAG's definition."""
    parts = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    """The contrast of two colours, from 1 to 21."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def used(*properties):
    """The values that these properties have in the style sheet."""
    found = re.findall(rf"^ +(?:{'|'.join(properties)}): ([^;]+);", SHEET, re.M)
    plain = ("inherit", "none", "currentcolor", "transparent", "light dark")
    return {value for value in found if value not in plain}


CODE = {f"var({name})" for name in colours() if name.startswith("--md-code-hl-")}
CODE |= {"var(--md-code-fg-color)"}
TEXT = {value for value in used("color") if "light-dark" not in value} | CODE
TEXT -= {"var(--paper)"}  # on a button, below
GROUNDS = ["var(--paper)", "var(--md-code-bg-color)"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", sorted(TEXT))
def test_every_text_can_be_told_from_its_ground(text, ground, scheme):
    assert contrast(resolved(text, scheme), resolved(ground, scheme)) >= ENOUGH


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_text_of_a_button_can_be_read(scheme):
    text, ground = resolved("var(--paper)", scheme), resolved("var(--link)", scheme)
    assert contrast(text, ground) >= ENOUGH


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("text", sorted(CODE))
def test_code_that_was_added_can_be_read(text, scheme):
    ground = resolved("var(--added)", scheme)
    assert contrast(resolved(text, scheme), ground) >= ENOUGH


@pytest.mark.parametrize("scheme", SCHEMES)
def test_code_that_was_removed_can_be_read(scheme):
    (text,) = {value for value in used("color") if "light-dark" in value}
    ground = resolved("var(--removed)", scheme)
    assert contrast(resolved(text, scheme), ground) >= ENOUGH


def test_no_text_has_a_colour_of_which_this_knows_nothing():
    assert {"var(--ink)", "var(--ink-soft)", "var(--link)"} <= TEXT
    grounds = {*GROUNDS, "var(--added)", "var(--removed)", "var(--link)"}
    plain = {it for it in used("background", "background-color") if "(" in it}
    assert {it for it in plain if it.startswith("var")} <= grounds


def test_links_in_running_text_are_underlined():
    rule = re.search(
        r"\.md-typeset :is\(([^)]*)\) a:not\(\.headerlink\) {([^}]*)}", SHEET
    )
    assert {"p", "li", "td", "dd"} <= {*re.split(r", *", rule[1])}
    assert "text-decoration: underline" in rule[2]
