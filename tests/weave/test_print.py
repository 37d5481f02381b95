"""The PDF of a small site, and of the book: outline, links, tags, pages, lines."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from tools import tangle
from tools.weave import articles
from tools.weave import print as printer

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.pdf
CONFIG = """site_name: A small book
site_description: Two chapters.
site_url: https://example.org/book/
nav: [index.md, one.md, Part: [two.md, program.md]]
"""
PROJECT = '[project]\nversion = "1.2.3"\nauthors = [{ name = "Ann Author" }]\n'
INDEX = """<h1 id="top">A small book</h1><p>Of what it is.</p>
<h2 id="contents">Contents</h2><p><strong>A beginning</strong></p>
<ol><li><a href="one.html">One</a></li></ol>
<p><strong>An end</strong></p><ol><li><a href="two.html">Two</a></li></ol>"""
ONE = """<h1 id="top" data-tag="0001"><span class="number">1</span> One
<a class="headerlink" href="#top">¶</a></h1>
<p>See <a href="two.html#gap">the gap</a> and <a href="program.html">the program</a>,
or <a href="index.html#contents">the contents</a>.</p>
<h2 id="first" data-tag="0002"><span class="number">1.1</span> The first</h2>
<p>A claim.<span class="note"><input type="checkbox"><label>1</label><small
class="sidenote"><span class="number">1</span> Its source.</small></span></p>
<figure class="block file" id="gap-block" data-tag="00B2"><figcaption>
<a class="id" href="#gap-block">gap-block</a><span class="tools"><button>copy</button>
</span></figcaption><div class="highlight"><pre><code>
<span class="line"><span class="ln" data-n="24"></span><span class="k">if</span> x:
</span><del class="line">    gone()
</del><ins class="line"><span class="ln" data-n="25"></span>    call(LONG)
</ins></code></pre></div></figure>
<details class="question"><summary>Why?</summary><p>Because.</p></details>"""
TWO = """<h1 id="top"><span class="number">2</span> Two</h1>
<h2 id="gap"><span class="number">2.1</span> The gap</h2>
<figure class="figure"><div role="img" aria-label="A red square"><svg
viewBox="0 0 9 9"><title>Square</title><rect width="9" height="9"
fill="var(--md-accent-fg-color,#f00)"/></svg></div>
<div class="drawing upright" role="img" aria-label="The same"><svg></svg></div></figure>
<p>Back to <a href="one.html">one</a>, and <a href="https://example.org/">away</a>.</p>"""
LONG = ", ".join(f"argument_{i}" for i in range(12))


def make_site(folder):
    """The settings and the built site of a book of two chapters; returns the folder."""
    (folder / "mkdocs.yml").write_text(CONFIG)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "site").mkdir()
    pages = {"index": INDEX, "one": ONE.replace("LONG", LONG), "two": TWO}
    for name, text in pages.items():
        page = f"<html><body><nav>menu</nav><article>{text}</article></body></html>"
        (folder / f"site/{name}.html").write_text(page, "utf-8")
    return folder


@pytest.fixture
def small(tmp_path):
    return make_site(tmp_path)


@pytest.fixture(scope="module")
def pdf(tmp_path_factory):
    folder = make_site(tmp_path_factory.mktemp("small"))
    assert printer.main([], root=folder) == 0
    return PdfReader(folder / "site/microgpt.pdf")


def broken_links(reader):
    """The links within a PDF that lead nowhere: [(number of the page, destination)]."""
    named, pages = (
        reader.named_destinations,
        {p.indirect_reference.idnum for p in reader.pages},
    )
    broken = []
    for number, page in enumerate(reader.pages, 1):
        for annotation in page.get("/Annots") or []:
            annotation = annotation.get_object()
            action = annotation.get("/A") or {}
            if annotation["/Subtype"] != "/Link" or "/URI" in action:
                continue
            to = annotation.get("/Dest", action.get("/D"))
            if isinstance(to, str):
                to = named[to].dest_array if to in named else None
            if to is None or to[0].idnum not in pages:
                broken.append((number, to))
    return broken


def links(reader):
    """The addresses outside the PDF, and the number of the links within it."""
    found = [
        annotation.get_object()
        for page in reader.pages
        for annotation in page.get("/Annots") or []
    ]
    outside = [a["/A"]["/URI"] for a in found if "/URI" in (a.get("/A") or {})]
    return outside, len(found) - len(outside)


def outline(reader):
    """The bookmarks as nested lists: [title, [title, [...]]]."""

    def titles(entries):
        return [titles(e) if isinstance(e, list) else e.title for e in entries]

    return titles(reader.outline)


def text_of(reader):
    return "\n".join(page.extract_text() for page in reader.pages)


def test_the_pdf_says_its_title_author_and_language(pdf):
    assert pdf.metadata.title == "A small book"
    assert pdf.metadata.author == "Ann Author"
    assert pdf.root_object["/Lang"] == "en-GB"
    first = pdf.pages[0].extract_text()
    assert "Two chapters." in first
    assert "Andrej Karpathy" in first
    assert "1.2.3" in first


def test_the_pdf_is_tagged(pdf):
    assert pdf.root_object["/MarkInfo"]["/Marked"]
    kids = pdf.root_object["/StructTreeRoot"]["/K"]
    assert kids and kids[0].get_object()["/S"] == "/Document"


def test_the_outline_nests_sections_in_chapters_and_chapters_in_parts(pdf):
    assert outline(pdf) == [
        "Contents",
        "Preface",
        "A beginning",
        ["1 One", ["1.1 The first"]],
        "An end",
        ["2 Two", ["2.1 The gap"]],
    ]


def test_links_between_pages_lead_to_places_in_the_pdf(pdf):
    outside, inside = links(pdf)
    assert inside >= 8  # of them five in the contents
    assert not broken_links(pdf)
    assert "https://example.org/" in outside
    assert "https://example.org/book/program.html" in outside  # it is left out
    assert not any(address.endswith("two.html#gap") for address in outside)


def test_the_contents_give_the_pages_on_which_the_chapters_are(pdf):
    contents = next(p for p in pdf.pages if "Contents" in p.extract_text())
    for title, words in (("The first", "A claim"), ("The gap", "Back to one")):
        number = re.search(rf"{title}\s+(\d+)", contents.extract_text())[1]
        assert words in pdf.pages[int(number) - 1].extract_text()
        assert number in pdf.pages[int(number) - 1].extract_text().split()


def test_a_block_has_the_address_of_its_tag_and_its_line_numbers(pdf):
    assert "https://example.org/book/t/00B2" in text_of(pdf)
    assert "https://example.org/book/t/00B2/" in links(pdf)[0]
    assert re.search(r"\b24\b.*if x:", text_of(pdf))


def test_a_wrapped_line_loses_nothing_and_hangs_by_its_indent(pdf):
    shown = re.sub(r"\s+", "", text_of(pdf))
    assert re.sub(r"\s+", "", f"call({LONG})") in shown
    article = articles.parse(f"<pre><code>    f({LONG})\n</code></pre>")
    articles.set_lines(article.code)
    line = article.select_one(".line")
    assert line["style"] == "--hang:8ch"
    assert line.get_text() == f"    f({LONG})"


@pytest.mark.parametrize("around", ["{}", "<span>{}</span>"])
def test_a_block_of_many_lines_may_be_broken_over_two_pages(small, around):
    code = "<code>" + "a = 1\n" * 30 + "</code>"
    block = f'<figure class="block"><pre>{around.format(code)}</pre></figure>'
    html = volume_with(small, block)
    assert len(html.select("figure.block.long .line")) == 30


def test_what_only_a_screen_can_use_is_left_out(pdf):
    text = text_of(pdf)
    for word in ("menu", "copy", "¶"):
        assert word not in text


def test_answers_are_open_and_side_notes_stand_at_the_foot(pdf):
    text = text_of(pdf)
    assert "Because." in text
    assert text.index("Because.") < text.index("Its source.")


def test_drawings_have_the_colours_of_print_and_a_description(small):
    pages = printer.read_volume(small, small / "site").html()
    square = pages[pages.index("<svg") : pages.index("</svg>")]
    assert "var(" not in square
    assert "<title>A red square</title>" in square
    assert pages.count("<svg") == 1, "the one for the margin of a screen is left out"


def test_a_link_to_nothing_is_said_with_its_page(small, capsys):
    page = small / "site/one.html"
    page.write_text(page.read_text("utf-8").replace("#gap", "#gone"), "utf-8")
    assert printer.main([], root=small) == 1
    said = capsys.readouterr().err
    assert "one.html" in said
    assert "two.html#gone" in said


def test_a_site_that_is_not_built_is_said_with_the_remedy(small, capsys):
    (small / "site/two.html").unlink()
    assert printer.main([], root=small) == 1
    said = capsys.readouterr().err
    assert "two.html is not there" in said
    assert "mkdocs build --strict" in said
    assert not list((small / "site").glob("*.pdf"))


def volume_with(small, more):
    """What is printed of the small book, with more on its second page."""
    page = small / "site/two.html"
    text = page.read_text("utf-8")
    page.write_text(text.replace("<p>Back", f"{more}<p>Back"), "utf-8")
    return articles.parse(printer.read_volume(small, small / "site").html())


def test_a_paragraph_with_a_colon_stays_with_what_it_leads_to(small):
    lead = '<p>It prints <em>so</em>:</p><figure class="block"></figure><p>Done.</p>'
    html = volume_with(small, lead)
    assert [it.get_text() for it in html.select(".leads")] == ["It prints so:"]
    assert ".leads,\n" in printer.SHEETS[-1].read_text("utf-8")


def test_a_word_of_the_glossary_is_plain_text_on_paper(small):
    more = '<p>Two <a class="term" href="two.html#x" title="T">batches</a> of it.</p>'
    assert "<p>Two batches of it.</p>" in str(volume_with(small, more))


def test_the_contents_run_sections_in_and_leave_exercises_out(small):
    more = '<h2 id="more">2.2 More</h2><h2 id="do">2.3 Exercises</h2>'
    html = volume_with(small, more)
    entries = html.select(".contents .section-entries")[-1]
    links = [it["href"] for it in entries.select(".section-entry > a")]
    assert links == ["#two--gap", "#two--more"]


def test_the_outline_of_the_program_stands_once_in_the_pdf(small):
    for name in ("one", "two"):
        page = small / f"site/{name}.html"
        outline = f'<details class="outline"><summary>{name}</summary></details>'
        text = page.read_text("utf-8").replace("</article>", f"{outline}</article>")
        page.write_text(text, "utf-8")
    html = articles.parse(printer.read_volume(small, small / "site").html())
    assert [it.get_text() for it in html.select(".outline")] == ["two"]


def test_a_page_leads_to_the_pdf_once_it_is_there_and_not_before(small, monkeypatch):
    page = small / "site/one.html"
    waiting = '<!--pdf See <a href="x.pdf">it</a>. pdf-->'
    page.write_text(page.read_text("utf-8") + waiting, "utf-8")
    lost = page.with_name("404.html")  # which stands at any address
    lost.write_text(waiting, "utf-8")
    monkeypatch.setattr(printer, "write_pdf", lambda *a: a[1].write_bytes(b"%PDF"))
    assert printer.main([], root=small) == 0
    assert page.read_text("utf-8").endswith('</html>See <a href="x.pdf">it</a>.')
    assert lost.read_text("utf-8") == waiting


def test_a_failure_leaves_the_old_pdf_and_nothing_else(small, monkeypatch):
    old = small / "site/microgpt.pdf"
    old.write_text("old")
    before = sorted(old.parent.iterdir())
    for error, code in ((KeyboardInterrupt, 130), (articles.Fault("wrong"), 1)):

        def stop(*arguments, error=error, **options):
            raise error

        monkeypatch.setattr(printer.HTML, "write_pdf", stop)
        assert printer.main([], root=small) == code
        assert old.read_text() == "old"
        assert sorted(old.parent.iterdir()) == before


def test_a_missing_library_is_said_with_the_remedy():
    code = "import sys; sys.modules['weasyprint'] = None; import tools.weave.print"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "weasyprint is missing" in run.stderr
    assert "pip install -e '.[site]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_whole_book_prints_and_every_link_in_it_resolves(whole_pdf):
    reader = PdfReader(whole_pdf)
    home = (whole_pdf.parent / "index.html").read_text("utf-8")
    assert 'The book <a href="microgpt.pdf">' in home
    assert "<!--pdf" not in home
    assert not broken_links(reader)
    assert links(reader)[1] > 1000
    assert len(reader.pages) > 200
    book = tangle.read_book(ROOT / "docs")
    blocks = {f"{Path(b.path).stem}--{b.id}" for b in book.blocks if b.tangled}
    assert blocks <= {*reader.named_destinations}
