"""What the README promises: its commands, and its version."""

import re
import subprocess

import pytest

import microgpt
from tools.tangle import ROOT

README = (ROOT / "README.md").read_text("utf-8")
CI = ROOT / ".ci" / "run"


def block(heading):
    """The lines of the first block of commands below a heading."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.search(r"^```sh\n(.*?)\n```$", section, re.M | re.S)[1].split("\n")


def test_a_newcomer_needs_two_commands_of_a_line_each():
    assert block("Run") == ["python tools/tangle.py && python -m microgpt"]
    assert block("Test") == ["python -m pip install -e '.[test]' && python -m pytest"]


def test_ci_runs_the_two_commands_as_they_stand_in_the_readme():
    command = ["bash", CI, "--commands"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == block("Run") + block("Test")
    script = CI.read_text("utf-8")
    for name in ("run_command", "test_command"):
        assert f'bash -c "${name}"' in script
    assert script.splitlines()[-1] == 'exec bash -c "$test_command"'


def test_ci_runs_the_command_of_the_readme_that_stands_there(tmp_path):
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci/run").write_text(CI.read_text("utf-8"), "utf-8")
    readme = README.replace("python -m pytest", "python -m pytest --other")
    (tmp_path / "README.md").write_text(readme, "utf-8")
    command = ["bash", tmp_path / ".ci/run", "--commands"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"{block('Test')[0]} --other"


@pytest.mark.parametrize("heading", ["Run", "Test"])
def test_ci_stops_where_the_readme_has_no_command(tmp_path, heading):
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci/run").write_text(CI.read_text("utf-8"), "utf-8")
    readme = README.replace(f"## {heading}\n", "## Other\n")
    (tmp_path / "README.md").write_text(readme, "utf-8")
    command = ["bash", tmp_path / ".ci/run", "--commands"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr == f"README.md has no command below ## {heading}\n"


def test_the_version_is_the_same_wherever_it_stands():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    version = re.search(r'^version = "(.+)"$', text, re.M)[1]
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert {*re.findall(r"^ *version: (.+)$", citation, re.M)} == {version}
    assert microgpt.__version__ == version
    assert f"Version {version}, " in README
