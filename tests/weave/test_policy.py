"""The policy: a browser that allows foreign and inline scripts nowhere shows it all."""

import re
from pathlib import Path

import browser
import pytest
from bs4 import BeautifulSoup

from tools.weave import policy

pytestmark = pytest.mark.site
ROOT = Path(__file__).resolve().parents[2]
PAGES = ["index.html", "values.html", "counting.html", "glossary.html", "404.html"]
PAGES += ["t/0001/index.html", "t/index.html"]
HANDLER = re.compile(r"<[a-z][^<>]*\son[a-z]+=", re.I)
VIOLATIONS = """addEventListener("securitypolicyviolation", it => {
  (window.violations ??= []).push(`${it.violatedDirective}: ${it.blockedURI}`);
});"""


def test_a_few_scripts_stand_within_the_pages_and_no_handlers(site):
    assert 1 <= len(policy.scripts(site.folder)) <= 4
    for path in site.folder.glob("*.html"):
        assert not HANDLER.search(path.read_text("utf-8")), path.name


def test_only_formulas_have_styles_of_their_own(site):
    for path in sorted(site.folder.glob("*.html")):
        text = path.read_text("utf-8")
        assert not re.findall(r'<(?!span\b)\w+[^<>]* style="[^"]*"', text), path.name
    text = (site.folder / "vectors.html").read_text("utf-8")
    styled = BeautifulSoup(text, "html.parser").select("[style]")
    assert styled
    assert all(it.find_parent(class_="katex") for it in styled)


def test_the_policy_names_a_script_by_what_it_says(tmp_path):
    (tmp_path / "index.html").write_text(
        '<script>go()</script><script src="a.js"></script>'
        '<script type="application/json">{"a": 1}</script>'
    )
    assert policy.scripts(tmp_path) == ["go()"]
    assert policy.policy(tmp_path).count("'sha256-") == 1
    assert "script-src 'self' 'wasm-unsafe-eval' 'sha256-" in policy.policy(tmp_path)
    assert "'unsafe-eval'" not in policy.policy(tmp_path)


def test_without_a_site_there_is_no_policy_but_a_remedy(tmp_path, capsys):
    assert policy.main(["--site", str(tmp_path)]) == 1
    assert "build the site first" in capsys.readouterr().err


@pytest.fixture
def guarded(chromium, site):
    """guarded("values.html"): the page, from a host that sends the policy with it."""
    context = browser.visitor(chromium)
    context.add_init_script(VIOLATIONS)
    page = context.new_page()
    with browser.served(site.folder, policy.policy(site.folder)) as address:

        def guarded(name):
            page.goto(address + name)
            return page

        yield guarded
        context.close()


@pytest.mark.browser
def test_a_browser_finds_no_violation_of_the_policy(guarded):
    for name in PAGES:
        page = guarded(name)
        if name == "values.html":
            page.keyboard.press("/")
            page.keyboard.type("gradient")
            page.locator(".md-search-result__link").first.wait_for()
        assert page.evaluate("window.violations ?? []") == [], name


@pytest.mark.browser
def test_the_policy_forbids_a_script_that_is_put_into_a_page(guarded):
    page = guarded("values.html")
    add = "document.body.append(Object.assign(document.createElement('script'),"
    page.evaluate(add + "{textContent: 'window.broken = 1'}))")
    assert page.evaluate("[window.broken, window.violations.length]") == [None, 1]
