"""Hooks of MkDocs: they change how long a build takes, and nothing of what is built.

A builder that knows no hooks makes the same site, more slowly.
"""

from functools import partial

from tools.weave import search
from tools.weave.reuse import memory


def on_pre_build(*, config):
    """Before all else."""
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


def on_shutdown():
    """After the last build."""
    search.end()
