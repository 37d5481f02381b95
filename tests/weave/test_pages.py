"""Every page of the site in a real browser: accessible, narrow enough, and quiet."""

import csv
from pathlib import Path

import browser
import pytest

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
SOURCES = {path.stem: path.read_text("utf-8") for path in ROOT.glob("docs/*.md")}
PAGES = [*sorted(f"{name}.html" for name in SOURCES), "404.html"]
TAGS = ROOT / "docs" / "data" / "tags.csv"
KINDS = ["chapter", "section", "exercise", "block", "figure", "question"]


def most(sign):
    """The page whose source has the most of something."""
    return max(SOURCES, key=lambda name: SOURCES[name].count(sign))


# Pages of each kind: axe looks at these, and at all of them with --full. What it found
# in the past is looked for on every page by test_accessibility.py, without a browser.
DIFFERENT = {"index", "blocks", "identifiers", "program", "api", "404"}
DIFFERENT |= {"glossary", "bibliography"}
DIFFERENT |= {
    most("$"),
    most('file="'),
    most("](figures/"),
    most("<details"),
    most("[^"),
}

COLOUR = ["color-contrast", "link-in-text-block"]  # the rules that look at colours
WIDTHS = [browser.DESKTOP["width"], browser.PHONE["width"]]
STILL = """*, ::before, ::after {
  content-visibility: visible !important;
  transition: none !important;
}"""

# A chapter has thousands of words of code, in some fifty looks, and each costs axe a
# millisecond. THIN takes away the lines in which there is no look that was not there
# before, and so with rows of tables, formulas and functions of the reference; with
# --full axe sees all of them.
THIN = """() => {
  const seen = new Set();
  const looks = it => [it, ...it.querySelectorAll("*")].map(part => {
    const {color, backgroundColor} = getComputedStyle(part);
    const around = part.parentElement.className;
    return [part.tagName, part.className, around, color, backgroundColor].join();
  });
  const all = [...document.querySelectorAll(
    ".line, .katex, tbody tr, .doc-function, .md-nav__item"
  )];
  const old = all.map(looks).map(its => {
    const nothing = its.every(look => seen.has(look));
    its.forEach(look => seen.add(look));
    return nothing;
  });
  all.forEach((it, n) => old[n] && it.remove());
}"""


@pytest.fixture(scope="module")
def reader(chromium):
    """One reader, who opens page after page and so has the style sheets already."""
    context = browser.visitor(chromium)
    yield context
    context.close()


def opened(reader, url):
    """A page with all that unfolds unfolded; its heard: what was asked for and said."""
    page = reader.new_page()
    page.heard = {"requests": [], "errors": []}
    page.on("request", lambda request: page.heard["requests"].append(request.url))
    page.on("pageerror", lambda error: page.heard["errors"].append(str(error)))
    page.on(
        "console",
        lambda message: (
            message.type == "error" and page.heard["errors"].append(message.text)
        ),
    )
    page.goto(url)
    page.add_style_tag(content=STILL)
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    return page


@pytest.fixture(scope="module", params=PAGES)
def page(request, reader, address):
    page = opened(reader, address + request.param)
    yield page
    page.close()


def tag_of(kind):
    """The first tag of a kind, or the first that is retired."""
    with open(TAGS, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if (row["note"] and kind == "retired") or (
                row["kind"] == kind and not row["note"]
            ):
                return row["tag"]
    pytest.skip(f"no tag is of this kind: {kind}")


def test_a_page_does_not_scroll_sideways_on_a_phone_of_360_pixels(page):
    page.set_viewport_size({"width": 360, "height": 780})
    wide = page.evaluate(
        """() => document.scrollingElement.scrollWidth <= 360 ? [] :
          [...document.querySelectorAll("article *")]
            .filter(it => it.getBoundingClientRect().right > 360)
            .slice(0, 5).map(it => it.outerHTML.slice(0, 99))
            .concat(document.scrollingElement.scrollWidth)"""
    )
    assert not wide


def test_a_page_asks_nothing_of_another_host_and_sets_no_cookie(page, address):
    outside = [
        url
        for url in page.heard["requests"]
        if not url.startswith((address, "data:", "blob:" + address))
    ]
    assert not outside
    assert not page.context.cookies()


def test_a_page_reports_no_error(page):
    assert not page.heard["errors"]


def kinds():
    """The pages that axe looks at: those of each kind, and the others with --full."""
    for name in PAGES:
        different = name.removesuffix(".html") in DIFFERENT
        yield pytest.param(name, marks=[] if different else [pytest.mark.full])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", [*kinds()], indirect=True)
def test_axe_finds_nothing_wrong_with_a_page(page, width, full):
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(300)  # assets/book.js looks what scrolls now
    if not full:
        page.evaluate(THIN)
    browser.paint(page, "light")
    found = browser.axe(page)
    browser.paint(page, "dark")
    found += browser.axe(page, *COLOUR)  # the other rules would find the same
    assert not found


@pytest.mark.parametrize("kind", [*KINDS, "retired", ""])
def test_axe_finds_nothing_wrong_with_the_page_of_a_tag(reader, address, kind, full):
    name = tag_of(kind) + "/" if kind else ""
    page = opened(reader, f"{address}t/{name}index.html")
    if not kind and not full:  # the list of all tags
        page.evaluate(THIN)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        for scheme in ("light", "dark"):
            browser.paint(page, scheme)
            assert not browser.axe(page)
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    assert all(url.startswith(address) for url in page.heard["requests"])
    assert not page.heard["errors"]
    page.close()
