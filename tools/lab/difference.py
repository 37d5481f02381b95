"""Difference: the first number in which a file of numbers departs from another.

Both are what JSON holds: names, lists, numbers and words. The book's is walked in the
order in which it stands; of the other, what it has is compared, and what it lacks told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isclose
from typing import Any

MISSING = object()
Leaf = tuple[str, Any, Any]  # where it is, the other's, the book's


@dataclass
class Comparison:
    """What came of it, by the first part of the names.

    first: the first that differs, told in a line; "" if none does. compared: how many
    numbers and words of each part; inexact: of how many of them the last digits differ.
    """

    digits: int
    first: str = ""
    compared: dict[str, int] = field(default_factory=dict)
    inexact: dict[str, int] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yields what to tell."""
        for name, count in self.compared.items():
            if inexact := self.inexact.get(name):
                how = f"{self.digits} digits, {inexact:,} of them not to the last"
            else:
                how = "the last digit"
            yield f"{name}: {count:,} equal to {how}"
        if self.absent:
            yield f"not in your file: {', '.join(self.absent)}"
        if self.unknown:
            yield f"unknown, not compared: {', '.join(self.unknown)}"
        yield f"first wrong: {self.first}" if self.first else "no wrong number"


def compare(mine: Any, book: Any, digits: int = 6) -> Comparison:
    """Returns how a file compares with the book's, up to the first wrong number."""
    found = Comparison(digits)
    found.unknown = [*unknown(mine, book)]
    for where, own, right in leaves(mine, book):
        if own is MISSING:
            found.absent.append(where)
            continue
        if not same(own, right, digits):
            found.first = told(where, own, right)
            break
        part = where.partition(".")[0].partition("[")[0]
        found.compared[part] = found.compared.get(part, 0) + 1
        if own != right:
            found.inexact[part] = found.inexact.get(part, 0) + 1
    return found


def leaves(mine: Any, book: Any, where: str = "") -> Iterator[Leaf]:
    """Yields every number and word of the book's with the other's.

    A name that is missing is yielded as a whole, and so are lists of different length.
    """
    if isinstance(book, dict) and isinstance(mine, dict):
        for name, right in book.items():
            inner = f"{where}.{name}" if where else name
            yield from leaves(mine.get(name, MISSING), right, inner)
    elif isinstance(book, list) and isinstance(mine, list) and len(mine) == len(book):
        for i, (own, right) in enumerate(zip(mine, book)):
            yield from leaves(own, right, f"{where}[{i}]")
    else:
        yield where, mine, book


def unknown(mine: Any, book: Any, where: str = "") -> Iterator[str]:
    """Yields the names that the book's file has not."""
    if isinstance(mine, dict) and isinstance(book, dict):
        for name, own in mine.items():
            inner = f"{where}.{name}" if where else name
            if name in book:
                yield from unknown(own, book[name], inner)
            else:
                yield inner


def same(own: Any, right: Any, digits: int) -> bool:
    """Are two numbers equal to so many digits, or two words to the letter?"""
    if not (isnumber(own) and isnumber(right)):
        return type(own) is type(right) and own == right
    near = {"rel_tol": 10.0**-digits, "abs_tol": 10.0 ** -(digits + 8)}
    try:
        return own == right or isclose(own, right, **near)
    except OverflowError:  # a whole number beyond all floats
        return False


def isnumber(value: Any) -> bool:
    """Is this a number?"""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def told(where: str, own: Any, right: Any) -> str:
    """A difference in a line."""
    return f"{where} is {kind(own)}, in the book {kind(right)}"


def kind(value: Any) -> str:
    """A number or a word as it is; of what holds several, how many."""
    if isinstance(value, (list, dict)):
        what = "a list" if isinstance(value, list) else "an object"
        return f"{what} of {len(value)}"
    return repr(value)
