"""Prose: the book's own text as data to train larger models on.

`python -m tools.lab.prose` writes docs/data/prose.txt: the paragraphs of the chapters
up to `complete`, one a line, without code, tables, formulas and lists. It was made from
version 0.1.0 and stays as it is, so that what is measured on it can be compared.
"""

import re
import sys

from tools import tangle
from tools.proof import stage
from tools.proof.exits import ended
from tools.proof.stage import BOOK

TARGET = BOOK / "data" / "prose.txt"
LAST = "complete"
SHORTEST = 80  # characters of a paragraph


def paragraphs(text: str) -> list[str]:
    """Returns the plain paragraphs of a chapter, each as one line."""
    lines = text.split("\n")
    for block in tangle.parse(text, "a chapter")[0]:
        lines[block.line - 1 : block.end] = [""] * (block.end - block.line + 1)
    text = re.sub(r"<!--.*?-->|</?\w[^>]*>", "", "\n".join(lines), flags=re.S)
    found = []
    for part in re.split(r"\n\s*\n", text):
        line = " ".join(part.split())
        if line and line[0] not in "#|-*>!:[$" and not re.match(r"\d+\.", line):
            found.append(plain(line))
    return [line for line in found if len(line) >= SHORTEST and "$" not in line]


def plain(line: str) -> str:
    """Returns a line without its marks: links, emphasis, code, footnotes."""
    line = re.sub(r"\[\^[^\]]*\]", "", line)
    line = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", line)
    return re.sub(r"\*+|`|\{[^}]*\}", "", line)


def main() -> None:
    """Writes the file."""
    names = stage.names()
    chapters = names[: names.index(LAST) + 1]
    lines = []
    for name in chapters:
        text = tangle.decode((BOOK / f"{name}.md").read_bytes())
        lines += paragraphs(text)
    stage.write_file(TARGET, "".join(f"{line}\n" for line in lines))
    print(f"{len(lines)} paragraphs, {sum(map(len, lines)):,} characters")


if __name__ == "__main__":
    sys.exit(ended(main))
