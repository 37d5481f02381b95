"""Pieces: what there is to try on a page, from top to bottom."""

import re
from dataclasses import dataclass

from tools import tangle

COMMENT_OR_CODE = re.compile(
    r"<!--(?P<comment>.*?)-->|(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n\s*\n).)*?(?<!`)"
    r"(?P=ticks)(?!`)",
    re.S,
)


@dataclass(frozen=True)
class Piece:
    """Something to evaluate; kind is "example", "hidden" or "fact"."""

    line: int
    kind: str
    source: str
    at: int = 0  # where the comment begins, in the page's text


def pieces(text, path):
    """All pieces of a page, from top to bottom."""
    blocks, _ = tangle.parse(text, path)
    lines = text.split("\n")
    found = []
    for block in blocks:
        if block.kind == "run":
            source = "".join(f"{line}\n" for line in block.lines)
            found.append(Piece(block.start, "example", source))
        for index in range(block.line - 1, min(block.end, len(lines))):
            lines[index] = " " * len(lines[index])  # no comments in there
    prose = "\n".join(lines)
    for match in COMMENT_OR_CODE.finditer(prose):
        comment = (match["comment"] or "").lstrip()
        line = prose.count("\n", 0, match.start()) + 1
        if comment.startswith("="):
            found.append(Piece(line, "fact", comment[1:].strip(), match.start()))
        elif re.match(r"run\s", comment):
            found.append(Piece(line, "hidden", comment[3:]))
    return sorted(found, key=lambda piece: (piece.line, piece.at))
