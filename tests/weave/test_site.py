"""The website: it builds without a warning and shows the blocks that tangle reads."""

import html
import json
import re
from pathlib import Path

import pytest
import yaml
from fontTools import ttLib
from website import ADDRESS

from tools import tangle
from tools.weave import contents, fonts, tags
from tools.weave.page import first_sentence

pytestmark = pytest.mark.site
ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

HEADER = re.compile(r"^(`{3,}|~{3,})[ \t]*[\w.+-]+[ \t]*\{(?P<braces>.*)\}[ \t]*$")


def blocks_in_markdown(text: str) -> list[str]:
    """The ids of the fences with braces, read without the book's own parser."""
    blocks, fence = [], ""
    for line in text.splitlines():
        if fence:
            if line.strip() == fence:
                fence = ""
        elif opening := re.match(r"`{3,}|~{3,}", line):
            fence = opening[0]
            if header := HEADER.match(line):
                found = re.search(r"#([a-z][a-z0-9-]*)", header["braces"])
                blocks.append(found[1] if found else "")
    return blocks


@pytest.fixture(scope="session")
def config():
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!ENV", lambda loader, node: None)
    return yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader)


def test_the_navigation_follows_the_table_of_contents_in_index_md(config):
    def flatten(entries):
        for entry in entries:
            if isinstance(entry, str):
                yield entry
            else:
                for value in entry.values():
                    yield from [value] if isinstance(value, str) else flatten(value)

    navigation = list(flatten(config["nav"]))
    index = (ROOT / "docs/index.md").read_text("utf-8")
    linked = re.findall(r"\]\(([\w/-]+\.md)(?:#[\w-]+)?\)", index)
    assert navigation == ["index.md", *dict.fromkeys(linked)]


def test_every_page_of_the_book_is_in_the_navigation(site):
    assert "not included in the" not in site.log


def test_the_site_shows_every_block_once_and_in_order(site):
    shown, written = {}, {}
    for path in [*DOCS.glob("*.md"), *DOCS.glob("variants/*.md")]:
        name = path.relative_to(DOCS).with_suffix(".html").as_posix()
        written[name] = blocks_in_markdown(path.read_text("utf-8"))
        shown[name] = site.pages[name].blocks
    assert shown == written
    assert any(written.values())


def test_a_block_shows_and_gives_to_copy_the_lines_that_tangle_reads(site):
    book = tangle.read_book(ROOT / "docs")
    written = {}
    for block in (block for block in book.blocks if block.kind != "plain"):
        written.setdefault(f"{Path(block.path).stem}.html", []).append(
            [line.rstrip() for line in block.lines]
        )
    for name, blocks in written.items():
        shown = [
            [line.rstrip() for line in code.removesuffix("\n").split("\n")]
            for code in site.pages[name].code
        ]
        assert shown == blocks, name


def test_the_reference_page_lists_every_module_of_the_package():
    page = (ROOT / "docs/api.md").read_text("utf-8")
    listed = re.findall(r"^::: microgpt\.(\w+)$", page, re.M)
    modules = {path.stem for path in (ROOT / "microgpt").glob("*.py")}
    assert sorted(listed) == sorted(modules - {"__init__", "__main__"})


def test_no_id_stands_twice_on_a_page(site):
    for name, page in site.pages.items():
        twice = {i for i in page.ids if page.ids.count(i) > 1}
        assert not {i for i in twice if not i.startswith("__")}, name


def test_no_page_loads_anything_from_another_host(site):
    outside = {
        (name, address)
        for name, page in site.pages.items()
        for address in page.resources
        if re.match(r"(https?:)?//", address)
    }
    assert not outside
    for sheet in (ROOT / "docs").rglob("*.css"):
        assert not re.search(r"url\([\"']?(https?:)?//|@import", sheet.read_text())


def test_no_mathematics_is_left_for_the_reader_s_browser(site):
    for path in site.folder.rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r'class="arithmatex">\s*\\[(\[]', text), path.name


def test_every_tag_of_the_ledger_has_a_page_that_leads_to_its_place(site):
    ledger, found = tags.read(ROOT / "docs"), contents.of_book(ROOT / "docs")
    anchors = {name: {*page.ids} for name, page in site.pages.items()}
    index = (site.folder / "t/index.html").read_text("utf-8")
    for tag, key in ledger.things.items():
        text = (site.folder / f"t/{tag}/index.html").read_text("utf-8")
        assert f'href="{tag}/index.html"' in index
        if tag not in ledger.retired:
            thing = found.things[key]
            name = thing.page.replace(".md", ".html")
            assert f'class="go" href="../../{name}{thing.anchor}"' in text, tag
            assert thing.kind in contents.PAGES or thing.id in anchors[name], tag


def test_the_page_of_a_tag_says_where_its_thing_stood_before_it_moved(site):
    ledger, found = tags.read(ROOT / "docs"), contents.of_book(ROOT / "docs")
    for tag, history in tags.places(ROOT / "docs").items():
        if thing := found.things.get(ledger.things[tag]):
            text = (site.folder / f"t/{tag}/index.html").read_text("utf-8")
            before = [it for it in history if it[1] != tags.page_of(thing)]
            assert text.count('<p class="moved">') == len(before), tag
            for version, page in before:
                assert f"In version {version} it stood in " in text
                assert f'<a href="../../{page}.html">' in text or page not in text


def test_no_page_has_a_dead_link_to_a_pdf_that_was_not_printed(site):
    if not (site.folder / "microgpt.pdf").exists():
        home = (site.folder / "index.html").read_text("utf-8")
        assert '<!--pdf The book <a href="microgpt.pdf">' in home


def meta(path, name):
    """What the head of a page says under a name."""
    text = html.unescape(path.read_text("utf-8"))
    pattern = rf'<meta (?:name|property)="{name}" content="([^"]*)"'
    return re.findall(pattern, text)


def test_a_page_says_what_it_is_to_those_who_link_to_it(site):
    for path in site.folder.glob("*.html"):
        for name in ("og:title", "og:description", "og:type", "og:site_name"):
            assert len(meta(path, name)) == 1, (path.name, name)
        assert meta(path, "og:description") == meta(path, "description")
    assert meta(site.folder / "names.html", "og:url") == [ADDRESS + "names.html"]
    assert meta(site.folder / "t/0002/index.html", "og:url") == [ADDRESS + "t/0002/"]


def test_a_chapter_is_described_by_its_first_sentence(site):
    paths = [path for path in site.folder.glob("*.html") if path.name != "404.html"]
    told = {path.name: meta(path, "description")[0] for path in paths}
    assert told["names.html"].startswith("Would you take kashvian for a name?")
    assert len({*told.values()}) == len(told)
    assert all(len(words) > 20 for words in told.values())
    assert not [words for words in told.values() if re.search(r"[*`<]|\]\(", words)]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("# A\n\nIt is *so*. And so.\n", "It is so."),
        ("---\nsearch: x\n---\n\n# A\n\n<!-- no -->\n\nSee [b](b.md).\n", "See b."),
        ("# A {#a}\n\n![x](y.svg)\n\n41<!--=n--> numbers?\nYes.\n", "41 numbers?"),
        ("# A\n\n## B\n", ""),
    ],
)
def test_the_first_sentence_is_the_first_of_the_prose(source, sentence):
    assert first_sentence(source) == sentence


def test_percent_signs_stand_close_on_every_page(site):
    for path in sorted(site.folder.glob("*.html")):
        text = re.sub(r"(?s)<(pre|code|math)\b.*?</\1>", "", path.read_text("utf-8"))
        text = re.sub(r"<[^>]+>", "", text)
        assert not re.findall(r".{20}\d\s+%", text), path.name


def test_the_icon_is_the_book_s_own(site):
    assert (site.folder / "assets/icon.svg").is_file()
    for name in ("index.html", "404.html", "t/index.html", "t/0001/index.html"):
        (icon,) = re.findall(
            r'<link rel="icon" href="([^"]+)"', (site.folder / name).read_text("utf-8")
        )
        assert icon.endswith("assets/icon.svg"), name


def test_a_tag_is_found_in_lower_case_too(site):
    for tag in tags.read(ROOT / "docs").things:
        one, other = (site.folder / f"t/{it}/index.html" for it in (tag, tag.lower()))
        assert one.read_bytes() == other.read_bytes()


def test_sections_have_their_numbers_in_headings_contents_and_search(site):
    chapter = contents.of_book(DOCS).numbers["attention.md"]
    number, title = f"{chapter}.2", "Why the score is divided by a root"
    page = (site.folder / "attention.html").read_text("utf-8")
    assert f'<span class="number">{number}</span> {title}' in page
    assert re.search(rf"md-ellipsis\">\s*{number} {title}", page)
    assert re.search(rf"md-ellipsis\">\s*{chapter} Attention, one head", page)
    index = json.loads((site.folder / "search/search_index.json").read_text("utf-8"))
    titles = {entry["location"]: entry["title"] for entry in index["docs"]}
    assert titles["attention.html#why-root"] == f"{number} {title}"
    assert titles["attention.html"] == f"{chapter} Attention, one head"


def test_the_fonts_of_formulas_have_every_character_that_formulas_use(site):
    def held(name):
        return {*map(chr, ttLib.TTFont(fonts.MATHS / f"{name}.woff2").getBestCmap())}

    wanted = fonts.formulas(site.folder)
    signs = {"\u200b", "½", *held("KaTeX_Size1-Regular"), *held("KaTeX_AMS-Regular")}
    signs = {sign for sign in signs if not sign.isascii()}  # set by other fonts
    assert min(map(len, wanted.values())) > 20
    for name, letters in wanted.items():
        assert letters <= held(name) | signs, sorted(letters - held(name) - signs)
