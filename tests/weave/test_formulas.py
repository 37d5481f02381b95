"""Formulas: each is as narrow as the column of the PDF, which cannot be scrolled."""

from pathlib import Path

import pytest

from tools.weave import print as printer

pytestmark = [pytest.mark.browser, pytest.mark.pdf]
ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(f"{path.stem}.html" for path in ROOT.glob("docs/*.md"))
POINTS = 72 / 25.4  # in a millimetre

# The displayed formulas of all pages, and how many of their own em each is wide.
WIDE = """async names => {
  const article = document.querySelector("article"), parser = new DOMParser();
  article.replaceChildren();
  for (const name of names) {
    const text = await (await fetch(name)).text();
    const page = parser.parseFromString(text, "text/html");
    for (const it of page.querySelectorAll("article .katex-display")) {
      const twin = document.importNode(it, true);
      twin.dataset.page = name;
      twin.style.cssText = "width: max-content; max-width: none";
      article.append(twin);
    }
  }
  await document.fonts.ready;
  return [...article.children].map(it => {
    const html = it.querySelector(".katex-html");
    const size = parseFloat(getComputedStyle(html).fontSize);
    const tex = it.querySelector("annotation").textContent.slice(0, 60);
    return [html.getBoundingClientRect().width / size, it.dataset.page, tex];
  });
}"""


def column():
    """How many em of a formula the column of the PDF is wide: print.css says it."""
    sheet = printer.SHEETS[-1].read_text("utf-8")
    for told in ("size: 170mm 240mm", "margin: 24mm 24mm", "font-size: 10.2pt"):
        assert told in sheet
    assert ".katex {\n  font-size: 1.06em" in sheet
    return (170 - 2 * 24) * POINTS / (10.2 * 1.06)


def test_every_formula_is_as_narrow_as_the_column_of_the_pdf(visit):
    found = visit("names.html").evaluate(WIDE, PAGES)
    assert len(found) > 50
    assert [it for it in found if it[0] > column()] == []
