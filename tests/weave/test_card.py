"""The card at a chapter's head: what it says, and that it stands in nobody's way."""

import json
import re
from types import SimpleNamespace
from xml.etree import ElementTree as etree

import pytest

pytest.importorskip("markdown")

from tools.proof import stage
from tools.weave import card, contents, course
from tools.weave.page import BuildError

pytestmark = pytest.mark.site
FIRST = "document.querySelector('.card').nextElementSibling.getBoundingClientRect()"


@pytest.fixture(scope="module")
def cards():
    """The cards of all chapters, as text, by the chapter's name."""
    found, chapters = contents.of_book(stage.BOOK), course.read()[0]
    shown = card.ShowCard(None)
    shown.page = SimpleNamespace(found=found)
    return {name: shown.card(it) for name, it in chapters.items()}


def words(element):
    return " ".join("".join(element.itertext()).split())


def test_a_card_says_goals_minutes_and_what_is_needed(cards):
    told = words(cards["residual"])
    assert told.startswith("You will be able to")
    assert re.search(r"About \d+ minutes, and 95 for the exercises\.", told)
    assert told.endswith("Needs Embeddings and position and Adam.")
    links = [link.get("href") for link in cards["residual"].iter("a")]
    assert links == ["embeddings.md", "adam.md"]


def test_the_first_chapter_needs_no_other(cards):
    assert words(cards["names"]).endswith("Needs no other chapter.")


def test_code_in_a_goal_is_set_as_code():
    element = etree.Element("li")
    card.write(element, "call `step` and `zero` twice")
    told = etree.tostring(element, "unicode")
    assert told == "<li>call <code>step</code> and <code>zero</code> twice</li>"


def test_data_that_cannot_be_read_stop_the_build(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / course.DATA).write_text("{")
    step = card.ShowCard(None)
    step.page = SimpleNamespace(folder=tmp_path)
    with pytest.raises(BuildError, match="is no JSON"):
        step.show(etree.Element("div"))


def test_each_chapter_has_its_card_below_the_line_that_counts_it(site):
    found = contents.of_book(stage.BOOK)
    for name in course.names(found):
        page = (site.folder / f"{name}.html").read_text("utf-8")
        assert page.count('<div class="card"') == 1, name
        progress = page.index('<p class="progress"')
        assert progress < page.index('<div class="card"') < page.index("<h2 "), name


def test_no_other_page_has_one(site):
    for name in ("index", "teaching", "glossary", "variants/rotary"):
        page = (site.folder / f"{name}.html").read_text("utf-8")
        assert 'class="card"' not in page


def test_the_search_passes_over_cards_and_tables_of_goals(site):
    text = (site.folder / "search/search_index.json").read_text("utf-8")
    told = [it["text"] for it in json.loads(text)["docs"]]
    goal = course.read()[0]["attention"].goals[0]
    assert not [it for it in told if "You will be able to" in it or goal in it]


@pytest.mark.browser
@pytest.mark.parametrize("name", ["names", "residual", "checkpoints"])
def test_the_opening_is_on_a_laptops_first_screen_below_the_card(visit, name):
    page = visit(f"{name}.html", viewport={"width": 1366, "height": 768})
    assert page.evaluate(f"{FIRST}.top") < 500


@pytest.mark.browser
def test_on_a_phone_a_card_is_no_wider_than_the_page(visit):
    page = visit("residual.html", viewport={"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(f"{FIRST}.top") < 600
