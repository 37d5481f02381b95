"""Entries: what a page explains in a list, the words of the glossary and the works.

An entry is a term of a list of definitions whose id stands behind it in braces:

    Batch {#batch words="batch, minibatch" after once}
    :   The documents whose gradients are added up. [Training](training.md#one-document)

Of a word of the glossary the braces also say how chapters speak of it: `words`, if that
is not the term itself (none, if it is an everyday word as well); `after`, if only what
stands behind its own section means it; `once`, if so common that a page links it once.
"""

import re
from dataclasses import dataclass
from posixpath import dirname, join, normpath

ENTRY = re.compile(
    r"^(?P<term>\S.*?) +\{ *#(?P<id>[a-z][\w-]*)(?P<data>[^}\n]*)\}\n"
    r":   (?P<text>.*(?:\n {4}.*)*)",
    re.M,
)
WORDS = re.compile(r'\bwords="([^"]*)"')
TO = re.compile(r"\]\(([\w/.-]+\.md)(?:#([\w-]+))?\)")
BEHIND = re.compile(r"(?:[\s,]*\[[^\]]*\]\([^)]*\))+\.?\s*$")  # where it is explained
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
MARKUP = re.compile(r"[`*$\\]")


@dataclass(frozen=True)
class Entry:
    """A word or a work, and what is said of it."""

    id: str
    page: str  # of the list
    line: int
    term: str
    text: str  # what is said of it, without markup and without links behind it
    words: tuple[str, ...]  # how chapters say it
    after: bool  # whether chapters mean it only behind its section
    once: bool  # whether a page links it once, and not each of its sections
    links: tuple[tuple[str, str], ...]  # to (page, id) of the book, "" for a page

    @property
    def names(self):
        """What its section calls it, be that an everyday word or not."""
        return (*self.words, spoken(bare(self.term)))

    @property
    def home(self):
        """The place that explains it: (page, id), or None."""
        return self.links[0] if self.links else None


def read(page, prose):
    """The entries of a page, in its order."""
    return [entry(page, prose, found) for found in ENTRY.finditer(prose)]


def entry(page, prose, found):
    """What a match of ENTRY on a page says."""
    term, text = MARKUP.sub("", found["term"]), " ".join(found["text"].split())
    said = WORDS.search(found["data"])
    words = said[1].split(",") if said else [spoken(term)]
    marks = WORDS.sub("", found["data"]).split()
    return Entry(
        found["id"],
        page,
        prose.count("\n", 0, found.start()) + 1,
        term,
        MARKUP.sub("", LINK.sub(r"\1", BEHIND.sub("", text))).rstrip(" ,"),
        tuple(word.strip() for word in words if word.strip()),
        "after" in marks,
        "once" in marks,
        tuple((target(page, to), id) for to, id in TO.findall(text)),
    )


def bare(term):
    """A term without what tells it from another of its name: Value (of attention)."""
    return term.partition(" (")[0]


def spoken(term):
    """A term as it stands within a sentence: Loss is loss, but GPT is GPT."""
    first = term.split()[0]
    return term if re.search(r"[A-Z]", first[1:]) else term[:1].lower() + term[1:]


def target(page, path):
    """The page that a path leads to from another."""
    return normpath(join(dirname(page), path))
