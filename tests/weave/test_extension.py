"""The extension: what it makes of a page, and what it says of a page with a mistake."""

import hashlib
import json
import re

import pytest
import website

from tools.weave import tags

pytestmark = pytest.mark.site
CITATION = """
title: "A small book"
authors: [{name: "Its authors"}]
version: 1.2.0
date-released: 2026-03-04
"""
LEDGER = tags.HEADS[tags.LEDGER] + "\n0001,chapter,index,\n0002,section,first,\n"


@pytest.fixture
def small_book(tmp_path):
    """Build a book of one page with this site's settings; return what was said."""

    def build(text: str, **files: str):
        docs = tmp_path / "docs"
        (docs / "data").mkdir(parents=True)
        (tmp_path / "CITATION.cff").write_text(CITATION, "utf-8")
        for name, content in {"index.md": text, **files}.items():
            (docs / name).write_text(content, "utf-8")
        config = tmp_path / "mkdocs.yml"
        config.write_text(
            f"site_name: small\nsite_url: {website.ADDRESS}\nplugins: []\n"
            "theme: {name: null, custom_dir: theme}\nuse_directory_urls: false\n"
            f"markdown_extensions: {EXTENSIONS}\n"
        )
        (tmp_path / "theme").mkdir()
        (tmp_path / "theme/main.html").write_text("{{ page.content }}")
        run = website.build(tmp_path / "site", config)
        page = tmp_path / "site/index.html"
        return run, page.read_text("utf-8") if page.exists() else ""

    build.site = lambda path: (tmp_path / "site" / path).read_text("utf-8")
    return build


EXTENSIONS = (
    "[attr_list, footnotes, smarty, md_in_html, tables, pymdownx.superfences,"
    " pymdownx.highlight, {pymdownx.arithmatex: {generic: true}}, "
    "'tools.weave.extension:Book']"
)


def test_a_note_that_is_referred_to_twice_stands_beside_both(small_book):
    text = "# A\n\nOne.[^n] Two.[^n]\n\n[^n]: Read [it](index.md#b).\n\n## B {#b}\n"
    run, page = small_book(text)
    assert run.returncode == 0, run.stderr
    assert re.findall(r'id="(note-[^"]*)"', page) == ["note-1", "note-1-2"]
    assert page.count('href="#b">it</a>') + page.count('index.html#b">it</a>') == 2


def test_quotes_in_code_stay_straight_however_long_it_is_and_wherever(small_book):
    long = '[("", "a"), ("a", "b"), ("ab", "--end")]'
    text = f'# A\n\nHe says "a". `{long}` `"b"`\n\n<details markdown="1">\n<summary>'
    text += 'Is <code>f("zoë")</code> "right"?</summary>\n\nNo.\n\n</details>\n'
    run, page = small_book(text)
    assert run.returncode == 0, run.stderr
    code = "".join(re.findall(r"<code.*?</code>", page))
    assert re.sub("<.*?>", "", code).replace("&quot;", '"') == long + '"b"f("zoë")'
    assert "&ldquo;a&rdquo;" in page or "“a”" in page


def test_broken_tex_stops_the_build_and_names_the_page(small_book):
    run, _ = small_book("# A\n\nThe mean is $\\frac{1}{n$.\n")
    assert run.returncode != 0
    assert "index.md" in run.stderr
    assert "\\frac{1}{n" in run.stderr


@pytest.mark.parametrize("letter", ["½", "–", "‖", "ж"])
def test_a_letter_that_no_font_of_formulas_has_stops_the_build(small_book, letter):
    run, _ = small_book(f"# A\n\nWith $T = {letter}$ it is sure.\n")
    assert run.returncode != 0
    assert "index.md:3" in run.stderr and letter in run.stderr


def test_tex_becomes_html_and_mathml(small_book):
    run, page = small_book("# A\n\nHere $x^2$, and\n\n$$\n\\sum_i x_i\n$$\n")
    assert run.returncode == 0, run.stderr
    assert page.count('class="katex"') == 2
    assert page.count("<math") == 2
    assert page.count("katex-display") == 1


def test_names_and_options_with_a_hyphen_and_ranges_are_kept_on_one_line(small_book):
    run, page = small_book(
        "# A\n\nOf GPT-2, *UTF-8* and [n-grams](#b), `--answers`, "
        "`cc -O3 -march=native -o it -lm it.c`, well-known, lines 12–13.\n\n"
        "## What GPT-2 is {#b}\n\n```python {.example}\nGPT-2\n```\n"
    )
    assert run.returncode == 0, run.stderr
    kept = re.findall(r'<(?:span|code) class="nowrap">([^<]+)<', page)
    assert kept.count("GPT-2") == 2
    assert {"UTF-8", "n-grams", "--answers", "-march=native", "-O3", "-lm"} <= {*kept}
    assert "12–13" in kept and "well-known" not in kept


def test_percent_signs_are_closed_up_but_in_code_and_formulas(small_book):
    run, page = small_book(
        "# A\n\n2 % and 16<!--=n--> % of 3%, `4 %`, $5\\,\\%$, **6** and 7\n% more.\n\n"
        "| a |\n|---|\n| 8 %<!--=n--> |\n\n```python {.example}\n9 % 2\n```\n"
    )
    assert run.returncode == 0, run.stderr
    for text in ("2% and 16% of 3%", "<td>8%</td>", "4 %</code>"):
        assert text in page
    assert "9</span>" in page or "9 %" in page


def test_a_formula_may_be_aligned_and_hold_signs_that_html_escapes(small_book):
    tex = "\\begin{aligned} x &= 1 \\\\ y &< 2 \\end{aligned}"
    run, page = small_book(f"# A\n\n$${tex}$$\n\nFor $i < n$.\n")
    assert run.returncode == 0, run.stderr
    assert "<mtable" in page
    assert "<mi>a</mi>" not in page  # of &amp;
    assert page.count("<mo>&lt;</mo>") == 2


def test_a_missing_figure_stops_the_build_and_names_the_page(small_book):
    run, _ = small_book('# A\n\n![a curve](figures/gone.svg "A curve.")\n')
    assert run.returncode != 0
    assert "index.md" in run.stderr
    assert "figures/gone.svg" in run.stderr


def test_a_fence_inside_an_answer_is_highlighted(small_book):
    run, page = small_book(
        '# A\n\n<details markdown="1">\n<summary>Which?</summary>\n\n'
        "This *one*:\n\n```python {.example}\nx = 1\n```\n\n</details>\n"
    )
    assert run.returncode == 0, run.stderr
    answer = page[page.index("<details") : page.index("</details>")]
    assert "<em>one</em>" in answer
    assert 'class="highlight' in answer
    assert "```" not in page


def test_broken_tex_is_told_with_its_line(small_book):
    run, _ = small_book("# A\n\nWell.\n\nThe mean is $\\frac{1}{n$.\n")
    assert "docs/index.md:5: " in run.stderr
    assert "Traceback" not in run.stderr


def test_a_link_to_an_unknown_block_stops_a_strict_build_with_its_line(small_book):
    run, _ = small_book("# A\n\nSee [the block](#value-adde).\n")
    assert run.returncode != 0
    assert "docs/index.md:3: the link #value-adde leads nowhere" in run.stderr


def test_a_link_to_an_unknown_block_of_another_page_stops_it_too(small_book):
    run, _ = small_book("# A\n\n[B](b.md), [c](b.md#c)\n", **{"b.md": "# B\n"})
    assert run.returncode != 0
    assert "docs/index.md:3: the link b.md#c leads nowhere" in run.stderr


def test_a_heading_without_an_id_stops_a_strict_build_with_its_line(small_book):
    run, _ = small_book("# A\n\n## First\n")
    assert run.returncode != 0
    assert "docs/index.md:3: the section First has no id" in run.stderr


def test_a_heading_without_a_tag_stops_a_strict_build_with_its_line(small_book):
    text = "# A\n\n## First {#first}\n\n## Second {#second}\n"
    run, _ = small_book(text, **{tags.LEDGER: LEDGER})
    assert run.returncode != 0
    assert "docs/index.md:5: the section second has no tag. run python -m" in run.stderr


def test_a_ledger_with_a_tag_for_nothing_stops_a_strict_build(small_book):
    run, _ = small_book("# A\n", **{tags.LEDGER: LEDGER})
    assert run.returncode != 0
    assert "docs/data/tags.csv:3: the section first is gone" in run.stderr


def test_a_book_that_does_not_tangle_stops_the_build_with_its_line(small_book):
    run, _ = small_book('# A\n\n```python {#x into="nothing"}\nx = 1\n```\n')
    assert run.returncode != 0
    assert "docs/index.md:3: never used" in run.stderr
    assert "Traceback" not in run.stderr


def test_headings_have_their_tag_and_a_link_to_its_page(small_book):
    run, page = small_book("# A\n\n## First {#first}\n", **{tags.LEDGER: LEDGER})
    assert run.returncode == 0, run.stderr
    assert 'data-tag="0002"' in page
    assert 'href="t/0002/index.html"' in page
    assert 'aria-label="Cite section"' in page


def test_the_page_of_a_tag_leads_to_its_place_and_holds_all_citations(small_book):
    run, _ = small_book("# A\n\n## First {#first}\n", **{tags.LEDGER: LEDGER})
    assert run.returncode == 0, run.stderr
    page = small_book.site("t/0002/index.html")
    assert 'href="../../index.html#first"' in page
    for text in (
        "Its authors: “A small book”, version 1.2.0 (2026-03-04), section “First” of",
        "@misc{microgpt-book-0002,",
        "note   = {Version 1.2.0, tag 0002},",
        "month  = mar,",
        f"Its authors, [A small book, section]({website.ADDRESS}t/0002/) (“First” of",
        f"<code>{website.ADDRESS}t/0002/</code>",
    ):
        assert text in page


ROWS = """0001,chapter,index,
0002,figure,figure-line,
0003,question,predict-rise,
"""
FIGURE = '# A\n\n![A rising line](line.svg "It rises, as `x` does.")\n\n'
QUESTION = """<details class="question" id="predict-rise" markdown="1">
<summary>Predict: does <code>x</code> rise?</summary>

It does.

</details>
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" style="max-width:9px"><path/></svg>'


def test_the_page_of_a_figure_or_a_question_shows_it_and_its_words(small_book):
    ledger = f"{tags.HEADS[tags.LEDGER]}\n{ROWS}"
    files = {tags.LEDGER: ledger, "line.svg": SVG}
    run, page = small_book(FIGURE + QUESTION, **files)
    assert run.returncode == 0, run.stderr
    figure = small_book.site("t/0002/index.html")
    assert 'aria-label="A rising line"><svg ' in figure
    assert "max-width" not in figure + page
    assert "It rises, as x does." in figure
    assert 'href="../0002/line.svg" download' in figure
    assert "CC BY 4.0" in figure
    offprint = small_book.site("t/0002/line.svg")
    assert "It rises, as x does." in offprint
    assert "<path/></svg>" in offprint
    question = small_book.site("t/0003/index.html")
    assert "<blockquote>does x rise?</blockquote>" in question
    answer = page[page.index("<details") : page.index("</details>")]
    assert 'data-tag="0003"' in answer
    assert 'href="t/0003/index.html"' in answer
    assert 'href="t/0002/line.svg"' in page and 'aria-label="Download figure' in page


def test_a_drawing_that_also_stands_upright_is_put_in_both_ways_with_one_caption(
    small_book,
):
    ledger = f"{tags.HEADS[tags.LEDGER]}\n{ROWS.partition('0003')[0]}"
    files = {tags.LEDGER: ledger, "line.svg": SVG, "line-upright.svg": SVG}
    run, page = small_book(FIGURE, **files)
    assert run.returncode == 0, run.stderr
    assert '<figure class="figure marginal"' in page
    assert page.count("<figcaption") == 1
    assert page.count('aria-label="A rising line"') == 2
    assert page.count("<path") == 2
    assert small_book.site("t/0002/index.html").count("<path") == 1


def test_a_question_without_an_id_stops_a_strict_build_with_its_line(small_book):
    run, _ = small_book("# A\n\n" + QUESTION.replace(' id="predict-rise"', ""))
    assert run.returncode != 0
    assert "docs/index.md:3: the question “does x rise?…” has no id" in run.stderr


def test_a_retired_tag_keeps_a_page_that_says_what_became_of_it(small_book):
    ledger = f"{LEDGER}0002,retired,,It is part of 0001 now.\n"
    run, _ = small_book("# A\n", **{tags.LEDGER: ledger})
    assert run.returncode == 0, run.stderr
    page = small_book.site("t/0002/index.html")
    assert "which is no longer part of the book" in page
    assert "It is part of 0001 now." in page
    assert "@misc" not in page


def test_the_page_of_a_block_tells_when_its_code_changed_and_its_hash(small_book):
    text = '# A\n\n```python {#x file="x.py"}\nx = 1\n```\n'
    ledger = f"{tags.HEADS[tags.LEDGER]}\n0001,chapter,index,\n0002,block,x,\n"
    sha256 = "4d44b7a6a5a4dd2ae58cb7ba3ae4fe1be4d5c9d0c12d5fbd8a0bb8a0f0a4e8f1"
    past = f"{tags.HEADS[tags.RELEASES]}\n1.1.0,2026-01-01,x,{sha256}\n"
    run, _ = small_book(text, **{tags.LEDGER: ledger, tags.RELEASES: past})
    assert run.returncode == 0, run.stderr
    told = small_book.site("t/0002/index.html")
    assert "after version 1.1.0; the change is not released yet" in told
    assert hashlib.sha256(b"x = 1\n").hexdigest() in told
    assert "x.py, line 4" in told


def test_a_footnote_stands_beside_the_sentence_that_refers_to_it(small_book):
    run, page = small_book("# A\n\nIt is so[^why], and so.\n\n[^why]: *Since* then.\n")
    assert run.returncode == 0, run.stderr
    sentence = page[page.index("It is so") : page.index("and so.")]
    assert "<em>Since</em> then." in sentence
    assert 'type="checkbox"' in sentence
    assert "footnote" not in page


def test_sections_and_figures_show_their_numbers(small_book):
    index = "# A\n\n7. [B](b.md)\n"
    b = '# B\n\n## First {#first}\n\n![A line](line.svg "It rises.")\n'
    svg = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    run, _ = small_book(index, **{"b.md": b, "line.svg": svg})
    assert run.returncode == 0, run.stderr
    page = small_book.site("b.html")
    assert '<span class="number">7</span> B' in page
    assert '<span class="number">7.1</span> First' in page
    assert '<span class="number">Figure 7.1</span> It rises.' in page
    assert "Chapter 7 of 7" in page


# Where the source is, and where to report a mistake


REPOSITORY = CITATION + "repository-code: https://git.example/book.git\n"
REPORT = "https://git.example/book/issues/new?title=Tag%200002%3A%20section%20"
REPORT += "%E2%80%9CFirst%E2%80%9D%20of%20%E2%80%9CA%E2%80%9D"


def test_where_the_repository_is_known_a_page_leads_to_its_source(small_book):
    run, page = small_book("# A\n", **{"../CITATION.cff": REPOSITORY})
    assert run.returncode == 0, run.stderr
    link = '<a href="https://git.example/book/blob/HEAD/docs/index.md">Source of this'
    assert link in page


def test_where_the_repository_is_known_a_tag_leads_to_a_report_of_a_mistake(small_book):
    files = {tags.LEDGER: LEDGER, "../CITATION.cff": REPOSITORY}
    run, page = small_book("# A\n\n## First {#first}\n", **files)
    assert run.returncode == 0, run.stderr
    assert f'<a href="{REPORT}">Report a mistake</a>' in small_book.site(
        "t/0002/index.html"
    )
    data = page[page.index('id="citations">') :].partition(">")[2]
    reports = json.loads(data.partition("</script>")[0])["reports"]
    assert reports["0002"] == REPORT
    assert reports["0001"].endswith("/issues/new?title=Tag%200001")


def test_where_it_is_not_known_neither_is_shown(small_book):
    run, page = small_book("# A\n\n## First {#first}\n", **{tags.LEDGER: LEDGER})
    assert run.returncode == 0, run.stderr
    told = (
        page
        + small_book.site("t/0001/index.html")
        + small_book.site("t/0002/index.html")
    )
    assert "Source of this page" not in told
    assert "eport" not in told
