"""Every command of the tools, room by room; with `--all`, every module."""

import ast
import sys
from pathlib import Path

from tools.proof.exits import ended

HERE = Path(__file__).parent
ROOMS = ("proof", "weave", "lab", "measure", "live", "draw")  # from the ground up
GUARD = '\nif __name__ == "__main__":\n'


def modules(folder):
    """The modules of a folder and its subfolders: [(file, what it is)]."""
    for path in sorted(folder.rglob("*.py")):
        if path.name not in ("__init__.py", "__main__.py"):
            yield path.relative_to(HERE.parent).as_posix(), first_line(path)


def commands(folder):
    """The commands of a folder and its subfolders: [(what to type, what it does)]."""
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text("utf-8")
        if GUARD in text or path.name == "__main__.py":
            module = ".".join(path.relative_to(HERE.parent).with_suffix("").parts)
            yield f"python -m {module.removesuffix('.__main__')}", first_line(path)


def first_line(path):
    """The first line of a module's docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def ground_floor():
    """The commands that a reader or a writer types."""
    return {
        "python tools/tangle.py": "write the program that the chapters hold",
        "python -m tools.exercise": "make, check and solve the exercises",
        "python -m tools.problems": "print problems drawn from a seed, check answers",
        "python -m tools.refresh": "make everything that is generated, in order",
    }


def main():
    """Print all commands, or all modules, of each room under what the room is for."""
    listed = modules if sys.argv[1:] == ["--all"] else commands
    for command, what in ground_floor().items():
        print(f"{command:36} {what}")
    for room in ROOMS:
        if (HERE / room).is_dir():
            print(f"\n{first_line(HERE / room / '__init__.py')}")
            for command, what in listed(HERE / room):
                print(f"{command:36} {what}")


if __name__ == "__main__":
    sys.exit(ended(main))
