"""The site as readers use it: by keyboard, without script, from a folder, offline."""

import re
from pathlib import Path

import browser
import pytest

from tools import tangle

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "values.html"


def tab_to(page, selector, limit=150):
    """Press Tab until what has the focus matches the selector."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("it => document.activeElement.matches(it)", selector):
            return
    pytest.fail(f"{limit} times Tab do not lead to {selector}", pytrace=False)


def has_focus(page, selector):
    return page.evaluate("it => document.activeElement.matches(it)", selector)


def clipboard(page):
    return page.evaluate("navigator.clipboard.readText()")


def scheme(page):
    return page.locator("body").get_attribute("data-md-color-scheme")


def search(page, words):
    """Type into the search box that has the focus; the links of what is found."""
    page.keyboard.type(words, delay=10)
    results = page.locator(".md-search-result__link")
    results.first.wait_for()
    return results


# By keyboard alone


def test_the_first_tab_stop_leads_past_the_navigation(visit):
    page = visit(CHAPTER)
    page.keyboard.press("Tab")
    assert has_focus(page, ".md-skip")
    page.keyboard.press("Enter")
    assert "#" in page.url


@pytest.mark.parametrize("way", ["a slash", "Tab"])
def test_the_keyboard_reaches_search_and_what_it_finds(visit, way):
    page = visit(CHAPTER)
    if way == "Tab":
        tab_to(page, "[data-md-component=search-query]")
    else:
        page.keyboard.press("/")
    search(page, "topological order")
    page.keyboard.press("ArrowDown")
    assert has_focus(page, ".md-search-result__link")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"^(?!.*values)"))
    assert "topological" in page.locator("article").inner_text()


def test_escape_leaves_the_search(visit):
    page = visit(CHAPTER)
    page.keyboard.press("/")
    search(page, "gradient")
    page.keyboard.press("Escape")
    assert not page.locator("#__search").is_checked()


def test_the_keyboard_opens_and_closes_a_citation(visit):
    page = visit(CHAPTER)
    page.locator("#value-add a.id").focus()
    tab_to(page, "#value-add a.cite", 5)
    page.keyboard.press("Enter")
    dialog = page.locator("dialog#cite")
    dialog.wait_for()
    assert "@" in dialog.inner_text()  # the entry for BibTeX
    tab_to(page, "dialog button.copy", 5)
    page.keyboard.press("Enter")
    assert "book.example/t/" in clipboard(page)
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert has_focus(page, "#value-add a.cite")


def test_a_heading_can_be_cited_by_keyboard(visit):
    page = visit(CHAPTER)
    tab_to(page, "h2 a.cite")
    page.keyboard.press("Enter")
    page.locator("dialog#cite").wait_for()


def test_where_the_repository_is_known_a_citation_leads_to_a_report(visit):
    page = visit(CHAPTER)
    page.evaluate(
        """() => {
          const link = document.querySelector("#value-add a.cite").getAttribute("href");
          const it = document.getElementById("citations");
          const data = JSON.parse(it.textContent);
          data.reports = {[link.split("/").at(-2)]: "https://git.example/issues/new"};
          it.textContent = JSON.stringify(data);
        }"""
    )
    page.locator("#value-add a.cite").press("Enter")
    report = page.locator("dialog#cite a", has_text="Report a mistake")
    assert report.get_attribute("href") == "https://git.example/issues/new"


def test_axe_finds_nothing_wrong_with_an_open_citation(visit):
    page = visit(CHAPTER)
    page.locator("#value-add a.cite").press("Enter")
    page.locator("dialog#cite").wait_for()
    for scheme in ("light", "dark"):
        browser.paint(page, scheme)
        assert not browser.axe(page)


def test_the_keyboard_copies_a_block_as_tangle_reads_it(visit):
    page = visit("backward.html")
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    book = tangle.read_book(ROOT / "docs")
    for block in book.blocks:
        if Path(block.path).stem == "backward" and block.tangled:
            page.locator(f"#{block.id} a.id").focus()
            tab_to(page, f"#{block.id} button.copy", 5)
            page.keyboard.press("Enter")
            page.locator(f"#{block.id} button.copy", has_text="copied").wait_for()
            copied = [
                line.rstrip() for line in clipboard(page).rstrip("\n").split("\n")
            ]
            assert copied == [line.rstrip() for line in block.lines]


def test_the_keyboard_switches_between_day_and_night_and_the_choice_stays(visit):
    page = visit(CHAPTER)
    assert scheme(page) == "default"
    tab_to(page, "input[name=__palette]")
    page.keyboard.press("Enter")
    assert scheme(page) == "slate"
    page.reload()
    assert scheme(page) == "slate"


def test_the_system_s_choice_of_day_or_night_holds_without_another(visit):
    page = visit(CHAPTER, color_scheme="dark")
    assert scheme(page) == "slate"


def test_the_keyboard_reaches_the_navigation(visit):
    page = visit(CHAPTER)
    tab_to(page, ".md-nav--primary a[href='tokens.html']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tokens.html")


def test_the_keyboard_reaches_the_navigation_of_a_phone(visit):
    page = visit(CHAPTER, viewport=browser.PHONE)
    tab_to(page, "label[for=__drawer]", 10)
    page.keyboard.press("Enter")
    page.locator(".md-nav--primary a[href='tokens.html']").wait_for()
    tab_to(page, ".md-nav--primary a[href='tokens.html']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tokens.html")


def test_the_keyboard_turns_to_the_next_chapter(visit):
    page = visit(CHAPTER)
    following = page.locator("link[rel=next]").get_attribute("href")
    page.keyboard.press("n")
    page.wait_for_url(f"**/{following}")


# What is found, and what is shown of a link


@pytest.mark.parametrize("words", ["_local_grads", "rmsnorm", "4,192"])
def test_the_search_finds_identifiers_and_numbers(visit, words):
    page = visit("index.html")
    page.keyboard.press("/")
    found = search(page, words)
    assert words in page.locator(".md-search-result__list").inner_text()
    found.first.click()
    page.wait_for_load_state()
    assert "index.html" not in page.url
    assert words in page.locator("article").text_content()  # drawn yet or not


def test_a_link_to_a_block_shows_the_block(visit):
    page = visit("backward.html")
    link = page.locator("article .line > a[href*='#value']").first
    link.hover()
    page.locator(".preview figure.block").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator(".preview").is_visible()


# Without script, and without a server


def test_the_book_can_be_read_without_script(visit):
    page = visit(CHAPTER, java_script_enabled=False)
    assert len(page.locator("article").inner_text()) > 10_000
    assert page.locator("#value-add .line").first.is_visible()
    question = page.locator("details.question").first
    question.locator("summary").click()
    assert question.get_attribute("open") is not None
    page.locator("#value-add a.cite").click()
    page.wait_for_url("**/t/*/index.html")
    assert "@" in page.locator("main").inner_text()
    page.locator("a.go").click()
    page.wait_for_url("**/values.html#value-add")


def test_the_book_can_be_read_from_a_folder(chromium, site):
    context = browser.visitor(chromium)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((site.folder / CHAPTER).as_uri())
    font = "[...document.fonts].filter(it => it.status == 'loaded').length"
    page.wait_for_function(f"{font} > 0")
    assert "Serif" in page.locator("article h1").evaluate(
        "it => getComputedStyle(it).fontFamily"
    )
    page.locator("#value-add a.cite").press("Enter")
    page.locator("dialog#cite a").last.click()
    page.wait_for_url("file://**/t/*/index.html")
    page.locator("a.go").click()
    page.wait_for_url("file://**/values.html#value-add")
    page.locator(".md-footer__link--next").click()
    page.wait_for_url("file://**/backward.html")
    assert not errors
    context.close()


def test_under_a_finger_the_links_of_a_heading_do_not_lie_over_the_text(visit):
    page = visit(
        "explicit.html", viewport=browser.PHONE, has_touch=True, is_mobile=True
    )
    below = page.evaluate(
        """() => [...document.querySelectorAll("article .handles")].filter(it => {
          const heading = it.parentElement.getBoundingClientRect();
          return it.getBoundingClientRect().top >= heading.bottom - 2;
        }).map(it => it.parentElement.textContent)"""
    )
    assert page.evaluate("matchMedia('(hover: none)').matches") and not below


# The switch of changes


def shown(page):
    return page.evaluate(
        "[...document.querySelectorAll('.block > .toggle')].map(it => it.checked)"
    )


def test_the_switch_of_changes_holds_for_all_blocks_and_is_remembered(visit, address):
    page = visit("complete.html")
    assert len({*shown(page)}) == 2  # some were written anew
    first = page.locator(".block .switch:visible").first
    first.click()
    assert all(shown(page))
    first.click()
    assert not any(shown(page))
    page.goto(address + "heads.html")
    assert shown(page) and not any(shown(page))
    page.locator(".block .switch:visible").last.click()
    page.reload()
    assert all(shown(page))


def test_the_outline_at_the_end_of_a_chapter_is_folded(visit):
    page = visit(CHAPTER)
    assert page.locator("details.outline").get_attribute("open") is None
    assert page.locator("details.outline dd a").first.is_visible() is False


LAID_ON = """() => {
  const size = it => it.getBoundingClientRect(), found = [];
  const things = [...document.querySelectorAll("article :is(table, figure, pre)")];
  for (const note of document.querySelectorAll(".sidenote")) {
    const a = size(note);
    for (const thing of things.filter(it => !it.contains(note))) {
      const b = size(thing);
      if (a.width && a.left < b.right && b.left < a.right
          && a.top < b.bottom && b.top < a.bottom)
        found.push(`${note.innerText.slice(0, 40)} on ${thing.innerText.slice(0, 40)}`);
    }
  }
  return found;
}"""


@pytest.mark.parametrize("width", [1440, 1920])
@pytest.mark.parametrize("chapter", ["learned", "laboratory", "worth", "history"])
def test_a_note_in_the_margin_lies_on_nothing(visit, chapter, width):
    page = visit(f"{chapter}.html", viewport={"width": width, "height": 900})
    page.add_style_tag(content="* { content-visibility: visible !important; }")
    assert page.evaluate(LAID_ON) == []
