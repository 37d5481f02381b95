"""Figures: draw them: `python -m tools.draw.figures [NAME…]`."""

import sys

from tools.draw.figures import (  # noqa: F401
    FIGURES,
    FOLDER,
    NotYet,
    arrays,
    correct,
    counting,
    course,
    emma,
    explicit,
    framework,
    fused,
    graphs,
    hotspots,
    inside,
    kernel,
    laboratory,
    learned,
    learning,
    machines,
    parts,
    passing,
    perceptron,
    program,
    road,
    speed,
    stream,
    svg_of,
    valley,
    vectors,
    worth,
)
from tools.proof.exits import Parser
from tools.proof.stage import write_file


def main() -> int:
    """Writes the figures, or says which are out of date."""
    parser = Parser(prog="python -m tools.draw.figures")
    parser.add_argument("names", nargs="*", metavar="NAME", help="[all figures]")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in FIGURES]:
        parser.error(f"no figure {', '.join(unknown)}; there are {', '.join(FIGURES)}")
    status = 0
    for name in options.names or FIGURES:
        path = FOLDER / f"{name}.svg"
        try:
            now = svg_of(name)
        except NotYet as reason:
            print(f"{name}: {reason}", file=sys.stderr)
            status = 1
            continue
        if path.exists() and path.read_text("utf-8") == now:
            continue
        if options.check:
            print(f"{name}: is out of date; run python -m tools.draw.figures {name}")
            status = 1
        else:
            write_file(path, now)
            print(path.relative_to(FOLDER.parent.parent))
    return status


if __name__ == "__main__":
    sys.exit(main())
