"""Formulas: each is as narrow as the column of the PDF, which cannot be scrolled."""

import browser
import pytest

from tools.weave import print as printer

pytestmark = [pytest.mark.browser, pytest.mark.pdf]
POINTS = 72 / 25.4  # in a millimetre

# How many of their own em the displayed formulas are wide.
WIDE = """() => {
  const formulas = [...document.querySelectorAll("article > .katex-display")];
  for (const it of formulas)
    it.style.cssText = "width: max-content; max-width: none";
  return formulas.map(it => {
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


def test_every_formula_is_as_narrow_as_the_column_of_the_pdf(chromium, address):
    formulas = "article .katex-display"
    with browser.gathered(chromium, address, formulas, 50) as page:
        found = page.evaluate(WIDE)
    assert [it for it in found if it[0] > column()] == []
