"""Search: the pages as the index of Material's search has them, section by section.

To divide all pages takes a fifth of a build, and needs nothing but their HTML. So a
second process does it, from the moment that a page is made, with Material's own parser;
and what it found is kept by content, for the next time that the site is built.
"""

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from material.plugins.search import plugin

from tools import tangle

KEPT = 256  # pages
PARSER = plugin.Parser
found = {}  # {digest of a page: what will be its sections, pickled}


class Parser(PARSER):
    """Stands in the place of Material's parser, and asks the other process."""

    def feed(self, html):
        self.data = pickle.loads(begin(html).result())


@cache
def process():
    """The other process; it starts afresh, since `mkdocs serve` has threads."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))


def install():
    """Put the parser in its place."""
    plugin.Parser = Parser


def begin(html):
    """What will be the sections of a page."""
    key = tangle.digest(html.encode())
    found[key] = found.pop(key, None) or process().submit(sections, html)
    if len(found) > KEPT:
        del found[next(iter(found))]  # the one that was not asked for the longest time
    return found[key]


def sections(html):
    """The sections of a page, pickled, since Material changes what it gets."""
    parser = PARSER()
    parser.feed(html)
    parser.close()
    return pickle.dumps(parser.data)


def end():
    """Let the other process go."""
    if process.cache_info().currsize:
        process().shutdown()
        process.cache_clear()
