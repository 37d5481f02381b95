"""Difference: what a block has kept of the one it replaces, line by line."""

from difflib import SequenceMatcher


def plain(block):
    """The lines of a block as they are: [(mark, block, index)]."""
    return [("", block, index) for index in range(len(block.lines))]


def difference(old, new):
    """The lines of a block and of the one it replaces: [(mark, block, index)]."""
    lines = []
    for what, a, b, c, d in changes(old, new):
        if what == "equal":
            lines += [("same", new, n) for n in range(c, d)]
        else:
            lines += [("del", old, n) for n in range(a, b)]
            lines += [("ins", new, n) for n in range(c, d)]
    return lines


def changes(old, new):
    """What became of a block's lines, as difflib tells it: [(what, a, b, c, d)].

    Of a block that was written anew all that goes stands before all that comes: the few
    lines that happen to be the same would only mix the two.
    """
    found = matcher(old, new).get_opcodes()
    if not anew(old, new):
        return found
    first = found[:1] if found[0][0] == "equal" else []
    last = found[-1:] if found[-1][0] == "equal" else []
    between = found[len(first) : len(found) - len(last)]
    (_, a, _, c, _), (_, _, b, _, d) = between[0], between[-1]
    return [*first, ("replace", a, b, c, d), *last]


def anew(old, new):
    """Whether less than half of a block's lines were left when it was replaced."""
    parts = matcher(old, new).get_matching_blocks()
    same = [line for _, at, size in parts for line in new.lines[at : at + size]]
    return 2 * filled(same) < max(filled(old.lines), filled(new.lines))


def matcher(old, new):
    """What compares the lines of two blocks."""
    return SequenceMatcher(None, old.lines, new.lines, autojunk=False)


def filled(lines):
    """How many lines are not blank."""
    return sum(1 for line in lines if line.strip())
