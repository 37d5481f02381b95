"""Reuse: a page that would come out as before is not made again, while a writer waits.

`mkdocs serve` builds the whole site whenever a sentence changes. What a page becomes
follows from its own text, and from what it shares with the others: the program, the
numbers and tags of all things, the figures and data. Both go into a key, and under it
is kept what the page became.
"""

import logging
from pathlib import Path

from mkdocs.utils import CountHandler

from tools import tangle
from tools.weave import contents


class Memory:
    """What became of the pages: {page: (its key, the attributes it was given)}."""

    def __init__(self):
        self.pages, self.shared = {}, ""
        self.warnings = CountHandler(level=logging.WARNING)

    def begin(self, config):
        """Look at what the pages share; before every build."""
        logging.getLogger("mkdocs").addHandler(self.warnings)  # which adds it once
        self.shared = shared(Path(config.docs_dir), Path(config.config_file_path))

    def render(self, page, config, files):
        """Do what Page.render does, or give the page what that made of it before."""
        name, text = page.file.src_uri, page.markdown
        key = tangle.digest(f"{self.shared} {config.site_url} {text}".encode())
        known, made = self.pages.get(name, (None, {}))
        if known != key:
            warned = sum(self.warnings.counts.values())
            made = given(page, config, files)
            self.pages.pop(name, None)
            if keeps(page) and warned == sum(self.warnings.counts.values()):
                self.pages[name] = key, made
        links = made["links_to_anchors"].items()
        there = {files.get_file_from_path(name): to for name, to in links}
        vars(page).update(made | {"links_to_anchors": there})


memory = Memory()  # of all builds in this process


def shared(docs, config):
    """The digest of all that may show on several pages."""
    files = [config, docs.parent / "CITATION.cff", *sorted(docs.rglob("*"))]
    held = [
        (str(file), tangle.digest(file.read_bytes()))
        for file in files
        if file.is_file() and file.suffix != ".md"
    ]
    return tangle.digest(repr((contents.of_book(docs).digest, held)).encode())


def given(page, config, files):
    """The attributes that a page is given when it is rendered.

    Its links are told by the names of files, since these are others in every build.
    """
    before = vars(page).copy()
    type(page).render(page, config, files)
    now = vars(page).items()
    made = {name: it for name, it in now if before.get(name, before) is not it}
    links = (page.links_to_anchors or {}).items()
    return made | {"links_to_anchors": {file.src_uri: to for file, to in links}}


def keeps(page):
    """Whether a page gives nothing but itself.

    With the home page come those of the tags, and what is said of the ledger; a
    docstring also tells other pages where it stands.
    """
    return not page.is_homepage and "\n::: " not in page.markdown
