"""The whole site by tools of others: lychee follows its links, Zensical builds it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import website

from tests import needs

pytestmark = pytest.mark.site
ROOT = Path(__file__).resolve().parents[2]


def test_every_link_and_every_fragment_leads_somewhere(site):
    lychee = needs.program("lychee")
    command = [lychee, "--offline", "--include-fragments", "--no-progress"]
    command += ["--format", "json", "--index-files", "index.html"]
    command += ["--root-dir", str(site.folder), f"{site.folder}/**/*.html"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    result = json.loads(run.stdout)
    broken = [
        f"{Path(page).relative_to(site.folder)}: {link['url']}"
        for page, links in (result["error_map"] | result["timeout_map"]).items()
        for link in links
        if not link["url"].endswith("/microgpt.pdf")  # tools/weave/print.py makes it
    ]
    assert not broken
    assert result["successful"] > 1000
    assert run.returncode in (0, 2), run.stderr


def test_zensical_builds_the_same_blocks_from_the_same_settings(site, tmp_path):
    for name in ("docs", "tools", "microgpt"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("mkdocs.yml", "CITATION.cff", ".tangle.json"):
        shutil.copy(ROOT / name, tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", "zensical", "build"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for name, page in site.pages.items():
        if page.blocks:
            other = website.Page((tmp_path / "site" / name).read_text("utf-8"))
            assert other.blocks == page.blocks, name
