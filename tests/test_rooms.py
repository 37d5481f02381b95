"""The house: which room may know which, and what each says of itself."""

import ast
import re
import subprocess
import sys

import pytest

from tools.tangle import ROOT

TOOLS = ROOT / "tools"
# The rooms that each room may use; the ground floor (the commands that people type)
# may use all, and every room may use tools/tangle.py.
BELOW = {
    "proof": set(),
    "weave": {"proof"},
    "lab": {"proof"},
    "measure": {"proof"},
    "live": {"proof", "weave"},
    "draw": {"proof", "weave", "lab", "measure"},
}
ROOMS = sorted(path.parent.name for path in TOOLS.glob("*/__init__.py"))


def mentioned(path):
    """The modules of the tools that a file imports, or starts as a process."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "tools":
            yield from (f"tools.{name.name}" for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(r"tools(\.\w+)+", node.value):
                yield node.value
            if "from tools." in node.value:  # code for another process
                yield node.value.partition("from ")[2].split()[0]


def test_the_rooms_are_these():
    assert set(ROOMS) <= BELOW.keys()
    assert {"proof", "weave", "lab", "measure", "live", "draw"} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_uses_only_rooms_below_it(room):
    wrong = [
        f"{path.relative_to(ROOT)} uses {module}"
        for path in sorted((TOOLS / room).rglob("*.py"))
        for module in mentioned(path)
        if module.startswith("tools.")
        and module.split(".")[1] not in BELOW[room] | {room, "tangle"}
    ]
    assert not wrong, "\n".join(wrong)


def test_the_tangler_imports_the_standard_library_alone():
    names = {name.split(".")[0] for name in mentioned(TOOLS / "tangle.py")}
    assert names <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_in_three_lines_what_it_is_for_and_what_it_never_does(room):
    package = ast.parse((TOOLS / room / "__init__.py").read_text("utf-8"))
    said = ast.get_docstring(package) or ""
    assert "never" in said
    assert len(said.replace("\n\n", "\n").splitlines()) == 3


def test_every_command_is_listed_with_what_it_does():
    command = [sys.executable, "-m", "tools"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("python")]
    listed = {line.split()[2] for line in lines if line.startswith("python -m")}
    guarded = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in TOOLS.rglob("*.py")
        if 'if __name__ == "__main__":' in path.read_text("utf-8")
    }
    there = {module.removesuffix(".__main__") for module in guarded}
    assert there - {"tools", "tools.tangle"} <= listed
    assert all(len(line.split(maxsplit=3)) > 3 for line in lines if "-m" in line)
