"""The figures are what the command makes now, and sound SVG."""

import math
import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations

import pytest

from tools.draw.cells import cells
from tools.draw.charts import apart, key
from tools.draw.figures import FIGURES, FOLDER, WIDTHS, NotYet, record, svg_of
from tools.draw.figures.__main__ import main
from tools.draw.figures.emma import blended
from tools.draw.figures.perceptron import WEIGHTS
from tools.draw.figures.road import LIT
from tools.draw.figures.road import drawn as whole
from tools.draw.palette import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    PAPER,
    RED,
    SERIF,
    SIZE,
    SMALL,
    SOFT,
)
from tools.draw.svg import number, text

SVG = "{http://www.w3.org/2000/svg}"
PATHS = sorted(FOLDER.glob("*.svg"))


def name_of(path):
    return path.stem


def test_every_file_has_a_figure_and_every_figure_of_the_book_a_file():
    assert {path.stem for path in PATHS} <= set(FIGURES)
    named = set()
    for page in FOLDER.parent.glob("*.md"):
        found = re.findall(r"\(figures/([\w-]+)\.svg", page.read_text("utf-8"))
        named |= set(found)
    assert named <= set(FIGURES)


@pytest.mark.long
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_what_its_function_draws(name):
    try:
        now = svg_of(name)
    except NotYet as reason:
        pytest.skip(str(reason))
    assert (FOLDER / f"{name}.svg").read_text("utf-8") == now


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_a_figure_has_a_name_and_stands_alone(path):
    source = path.read_text("utf-8")
    root = ElementTree.fromstring(source)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert "width" not in root.attrib
    title = root.find(f"{SVG}title")
    assert len(title.text) > 20
    assert root.get("aria-labelledby") == title.get("id") == f"{path.stem}-title"
    assert {e.get("id") for e in root.iter()} == {None, title.get("id")}
    assert not re.search(r"href|url\(|@import|<script|<style|<image", source)


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_a_figure_is_legible_and_its_colours_are_the_pages(path):
    root = ElementTree.fromstring(path.read_text("utf-8"))
    width, height = map(float, root.get("viewBox").split()[2:])
    assert width == WIDTHS.get(path.stem, 560)
    assert height < 700
    sizes = {float(e.get("font-size", SIZE)) for e in root.iter()}
    assert sizes <= {SIZE, SMALL}, "one scale of letters for all figures"
    colours = {e.get(name) for e in root.iter() for name in ("fill", "stroke")}
    assert colours <= {INK, SOFT, FAINT, PAPER, RED, BLUE, GREEN, "none", None}


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_nothing_in_a_figure_lies_outside_it(path):
    root = ElementTree.fromstring(path.read_text("utf-8"))
    width, height = map(float, root.get("viewBox").split()[2:])
    for element in root.iter(f"{SVG}text"):
        x, y = float(element.get("x")), float(element.get("y"))
        assert 0 <= x <= width
        assert 0 <= y <= height
        if element.get("transform") is None:  # a turned one runs upward
            size = float(element.get("font-size", 16))
            length = 0.5 * size * len(element.text)
            share = {"middle": 0.5, "end": 1.0, None: 0.0}[element.get("text-anchor")]
            assert x - share * length >= -3, element.text
            assert x + (1 - share) * length <= width + 3, element.text
    for element in root.iter(f"{SVG}circle"):
        x, y, r = (float(element.get(name)) for name in ("cx", "cy", "r"))
        assert 0 <= x - r <= x + r <= width
        assert 0 <= y - r <= y + r <= height


def test_check_tells_what_is_out_of_date(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "tools.draw.figures.__main__.FOLDER", tmp_path / "docs" / "figures"
    )
    monkeypatch.setattr("sys.argv", ["figures", "--check", "graph"])
    assert main() == 1
    assert "graph: is out of date" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["figures", "graph"])
    assert main() == 0
    monkeypatch.setattr("sys.argv", ["figures", "--check", "graph"])
    assert main() == 0


def test_the_perceptron_that_is_drawn_is_the_one_of_its_chapter():
    page = (FOLDER.parent / "nudging.md").read_text("utf-8")
    for name, rows in WEIGHTS.items():
        assert f'"{name}": {rows},' in page


def test_numbers_are_short_and_text_is_escaped():
    assert [number(x) for x in (1.0, -0.001, 2.345, 10)] == ["1", "0", "2.35", "10"]
    assert "a &lt; b &amp; c" in text(0, 0, "a < b & c")


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_slanted_letters_of_a_figure_are_of_the_face_that_has_them(path):
    for part in ElementTree.fromstring(path.read_text("utf-8")).iter():
        if part.get("font-style") == "italic":
            assert part.get("font-family") == SERIF, part.text


def test_points_that_are_moved_apart_are_and_the_others_stay():
    near = [(0, 0), (0, 0), (3, 4), (100, 100)]
    moved = apart(near, 10)
    far = [math.dist(a, b) for a, b in combinations(moved, 2)]
    assert min(far) > 9.9
    assert moved[3] == (100, 100)


def test_the_map_stands_at_the_head_of_each_chapter_with_that_chapter_s_part_lit():
    drawn = set()
    for chapter in LIT:
        page = (FOLDER.parent / f"{chapter}.md").read_text("utf-8")
        [_, first, *_] = page.split("\n\n")
        assert f"(figures/here-{chapter}.svg " in first
        assert "You are here: " in first
        for shape in ("", "-upright"):
            drawn.add((FOLDER / f"here-{chapter}{shape}.svg").read_text("utf-8"))
    assert len(drawn) == 2 * len(LIT)


def test_a_map_without_a_lit_part_has_no_colour():
    for upright in (False, True):
        source = "".join(str(part) for part in whole(set(), upright)[1:])
        assert RED not in source
        assert BLUE not in source


def test_the_letters_of_a_map_are_large_enough_on_a_phone_and_in_the_margin():
    """A phone of 320 px has 288 for the low one, the narrowest margin 172."""
    assert SMALL * 288 / WIDTHS["here-heads"] >= 11
    assert SMALL * 172 / WIDTHS["here-heads-upright"] >= 11


def test_what_the_second_m_reads_is_the_mean_of_the_values_by_their_weights():
    values = record()["inside"]["emma"]["values"][:4]
    weights = record()["attention"]["emma"][0][3]
    for i, told in enumerate(blended(0)):
        mean = math.fsum(w * v[i] for w, v in zip(weights, values))
        assert told == pytest.approx(mean)


def test_a_vector_has_a_shade_for_each_number_that_is_not_0_and_a_frame():
    drawn = cells([1.0, -0.5, 0.0], 0, 0, 10, 10)
    assert drawn.count("<rect") == 3
    assert RED in drawn and BLUE in drawn
    grey = cells([1.0, -0.5], 0, 0, 10, 10, lit=False, frame=False)
    assert RED not in grey and BLUE not in grey
    assert grey.count("<rect") == 2


def test_the_entries_of_a_legend_stand_beside_each_other_each_with_its_mark():
    kinds = ("bar", "frame", "dot", "ring", "dash")
    legend = key(10, 20, *((kind, RED, f"a {kind}") for kind in kinds))
    places = [float(x) for x in re.findall(r'<text x="([\d.]+)"', legend)]
    assert places == sorted(places)
    assert len(places) == len(set(places)) == len(kinds)
    assert "stroke-dasharray" in legend
    with pytest.raises(AssertionError, match="star"):
        key(0, 0, ("star", RED, "a star"))
