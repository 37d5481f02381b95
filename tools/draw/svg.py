"""SVG: drawings written as text, with the standard library alone.

Each function returns the text of an element; `drawing` puts elements into a file.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from tools.draw.palette import INK, SANS, SIZE, SMALL, SOFT, WIDTH

Point = tuple[float, float]


def number(x: float) -> str:
    """Returns a coordinate: two decimals at most, no minus before 0."""
    text = f"{x:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(tag: str, *content: str, **attributes: object) -> str:
    """Returns an element; `stroke_width` means stroke-width, None means absent."""
    parts = [tag]
    for name, value in attributes.items():
        if value is not None:
            value = number(value) if isinstance(value, (int, float)) else str(value)
            parts.append(f"{name.rstrip('_').replace('_', '-')}={quoteattr(value)}")
    inside = "".join(content)
    return f"<{' '.join(parts)}>{inside}</{tag}>" if inside else f"<{' '.join(parts)}/>"


def text(
    x: float, y: float, content: object, anchor: str | None = None,
    size: float = SIZE, fill: str = INK, turn: float | None = None, **more: object,
) -> str:  # fmt: skip
    """Returns a line of text; y is its base line, `turn` an angle around (x, y)."""
    around = f"rotate({number(turn)} {number(x)} {number(y)})" if turn else None
    return element(
        "text", escape(str(content)), x=x, y=y, fill=fill, transform=around,
        font_size=None if size == SIZE else size, text_anchor=anchor, **more,
    )  # fmt: skip


def note(
    x: float, y: float, content: object, anchor: str | None = None, fill: str = SOFT,
    **more: object,
) -> str:  # fmt: skip
    """Returns a line of small text, as beside axes and marks."""
    return text(x, y, content, anchor, SMALL, fill, **more)


def line(
    a: Point, b: Point, stroke: str = SOFT, width: float = 1, **more: object
) -> str:
    """Returns a straight line."""
    return path([a, b], stroke, width, **more)


def path(
    points: Iterable[Point] | str, stroke: str = INK, width: float = 1.5,
    fill: str = "none", **more: object,
) -> str:  # fmt: skip
    """Returns a line through points, or along path data."""
    if not isinstance(points, str):
        points = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return element(
        "path", d=points, fill=fill, stroke=stroke, stroke_width=width,
        stroke_linejoin="round", **more,
    )  # fmt: skip


def arrow(a: Point, b: Point, stroke: str = SOFT, width: float = 1.2) -> str:
    """Returns a straight line with a small head at its end."""
    (x1, y1), (x2, y2) = a, b
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    wing = [(x2 - 7 * ux - s * 3.5 * uy, y2 - 7 * uy + s * 3.5 * ux) for s in (1, -1)]
    head = path([wing[0], b, wing[1]], "none", 0, fill=stroke)
    return line(a, (x2 - 5 * ux, y2 - 5 * uy), stroke, width) + head


def rect(
    x: float, y: float, width: float, height: float, fill: str = "none", **more: object
) -> str:
    """Returns a rectangle; x, y is its upper left corner."""
    return element("rect", x=x, y=y, width=width, height=height, fill=fill, **more)


def circle(centre: Point, radius: float, fill: str = INK, **more: object) -> str:
    """Returns a circle."""
    return element("circle", cx=centre[0], cy=centre[1], r=radius, fill=fill, **more)


def group(*content: str, **attributes: object) -> str:
    """Returns elements as one, with attributes that all of them share."""
    return element("g", "\n", *(f"{part}\n" for part in content), **attributes)


def move(x: float, y: float, *content: str) -> str:
    """Returns elements moved to the right and down."""
    return group(*content, transform=f"translate({number(x)} {number(y)})")


def drawing(
    name: str, title: str, height: float, *content: str, width: float = WIDTH
) -> str:
    """Returns the text of an SVG file, as wide as the page up to a width."""
    head = element("title", escape(title), id=f"{name}-title")
    wide, high = number(width), number(height)
    return element(
        "svg", "\n", head, "\n", *(f"{part}\n" for part in content),
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {wide} {high}",
        role="img", aria_labelledby=f"{name}-title", style=f"max-width:{wide}px",
        font_family=SANS, font_size=SIZE,
    ) + "\n"  # fmt: skip
