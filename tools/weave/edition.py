"""The edition: what CITATION.cff says of the book as a whole."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Edition:
    """The book as CITATION.cff describes it; date as 2026-11-21.

    repository: the address from which it can be cloned, "" while there is none.
    """

    title: str
    authors: str
    version: str
    date: str
    repository: str = ""


def read(root):
    """The edition whose CITATION.cff stands in a folder."""
    return parse(Path(root, "CITATION.cff").read_text("utf-8"))


@lru_cache(maxsize=2)
def parse(text):
    """The edition that a CITATION.cff describes."""
    data = yaml.safe_load(text)
    authors = " and ".join(author["name"] for author in data["authors"])
    date = str(data["date-released"])
    repository = (data.get("repository-code") or "").rstrip("/")
    return Edition(data["title"], authors, str(data["version"]), date, repository)
