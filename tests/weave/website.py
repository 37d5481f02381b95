"""The website as the tests see it: built, and read without a browser.

As a command it builds the site and prints the book ahead of the tests that need them:

    python -m tests.weave.website FOLDER site whole_pdf
"""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

from tests.quiet import quiet
from tools.proof import stage

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "https://book.example/"  # where the site of the tests claims to be
RESOURCES = {
    "audio": "src",
    "iframe": "src",
    "image": "href",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "use": "href",
    "video": "src",
}
NOT_LOADED = {"canonical", "next", "prev", "license", "alternate"}  # <link rel=…>


class Page(HTMLParser):
    """What the tests want to know of a built page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.blocks: list[str] = []  # ids, "" for a block without one
        self.code: list[str] = []  # what each of them shows, without deleted lines
        self.ids: list[str] = []
        self.resources: list[str] = []
        self.inside: list[str] = []  # which of these elements the parser is in now
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        classes = (attributes.get("class") or "").split()
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "figure" and "block" in classes and "whole" not in classes:
            self.blocks.append(attributes.get("id", ""))
            self.code.append("")
            self.inside = ["figure"]
        elif tag in ("pre", "del") and self.inside:
            self.inside.append(tag)
        if tag == "link" and NOT_LOADED & set((attributes.get("rel") or "").split()):
            return
        if address := attributes.get(RESOURCES.get(tag, "")):
            self.resources.append(address)

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if self.inside[1:] == ["pre"]:
            self.code[-1] += data


@dataclass
class Site:
    """The built site: its folder, what the build said, and the pages of the book."""

    folder: Path
    log: str

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The pages, but not those of the tags, by name: values.html."""
        paths = [*self.folder.glob("*.html"), *self.folder.glob("variants/*.html")]
        return {
            path.relative_to(self.folder).as_posix(): Page(path.read_text("utf-8"))
            for path in paths
        }


def build(folder: Path, config: Path) -> subprocess.CompletedProcess:
    """Build the site of a configuration into a folder; nothing is raised."""
    command = ["mkdocs", "build", "--strict", "--config-file", config]
    return python(*command, "--site-dir", folder)


def python(module: str, *arguments) -> subprocess.CompletedProcess:
    """Run a module of Python as the publisher of the site would."""
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "SITE_URL": ADDRESS, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=900,
    )


def built(shared: Path) -> Site:
    """The whole site of the book, built once in a folder."""
    log = shared / "site.log"
    with stage.lock(log):
        if not log.exists():
            run = build(shared / "site", ROOT / "mkdocs.yml")
            assert run.returncode == 0, run.stdout + run.stderr
            log.write_text(run.stderr, "utf-8")
    return Site(shared / "site", log.read_text("utf-8"))


def printed(shared: Path) -> Path:
    """The whole book as a PDF, printed once from that site, in some minutes."""
    path = shared / "site" / "microgpt.pdf"
    with stage.lock(shared / "pdf"):
        if not path.exists():
            run = python("tools.weave.print", "--site", path.parent)
            assert run.returncode == 0, run.stderr
    return path


if __name__ == "__main__":
    with quiet(alone=False), suppress(AssertionError):  # the tests will say what it is
        built(Path(sys.argv[1]))
        if "whole_pdf" in sys.argv:
            printed(Path(sys.argv[1]))
