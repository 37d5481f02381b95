"""Tangled is shown: the tangler takes the blocks that the site shows, and no others."""

import os
import re
import tempfile
from pathlib import Path

import pytest

from tests.tangle.desk import block
from tools import tangle

pytestmark = [pytest.mark.site, pytest.mark.properties]
hypothesis = pytest.importorskip("hypothesis")
markdown = pytest.importorskip("markdown")
st = hypothesis.strategies

EXTENSIONS = ["abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html"]
EXTENSIONS += ["sane_lists", "smarty", "tables", "pymdownx.highlight"]
EXTENSIONS += ["pymdownx.superfences", "tools.weave.extension:Book"]
CITATION = (tangle.ROOT / "CITATION.cff").read_text("utf-8")


class Place:
    """What a site builder says of the page that is being rendered."""

    class page:
        path = "index.md"

    def run(self, lines):
        return lines


def shown(text):
    """The ids of the blocks that a page shows, in their order."""
    from bs4 import BeautifulSoup

    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "docs").mkdir()
        Path(folder, "CITATION.cff").write_text(CITATION, "utf-8")
        Path(folder, "docs/index.md").write_text(text, "utf-8")
        os.chdir(folder)
        try:
            md = markdown.Markdown(extensions=EXTENSIONS)
            md.preprocessors.register(Place(), "rendering_context", 40)
            html = md.convert(text)
        finally:
            os.chdir(before)
    soup = BeautifulSoup(html, "html.parser")
    for hidden in soup.select("template, script, style, noscript, [hidden]"):
        hidden.decompose()
    return [figure["id"] for figure in soup.select("figure[id]")]


def taken(text):
    """The ids of the blocks that the tangler takes; None if it refuses the book."""
    book = tangle.parse_book({"docs/index.md": text}, "docs/index.md")
    if tangle.tangle(book)[2]:
        return None
    return [found.id for found in book.blocks if found.tangled]


TAGS = ["div", "details", "p", "pre", "table", "section", "b", "span", "script", "ul"]
OPEN = ["", ' class="a"', ' markdown="1"', " markdown", ' markdown="span"', " hidden"]
PIECES = ["<!--", "-->", "text", "- item", "> quote", "1. one", "", "", "# Title {#t}"]
PIECES += [
    "<!-- a -->",
    "Some `<!--` code",
    "a <!-- b",
    "--> c",
    "`<div>`",
    "~~~",
    "~~~",
]
PIECES += ["    four", "<br>", "<hr>", "<div", ">", "!!! note", ": what it is", "a | b"]
PIECES += ["<?x", "?>", "<![CDATA[", "]]>", "<!DOCTYPE x>", "</b>", "| - | - |", "==="]
PIECES += [
    "[^1]: note",
    "<summary>A</summary>",
    "<https://example.org>",
    "\\<div>",
    "```",
]
FENCES = ["```", "````", "~~~", "~~~~"]


@st.composite
def pages(draw):
    """A page of pieces that may stand around blocks, some of them in one another."""
    lines, number = [], 0
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["piece", "block", "around", "tag"]))
        if kind == "piece":
            lines.append(draw(st.sampled_from(PIECES)))
        elif kind == "tag":
            tag, how = draw(st.sampled_from(TAGS)), draw(st.sampled_from(OPEN))
            lines.append(draw(st.sampled_from([f"<{tag}{how}>", f"</{tag}>"])))
        else:
            fence = draw(st.sampled_from(FENCES))
            code = [f'{fence}python {{#b{number} file="b{number}.py"}}', "x = 1", fence]
            number += 1
            if kind == "around":
                tag, how = draw(st.sampled_from(TAGS)), draw(st.sampled_from(OPEN))
                around = [("<!--", "-->"), (f"<{tag}{how}>", f"</{tag}>")]
                begin, end = draw(st.sampled_from(around))
                code = [begin, *[""] * draw(st.integers(0, 1)), *code, end]
            lines += code
    return "\n".join([*lines, ""])


@hypothesis.settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
@hypothesis.given(pages())
def test_the_tangler_takes_the_blocks_that_the_site_shows(text):
    if (found := taken(text)) is not None:
        assert shown(text) == found


BLOCK = block('#x file="x.py"', "x = 1")


@pytest.mark.parametrize(
    "text",
    [
        f"# A\n\n{BLOCK}",
        f"<!-- a -->\n{BLOCK}",
        f'<details markdown="1">\n<summary>A</summary>\n\n{BLOCK}</details>\n',
        f"<div markdown>\n{BLOCK}</div>\n",
        f"- a\n- b\n{BLOCK}",
        f"> a\n{BLOCK}",
        f"<b>\n{BLOCK}</b>\n",
        BLOCK.replace("```", "~~~~~"),
    ],
)
def test_what_is_taken_is_shown(text):
    assert taken(text) == shown(text) == ["x"]


@pytest.mark.parametrize("text", [f"<!--\n{BLOCK}-->\n", f"<!--\n\n{BLOCK}\n-->\n\na"])
def test_what_is_not_taken_is_not_shown(text):
    assert taken(text) == shown(text) == []
    assert "x = 1" not in re.sub("<!--.*?-->", "", text, flags=re.S)


def test_a_block_that_a_page_loses_stops_the_build(monkeypatch):
    from tools.weave import extension

    monkeypatch.setattr(tangle.Html, "problems", lambda self, block: [])
    with pytest.raises(extension.BuildError, match=r"docs/index.md:3: .* not shown"):
        shown(f"<div>\n\n{BLOCK}\n</div>\n")
