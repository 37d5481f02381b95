"""Cells: vectors as rows or columns of shades, and numbers in them."""

from collections.abc import Sequence

from tools.draw.charts import minus
from tools.draw.palette import BLUE, FAINT, INK, RED, SOFT
from tools.draw.svg import line, note, rect

LIGHT = 0.55  # the strongest shade under a number: ink stays legible on it


def cells(
    values: Sequence[float], x: float, y: float, wide: float, tall: float,
    most: float = 1.0, across: bool = True, lit: bool = True, strength: float = 1.0,
    frame: bool = True,
) -> str:  # fmt: skip
    """Returns a vector as shades, red for positive and blue for negative numbers.

    wide, tall: of one cell. most: what has the strongest shade. A vector that is not
    lit is grey.
    """
    parts = []
    for i, value in enumerate(values):
        shade = round(strength * min(1.0, abs(value) / most), 2)
        if shade > 0:
            fill = (RED if value > 0 else BLUE) if lit else SOFT
            at = (x + i * wide, y) if across else (x, y + i * tall)
            parts.append(rect(*at, wide, tall, fill, fill_opacity=shade))
    if frame:
        whole = (wide * len(values), tall) if across else (wide, tall * len(values))
        parts.append(rect(x, y, *whole, stroke=FAINT, stroke_width=0.7))
    return "\n".join(parts)


def numbers(
    values: Sequence[float], x: float, y: float, wide: float, tall: float,
    most: float = 2.0, across: bool = False, form: str = "{:.2f}",
) -> str:  # fmt: skip
    """Returns a vector as shades with its numbers in them."""
    parts = [cells(values, x, y, wide, tall, most, across, strength=LIGHT)]
    for i, value in enumerate(values):
        left, top = (x + i * wide, y) if across else (x, y + i * tall)
        if i:
            ends = (
                ((left, y), (left, y + tall)) if across else ((x, top), (x + wide, top))
            )
            parts.append(line(*ends, FAINT, 0.5))
        told = minus(form.format(value + 0.0 if abs(value) > 0.005 else 0.0))
        parts.append(note(left + wide / 2, top + tall / 2 + 5, told, "middle", INK))
    return "\n".join(parts)
