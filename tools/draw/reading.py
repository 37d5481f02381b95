"""Reading: the weights of one head over a name, drawn large with their numbers."""

from collections.abc import Sequence

from tools.draw.charts import table
from tools.draw.palette import INK, PAPER, SIZE
from tools.draw.svg import note

LEFT, TOP, CELL = 58, 52, 56  # where the cells begin, and how large they are


def frame(
    shown: Sequence[str], rows: Sequence[Sequence[float]], read: str, readers: str
) -> list[str]:
    """Returns the weights as shades, and what columns and rows stand for."""
    return [
        note(LEFT, 16, read),
        note(16, TOP + 4 * CELL, readers, "middle", turn=-90),
        table(shown, rows, LEFT, TOP, CELL, SIZE, gap=2),
    ]


def weights(row: Sequence[float], i: int) -> list[str]:
    """Returns the weights of the i-th row as numbers, legible on dark shades too."""
    y = TOP + (i + 0.5) * CELL + 5
    return [
        note(LEFT + (j + 0.5) * CELL - 1, y, f"{weight:.2f}", "middle",
             PAPER if weight > 0.6 else INK)
        for j, weight in enumerate(row)
    ]  # fmt: skip
