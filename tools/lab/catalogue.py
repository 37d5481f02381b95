"""Catalogue: the variants that the laboratory can run, and what each is run with.

A variant is `book`, or pages of docs/variants by their names, joined by `+`; a page
that somebody else wrote is named by its path.
"""

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tools.proof import stage
from tools.proof.commands import python
from tools.proof.stage import BOOK, ROOT, RunError

BOOKS = "book"  # the variant that is none
FOLDER = BOOK / "variants"

# Where a part is left out, its last matrices can be zeros instead: what they give is 0,
# so are their gradients, and they stay what they are. Then any engine will do.
ZEROS = {
    "no-attention": ("attn_wv", "attn_wo"),
    "no-mlp": ("mlp_fc1", "mlp_fc2"),
}
# Two pages that change the same block do not go together. Here is what takes the place
# of the second one then, and names the block of the first.
BOTH = Path(__file__).parent / "both"
# What a page asks of the kernel, to train with: all names once take a second with it,
# not half a minute. What the kernel says of one position may still be the book's.
KERNELS = Path(__file__).parent / "kernels"
# From fast to slow. A page says which of them know of its change.
ENGINES = ("c", "arrays", "numpy", "explicit", "fused", "graph")
REPLACED = r'replaces="([^"]+)"'
ASK = "import json; from microgpt.engine import ENGINES; print(json.dumps([*ENGINES]))"


@dataclass(frozen=True)
class Program:
    """What a variant is run with: pages, and matrices that are zeros from the start."""

    pages: tuple[Path, ...]
    zeros: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Returns the folder of the program, tangled if need be."""
        if not self.pages:
            return stage.stage(stage.names()[-1])
        names = "-".join(dict.fromkeys(path.stem for path in self.pages))
        return stage.varied(self.pages, ROOT / "build" / "lab" / names)

    @property
    def engines(self) -> tuple[str, ...]:
        """Returns the engines that give its answers, from fast to slow."""
        known = engines_of(self.pages)
        return tuple(name for name in ENGINES if name in known)


@lru_cache(maxsize=64)
def engines_of(pages: tuple[Path, ...]) -> list[str]:
    """Returns the engines that the program with some pages has."""
    return python(ASK, Program(pages, ()).folder)


def names() -> list[str]:
    """Returns the names of the pages in docs/variants."""
    return sorted(path.stem for path in FOLDER.glob("[!.]*.md"))


def shown(variant: str) -> str:
    """Returns a variant as it is told: of a page somewhere else, its name."""
    return "+".join(
        Path(name).stem if name.endswith(".md") else name for name in variant.split("+")
    )


def title(name: str) -> str:
    """Returns the title of a page."""
    first = (FOLDER / f"{name}.md").read_text("utf-8").partition("\n")[0]
    return first.lstrip("# ").partition(" {#")[0]


def parts(variant: str) -> list[str]:
    """Returns the names, or paths, of the pages of a variant.

    Raises RunError if there is no such page.
    """
    found = [part(name) for name in variant.split("+") if variant != BOOKS]
    if len(set(found)) < len(found):
        raise RunError(f"{variant} names a page twice")
    return sorted(found)


def part(name: str) -> str:
    """Returns the name of a page, or its path if it is none of docs/variants."""
    if name.endswith(".md"):
        path = Path(name).resolve()
        if not path.is_file():
            raise RunError(f"there is no page {name}")
        return path.stem if path.parent == FOLDER.resolve() else str(path)
    if name not in names():
        close = difflib.get_close_matches(name, names(), 1)
        meant = f"is it {close[0]}? " if close else ""
        raise RunError(
            f"there is no variant {name!r}; {meant}see python -m tools.lab list"
        )
    return name


@lru_cache(maxsize=256)
def canonical(variant: str) -> str:
    """Returns the variant as the table has it: its names in order."""
    return "+".join(parts(variant)) or BOOKS


@lru_cache(maxsize=64)
def program(variant: str) -> Program:
    """Returns what a variant is run with."""
    found = parts(variant)
    rest = [name for name in found if name not in ZEROS]
    zeros = [end for name in found for end in ZEROS.get(name, ())]
    pages = [page(name) for name in rest]
    for path in sorted(BOTH.glob("*.md")):
        first, second = path.stem.split("+")
        if {first, second} <= {*rest}:
            pages[rest.index(second)] = path
    return Program((*pages, *kernels(rest)), tuple(zeros))


def kernels(names: list[str]) -> list[Path]:
    """Returns what some pages ask of the kernel, if all do and do not collide."""
    paths = [KERNELS / f"{name}.md" for name in names]
    if not all(path.is_file() for path in paths):
        return []
    texts = [path.read_text("utf-8") for path in paths]
    taken = [block for text in texts for block in re.findall(REPLACED, text)]
    return paths if len(taken) == len(set(taken)) else []


def page(name: str) -> Path:
    """Returns the file of a page."""
    return Path(name) if name.endswith(".md") else FOLDER / f"{name}.md"
