"""The glossary in the chapters: which words become links, and what the margin says."""

import re
from types import SimpleNamespace

import markdown
import pytest

from tools.weave import entries
from tools.weave.glossary import ShowWords

pytestmark = pytest.mark.site
GLOSSARY = """# Glossary

Batch {#batch}
:   Several documents. [Two](two.md#several)

KV cache {#kv-cache}
:   Keys and values, kept. [Two](two.md#kept)

Heads {#head words="heads, attention head" after}
:   Attentions side by side. [Two](two.md#several)

Entropy {#entropy}
:   The expected $-\\ln p$. [Two](two.md#kept), [One](one.md)

Loss {#loss once}
:   What it costs. [Three](three.md#cost)

Block size {#block-size words=""}
:   How much is read. [Two](two.md#kept)

Step {#step words=""}
:   A change. [Two](two.md#several)
"""
NUMBERS = {"index.md": "", "one.md": "1", "two.md": "2", "three.md": "3"}
NUMBERS |= {"glossary.md": "A"}
EXTENSIONS = ["attr_list", "def_list", "md_in_html", "tables"]


def shown(text, name="one.md", glossary=GLOSSARY):
    """A page as it is shown: HTML."""
    md = markdown.Markdown(extensions=EXTENSIONS)
    listed = {"glossary.md": entries.read("glossary.md", glossary)}
    found = SimpleNamespace(listed=listed, numbers=NUMBERS)
    number = NUMBERS.get(name, "")
    md.book_page = SimpleNamespace(name=name, number=number, found=found)
    md.treeprocessors.register(ShowWords(md), "book-words", 7.05)
    return md.convert(text)


def links(text, name="one.md"):
    """The words that are links on a page: [(word, id of its entry)]."""
    found = (
        r'<a class="term" href="[./]*glossary.md#([\w-]+)" title="[^"]*">([^<]*)</a>'
    )
    return [(said, id) for id, said in re.findall(found, shown(text, name))]


def margins(text, name="two.md"):
    """What stands in the margin: {beginning of a paragraph: words}."""
    found = r'<(?:p|li) data-terms="([^"]*)">(\w+)'
    return {begin: words for words, begin in re.findall(found, shown(text, name))}


def test_the_first_use_in_a_section_is_a_link_to_the_entry():
    text = "## A {#a}\n\nA batch.\n\nThe batch.\n\n## B {#b}\n\nA batch.\n"
    assert links(text) == [("batch", "batch"), ("batch", "batch")]
    assert 'title="Several documents."' in shown(text)


def test_a_paragraph_has_one_link_and_the_next_one_has_the_other():
    assert links("A batch and a KV cache.\n") == [("batch", "batch")]
    text = "A batch and a KV cache.\n\nThe KV cache again.\n"
    assert links(text) == [("batch", "batch"), ("KV cache", "kv-cache")]


@pytest.mark.parametrize(
    ("said", "form"),
    [
        ("Batches are", "Batches"),
        ("two *batches*, and", "batches"),
        ("the batch's sum", "batch"),
        ("a KV\ncache", "KV\ncache"),
        ("(entropies)", "entropies"),
    ],
)
def test_plurals_and_capitals_and_broken_lines_are_the_same_word(said, form):
    assert [it[0] for it in links(f"So {said} here.\n")] == [form]


@pytest.mark.parametrize(
    "said",
    ["rebatch", "mini-batch", "batch-wise", "batched", "cross-entropy", "kv cache"],
)
def test_a_part_of_another_word_is_none(said):
    assert not links(f"A {said} here.\n")


@pytest.mark.parametrize(
    "text",
    [
        "## A batch {#a}\n",
        "The `batch` here.\n",
        "A [batch](two.md) here.\n",
        "| batch |\n|---|\n| batch |\n",
        '<figure markdown="1">\n\nA batch.\n\n</figure>\n',
        '<details markdown="1">\n<summary>A batch?</summary>\n\nNo.\n\n</details>\n',
        '<div class="hint" markdown="1">\n\nA batch.\n\n</div>\n',
    ],
)
def test_headings_code_links_tables_and_captions_have_no_links(text):
    assert not links(text)


def test_the_section_that_explains_a_word_has_no_link_to_it():
    text = (
        "A batch.\n\n## Several {#several}\n\nA batch.\n\n### More {#m}\n\nA batch.\n"
    )
    assert links(text, "two.md") == [("batch", "batch")]
    assert links(text, "three.md") == [("batch", "batch")] * 2


def test_a_word_that_may_mean_another_thing_is_a_link_behind_its_section_only():
    text = "Heads.\n\n## Several {#several}\n\nHeads.\n\n## After {#after}\n\nHeads.\n"
    assert not links("Heads up.\n", "one.md")
    assert links("Heads again.\n", "three.md") == [("Heads", "head")]
    assert links(text, "two.md") == [("Heads", "head")]
    assert shown(text, "two.md").index('class="term"') > text.index("After")


def test_an_everyday_word_is_no_link_and_stands_in_the_margin():
    text = "## Several {#several}\n\nNo.\n\nThis is a step.\n"
    assert not links(text, "one.md")
    assert margins(text) == {"This": "Step"}


def test_a_common_word_is_one_link_a_page():
    text = "## A {#a}\n\nA loss.\n\n## B {#b}\n\nA loss.\n"
    assert links(text) == [("loss", "loss")]


def test_pages_that_are_no_chapters_have_no_links():
    assert not links("A batch.\n", "glossary.md")
    assert not links("A batch.\n", "index.md")


def test_the_margin_has_a_word_where_it_is_stressed_or_else_first():
    text = "## Several {#several}\n\nOne batch.\n\nThis is a *batch*: heads.\n"
    assert margins(text) == {"This": "Batch · Heads"}
    assert margins("## Several {#several}\n\nOne batch.\n\nTwo.\n") == {"One": "Batch"}
    assert not margins("Before: a batch.\n\n## Several {#several}\n\nNo.\n")


def test_no_word_stands_in_the_margin_beside_what_is_folded():
    fold = '<details markdown="1">\n<summary>?</summary>\n\nA *batch*.\n\n</details>\n'
    assert not margins(f"## Several {{#several}}\n\n{fold}")


def test_a_page_says_the_same_words_with_its_links_as_without():
    text = "A batch, *two batches*; a **KV cache** & `x`.\n\n- A loss\n- [a](two.md)\n"
    bare = [re.sub(r"<[^>]+>", "", shown(text, glossary=it)) for it in (GLOSSARY, "")]
    assert bare[0] == bare[1]


def test_the_glossary_shows_ids_and_none_of_its_marks():
    page = shown(GLOSSARY, "glossary.md")
    assert '<dt id="head">Heads</dt>' in page
    assert "words=" not in page and "after" not in page and "once" not in page
    assert 'class="term"' not in page and "data-terms" not in page


def test_what_a_link_is_titled_has_no_markup_and_no_links():
    [entry] = [it for it in entries.read("a.md", GLOSSARY) if it.id == "entropy"]
    assert entry.text == "The expected -ln p."
    assert entry.home == ("two.md", "kept")


# On the built site

PER_PARAGRAPH = 0.5  # on average; the rule is one at most
MOST = 40  # links of a page


def test_no_page_becomes_a_net_of_links(site):
    for path in site.folder.glob("*.html"):
        text = path.read_text("utf-8")
        count = text.count('<a class="term"')
        assert count <= min(MOST, PER_PARAGRAPH * text.count("<p")), path.name


@pytest.mark.browser
def test_a_word_shows_its_entry_to_the_pointer_and_to_the_keyboard(visit):
    page = visit("attention.html")
    word = page.locator("a.term").first
    said = word.get_attribute("title")
    preview = page.locator(".preview dl")
    word.hover()
    preview.wait_for()
    assert said[:40] in preview.inner_text().replace("’", "'")
    assert not word.get_attribute("title")  # no second note of the browser's own
    page.keyboard.press("Escape")
    preview.wait_for(state="detached")
    page.mouse.move(0, 0)
    word.evaluate("it => it.focus()")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    preview.wait_for()


# A word in the margin, as an element that can be measured.
MEASURED = """() => {
  const all = [...document.querySelectorAll("[data-terms]")];
  const twins = all.map(it => {
    const style = getComputedStyle(it, "::before"), twin = document.createElement("i");
    for (const name of ["float", "clear", "width", "margin", "fontSize", "lineHeight"])
      twin.style[name] = style[name];
    twin.textContent = it.dataset.terms;
    return twin;
  });
  const sheet = document.head.appendChild(document.createElement("style"));
  sheet.textContent = "[data-terms]::before { display: none !important; }";
  all.forEach((it, n) => it.prepend(twins[n]));
  const others = document.querySelectorAll(
    ".sidenote, figure, table, pre, .katex-display, .md-sidebar, .md-footer");
  const box = it => it.getBoundingClientRect();
  const meets = (a, b) => a.left < b.right && b.left < a.right
    && a.top < b.bottom && b.top < a.bottom;
  const wrong = [];
  twins.forEach((it, n) => {
    const own = box(it);
    for (const other of [...twins.slice(n + 1), ...others])
      if (box(other).width && meets(own, box(other)))
        wrong.push(`${it.textContent} meets ${other.className || other.tagName}`);
    if (own.right > innerWidth) wrong.push(`${it.textContent} leaves the page`);
  });
  return [twins.flatMap(it => it.textContent.split(" · ")).length, wrong];
}"""


@pytest.mark.browser
@pytest.mark.parametrize(
    "name", ["attention", "counting", "residual", "adam", "arrays"]
)
def test_words_in_the_margin_lie_on_nothing(visit, name):
    page = visit(f"{name}.html", viewport={"width": 1440, "height": 900})
    count, wrong = page.evaluate(MEASURED)
    assert count > 2 and not wrong


@pytest.mark.browser
def test_a_narrow_page_has_nothing_in_the_margin(visit):
    page = visit("attention.html", viewport={"width": 390, "height": 844})
    shown = "getComputedStyle(document.querySelector('[data-terms]'), '::before')"
    assert page.evaluate(f"{shown}.content") == "none"
