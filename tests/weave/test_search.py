"""Whoever searches finds the section that explains it, by what the site itself has."""

import json
from pathlib import Path

import pytest

from tools.weave import contents

DOCS = Path(__file__).resolve().parents[2] / "docs"
NUMBER = contents.of_book(DOCS).numbers["attention.md"]
FIRST = {  # what is typed: the section that explains it
    "--top-k": "sampling.html#top-k",
    "--save": "checkpoints.html#save-and-load",
    "BPE": "tokens.html#characters-or-subwords",
    "temperature 0": "sampling.html#temperature",
    "softmax overflow": "nudging.html#from-counts-to-weights",
    "rmsnorm": "residual.html#rms",
    "_local_grads": "values.html#number-with-a-memory",
    "GELU": "mlp.html#gpt2-mlp",
    "4,192": "parameters.html#areas",
    "learning rate decay": "training.html#rate-falls",
    "0042": "values.html#six-operations",
    f"figure {NUMBER}.5": "attention.html#what-it-looks-at",
    # and more of each kind
    "--temperature": "sampling.html#temperature",
    "topological_order": "backward.html#why-the-order",
    f"Fig. {NUMBER}.5": "attention.html#what-it-looks-at",
    "0041": "values.html#six-operations",
    "kv cache": "attention.html#why-a-cache",
}


@pytest.fixture(scope="module")
def entries(site):
    """What the index has of each section, by its address."""
    index = json.loads((site.folder / "search/search_index.json").read_text("utf-8"))
    return {it["location"]: f"{it['title']} {it['text']}" for it in index["docs"]}


@pytest.mark.site
def test_no_button_is_in_the_index(entries):
    words = ("citecopy", "changescite", "cite copy")
    assert not [it for it, text in entries.items() if any(w in text for w in words)]


@pytest.mark.site
def test_each_formula_is_in_the_index_once(entries):
    assert "β1=0.85" in entries["adam.html#two-means"].replace("\u200b", "")
    assert "β1=0.85β1" not in entries["adam.html#two-means"].replace("\u200b", "")
    assert "m^t=mt1" in entries["adam.html#bias-correction"]
    assert entries["adam.html#bias-correction"].count("m^t=") == 1


@pytest.mark.site
def test_the_words_of_a_caption_are_words_of_the_index(entries):
    text = entries["residual.html#rms"]
    assert " rmsnorm " in text.replace("<", " ")
    assert "an example, not part of the program" not in text


@pytest.fixture(scope="module")
def searcher(chromium, address):
    """A page on which the search is open, and what was fetched before it was."""
    from browser import visitor

    context = visitor(chromium)
    page, fetched = context.new_page(), []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(address + "index.html")
    page.wait_for_load_state("networkidle")
    before = list(fetched)
    page.keyboard.press("/")
    yield page, before, fetched
    context.close()


@pytest.mark.browser
def test_the_index_is_fetched_when_somebody_searches(searcher):
    page, before, fetched = searcher
    assert not [url for url in before if "search_index" in url]
    page.keyboard.type("grad")
    page.locator(".md-search-result__link").first.wait_for()
    assert len([url for url in fetched if "search_index" in url]) == 1


@pytest.mark.browser
@pytest.mark.parametrize("words", FIRST)
def test_a_search_finds_the_section_that_explains_it_first(searcher, words):
    page, _, _ = searcher
    found = page.locator(".md-search-result__meta")
    ask(page, "xyzzyxyzzy")
    found.filter(has_text="No matching").wait_for()
    ask(page, words)
    found.filter(has_text="matching").filter(has_not_text="No").wait_for()
    item = page.locator(".md-search-result__item").first
    address = item.locator("a[href*='#']").first.get_attribute("href")
    place, _, section = address.partition("#")
    assert f"{place.rpartition('/')[2].partition('?')[0]}#{section}" == FIRST[words]


def ask(page, words):
    """Type into the search box what has been thought of before."""
    box = page.locator("[data-md-component=search-query]")
    box.fill(words)
    box.press("End")  # the search waits for a key
