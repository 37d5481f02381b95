"""What proves the book, on a small one: what it finds, and what it mends."""

import json
import subprocess
import sys

import pytest

from tests.proof.small import ONE, change, line_of, make, told
from tools.proof import examples, outputs, stage


@pytest.fixture
def book(tmp_path):
    return make(tmp_path)


# Stages and runs


def test_a_stage_is_the_program_as_of_its_chapter(book):
    one, two = stage.stage("one", book), stage.stage("two.md", book)
    assert "SIZE = 3" in (one / "microgpt" / "__init__.py").read_text()
    assert "SIZE = 4" in (two / "microgpt" / "__init__.py").read_text()
    assert one == book.parent / "build" / "stages" / "one"


def test_a_page_without_blocks_goes_with_the_last_chapter(book):
    assert stage.stage("more", book) == stage.stage("two", book)


def test_a_stage_follows_the_book(book):
    stage.stage("one", book)
    change(book, "one", "SIZE = 3", "SIZE = 5")
    assert "SIZE = 5" in (stage.stage("one", book) / "microgpt/__init__.py").read_text()


def test_a_book_with_problems_has_no_stage(book):
    change(book, "two", 'replaces="package"', 'replaces="nothing"')
    with pytest.raises(stage.RunError, match=r"docs/two.md:3: no block nothing"):
        stage.stage("two", book)


def test_a_run_is_not_repeated_until_the_code_changes(book, monkeypatch):
    assert stage.run("one", "python -m microgpt", book) == "size: 3\n"
    done = []
    monkeypatch.setattr(stage, "execute", lambda *_: done.append(1) or "again\n")
    change(book, "one", '"""A box."""', '"""Another docstring."""')
    change(book, "one", "\n    return SIZE", "  # a comment\n    return SIZE")
    change(book, "two", "SIZE = 4", "SIZE = 6")
    assert stage.run("one", "python -m microgpt", book) == "size: 3\n"
    assert not done
    change(book, "one", "SIZE = 3", "SIZE = 5")
    assert stage.run("one", "python -m microgpt", book) == "again\n"
    assert stage.run("one", "python -m microgpt", book, fresh=True) == "again\n"
    assert len(done) == 2


def test_two_processes_do_a_run_once(book):
    change(book, "one", "import sys\n", "import sys, time\ntime.sleep(0.5)\n")
    code = "import sys; from pathlib import Path; from tools.proof import stage; print("
    code += "stage.run('one', 'python -m microgpt', Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, book]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, cwd=stage.ROOT, **pipes) for _ in range(2)]
    said = [process.communicate() for process in both]
    assert [out for out, _ in said] == ["size: 3\n\n"] * 2
    assert "".join(err for _, err in said).count("one: python -m microgpt") == 1


def test_commands_can_be_joined_and_their_files_shown(book):
    change(book, "one", 'print("size:"', 'open("x", "w").write("é\\n")\nprint("size:"')
    command = "python -m microgpt a 'b c' && cat x && python -m microgpt"
    assert stage.run("one", command, book) == "size: 3 a b c\né\nsize: 3\n"
    assert not (stage.stage("one", book) / "x").exists()


def test_a_command_that_fails_shows_its_errors(book):
    change(book, "one", 'print("size:"', 'sys.exit("no room")\nprint("size:"')
    with pytest.raises(stage.RunError, match=r"exit code 1:\nno room"):
        stage.run("one", "python -m microgpt", book)
    assert stage.run("one", "python -m microgpt 2>&1", book) == "no room\n"


@pytest.mark.parametrize("command", ["rm -r x", "python -m tools.none", "", "echo"])
def test_other_commands_are_refused(book, command):
    with pytest.raises(stage.RunError, match="cannot run"):
        stage.run("one", command, book)


# Examples and numbers


def test_a_book_that_is_right_has_no_problems(book):
    assert [examples.check(page, book) for page in stage.names(book)] == [[]] * 4


def test_a_wrong_number_is_reported_and_mended(book):
    change(book, "one", "is 3<!--", "is 7<!--")
    change(book, "one", "3,000<!--", "12,500<!--")
    before = (book / "one.md").read_text()
    line = line_of(book, "one", "is 7")
    assert told(examples.check("one", book)) == [
        f"docs/one.md:{line}: 7 is 3 now, by SIZE. "
        "run python -m tools.proof.examples --write.",
        f"docs/one.md:{line}: 12,500 is 3,000 now, by big. "
        "run python -m tools.proof.examples --write.",
    ]
    assert (book / "one.md").read_text() == before
    assert examples.check("one", book, write=True) == []
    assert (book / "one.md").read_text() == ONE


def test_the_numbers_of_a_variant_are_tried_with_the_finished_program(book):
    (book / "variants").mkdir()
    page = '# More\n\n```python {#more replaces="package"}\nSIZE = 5\n```\n\n'
    text = f"{page}It has 5<!--=final.SIZE--> in place.\n"
    (book / "variants/more.md").write_text(text, "utf-8")
    assert stage.variants(book) == ["variants/more"]
    assert stage.chosen([], book) == [*stage.names(book), "variants/more"]
    assert told(examples.check("variants/more", book, write=True)) == []
    assert "It has 4<!--" in (book / "variants/more.md").read_text("utf-8")
    assert stage.stage("variants/more", book) == stage.stage("two", book)


def test_a_wrong_example_is_reported_with_its_line(book):
    change(book, "one", "[3, 3]", "[3, 4]")
    line = line_of(book, "one", ">>> box\n".strip()) + 1
    assert told(examples.check("one", book, write=True)) == [
        f"docs/one.md:{line}: the example >>> box prints [3, 3], in the book it is "
        "[3, 4]. mend the example or the code.",
    ]


def test_whatever_raises_is_reported_with_its_line(book):
    change(book, "one", "big = 1000 * SIZE", "big = 1000 * SIZES")
    change(book, "one", "[SIZE] * 2", "[SIZE] * two")
    change(book, "one", "=sum(box)", "=sum(box")
    problems = told(examples.check("one", book))
    assert [problem.split(":")[1] for problem in problems] == [
        str(line_of(book, "one", "1000 * SIZES")),
        str(line_of(book, "one", "=big")),
        str(line_of(book, "one", "* two")),
        str(line_of(book, "one", ">>> box") + 1),
        str(line_of(book, "one", "=sum(box")),
    ]
    names = ["NameError: name 'SIZES'", "NameError: name 'big'", "name 'two'"]
    for problem, what in zip(problems, [*names, "name 'box'", "SyntaxError"]):
        assert what in problem


def test_a_comment_without_a_number_before_it_is_reported(book):
    change(book, "more", "# More\n", "# More\n\nIt is<!--=3--> here, 4<!--=True-->.\n")
    problems = told(examples.check("more", book))
    assert "docs/more.md:3: 3 raises ValueError: there is no number" in problems[0]
    assert "docs/more.md:3: True raises ValueError: the expression" in problems[1]


def test_a_page_has_the_record_the_finished_package_and_paths(book):
    (book / "data").mkdir()
    (book / "data" / "record.json").write_text('{"losses": [3.25]}')
    change(book, "one", "3<!--=SIZE-->", '3.2<!--=record["losses"][0]-->')
    change(book, "one", "3,000<!--=big-->", "4<!--=final.SIZE-->")
    change(book, "one", "**6<!--", '14<!--=len(book("data").name) + 10-->, **6<!--')
    assert examples.check("one", book) == []
    change(book, "one", '"losses"', '"loss"')
    assert "record.json has no loss; run" in told(examples.check("one", book))[0]


def test_an_output_without_the_words_is_reported(book):
    change(book, "two", '"size"', '"weight"')
    assert "no number after 'weight'" in told(examples.check("two", book))[0]


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("12,345", 32469, "32,469"),
        ("999", 1000, "1,000"),
        ("1000", 2500, "2500"),
        ("1,000", 12, "12"),
        ("2.41", 2.3633, "2.36"),
        ("2.4100", 2.3633, "2.3633"),
        ("1,234.5", 9876.54, "9,876.5"),
        ("36%", 0.3549, "35%"),
        ("1.5 %", 0.0149, "1.5 %"),
        ("−3.30", -2.5, "−2.50"),
        ("-3.30", -2.5, "-2.50"),
        ("3.30", -2.5, "−2.50"),
        ("−3.30", 2.5, "2.50"),
        ("0.0", -0.01, "0.0"),
        ("1.0e-5", 0.00032, "3.2e-4"),
        ("x-3", 4, "x-4"),
        ("**3**", 4, "**4**"),
        ("$x = 3$", 4, "$x = 4$"),
        ("emma", "mia", "mia"),
        ("*emma*", "mia", "*mia*"),
        ("names emma rose", "mia lou", "names mia lou"),
    ],
)
def test_a_number_keeps_its_form(before, value, after):
    start, end, new = examples.written(f"It is {before}", value)
    assert f"It is {before}"[:start] + new + f"It is {before}"[end:] == f"It is {after}"


# Outputs


def test_an_output_is_captured_and_then_right(book):
    change(book, "one", "size: 3\n", "(to be captured)\n")
    line = line_of(book, "one", ".output")
    assert told(outputs.check("one", book)) == [
        f"docs/one.md:{line}: the output of python -m microgpt is not captured. "
        "run python -m tools.proof.outputs --write one.",
    ]
    outputs.write("one", book)
    assert (book / "one.md").read_text() == ONE
    assert outputs.check("one", book) == []
    entry = json.loads((book / "data" / "outputs.json").read_text())["one"]
    assert [*entry] == ["python -m microgpt"]
    assert entry["python -m microgpt"]["seconds"] <= 20


def test_an_output_of_other_code_is_stale(book):
    outputs.write("one", book)
    change(book, "one", "SIZE = 3", "SIZE = 5")
    (problem,) = told(outputs.check("one", book))
    assert "made by other code" in problem
    assert problem.startswith(f"docs/one.md:{line_of(book, 'one', '.output')}:")
    outputs.write("one", book)
    assert "size: 5\n" in (book / "one.md").read_text()
    assert outputs.check("one", book) == []


def test_an_output_that_was_edited_is_found_and_mended(book):
    outputs.write("one", book)
    change(book, "one", "size: 3\n", "size: 4\n")
    assert "was edited" in told(outputs.check("one", book))[0]
    (block,) = outputs.blocks("one", book)
    line = line_of(book, "one", "size: 4")
    assert str(outputs.compare(block, "one", book)) == (
        f"docs/one.md:{line}: python -m microgpt prints 'size: 3' now, not 'size: 4'. "
        "run python -m tools.proof.outputs --write one."
    )
    outputs.write("one", book)
    assert (book / "one.md").read_text() == ONE


def test_the_ledger_forgets_what_the_book_no_longer_shows(book):
    outputs.write("one", book)
    change(book, "one", 'of="python -m microgpt"', 'of="python -m microgpt a"')
    outputs.write("one", book)
    assert [*outputs.ledger(book)["one"]] == ["python -m microgpt a"]
    assert "size: 3 a\n" in (book / "one.md").read_text()


# The commands


@pytest.mark.parametrize("tool", [examples, outputs])
def test_a_command_exits_with_1_until_all_is_mended(tool, book, capsys):
    outputs.write("one", book)
    change(book, "one", "3<!--=SIZE-->", "4<!--=SIZE-->")
    change(book, "one", "size: 3\n", "size: 4\n")
    change(book, "two", "3<!--=", "4<!--=")
    where = ["--book", str(book)]
    assert tool.main(where) == 1
    assert "docs/" in capsys.readouterr().err
    assert tool.main([*where, "--write"]) == 0
    assert tool.main(where) == 0


@pytest.mark.parametrize("tool", [examples, outputs])
def test_a_chapter_that_does_not_exist_is_a_usage_error(tool, book, capsys):
    assert tool.main(["--book", str(book), "nothing"]) != 0
    assert "no chapter nothing" in capsys.readouterr().err
