"""Maths: TeX, set by KaTeX while the page is made; each formula once."""

import json
from functools import cache, lru_cache
from html import unescape
from pathlib import Path

import quickjs
from markdown.treeprocessors import Treeprocessor

from tools.weave.page import BuildError

KATEX = Path(__file__).parent / "katex" / "katex.min.js"
KEPT = 2048  # formulas


class ShowMaths(Treeprocessor):
    """Set the TeX that arithmatex found."""

    def run(self, root):
        for element in root.iter():
            if element.get("class") == "arithmatex":
                tex = unescape(element.text).strip()  # arithmatex escapes & and <
                html = self.render(tex[2:-2].strip(), display=tex.startswith(r"\["))
                element.text = self.md.htmlStash.store(found_once(html))

    def render(self, tex, display):
        try:
            return formula(tex, display)
        except quickjs.JSException as error:
            why = str(error).splitlines()[0].removeprefix("ParseError: ")
            page, what = self.md.book_page, f"{why} in the TeX {tex}"
            if page.name:
                page.refuse(tex, what, "mend the formula")
            raise BuildError(f"a docstring: {what}") from error


def found_once(html):
    """A formula whose MathML alone is read by the search.

    The search takes what it leaves out to end with the first element of that name that
    ends; so what KaTeX draws with, spans, is put into one of another name.
    """
    html = html.replace("<annotation", "<annotation data-search-exclude")
    mathml, _, spans = html.partition('<span class="katex-html"')
    outer = "</span>" * (2 if mathml.startswith('<span class="katex-display"') else 1)
    inner = spans.removesuffix("</span>" + outer)
    return f'{mathml}<bdi data-search-exclude class="katex-html"{inner}</bdi>{outer}'


@lru_cache(maxsize=KEPT)
def formula(tex, display):
    """A formula as KaTeX sets it: HTML."""
    options = {"displayMode": display, "throwOnError": True, "strict": "error"}
    arguments = json.dumps([tex, options])
    call = f"JSON.stringify(katex.renderToString(...{arguments}))"
    return json.loads(katex().eval(call))


@cache
def katex():
    """The engine of JavaScript that holds KaTeX."""
    engine = quickjs.Context()
    engine.eval(KATEX.read_text("utf-8"))
    return engine
