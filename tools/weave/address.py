"""Address: where the book can be had, said in the pages that tell how to begin.

CITATION.cff's `repository-code` is the one place that knows. `python -m
tools.weave.address` writes a sentence with it between the marks `<!--address-->` and
`<!--/address-->` of those pages; `--check` only compares. While there is no address,
the sentence speaks of the folder that holds the book.
"""

import re
import sys

from tools.proof import stage
from tools.proof.exits import write_or_check
from tools.tangle import ROOT, Problem
from tools.weave import edition

PAGES = ("README.md", "docs/index.md", "docs/how-to-read.md")
PLACE = re.compile(r"(<!--address-->).*?(<!--/address-->)", re.S)


def sentence(address):
    """How to come by the book, given the address of its repository, or ""."""
    if address:
        return (
            f"Fetch the book, `git clone {address}`, and open a terminal in its folder."
        )
    return "Open a terminal in the folder that holds this book."


def filled(text, address):
    """A page's text with that sentence at its place."""
    return PLACE.sub(lambda found: found[1] + sentence(address) + found[2], text)


def check(root=ROOT, write=False):
    """The pages that say something else, or nothing; write: mend them."""
    address = edition.read(root).repository
    for name in PAGES:
        text = (root / name).read_text("utf-8")
        new, line = filled(text, address), 1
        if not PLACE.search(text):
            what = "does not say where the book can be had"
            yield Problem(name, line, what, "put <!--address--><!--/address--> there")
        elif new != text and write:
            stage.write_file(root / name, new)
        elif new != text:
            line = text.count("\n", 0, PLACE.search(text).start()) + 1
            what = "the address is not that of CITATION.cff"
            yield Problem(name, line, what, "run python -m tools.weave.address")


def main(argv=None):
    """Write the sentence into the pages, or check them."""
    return write_or_check(check, __file__, argv)


if __name__ == "__main__":
    sys.exit(main())
