"""Captions: on every width, and in print, all of a block's caption can be used."""

import browser
import pytest

pytestmark = pytest.mark.browser
WIDTHS = [320, 390, 820, 1440]
NARROWEST = 12  # characters of a description
BLOCKS = "article > .block, article > :has(.block)"

# All folds open, no code, and blocks with long names, phrases and places.
LONG = """() => {
  const article = document.querySelector("article");
  for (const pre of article.querySelectorAll("pre")) pre.textContent = "x";
  for (const it of article.querySelectorAll("details")) it.open = true;
  const first = article.querySelector(".block:has(.id):has(.what):has(.place)");
  for (const [selector, text] of [
    [".id", "a-name-of-many-parts-".repeat(4)],
    [".what", "withoutanyblank".repeat(9)],
    [".place", "microgpt/folder/".repeat(9) + "module.py, lines 1000–1001"],
  ]) {
    const twin = first.cloneNode(true);
    twin.querySelector(selector).textContent = text;
    article.append(twin);
  }
}"""

# What of a caption lies outside of the page or of its own frame, or is too narrow.
WRONG = """narrowest => {
  const wide = document.documentElement.clientWidth, wrong = [];
  const size = it => it.getBoundingClientRect();
  for (const caption of document.querySelectorAll(".block figcaption")) {
    const frame = size(caption), name = caption.innerText.slice(0, 50);
    for (const it of caption.querySelectorAll(".id, .place, .tools *")) {
      const {left, right, width} = size(it);
      if (width && (left < -0.5 || right > Math.min(wide, frame.right) + 0.5))
        wrong.push(`${name}: ${it.className} ends at ${right} of ${wide}`);
    }
    const what = caption.querySelector(".what");
    if (!what?.textContent) continue;
    const letter = parseFloat(getComputedStyle(what).fontSize) / 2;
    if (size(what).width < narrowest * letter)
      wrong.push(`${name}: its description is ${size(what).width} px wide`);
  }
  return wrong;
}"""

# Lines that are wider than the frame of their code, which paper cannot scroll.
CUT = """() => [...document.querySelectorAll(".line")]
  .filter(it => it.scrollWidth > it.closest("pre").clientWidth + 1)
  .map(it => it.innerText.slice(0, 60))"""


@pytest.fixture(scope="module")
def captions(chromium, address):
    """A page with the captions of all blocks of the site."""
    with browser.gathered(chromium, address, BLOCKS, 500) as page:
        page.evaluate(LONG)
        yield page


@pytest.mark.parametrize("width", WIDTHS)
def test_a_caption_keeps_its_tools_on_the_page_and_room_for_its_phrase(captions, width):
    captions.emulate_media(media="screen")
    captions.set_viewport_size({"width": width, "height": 900})
    assert captions.evaluate(WRONG, NARROWEST) == []


def test_a_caption_has_room_in_print_too(captions):
    captions.emulate_media(media="print")
    captions.set_viewport_size({"width": 680, "height": 900})  # A4, less its margins
    assert captions.evaluate(WRONG, NARROWEST) == []


def test_a_browser_prints_long_lines_of_code_to_their_ends(visit):
    page = visit("kernel.html", viewport={"width": 680, "height": 900})
    page.emulate_media(media="print")
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 680
