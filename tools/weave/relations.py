"""Relations: how the blocks of the book hang together, whatever their chapters."""

from collections import defaultdict
from functools import lru_cache

from tools import tangle

LABELS = ["Replaces", "Takes the place of", "Part of", "Put in after", "Continues"]
LABELS += ["Continued in", "Used in", "Replaced by"]  # in this order below a block
LABELS += ["Leaves the program at"]
# What a block of each kind is to the block that it names, and that one to it.
TIES = {
    "after": ("Put in after", None),
    "replaces": ("Replaces", "Replaced by"),
    "instead": ("Takes the place of", "Leaves the program at"),
}


@lru_cache(maxsize=2)
def relations(found):
    """The blocks that each block is tied to: {id: {one of LABELS: [blocks]}}."""
    book, ties = found.book, defaultdict(lambda: defaultdict(list))
    tangled = [block for block in book.blocks if block.tangled]
    openers = {name: block for block in tangled for _, name in block.slots()}
    for block in tangled:
        if block.kind == "into":
            ties[block.id]["Part of"].append(openers[block.target])
        there, back = TIES.get(block.kind, (None, None))
        if there:
            ties[block.id][there].append(book.ids[block.target])
        if back:
            ties[block.target][back].append(block)
    for earlier, later in neighbours(tangled):
        ties[later.id]["Continues"].append(earlier)
        ties[earlier.id]["Continued in"].append(later)
    return ties


def neighbours(blocks):
    """The pairs of blocks of which one continues the other's file or slot.

    What takes the place of a row's last block is continued in that one's stead.
    """
    rows = {}
    for block in blocks:
        if block.kind in ("file", "into"):
            row = rows.setdefault((block.kind, block.target), [])
            if row:
                yield row[-1], block
            row.append(block)
        for row in rows.values() if block.kind == "instead" else ():
            if row[-1].id == block.target:
                row.append(block)


def part_of(found, block):
    """The blocks that a block is part of: a replacement is of what the first was."""
    while block.kind in tangle.SWAPS:
        block = found.book.ids[block.target]
    return relations(found)[block.id]["Part of"]
