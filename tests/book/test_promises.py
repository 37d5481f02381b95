"""What the prose promises beside its numbers is kept, or is not promised."""

import re
import subprocess
import sys
from collections import Counter

import pytest

from tools.proof import exercises, stage
from tools.proof.commands import python

TIMED = re.compile(
    r"(?:must|may)[^.]*? (?:a|few|one|two|\d+) (?:second|minute)s?\b[^.]{0,8}\."
)


def timed():
    """The exercises whose statement says how long an answer may take."""
    for chapter in exercises.chapters():
        for exercise in exercises.of_chapter(chapter):
            if TIMED.search(" ".join(exercise.statement.split())):
                yield exercise


def entries(glossary):
    """The entries of a glossary, without what tells singular from plural."""
    words = re.findall(r"^(\S.*?)(?: \{#[^}]*\})?\n:   ", glossary, re.M)
    return [word.lower().rstrip("s") for word in words]


def page(name):
    return (stage.BOOK / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("exercise", [*timed()], ids=lambda it: it.id[9:])
def test_a_time_limit_is_one_that_a_slow_answer_meets(exercise):
    told = (exercises.WRONG / f"{exercise.chapter}.md").read_text("utf-8")
    said = rf"^{exercise.chapter} {exercise.name}: not yet.*(?:\n  .*)*"
    slow = re.compile(said + r"\n  got +nothing within", re.M)
    assert slow.search(told)


def test_exercises_with_a_time_limit_are_found():
    assert {it.name for it in timed()} >= {"both", "neighbours"}


def test_no_word_is_explained_twice_in_the_glossary():
    assert entries("Slope {#a}\n:   A.\n\nSlopes\n:   B.\n") == ["slope"] * 2
    assert not [it for it, n in Counter(entries(page("glossary"))).items() if n > 1]


def test_a_perplexity_is_that_of_a_loss_per_token():
    prose = page("training")
    powers = re.findall(r"math\.exp\(record\[\"(held_out\w*)\"\]\)", prose)
    assert powers and set(powers) == {"held_out_per_token"}


def test_the_table_of_contents_promises_what_the_page_on_teaching_has():
    [line] = [it for it in page("index").split("\n") if "(teaching.md)" in it]
    assert ("slides" in line) <= ("## Slides" in page("teaching"))


MEASURED = """
import io, json, sys
from argparse import Namespace
from contextlib import redirect_stdout
from microgpt.__main__ import OPTIONS, execute
small = dict(n_embd=4, n_head=2, block_size=4, num_steps=1, num_samples=0, eval=2)
small["data"] = json.loads(sys.argv[1])
with redirect_stdout(io.StringIO()) as told:
    execute(Namespace(**vars(OPTIONS) | small))
print(json.dumps(told.getvalue()))
"""


def test_of_a_long_document_held_out_as_much_is_asked_as_fits(tmp_path):
    text = tmp_path / "long.txt"
    text.write_text("abab\n" + "abcdefgh" * 3 + "\nba\nabc\n" + "hgfedcba" * 3)
    told = python(MEASURED, stage.stage("complete"), str(text))
    assert re.search(r"mean loss of 2 held-out documents: \d\.\d{4}\n", told)


@pytest.mark.parametrize("chapter", ["native", "framework", "machines"])
def test_the_help_of_a_stage_names_no_engine_that_comes_later(chapter):
    folder = stage.stage(chapter)
    told = subprocess.run(
        [sys.executable, "-m", "microgpt", "--help"], cwd=folder, text=True,
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    there = re.search(r"--engine NAME\s+([^.]*?), or\s+auto", told)[1]
    known = set(re.split(r",\s+", there))
    others = {"graph", "fused", "explicit", "numpy", "c", "torch", "torchrun"} - known
    assert "c" in known and not others & set(re.findall(r"\w+", told))
