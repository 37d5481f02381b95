"""A page as somebody meets it who cannot see it: names, headings, labels, landmarks.

`faults(text)` finds without a browser what axe-core has found on this site before, by
the structure of the HTML alone; colours and places are not looked at here.
"""

import re
from html.parser import HTMLParser
from itertools import pairwise

EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"}
EMPTY |= {"source", "track", "wbr"}
CONTROLS = {"a", "button", "input", "select", "summary", "textarea"}
FIELDS = {"input", "select", "textarea"}
HEADINGS = {f"h{level}" for level in range(1, 7)}
LANDMARKS = {"main": "main", "nav": "navigation", "aside": "complementary"}
FRAME = {"header": "banner", "footer": "contentinfo"}  # but not inside one of these:
SECTIONS = {"article", "aside", "main", "nav", "section"}
NAMED = ("region", "form")  # landmarks only if they have a name
ROLES = {*LANDMARKS.values(), *FRAME.values(), "search", *NAMED}
SWITCH = {"md-toggle"}  # what Material never displays: its labels are what is used
REFERENCES = ("aria-labelledby", "aria-describedby", "for")


SPEAKING = CONTROLS | HEADINGS | {"label", "th", "title"}  # whose text is kept


class Element:
    """An element: its attributes, what it is in, what it says."""

    def __init__(self, tag, attributes, line, parent):
        self.tag, self.attributes, self.line, self.parent = (
            tag,
            attributes,
            line,
            parent,
        )
        self.words, self.children = [], set()
        self.inside = parent.inside | {parent.tag} if parent else frozenset()
        self.silent = attributes.get("aria-hidden") == "true"
        self.hidden = self.silent or "hidden" in attributes
        self.hidden = self.hidden or bool(parent and parent.hidden)
        self.speaks = tag in SPEAKING or "role" in attributes

    @property
    def said(self):
        """The text in it, and what stands for its pictures."""
        return "".join(self.words).strip()

    def role(self):
        """The landmark that it is, another role that it is given, or ""."""
        role = self.attributes.get("role", "")
        if role or self.tag in LANDMARKS:
            return role or LANDMARKS[self.tag]
        if self.tag in FRAME and not SECTIONS & self.inside:
            return FRAME[self.tag]
        return {"section": "region", "form": "form"}.get(self.tag, "")

    def around(self):
        """The elements that it is in, from the innermost to the whole page."""
        while self := self.parent:
            yield self

    def __str__(self):
        shown = " ".join(f'{k}="{v}"' for k, v in self.attributes.items())
        return f"line {self.line}: <{self.tag} {shown[:99]}>"


class Page(HTMLParser):
    """All elements of a page."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        parent = self.open[-1] if self.open else None
        element = Element(tag, attributes, self.getpos()[0], parent)
        self.elements.append(element)
        if parent:
            parent.children.add(tag)
        self.say(attributes.get("alt", "") or attributes.get("aria-label", ""))
        if tag not in EMPTY:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        if any(element.tag == tag for element in reversed(self.open)):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data):
        if not data.isspace():
            self.say(data)

    def say(self, words):
        """Add words to all that is open and keeps them, up to what is silent."""
        for element in reversed(self.open if words else ()):
            if element.silent or element.tag == "math":  # axe reads no formula
                return
            if element.speaks:
                element.words.append(words)


def faults(text):
    """What is wrong with a page, a line each."""
    page = Page(text)
    elements = [element for element in page.elements if not element.hidden]
    ids = [it.attributes["id"] for it in page.elements if "id" in it.attributes]
    labels = {it.attributes.get("for"): it for it in elements if it.tag == "label"}
    checks = (
        controls(elements, labels, set(ids)),
        headings(elements),
        columns(elements),
        pictures(elements),
        landmarks(elements),
        identities(page.elements, ids),
        lists(elements),
        whole(elements),
    )
    return [fault for found in checks for fault in found]


def name(element, ids):
    """What an element is called by its own attributes."""
    given = element.attributes
    if set(given.get("aria-labelledby", "").split()) & ids:
        return given["aria-labelledby"]
    return given.get("aria-label", "") or given.get("title", "")


def controls(elements, labels, ids):
    """What can be used has a name, and is not inside another such thing."""
    for element in elements:
        given = element.attributes
        used = element.tag in CONTROLS or given.get("role") == "button"
        if not used or (element.tag == "a" and "href" not in given):
            continue
        if given.get("type") == "hidden" or SWITCH & {*given.get("class", "").split()}:
            continue
        called = name(element, ids)
        if element.tag in FIELDS and given.get("type") not in ("submit", "button"):
            label = labels.get(given.get("id", "none"))
            outer = [it for it in element.around() if it.tag == "label"]
            for it in filter(None, [label, *outer]):
                called += it.said + name(it, ids)
        else:
            called += element.said + given.get("value", "")
        if not called.strip():
            yield f"{element} has no name"
        if element.inside & {"a", "button"}:
            yield f"{element} is inside another control"


def headings(elements):
    """Headings say something, and none is more than a level below the last."""
    found = [it for it in elements if it.tag in HEADINGS]
    if [it.tag for it in found].count("h1") != 1:
        yield f"{[it.tag for it in found].count('h1')} headings are h1, not one"
    yield from (f"{it} is empty" for it in found if not it.said)
    for before, it in pairwise(found):
        if int(it.tag[1]) > int(before.tag[1]) + 1:
            yield f"{it} comes after {before.tag}"


def columns(elements):
    """What stands at the head of a column or of a row says something."""
    yield from (f"{it} is empty" for it in elements if it.tag == "th" and not it.said)


def pictures(elements):
    """Pictures have an alternative text, drawings a name."""
    for element in elements:
        given = element.attributes
        if element.tag == "img" and "alt" not in given:
            yield f"{element} has no alternative text"
        if given.get("role") == "img":
            titled = "title" in element.children and element.said
            if not (titled or given.get("aria-label") or given.get("aria-labelledby")):
                yield f"{element} has no name"


def landmarks(elements):
    """There is one main part, and no two parts of a kind have the same name."""
    found = []
    for element in elements:
        role = element.role()
        called = element.attributes.get("aria-label", "")
        called = called or element.attributes.get("aria-labelledby", "")
        first = role != "navigation" or "nav" not in element.inside
        if role in ROLES and first and (called or role not in NAMED):
            found.append((role, called))
        if role == "dialog" and not called:
            yield f"{element} has no name"
    if [role for role, _ in found].count("main") != 1:
        yield f"{[role for role, _ in found].count('main')} main parts, not one"
    for twice in sorted({it for it in found if found.count(it) > 1}):
        yield f"{found.count(twice)} parts are {twice}"


def identities(elements, ids):
    """No id stands twice, and what is referred to is there."""
    there, seen = set(ids), set()
    for id in ids:
        if id in seen:
            yield f"the id {id} stands twice"
        seen.add(id)
    for element in elements:
        for attribute in REFERENCES:
            for id in element.attributes.get(attribute, "").split():
                if id not in there:
                    yield f"{element} refers to {id}, which is not there"


def lists(elements):
    """Lists hold items, and items are in lists."""
    for element in elements:
        if element.tag in ("ul", "ol") and "role" not in element.attributes:
            wrong = {*element.children} - {"li", "script", "template"}
            if wrong:
                yield f"{element} holds {wrong}"
        if element.tag == "dl":
            wrong = {*element.children} - {"dt", "dd", "div", "script", "template"}
            if wrong:
                yield f"{element} holds {wrong}"
        around = element.parent.tag if element.parent else ""
        if element.tag == "li" and around not in ("ul", "ol", "menu"):
            yield f"{element} is in no list"


def whole(elements):
    """The page has a title and a language, and can be made larger."""
    first = elements[0].attributes if elements else {}
    if not first.get("lang"):
        yield "the page has no language"
    titles = [it for it in elements if it.tag == "title" and "head" in it.inside]
    if not any(it.said for it in titles):
        yield "the page has no title"
    for element in elements:
        if element.attributes.get("name") == "viewport" and re.search(
            r"user-scalable *= *(no|0)|maximum-scale *= *1\b",
            element.attributes.get("content", ""),
        ):
            yield f"{element} keeps the page small"
