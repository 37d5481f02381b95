"""Page: the page that is being rendered, and what all steps want to know of it."""

import posixpath
import re
from pathlib import Path

from markdown.treeprocessors import Treeprocessor

from tools import tangle
from tools.tangle import Problem
from tools.weave import contents, edition, tags

try:
    from mkdocs.exceptions import BuildError
except ImportError:  # another site builder
    BuildError = RuntimeError


PROSE = re.compile(r"[\w“\"*`\[(]")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)|<!--.*?-->", re.S)
SENTENCE = re.compile(r".+?[.?!]”?(?= |$)|.+")


class Page:
    """The page that is being rendered; name is its file, "" for a docstring."""

    def __init__(self, md):
        self.name, self.folder, self.files, self.site = "", Path("docs"), None, None
        self.told = None  # MkDocs' own page
        if "mkdocstrings_ids" in md.treeprocessors:  # a docstring on some page
            return
        if "relpath" in md.treeprocessors:  # MkDocs
            it = md.treeprocessors["relpath"]
            self.name, self.folder = it.file.src_uri, Path(it.file.src_dir)
            self.files, self.site, self.told = it.files, it.config, it.file.page
        elif "rendering_context" in md.preprocessors:  # Zensical
            self.name = md.preprocessors["rendering_context"].page.path
        if self.name:
            self.found = contents.of_page(self.folder, self.name)
            self.path = f"{self.found.book.folder}/{self.name}"
            self.ledger = tags.read(self.folder)
            self.tagged = Path(self.folder, tags.LEDGER).exists()
            self.number = self.found.numbers.get(self.name, "")

    @property
    def in_story(self):
        """Whether it is a chapter, and no appendix, index or page before the first."""
        return self.number.isdecimal() and self.number != "0"

    def things(self):
        """What can be cited on this page: {(kind, id): thing}."""
        found = self.found.things.items()
        return {key: thing for key, thing in found if thing.page == self.name}

    def cite_address(self, key):
        """The address of the page of a thing's tag, seen from here; "" without one."""
        tag = self.ledger.tags.get(key)
        here = posixpath.dirname(self.name) or "."
        return posixpath.relpath(tags.path(tag), here) if tag else ""

    def tag(self, thing):
        """The tag of a thing; None if it has none yet."""
        return self.ledger.tags.get((thing.kind, thing.id))

    def edition(self):
        """The edition of the book."""
        return edition.read(self.folder.parent)

    def line_of(self, text):
        """The line of the page's source in which a text begins."""
        source = Path(self.folder, self.name).read_text("utf-8")
        return source.count("\n", 0, max(source.find(text), 0)) + 1

    def describe(self):
        """Tell MkDocs what the page is about, for search engines and previews.

        The search finds what the chapters say, and no variant before them.
        """
        if self.told and self.name.startswith(f"{tangle.VARIANTS}/"):
            self.told.meta = {"search": {"exclude": True}, **self.told.meta}
        if self.told and "description" not in self.told.meta:
            source = Path(self.folder, self.name).read_text("utf-8")
            if words := first_sentence(source):
                self.told.meta = {**self.told.meta, "description": words}

    def refuse(self, text, what, remedy):
        raise BuildError(str(Problem(self.path, self.line_of(text), what, remedy)))


def linked(found):
    """What stays of a link, or of a comment."""
    return found[1] or ""


def first_sentence(source):
    """The first sentence below the title of a page; "" if there is none."""
    for part in f"\n{source}".partition("\n# ")[2].split("\n\n")[1:]:
        if PROSE.match(part):
            words = " ".join(contents.plain(LINK.sub(linked, part)).split())
            return SENTENCE.match(words)[0]
    return ""


class Step(Treeprocessor):
    """A treeprocessor for pages of the book only."""

    def run(self, root):
        self.page = self.md.book_page
        if self.page.name:
            self.show(root)
