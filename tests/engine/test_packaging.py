"""What a user gets from pip: the wheel, and the wheel built from the sdist."""

import configparser
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.wheel


def build(kind: str, source: Path, target: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target]
    run = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return next(target.glob("*.whl" if kind == "wheel" else "*.tar.gz"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module", params=["the tree", "the sdist"])
def wheel(request, tmp_path_factory):
    source = ROOT
    if request.param == "the sdist":
        unpacked = tmp_path_factory.mktemp("unpacked")
        with tarfile.open(request.getfixturevalue("sdist")) as archive:
            archive.extractall(unpacked)
        source = next(unpacked.iterdir())
    with zipfile.ZipFile(build("wheel", source, tmp_path_factory.mktemp("wheel"))) as z:
        yield z


def test_the_wheel_holds_every_module_and_marks_them_typed(wheel):
    names = set(wheel.namelist())
    modules = {
        path.relative_to(ROOT).as_posix() for path in ROOT.glob("microgpt/**/*.py")
    }
    assert modules
    assert modules <= names
    assert "microgpt/py.typed" in names


def test_the_wheel_holds_the_names_as_the_book_has_them(wheel):
    names = (ROOT / "docs/data/names.txt").read_bytes()
    assert wheel.read("microgpt/names.txt") == names


def test_the_wheel_holds_nothing_but_the_package(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"microgpt"}


def test_the_wheel_gives_the_command_microgpt(wheel):
    entries = configparser.ConfigParser()
    path = next(n for n in wheel.namelist() if n.endswith("entry_points.txt"))
    entries.read_string(wheel.read(path).decode())
    assert dict(entries["console_scripts"]) == {"microgpt": "microgpt.cli:main"}


def test_the_wheel_depends_on_nothing(wheel):
    path = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    required = [
        line
        for line in wheel.read(path).decode().splitlines()
        if line.startswith("Requires-Dist:") and "extra ==" not in line
    ]
    assert required == []


def test_the_unpacked_wheel_trains_on_the_names_it_brought(wheel, tmp_path):
    wheel.extractall(tmp_path)
    command = [sys.executable, "-m", "microgpt", "--num-steps", "1"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "num docs: 32469" in run.stdout
    assert "loss 3.3563" in run.stdout


def test_the_sdist_holds_the_book_and_the_tools_that_check_it(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {
        "LICENSE",
        "LICENSE-text",
        "README.md",
        "docs/data/names.txt",
        "docs/index.md",
        "mkdocs.yml",
        "tools/tangle.py",
    } <= names
    assert not [name for name in names if name.startswith(("site/", ".venv/", ".git/"))]
