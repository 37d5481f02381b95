"""Pages: the book as it stands, its chapters and their order."""

import hashlib
from functools import lru_cache
from pathlib import Path

from tools import tangle

ROOT = tangle.ROOT
BOOK = ROOT / "docs"
FINISHED = ("worth", "learned")  # they ask what only the finished program can tell


class RunError(Exception):
    """A command of the book that cannot be run, or that failed."""


def stamp(book=BOOK):
    """A digest of the book's chapters and of the tangler."""
    files, _ = tangle.chapter_files(book)
    return digest_of(book, *((file, *seen(file)) for file in files))


def seen(file):
    """What shows that a file was changed."""
    now = file.stat()
    return now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino


@lru_cache(maxsize=4)
def digest_of(book, *files):
    """A digest of the tangler and of files, each given with what shows a change."""
    found = hashlib.sha256(Path(tangle.__file__).read_bytes())
    for page, *_ in files:
        found.update(f"{page.relative_to(book)}\0".encode() + page.read_bytes())
    return found.hexdigest()


@lru_cache(maxsize=4)
def parsed(book, stamp):
    """The book's blocks, read once as long as it does not change."""
    return tangle.read_book(book)


def read(book=BOOK):
    """The book as it stands: its chapters and blocks."""
    return parsed(book, stamp(book))


def names(book=BOOK):
    """The names of all pages in the book's order: `index`, `names`, …"""
    pages = read(book)
    return [path[len(pages.folder) + 1 : -len(".md")] for path in pages.chapters]


def variants(book=BOOK):
    """The names of the pages that change the book's program: `variants/gelu`, …"""
    folder = book / tangle.VARIANTS
    return sorted(f"{folder.name}/{file.stem}" for file in folder.glob("[!.]*.md"))


def chosen(chapters, book=BOOK):
    """The names of the pages that somebody asks for, or of all, variants among them."""
    pages = [*names(book), *variants(book)]
    asked = [name.removesuffix(".md") for name in chapters]
    if unknown := [name for name in asked if name not in pages]:
        raise RunError(f"there is no chapter {unknown[0]} in {book}")
    return asked or pages


def name_of(page, book=BOOK):
    """The chapter whose program goes with a page: itself, or the last chapter.

    A page that holds no block of it, an appendix, goes with the finished program, and
    so do chapters whose experiments need the fast engines of later ones.
    """
    pages = read(book)
    path = tangle.chapter_path(pages, *chosen([page], book))
    held = [block.path for block in pages.blocks if block.tangled]
    early = path.endswith(tuple(f"/{name}.md" for name in FINISHED))
    path = held[-1] if held and (early or path not in held) else path
    return path[len(pages.folder) + 1 : -len(".md")]
