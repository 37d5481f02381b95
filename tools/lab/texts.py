"""Texts: where three of the texts in docs/data come from, and how they are made.

    python -m tools.lab.texts                      writes echo.txt
    python -m tools.lab.texts --greek FOLDER       writes greek.txt
    python -m tools.lab.texts --psalms FILE        writes psalms.txt

echo.txt is made by this program: letters that are drawn, a bar, and the same letters.
greek.txt has the headwords of Strong's dictionary of the Greek New Testament (1890);
FOLDER has the module of Debian's package sword-dict-strongs-greek (dict.zdx and so on).
psalms.txt has the verses of the Psalms in the King James Version (1611); FILE has what
`bible -f Psa1:1-150:6` prints, of Debian's packages bible-kjv and bible-kjv-text.
"""

import argparse
import math
import random
import re
import struct
import sys
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

from tools.proof import stage
from tools.proof.about import about
from tools.proof.exits import ended
from tools.proof.stage import BOOK

DATA = BOOK / "data"
LETTERS, LENGTH, LINES = "abcdefgh", 7, 10_000  # of the echoes
SEED = 42


def echoes(seed: int = SEED, lines: int = LINES) -> list[str]:
    """Returns documents like `cabbage|cabbage`, whose first half is drawn."""
    rng = random.Random(seed)
    halves = ("".join(rng.choices(LETTERS, k=LENGTH)) for _ in range(lines))
    return [f"{half}|{half}" for half in halves]


def floor(copied: bool = True) -> float:
    """Returns the least loss a token that a model of the echoes can have, in nats.

    The bar and the end are known. Each drawn letter costs ln 8, whatever the model;
    an echoed one nothing, or as much again where the first half cannot be seen.
    """
    unknown = LENGTH if copied else 2 * LENGTH
    return unknown * math.log(len(LETTERS)) / (2 * LENGTH + 2)


def entries(folder: Path) -> Iterator[str]:
    """Yields the entries of a dictionary in SWORD's compressed form, as TEI."""
    blocks, text = ((folder / f"dict.{end}").read_bytes() for end in ("zdx", "zdt"))
    for start, size in struct.iter_unpack("<II", blocks):
        block = zlib.decompress(text[start : start + size])
        (count,) = struct.unpack_from("<I", block)
        for i in range(count):
            at, length = struct.unpack_from("<II", block, 4 + 8 * i)
            yield block[at : at + length].rstrip(b"\0").decode()


def greek(folder: Path) -> list[str]:
    """Returns the headwords: single words, in small letters without accents."""
    orth = (re.search(r"<orth>(.*?)</orth>", entry) for entry in entries(folder))
    words = [plain(found[1]) for found in orth if found]
    return list(dict.fromkeys(word for word in words if word.isalpha()))


def plain(word: str) -> str:
    """Returns a word in small letters, without accents and breathings."""
    parts = unicodedata.normalize("NFD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def psalms(file: Path) -> list[str]:
    """Returns the verses without their numbers."""
    return [line.split(" ", 1)[1] for line in file.read_text("ascii").splitlines()]


def main() -> None:
    """Writes the text that is asked for."""
    parser = argparse.ArgumentParser(description=about(__file__).splitlines()[0])
    parser.add_argument("--greek", metavar="FOLDER", type=Path)
    parser.add_argument("--psalms", metavar="FILE", type=Path)
    options = parser.parse_args()
    if options.greek:
        save("greek", greek(options.greek))
    if options.psalms:
        save("psalms", psalms(options.psalms))
    if not (options.greek or options.psalms):
        save("echo", echoes())


def save(name: str, docs: list[str]) -> None:
    """Writes documents into docs/data, one a line."""
    stage.write_file(DATA / f"{name}.txt", "".join(f"{doc}\n" for doc in docs))
    print(f"{name}.txt: {len(docs):,} documents, {sum(map(len, docs)):,} characters")


if __name__ == "__main__":
    sys.exit(ended(main))
