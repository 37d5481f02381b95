"""Hooks of MkDocs: they change how long a build or a visit takes, and nothing shown.

A builder that knows no hooks makes the same site, more slowly; its pages load a style
sheet that only the page of the API has a use for.
"""

import gc
import re
from functools import partial

from tools.weave import search
from tools.weave.reuse import memory

UNUSED = re.compile(r' *<link rel="stylesheet" href="[^"]*_mkdocstrings\.css">\n?')


def on_pre_build(*, config):
    """Before all else."""
    gc.disable()
    search.install()
    memory.begin(config)


def on_pre_page(page, *, config, files):
    """A page is about to be made."""
    page.render = partial(memory.render, page)
    return page


def on_page_content(html, *, page, config, files):
    """A page is made, but for references to docstrings."""
    search.begin(html)
    return html


def on_env(env, *, config, files):
    """All pages are made."""
    for file in files.documentation_pages():
        search.begin(file.page.content)
    return env


def on_post_page(output, *, page, config):
    """A page is whole; only docstrings need the style sheet of mkdocstrings."""
    return output if "doc-contents" in output else UNUSED.sub("", output)


def on_post_build(*, config):
    """After all else."""
    gc.enable()


def on_shutdown():
    """After the last build."""
    search.end()
