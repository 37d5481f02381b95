"""Drawings in a browser: their letters are large enough, and lie apart."""

import browser
import pytest

pytestmark = pytest.mark.browser
LEAST = 11  # px, of a letter

# The letters that are smaller than they should be.
SMALL = """least => [...document.querySelectorAll(".figure svg")].flatMap(svg => {
  if (!svg.checkVisibility()) return [];  // the other shape of a drawing is shown
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll("text, tspan")]
    .map(it => [parseFloat(getComputedStyle(it).fontSize) * scale, it])
    .filter(([size]) => size < least)
    .map(([size, it]) => `${svg.closest("figure").id}: ${it.textContent} ${size} px`);
})"""

# The pairs of texts that lie on each other, of those that stand upright or on their
# side: their boxes are taken without the room above and below small letters.
COLLIDE = """() => [...document.querySelectorAll(".figure svg")].flatMap(svg => {
  if (!svg.checkVisibility()) return [];
  const boxes = [...svg.querySelectorAll("text")].map(it => {
    const turn = it.getAttribute("transform")?.match(/rotate\\((-?\\d+)/)?.[1] ?? "0";
    const r = it.getBoundingClientRect(), trim = (low, high) => {
      const cut = (high - low) * 0.3;
      return [low + cut, high - cut];
    };
    const upright = turn === "0";
    if (!upright && turn !== "-90") return null;
    return [
      it.textContent,
      upright ? [r.left + 0.5, r.right - 0.5] : trim(r.left, r.right),
      upright ? trim(r.top, r.bottom) : [r.top + 0.5, r.bottom - 0.5],
    ];
  }).filter(box => box && box[0].trim());
  const meet = (a, b) => a[0] < b[1] && b[0] < a[1];
  return boxes.flatMap(([told, x, y], n) => boxes.slice(n + 1)
    .filter(([, u, v]) => meet(x, u) && meet(y, v))
    .map(([other]) => `${svg.closest("figure").id}: ${told} on ${other}`));
})"""


@pytest.fixture(scope="module")
def drawings(chromium, address):
    """A page with all drawings of the site."""
    with browser.gathered(chromium, address, "article .figure:has(svg)", 30) as page:
        yield page


@pytest.mark.parametrize("width", [320, 390, 820, 1440])
def test_the_letters_of_a_drawing_can_be_read(drawings, width):
    drawings.set_viewport_size({"width": width, "height": 900})
    assert drawings.evaluate(SMALL, LEAST) == []


@pytest.mark.parametrize("width", [390, 1440])
def test_no_two_texts_of_a_drawing_lie_on_each_other(drawings, width):
    drawings.set_viewport_size({"width": width, "height": 900})
    assert drawings.evaluate(COLLIDE) == []


# Where the map at the head of a chapter stands, and which of its two shapes is seen.
MAP = """() => {
  const box = it => it.getBoundingClientRect();
  const [low, high] = document.querySelectorAll(".marginal .drawing");
  const text = box(document.querySelector("h1 ~ p:not(.progress)"));
  const seen = low.checkVisibility() ? low : high;
  return {
    low: low.checkVisibility(), high: high.checkVisibility(),
    beside: box(seen).left >= text.right, above: box(seen).bottom <= text.top,
    wide: document.documentElement.scrollWidth - innerWidth,
  };
}"""
CHAPTERS = ("parameters", "embeddings", "residual", "attention", "heads", "mlp")


@pytest.mark.parametrize("chapter", (*CHAPTERS, "sampling"))
def test_the_map_stands_in_the_margin_or_where_there_is_none_above_the_text(
    visit, chapter
):
    page = visit(f"{chapter}.html")
    for width, high in ((320, False), (390, False), (1300, False), (1440, True)):
        page.set_viewport_size({"width": width, "height": 900})
        seen = page.evaluate(MAP)
        assert (seen["low"], seen["high"]) == (not high, high)
        assert seen["beside" if high else "above"]
        assert seen["wide"] <= 0
