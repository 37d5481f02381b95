"""The edition: what CITATION.cff says of the book as a whole."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlencode

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

    def source(self, path):
        """The address of a file's source, "" while there is none."""
        return self.repository and f"{self.home}/blob/HEAD/{quote(path)}"

    def report(self, title):
        """The address at which to report a mistake, "" while there is none."""
        question = urlencode({"title": title}, quote_via=quote)
        return self.repository and f"{self.home}/issues/new?{question}"

    @property
    def home(self):
        """The page of the repository."""
        return self.repository.removesuffix(".git")


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
