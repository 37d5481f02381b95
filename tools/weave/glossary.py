"""Glossary: its words become links where chapters use them, and stand in the margin.

In each section of a chapter the first paragraph that uses a word of the glossary has a
link to what is said of it there, unless it has one to another word already; the section
that explains the word has none. There the word itself stands in the margin, beside the
paragraph that brings it. (The rest of that chapter has one link to it.) How chapters
speak of a word, the glossary says in the braces behind it: tools/weave/entries.py.
"""

import posixpath
import re
import xml.etree.ElementTree as etree
from functools import lru_cache
from typing import NamedTuple

from tools.weave.contents import GLOSSARY, WORKS
from tools.weave.entries import Entry
from tools.weave.page import Step

HEADING = re.compile(r"h[2-6]")
PARAGRAPHS = ("p", "li", "dd")
APART = {"a", "code", "figure", "pre", "script", "small", "sub", "summary", "sup"}
APART |= {"svg", "table", "h1"}  # no words of running text
APART_BY = {"arithmatex", "contents", "hint", "note", "progress", "solution"}  # classes
STRESSED = ("em", "strong")  # how a word is said that is new


class Words:
    """The words of a glossary: what each is called in running text."""

    def __init__(self, entries):
        self.linked = {form: it for it in entries for form in forms(*it.words)}
        every = {form for it in entries for form in forms(*it.names)}
        either = "|".join(map(pattern, sorted(every, key=len, reverse=True))) or "(?!)"
        self.pattern = re.compile(rf"(?<![\w-])(?:{either})(?![\w-])")

    def found(self, text, among):
        """The words in a text: [(where it begins, where it ends, entry)]."""
        for match in self.pattern.finditer(text):
            form = " ".join(match[0].split())
            entry = among.get(form) or among.get(form[0].lower() + form[1:])
            if entry:
                yield match.start(), match.end(), entry


@lru_cache(maxsize=2)
def words_of(entries):
    return Words(entries)


def forms(*words):
    """Words and their plurals."""
    for word in words:
        yield word
        if re.search(r"(?:[sxz]|[cs]h)$", word):
            yield f"{word}es"
        elif re.search(r"[^aeiou]y$", word):
            yield f"{word[:-1]}ies"
        else:
            yield f"{word}s"


def pattern(form):
    """What a form looks like, at the head of a sentence too, and over two lines."""
    first, rest = form[0], form[1:]
    begin = f"[{first}{first.upper()}]" if first.islower() else re.escape(first)
    return begin + r"\s+".join(map(re.escape, rest.split(" ")))


def texts(element):
    """The running text in an element: [(the element it is in, what it is behind, it)].

    What comes first in an element is behind None.
    """
    yield element, None, element.text or ""
    for child in element:
        if child.tag in PARAGRAPHS or child.tag in ("ul", "ol", "dl"):
            return  # paragraphs of their own
        if not apart(child):
            yield from texts(child)
        yield element, child, child.tail or ""


def apart(element):
    """Whether an element is no running text."""
    classes = {*(element.get("class") or "").split()}
    return element.tag in APART or bool(classes & APART_BY)


class Paragraph:
    """A paragraph of a page, and the headings it stands under, by their ids."""

    def __init__(self, element, under, folded):
        self.element, self.under, self.folded = element, under, folded

    @property
    def section(self):
        """The id of the section of the highest level, "" before the first."""
        return self.under[0] if self.under else ""

    def says(self, words, among):
        """The words in it, in their order."""
        for inside, behind, text in texts(self.element):
            for start, end, entry in words.found(text, among):
                yield Said(entry, inside, behind, text, start, end)


class Said(NamedTuple):
    """A word in running text: the element it is in, and what its text is behind."""

    entry: Entry
    inside: etree.Element
    behind: etree.Element | None
    text: str
    start: int
    end: int

    @property
    def stressed(self):
        """Whether it is in italics, as a new word is."""
        return self.inside.tag in STRESSED

    def link(self, page):
        """Make a link of it, seen from a page."""
        to = posixpath.relpath(GLOSSARY, posixpath.dirname(page) or ".")
        link = etree.Element("a", {"class": "term", "href": f"{to}#{self.entry.id}"})
        link.set("title", self.entry.text)
        link.text, link.tail = self.text[self.start : self.end], self.text[self.end :]
        if self.behind is None:
            self.inside.text, place = self.text[: self.start], 0
        else:
            self.behind.tail = self.text[: self.start]
            place = [*self.inside].index(self.behind) + 1
        self.inside.insert(place, link)


def paragraphs(element, under=None, folded=False):
    """The paragraphs of a page, in their order."""
    under = [] if under is None else under  # [(level, id)], changed on the way
    for child in element:
        if HEADING.fullmatch(str(child.tag)):
            while under and under[-1][0] >= child.tag:
                under.pop()
            under.append((child.tag, child.get("id")))
        elif not apart(child):
            if child.tag in PARAGRAPHS:
                yield Paragraph(child, [id for _, id in under], folded)
            inside = folded or child.tag == "details"
            yield from paragraphs(child, under, inside)


class ShowWords(Step):
    """Link the words of the glossary; put each into the margin where it is new."""

    def show(self, root):
        if self.page.name in (GLOSSARY, WORKS):
            for term in root.iter("dt"):
                for mark in ("words", "after", "once"):
                    term.attrib.pop(mark, None)
            return
        entries = tuple(self.page.found.listed.get(GLOSSARY, ()))
        self.words, found = words_of(entries), [*paragraphs(root)]
        for paragraph, terms in self.explained(entries, found).items():
            paragraph.element.set("data-terms", " · ".join(terms))
        if self.page.number.isdecimal():
            self.link(found)

    def explained(self, entries, found):
        """The words that each paragraph brings: {paragraph: [terms]}."""
        places = {}
        for entry in entries:
            here = entry.home and entry.home[0] == self.page.name
            if here and (paragraph := self.first(entry, found)):
                places.setdefault(paragraph, []).append(entry.term)
        return places

    def first(self, entry, found):
        """The paragraph that brings a word: where it is stressed, or else the first."""
        saying, stressing = [], []
        names = {form: entry for form in forms(*entry.names)}
        for paragraph in found:
            if not paragraph.folded and at_home(entry, self.page.name, paragraph):
                said = [*paragraph.says(self.words, names)]
                saying += [paragraph] * bool(said)
                stressing += [paragraph] * any(it.stressed for it in said)
        return next(iter(stressing + saying), None)

    def link(self, found):
        """Link a word in each paragraph that has one, each once in a section."""
        passed, linked = set(), set()
        for paragraph in found:
            passed.update(paragraph.under)
            for said in [*paragraph.says(self.words, self.words.linked)]:
                key = self.range(said.entry, paragraph), said.entry.id
                if key not in linked and self.means(said.entry, paragraph, passed):
                    said.link(self.page.name)
                    linked.add(key)
                    break

    def range(self, entry, paragraph):
        """What holds one link to a word at most: the section, or else the page."""
        here = entry.home and entry.home[0] == self.page.name
        return "" if here or entry.once else paragraph.section or "top"

    def means(self, entry, paragraph, passed):
        """Whether a paragraph means a word of the glossary, and does not explain it."""
        if at_home(entry, self.page.name, paragraph):
            return False
        if not entry.after or not entry.home:
            return True
        pages, (page, id) = [*self.page.found.numbers], entry.home
        if page == self.page.name:
            return id in passed
        return pages.index(page) < pages.index(self.page.name)


def at_home(entry, page, paragraph):
    """Whether a paragraph of a page stands in the section that explains a word."""
    where, id = entry.home or ("", "")
    return where == page and (not id or id in paragraph.under)
