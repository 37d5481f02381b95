"""Train it: what the first page trains is what Python trains, and stays in the page."""

import json
import math
import random

import browser
import pytest

from microgpt.data import bundled_names, load_documents, parse_documents
from microgpt.engine import State, make_engine, train_with
from microgpt.model import Config
from microgpt.sample import generate
from microgpt.tokenizer import Tokenizer
from tools.live import wasm
from tools.tangle import ROOT
from tools.weave import policy

pytestmark = pytest.mark.browser
LIVE = "assets/live/"
STEPS = 60
SEEDS = (0, 1, 42, 2**32 - 1, 2**32, 10**20)
# Do all twenty that are written match a pattern?
ALL = """pattern => {
  const all = [...document.querySelectorAll("#train-it li")];
  return all.length === 20 && all.every(it => new RegExp(pattern).test(it.innerText));
}"""
# Are there twenty other names than before?
OTHERS = """before => {
  const all = [...document.querySelectorAll("#train-it li")].map(it => it.innerText);
  return all.length === 20 && all.join() !== before.join();
}"""
LIST = "aba\nabba\nbaab\nab\nbaba\n"


@pytest.fixture
def here(visit):
    """The first page; here.run(code) runs JavaScript that may import its modules."""
    return visit("index.html")


def ran(page, code, given=None):
    """What a piece of JavaScript gives, with the modules of the page at hand."""
    names = ("chance", "model", "text")
    modules = ",".join(f"import('/{LIVE}{name}.js')" for name in names)
    start = f"const [chance, model, text] = await Promise.all([{modules}]);"
    return page.evaluate(f"async given => {{ {start} {code} }}", given)


def trained(page, settle=lambda page: None):
    """Press the button of a page, and wait for what the model writes."""
    settle(page)
    page.locator("#train-it .go").click()
    page.locator("#train-it li").first.wait_for()
    return written(page)


def written(page):
    return page.locator("#train-it li").all_inner_texts()


def status(page):
    return page.locator("#train-it [role=status]")


def own_list(page, text):
    """Have the page train on a list of the reader's own."""
    page.locator("#train-it summary").click()
    page.locator("#train-it textarea").fill(text)
    page.get_by_role("button", name="Train on it").click()


# The same numbers as Python's


@pytest.mark.parametrize("seed", SEEDS)
def test_chance_gives_what_pythons_random_gives(here, seed):
    code = """
      const it = new chance.Random(given.seed), list = [...Array(1000).keys()];
      it.shuffle(list);
      const floats = [1, 2, 3].map(() => it.random());
      const gauss = [1, 2, 3].map(() => it.gauss(0, 0.08));
      const drawn = [1, 2, 3].map(() => it.choice([0.2, 0, 0.5, 0.3]));
      return {list, floats, gauss, drawn};
    """
    found = ran(here, code, {"seed": str(seed)})
    it, numbers = random.Random(seed), list(range(1000))
    it.shuffle(numbers)
    assert found["list"] == numbers
    assert found["floats"] == [it.random() for _ in range(3)]
    gauss = [it.gauss(0, 0.08) for _ in range(3)]
    assert found["gauss"] == pytest.approx(gauss, rel=1e-14)
    weights = [0.2, 0, 0.5, 0.3]
    assert found["drawn"] == [it.choices(range(4), weights)[0] for _ in range(3)]


def test_a_text_has_the_documents_and_tokens_that_the_program_finds_in_it(here):
    content = "\ufeff b\u3000\r\n\r\nÅa\x1c\r z\U0001f600\u2028y \n\n\tß\x85\n"
    code = """
      const docs = text.documents(given), it = new text.Tokenizer(docs);
      return {docs, chars: it.chars, tokens: docs.map(doc => it.encode(doc))};
    """
    found = ran(here, code, content)
    docs = parse_documents(content.encode(), "a text")
    tokenizer = Tokenizer("".join(docs))
    assert found["docs"] == docs
    assert found["chars"] == tokenizer.chars
    assert found["tokens"] == [tokenizer.encode(doc) for doc in docs]


def python_run(docs, steps, seed=42):
    """What Python's program loses at each step, and writes then."""
    rng, docs = random.Random(seed), list(docs)
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    engine = make_engine("explicit", State.random(Config(tokenizer.vocab_size), rng))
    losses = [
        x for some in train_with(engine, docs, tokenizer, 0.01, steps) for x in some
    ]
    return losses, [generate(engine, tokenizer, rng) for _ in range(5)]


@pytest.mark.parametrize("text", [None, LIST], ids=["names", "a list"])
def test_the_kernel_in_the_page_loses_what_pythons_program_loses(here, text):
    code = f"""
      const bytes = await (await fetch("/{LIVE}kernel.wasm")).arrayBuffer();
      const docs = text.documents(given.text), it = new chance.Random(42);
      const tokenizer = new text.Tokenizer(docs);
      it.shuffle(docs);
      const one = new model.Model(await model.kernel(bytes), tokenizer.size, it);
      const steps = [...Array(given.steps).keys()];
      const tokens = steps.map(n => tokenizer.encode(docs[n % docs.length]));
      const losses = one.train(tokens, steps.map(n => 0.01 * (1 - n / given.steps)));
      return {{losses, names: [1, 2, 3, 4, 5].map(() => one.write(tokenizer, it))}};
    """
    docs = text.split() if text else load_documents(bundled_names())
    found = ran(here, code, {"text": "\n".join(docs), "steps": STEPS})
    losses, names = python_run(docs, STEPS)
    assert found["losses"] == pytest.approx(losses, rel=1e-12)
    assert found["names"] == names


def test_the_first_page_trains_and_writes_the_twenty_names_of_the_text(here):
    record = json.loads((ROOT / "docs" / "data" / "record.json").read_text("utf-8"))
    assert trained(here) == record["samples"]
    said = status(here).inner_text()
    assert said.startswith("1,000 steps in ") and "4,192 numbers" in said
    last = math.fsum(record["losses"][-100:]) / 100
    assert f"{last:.4f}" in said


@pytest.mark.zig
def test_the_kernel_of_the_page_is_compiled_from_the_kernel_of_the_book():
    assert not [*wasm.check(write=False)]


# What a reader does


def test_another_seed_gives_other_names_and_the_same_seed_the_same(here):
    first = trained(here)
    here.get_by_role("button", name="Train with another seed").click()
    here.wait_for_function(OTHERS, arg=first)
    assert here.get_by_label("Seed", exact=True).input_value() == "43"
    other = written(here)
    here.get_by_label("Seed", exact=True).fill("42")
    here.locator("#train-it .go").click()
    here.wait_for_function(OTHERS, arg=other)
    assert written(here) == first


def test_names_begin_with_what_was_asked_for(here):
    trained(here)
    here.get_by_label("Begin with").fill("mar")
    here.get_by_role("button", name="Write twenty more").click()
    here.wait_for_function(ALL, arg="^mar")
    here.get_by_label("Begin with").fill("M")
    here.get_by_role("button", name="Write twenty more").click()
    here.locator("#train-it .wrong").wait_for()
    assert "“M” does not occur" in status(here).inner_text()


def test_a_list_of_ones_own_is_learned_and_its_letters_alone_are_written(here):
    trained(here)
    own_list(here, LIST)
    here.wait_for_function(ALL, arg="^[ab]*$")
    params = 3 * 16 * 2 + 16 * 16 + 12 * 16 * 16
    assert f"{params:,} numbers" in status(here).inner_text()


def test_a_list_that_teaches_nothing_is_refused_with_a_reason(here):
    trained(here)
    own_list(here, "aaa\n\na\n")
    here.locator("#train-it .wrong").wait_for()
    assert "fewer than two different characters" in status(here).inner_text()


def test_a_seed_that_is_no_whole_number_is_refused(here):
    trained(here)
    here.get_by_label("Seed", exact=True).fill("-1")
    here.locator("#train-it .go").click()
    here.locator("#train-it .wrong").wait_for()
    assert "whole number" in status(here).inner_text()


def test_all_names_can_be_trained_on_and_stopped(here):
    trained(here)
    here.get_by_label("Names").select_option("all")
    button = here.locator("#train-it .go")
    button.click()
    here.get_by_text("of 32,469").wait_for()
    button.click()
    assert status(here).inner_text() == "Stopped."
    assert button.inner_text() == "Train it"


def test_the_keyboard_alone_trains(here):
    button = here.locator("#train-it .go")
    for _ in range(60):
        if button.evaluate("it => it === document.activeElement"):
            break
        here.keyboard.press("Tab")
    here.keyboard.press("Enter")
    here.locator("#train-it li").first.wait_for()


# What it asks of a browser


def test_nothing_is_loaded_before_the_click_and_never_from_elsewhere(chromium, address):
    page = browser.visitor(chromium).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + "index.html", wait_until="networkidle")
    assert [url for url in asked if LIVE in url] == [f"{address}{LIVE}train.js"]
    assert not [url for url in asked if "names.txt" in url]
    trained(page)
    assert all(url.startswith((address, "data:")) for url in asked)
    assert f"{address}data/names.txt" in asked
    page.context.close()


def test_it_trains_under_the_policy_of_the_site(chromium, site):
    with browser.served(site.folder, policy.policy(site.folder)) as address:
        page = browser.visitor(chromium).new_page()
        refused = []
        page.on("console", lambda said: refused.append(said.text))
        page.goto(address + "index.html")
        assert len(trained(page)) == 20
        assert not [text for text in refused if "Content Security" in text]
        page.context.close()


def test_without_javascript_a_recorded_run_stands_there(visit):
    page = visit("index.html", java_script_enabled=False)
    told = page.locator("#train-it").inner_text()
    assert told.startswith("A run that was recorded") and "cytaer" in told


def test_where_webassembly_is_missing_the_recorded_run_stays(chromium, address):
    context = browser.visitor(chromium)
    context.add_init_script("delete window.WebAssembly")
    page = context.new_page()
    page.goto(address + "index.html", wait_until="networkidle")
    assert page.locator("#train-it").inner_text().startswith("A run that was recorded")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_open_widget(visit, scheme):
    page = visit("index.html", viewport=browser.PHONE)
    trained(page)
    page.locator("#train-it summary").click()
    browser.paint(page, scheme)
    assert not browser.axe(page)
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
