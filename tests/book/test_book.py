"""The book keeps its promises: its numbers, outputs, links and its form."""

import ast
import builtins
import importlib
import platform
import re
import subprocess
import symtable
import sys
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

import pytest

from tests import needs
from tools import tangle
from tools.proof import answers, examples, exercises, outputs, stage

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CHAPTERS = ["names", "tokens", "counting", "one-number", "nudging", "values"]
CHAPTERS += ["backward", "training", "adam"]
CHAPTERS += ["parameters", "embeddings", "residual", "attention", "heads", "mlp"]
CHAPTERS += ["sampling", "complete", "worth", "learned"]
CHAPTERS += ["checkpoints", "command-line"]
CHAPTERS += ["profile", "engines", "fused", "arrays", "explicit", "correct"]
CHAPTERS += ["vectors", "limit"]
CHAPTERS += ["kernel", "step", "native", "ladder", "framework", "machines"]
CHAPTERS += ["laboratory"]
SKIPPED = ["checkpoints", "command-line", "engines"]  # chapters that may be skipped
PAGES = stage.names()
BOOK = stage.read()
PLAIN = {
    page: tangle.decode((DOCS / f"{page}.md").read_bytes()).split("\n")
    for page in PAGES
}
HEADING = re.compile(r"(#{1,6}) +(.*?)(?: *\{(.*)\})?(?: +#+)?")
LINK = re.compile(
    r"""\]\(\s*([^)\s]+)(?:\s+"[^"]*")?\s*\)|^\[[^\]^]+\]:\s*(\S+)|href="([^"]*)\"""",
    re.M,
)
MODULES = """
import importlib, pkgutil, sys, microgpt
for module in pkgutil.iter_modules(microgpt.__path__):
    if module.name not in ("__main__", *sys.argv[1:]):
        importlib.import_module(f"microgpt.{module.name}")
"""
# What a page needs beside the standard library; and which modules of the package do.
NEEDED = {"arrays": ["numpy"], "vectors": ["numpy"], "kernel": ["c"]}
NEEDED |= {"step": ["numpy"], "native": ["c"], "framework": ["torch"]}
MODULES_WITH = {"numpy": ["arrays", "vectors"], "torch": ["framework", "distributed"]}
MARKS = ["numpy", "c", "torch", "long", "full"]
LONG = 2  # seconds: what takes longer is left out of a quick run of the tests


def pages_with_needs(pages):
    """Pages as parameters, marked with what they need."""
    for page in pages:
        marks = [getattr(pytest.mark, mark) for mark in NEEDED.get(page, [])]
        yield pytest.param(page, marks=marks)


glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc",
    reason="another library of mathematics has other last digits",
)
in_each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)
in_the_story = pytest.mark.parametrize(
    "chapter", [c for c in CHAPTERS if c not in SKIPPED]
)
on_each_page = pytest.mark.parametrize("page", PAGES)


def blocks_of(page):
    return [block for block in BOOK.blocks if block.path == f"docs/{page}.md"]


def prose(page):
    """The lines of a page, with empty ones in place of its fenced blocks."""
    lines = PLAIN[page][:]
    for block in tangle.parse("\n".join(lines), page)[0]:
        lines[block.line - 1 : block.end] = [""] * (block.end - block.line + 1)
    return lines


def readable(page):
    """The text of a page without blocks, comments and code."""
    text = "\n".join(prose(page))
    return examples.COMMENT_OR_CODE.sub(lambda m: "\n" * m[0].count("\n"), text)


def headings(page):
    """The (line, level, text, id or "") of a page's headings."""
    for number, line in enumerate(prose(page), 1):
        if match := HEADING.fullmatch(line.rstrip()):
            id = re.search(r"#([^\s}]+)", match[3] or "")
            yield number, len(match[1]), match[2], id[1] if id else ""


def section(chapter, title):
    """The blocks of the section whose title begins like that; None if there is none."""
    starts = [(line, text) for line, level, text, _ in headings(chapter) if level == 2]
    ends = [line for line, _ in starts[1:]] + [len(PLAIN[chapter]) + 1]
    for (start, text), end in zip(starts, ends):
        if text.startswith(title):
            return [block for block in blocks_of(chapter) if start < block.line < end]
    return None


def listed(problems):
    return "\n".join(map(str, problems))


# What it says is so


@pytest.mark.parametrize("page", [*pages_with_needs([*PAGES, *stage.variants()])])
def test_examples_and_numbers_hold(page):
    """Where a page needs no package it is tried as if there were none."""
    problems = examples.check(page, bare=page not in NEEDED)
    assert not problems, listed(problems)


@on_each_page
def test_captured_outputs_were_made_by_the_code_as_it_is(page):
    problems = outputs.check(page)
    assert not problems, listed(problems)


def marks_of(command, seconds):
    """The marks of the run of a command: what it needs, and whether it is long."""
    engine = re.search(r"--engine (\w+)", command)
    engine = "torch" if "tools.measure.launch" in command else engine and engine[1]
    needed = needs.ENGINES.get(engine, engine)
    long = "full" if seconds >= outputs.QUICK else "long" if seconds >= LONG else ""
    return [getattr(pytest.mark, mark) for mark in (needed, long) if mark in MARKS]


def captured():
    for page in PAGES:
        for number, block in enumerate(outputs.blocks(page), 1):
            entry = outputs.ledger().get(page, {}).get(block.target, {"seconds": 0})
            marks = marks_of(block.target, entry["seconds"])
            yield pytest.param(page, block, marks=marks, id=f"{page}-{number}")


@glibc
@pytest.mark.parametrize(("page", "block"), list(captured()))
def test_captured_outputs_come_out_again(page, block, full):
    if block.target not in outputs.ledger().get(page, {}):
        pytest.fail(f"{block.path}:{block.line}: not captured", pytrace=False)
    problem = outputs.compare(block, page, fresh=full)
    assert not problem, str(problem)


def test_the_package_is_the_books(capsys):
    code = tangle.main(["--check"])
    assert code == 0, "".join(capsys.readouterr())


def imported(chapter, *options, without=()):
    """What goes wrong when the modules of a stage are imported, but for some."""
    command = [sys.executable, *options, "-c", MODULES, *without]
    folder = stage.stage(chapter)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.stderr


@pytest.mark.long
@in_each_chapter
def test_the_stage_needs_nothing_but_the_standard_library(chapter):
    assert not imported(chapter, "-S", without=chain(*MODULES_WITH.values()))


def stages_with_packages():
    """The chapters from the first on whose program has modules with numpy, or torch."""
    for package, (module, *_) in MODULES_WITH.items():
        for chapter in CHAPTERS[CHAPTERS.index(module) :]:
            marks = [getattr(pytest.mark, package)]
            yield pytest.param(chapter, package, marks=marks)


@pytest.mark.long
@pytest.mark.parametrize(("chapter", "package"), [*stages_with_packages()])
def test_the_modules_that_need_a_package_can_be_imported(chapter, package):
    others = (names for name, names in MODULES_WITH.items() if name != package)
    assert not imported(chapter, without=chain(*others))


@in_each_chapter
def test_each_name_of_a_stage_is_brought_by_a_block_of_its_file(chapter):
    for file in (stage.stage(chapter) / "microgpt").glob("*.py"):
        assert not unknown_names(file.read_text("utf-8"), file.name), file.name


@cache
def unknown_names(source, name):
    """The names that a module uses, and neither defines nor imports."""
    top = symtable.symtable(source, name, "exec")
    known = {*vars(builtins), "__file__"}
    known |= {s.get_name() for s in top.get_symbols() if s.is_assigned()}
    known |= {s.get_name() for s in top.get_symbols() if s.is_imported()}
    return global_names(top) - known


def global_names(table):
    """The names that a module, and all that is in it, looks up in the module."""
    top = table.get_type() == "module"
    symbols = (s for s in table.get_symbols() if s.is_referenced())
    found = {s.get_name() for s in symbols if top or s.is_global()}
    return found.union(*map(global_names, table.get_children()))


# Its form


def test_the_chapters_are_these_in_this_order():
    assert [page for page in PAGES if page in CHAPTERS] == CHAPTERS


def test_the_chapters_that_may_be_skipped_say_so_at_their_head():
    for chapter in CHAPTERS:
        says = PLAIN[chapter][2].startswith("*This chapter may be skipped: ")
        assert says == (chapter in SKIPPED), chapter


@in_the_story
def test_a_chapter_has_a_figure(chapter):
    found = re.findall(r"!\[[^\]]+\]\((figures/[\w-]+\.svg) +\"", readable(chapter))
    assert found, f"docs/{chapter}.md has no figure with a caption"
    missing = [name for name in found if not (DOCS / name).exists()]
    assert not missing, f"docs/{chapter}.md: python -m tools.draw.figures {missing}"


@in_each_chapter
def test_a_chapter_has_three_questions(chapter):
    text = readable(chapter)
    opening = r'<details class="question" id="[^"]+" markdown="1">'
    questions = len(re.findall(opening, text))
    enough = 1 if chapter in SKIPPED else 3
    assert questions >= enough, f"docs/{chapter}.md has {questions}"
    assert text.count("<details") == text.count("</details>")
    assert text.count("<details") == text.count("<summary>")


@in_each_chapter
def test_a_chapter_says_what_gpt2_does(chapter):
    there = section(chapter, "What GPT-2 does instead") is not None
    assert there, f"docs/{chapter}.md has no such section"


@in_each_chapter
def test_a_chapter_shows_the_program_so_far(chapter):
    shown = section(chapter, "The program so far")
    assert shown is not None, f"docs/{chapter}.md has no such section"
    commands = [block.target for block in shown if block.kind == "output"]
    assert any(command.startswith("python -m microgpt") for command in commands)


@in_each_chapter
def test_a_chapter_has_four_exercises_with_hints_solutions_and_checks(chapter):
    """One that may be skipped has two."""
    there = section(chapter, "Exercises") is not None
    assert there, f"docs/{chapter}.md has no such section"
    lines = [*headings(chapter), (len(PLAIN[chapter]) + 1, 1, "", "")]
    kinds = []
    for (start, _, text, id), (end, *_) in pairwise(lines):
        if text.startswith("Exercise:"):
            kinds += re.findall(r"\((easy|break it|problem)\)$", text)
            assert re.fullmatch(r"exercise(-[a-z0-9]+){2,}", id), text
            inside = [b for b in blocks_of(chapter) if start < b.line < end]
            solutions = [b for b in inside if b.id.startswith("solution-")]
            assert any(block.tangled for block in solutions), f"{text}: no solution"
    usual = ["easy", "problem"]
    usual = usual if chapter in SKIPPED else ["break it", "easy", *usual]
    assert sorted(kinds) == usual
    assert (ROOT / "tests" / "solutions" / f"{chapter}.py").exists()
    checks = (answers.CHECKS / f"{chapter}.py").read_text("utf-8")
    checked = {getattr(node, "name", "") for node in ast.parse(checks).body}
    every = exercises.of_chapter(chapter)
    assert {answers.function(exercise) for exercise in every} <= checked
    assert [len(exercise.hints) for exercise in every] == [2] * len(usual)


@on_each_page
def test_prose_stands_before_every_tangled_block(page):
    lines, bare, last = PLAIN[page], [], 0
    for block in tangle.parse("\n".join(lines), page)[0]:
        before = lines[last : block.line - 1]
        says = [s for s in before if s.strip() and not re.match(r"#|</?\w+.*>$", s)]
        if block.tangled and not says:
            bare.append(f"docs/{page}.md:{block.line}: no prose before {block.id}")
        last = block.end
    assert not bare, "\n".join(bare)


@on_each_page
def test_lines_of_code_fit(page):
    long = [
        f"{block.path}:{number}: {len(line)} columns"
        for block in blocks_of(page)
        if block.tangled
        for number, line in enumerate(block.lines, block.start)
        if len(line) > 76
    ]
    assert not long, "\n".join(long)


# Its links


def test_ids_of_sections_are_unique_and_well_formed():
    taken, wrong = {id: f"{b.path}:{b.line}" for id, b in BOOK.ids.items()}, []
    for page in PAGES:
        for line, level, text, id in headings(page):
            here = f"docs/{page}.md:{line}"
            if id and id in taken:
                wrong.append(f"{here}: the id {id} is taken, at {taken[id]}")
            if id and not re.fullmatch(r"[a-z][a-z0-9-]*", id):
                wrong.append(f"{here}: the id {id} is not well formed")
            if page in CHAPTERS and level > 1 and not id:
                wrong.append(f"{here}: the section {text} has no id")
            taken[id] = here
    assert not wrong, "\n".join(wrong)


def slug(text):
    """The id that a heading without one gets."""
    text = re.sub(r"[`*]|\[|\]\([^)]*\)", "", text)
    text = re.sub(r"[^\w\s-]", "", text.encode("ascii", "ignore").decode())
    return re.sub(r"[-\s]+", "-", text.strip().lower())


@pytest.fixture(scope="module")
def targets():
    """The ids that can be linked to: {page: ids}."""
    found = {}
    for page in PAGES:
        ids = {id or slug(text) for _, _, text, id in headings(page)}
        ids |= {block.id for block in blocks_of(page)}
        ids |= set(re.findall(r'\bid="([^"]+)"', readable(page)))
        ids |= set(re.findall(r"\{:? *#([\w-]+)", readable(page)))
        found[page] = ids
    return found


def documented(name):
    """Is that the full name of something in the package?"""
    parts = name.split(".")
    try:
        thing = importlib.import_module(".".join(parts[:2]))
        for part in parts[2:]:
            thing = getattr(thing, part)
    except (ImportError, AttributeError):
        return False
    return parts[0] == "microgpt"


@in_each_chapter
def test_a_chapter_tells_the_command_that_writes_its_program(chapter):
    assert f"python tools/tangle.py --until {chapter}" in "\n".join(PLAIN[chapter])


@in_each_chapter
def test_a_chapter_can_be_read_in_an_evening(chapter):
    """It has at most 8,000 words, those of its code counted, too."""
    assert len("\n".join(PLAIN[chapter]).split()) <= 8000


@on_each_page
def test_a_chapter_or_a_figure_is_named_by_its_name_and_not_by_a_number(page):
    """Numbers change when a chapter comes in; where one is shown, a tool writes it."""
    text = readable(page) if page not in ("blocks", "identifiers", "program") else ""
    named = r"\b(?:chapters?|figures?) (\d+(?:\.\d+)?)\b"
    found = [m[0] for m in re.finditer(named, text, re.I)]
    assert found == []


@on_each_page
def test_links_within_the_book_lead_somewhere(page, targets):
    text, wrong = readable(page), []
    for match in LINK.finditer(text):
        address = next(filter(None, match.groups()), "").strip("<>")
        if re.match(r"[a-z]+:", address):
            continue
        path, _, fragment = address.partition("#")
        file = (DOCS / page).parent.joinpath(path).resolve() if path else DOCS / page
        name = file.relative_to(DOCS).as_posix() if file.is_relative_to(DOCS) else ""
        name = name.removesuffix(".md")
        exists = name in targets or (path and file.exists())
        known = not fragment or fragment in targets.get(name, ())
        known = known or (name == "api" and documented(fragment))
        if not (exists and known):
            line = text.count("\n", 0, match.start()) + 1
            wrong.append(f"docs/{page}.md:{line}: {address} leads nowhere")
    assert not wrong, "\n".join(wrong)
