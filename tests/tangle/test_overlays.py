"""Variants: pages behind the book that change its program."""

import json
import os

import pytest

from tests.tangle.desk import block
from tools import tangle

BOOK = {
    "index": "# Contents\n\n1. [First](one.md)\n2. [Second](two.md)\n",
    "one": block('#base file="pkg/a.py"', "x = 1", "# <<more>>")
    + block('#rest into="more"', "y = 2"),
    "two": block('#late file="pkg/a.py"', "z = 3"),
    "variants/ten": "# Ten\n\n" + block('#ten replaces="rest"', "y = 10"),
    "variants/add": block('#add after="rest"', "y += 1"),
    "variants/new": block('#new file="pkg/b.py"', "b = 1"),
}


@pytest.fixture
def book(desk):
    desk.put(BOOK)
    return desk


def vary(desk, *names, options=(), output="out"):
    """Run the command with variants of the desk's book."""
    pages = [str(desk.folder / f"docs/variants/{name}.md") for name in names]
    given = [word for page in pages for word in ("--with", page)]
    return desk.run(*given, "--output", str(desk.folder / output), *options)


def code(desk, path="out/pkg/a.py"):
    """The lines of a file that are no comments."""
    return [line for line in desk.read(path).split("\n") if line[:1] not in ("", "#")]


def put_variant(desk, name, *text):
    desk.put({f"variants/{name}": "".join(text)})


def test_a_variant_changes_the_program_of_a_folder_of_its_own(book):
    assert vary(book, "ten") == (0, "1 files: 2 written, 0 removed\n", "")
    assert code(book) == ["x = 1", "y = 10", "z = 3"]
    assert "out/.tangle.json" in book.files() and "pkg/a.py" not in book.files()


def test_variants_are_no_chapters_of_the_book(book):
    assert book.run()[0] == 0
    assert code(book, "pkg/a.py") == ["x = 1", "y = 2", "z = 3"]
    assert tangle.chapter_files(book.folder / "docs")[0] == [
        book.folder / f"docs/{name}.md" for name in ("index", "one", "two")
    ]


def test_a_folder_called_variants_further_down_holds_chapters(book):
    book.put({"part/variants/more": block('#deep file="c.py"', "x = 1")})
    assert book.run()[0] == 0 and "c.py" in book.files()


def test_a_variant_may_lie_anywhere_and_is_named_as_it_was_given(book, monkeypatch):
    monkeypatch.chdir(book.folder)
    (book.folder / "mine.md").write_text(BOOK["variants/ten"], "utf-8")
    assert book.run("--with", "mine.md", "--output", "out")[0] == 0
    text = book.read("out/pkg/a.py")
    assert "from docs/one.md, docs/two.md and mine.md: edit there" in text
    at = text.split("\n").index("y = 10") + 1
    where = ["--output", "out", "--where", f"pkg/a.py:{at}"]
    assert book.run(*where) == (0, "mine.md:4 ten\n", "")


def test_several_variants_combine_in_the_order_given(book):
    assert vary(book, "ten", "add", "new")[0] == 0
    assert code(book) == ["x = 1", "y = 10", "y += 1", "z = 3"]
    assert code(book, "out/pkg/b.py") == ["b = 1"]
    put_variant(book, "twice", block('#twice after="rest"', "y *= 2"))
    assert vary(book, "add", "twice", output="sum")[0] == 0
    assert vary(book, "twice", "add", output="product")[0] == 0
    assert code(book, "sum/pkg/a.py")[2:4] == ["y += 1", "y *= 2"]
    assert code(book, "product/pkg/a.py")[2:4] == ["y *= 2", "y += 1"]


def test_the_variant_that_took_a_block_before_another_is_named(book):
    put_variant(book, "six", "# Six\n\n\n", block('#six replaces="rest"', "y = 6"))
    exit_code, out, err = vary(book, "ten", "six")
    ten, six = (f"{book.folder}/docs/variants/{name}.md" for name in ("ten", "six"))
    assert (exit_code, out) == (1, "")
    assert err == (
        f"{six}:4: ten has taken the place of rest, at {ten}:3. "
        "name ten, to change that, or another block.\n"
    )
    assert not (book.folder / "out").exists()


def test_a_variant_may_change_what_another_has_put_in(book):
    put_variant(book, "twelve", block('#twelve replaces="ten"', "y = 12"))
    assert vary(book, "ten", "twelve")[0] == 0
    assert code(book) == ["x = 1", "y = 12", "z = 3"]
    exit_code, _, err = vary(book, "twelve", output="alone")
    assert exit_code == 1 and "twelve.md:1: no block ten stands before this" in err


@pytest.mark.parametrize("kind", ["replaces", "instead", "after"])
def test_a_variant_that_no_longer_fits_the_book_is_an_error_at_its_line(book, kind):
    put_variant(book, "old", "# Old\n\n", block(f'#old {kind}="gone"', "y = 0"))
    exit_code, _, err = vary(book, "old")
    at = f"{book.folder}/docs/variants/old.md:3"
    assert exit_code == 1
    assert err == f"{at}: no block gone stands before this one. name one that does.\n"
    assert not (book.folder / "out").exists()


def test_a_variant_that_fills_a_slot_that_is_gone_is_an_error_at_its_line(book):
    put_variant(book, "old", "\n", block('#old into="gone"', "y = 0"))
    exit_code, _, err = vary(book, "old")
    assert exit_code == 1 and "old.md:2: never used: no block opens <<gone>>" in err


def test_what_does_not_compile_in_a_variant_is_an_error_at_its_line(book):
    put_variant(book, "bad", block('#bad replaces="rest"', "y = 1", "y = ("))
    exit_code, _, err = vary(book, "bad")
    assert exit_code == 1 and "variants/bad.md:3: pkg/a.py:" in err
    assert not (book.folder / "out").exists()


def test_an_id_of_the_book_or_of_another_variant_is_taken(book):
    put_variant(book, "late", block('#late replaces="rest"', "y = 0"))
    exit_code, _, err = vary(book, "late")
    assert exit_code == 1 and "late.md:1: the id late is taken, at docs/two.md:1" in err
    put_variant(book, "tens", BOOK["variants/ten"])
    exit_code, _, err = vary(book, "ten", "tens")
    assert exit_code == 1 and "tens.md:3: the id ten is taken, at " in err


def test_an_id_of_a_later_chapter_is_taken_in_an_earlier_stage_too(book):
    put_variant(book, "late", block('#late replaces="rest"', "y = 0"))
    assert vary(book, "late", options=["--until", "one"])[0] == 1


def test_a_variant_can_change_the_program_of_an_earlier_chapter(book):
    assert vary(book, "ten", options=["--until", "one"])[0] == 0
    assert code(book) == ["x = 1", "y = 10"]
    put_variant(book, "later", block('#later replaces="late"', "z = 0"))
    exit_code, _, err = vary(book, "later", options=["--until", "one"])
    assert exit_code == 1 and "no block late stands before this one" in err


def test_a_variant_without_a_block_is_an_error(book):
    put_variant(book, "empty", "# Nothing\n\n```python\nx = 1\n```\n")
    exit_code, _, err = vary(book, "empty")
    assert exit_code == 1 and "empty.md:1: changes nothing, it holds no block." in err


def test_a_variant_that_cannot_be_read_as_text_is_an_error_at_its_line(book):
    book.put({"variants/raw": b"# Raw\n\n\xff\n"})
    exit_code, _, err = vary(book, "raw")
    assert exit_code == 1 and "raw.md:3: is not UTF-8. save it as UTF-8." in err


@pytest.mark.parametrize("output", [".", "docs/..", "link"])
def test_the_package_beside_the_book_is_never_a_variant(book, output):
    (book.folder / "link").symlink_to(book.folder)
    exit_code, out, err = vary(book, "ten", output=output)
    assert (exit_code, out) == (2, "")
    assert "--with needs --output DIR, another folder: the package beside" in err
    assert "pkg/a.py" not in book.files()


def test_without_output_a_variant_is_wrong_usage(book, capsys):
    page = str(book.folder / "docs/variants/ten.md")
    with pytest.raises(SystemExit) as stop:
        tangle.main(["--with", page])
    assert stop.value.code == 2
    assert "--with needs --output DIR" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["gone", ".", "a\nb"])
def test_a_variant_that_is_no_file_is_wrong_usage(book, name):
    exit_code, _, err = vary(book, name)
    assert exit_code == 2 and "there is no page " in err and "\nb" not in err
    assert not (book.folder / "out").exists()


@pytest.mark.parametrize("again", ["ten", "../variants/ten", "link"])
def test_a_variant_that_is_given_twice_is_wrong_usage(book, again):
    os.symlink("ten.md", book.folder / "docs/variants/link.md")
    code, _, err = vary(book, "ten", again)
    assert (
        code == 2
        and f"{again}.md twice" in err
        and "out" not in os.listdir(book.folder)
    )


@pytest.mark.parametrize("page", ["../one", "../part/more"])
def test_a_chapter_is_no_variant_of_its_book(book, page):
    book.put({"part/more": "# More"})
    code, _, err = vary(book, page)
    assert code == 2 and "is a chapter of the book" in err


def test_the_list_says_what_a_variant_replaces_and_writes_nothing(book):
    before = book.files()
    exit_code, out, _ = vary(book, "ten", options=["--list"], output=".")
    assert exit_code == 0 and book.files() == before
    page = f"{book.folder}/docs/variants/ten.md"
    assert "rest  docs/one.md:5  replaced by ten\n" in out
    assert f"ten  {page}:3  pkg/a.py:" in out


def test_check_compares_a_variant_with_its_folder(book):
    exit_code, _, err = vary(book, "ten", options=["--check"])
    assert exit_code == 1 and "pkg/a.py:1: differs from the book" in err
    assert vary(book, "ten")[0] == 0
    assert vary(book, "ten", options=["--check"]) == (0, "", "")
    assert vary(book, "add", options=["--check"])[0] == 1


def test_the_same_variants_make_the_same_files_and_a_second_run_writes_none(book):
    (book.folder / "docs/data").mkdir()
    (book.folder / "docs/data/names.txt").write_text("emma\n", "utf-8")
    assert vary(book, "ten", "add")[0] == 0
    assert vary(book, "ten", "add")[1].endswith("0 written, 0 removed\n")
    assert vary(book, "ten", "add", output="other")[0] == 0
    made = {
        str(path.relative_to(book.folder / folder)): path.read_bytes()
        for folder in ("out", "other")
        for path in (book.folder / folder).rglob("*.*")
        if path.is_file()
    }
    for name, data in made.items():
        assert (book.folder / "out" / name).read_bytes() == data
    assert {*made} == {"pkg/a.py", "docs/data/names.txt", ".tangle.json"}


def test_a_folder_of_another_variant_is_brought_up_to_date(book):
    assert vary(book, "new")[0] == 0
    assert vary(book, "ten")[1].endswith("1 removed\n")
    assert not (book.folder / "out/pkg/b.py").exists()


def test_what_somebody_edited_in_the_folder_of_a_variant_stays(book):
    assert vary(book, "ten")[0] == 0
    path = book.folder / "out/pkg/a.py"
    path.write_text(path.read_text("utf-8") + "mine = 1\n", "utf-8")
    exit_code, _, err = vary(book, "add")
    assert exit_code == 1 and "was edited by hand" in err
    assert path.read_text("utf-8").endswith("mine = 1\n")


# The texts that a program reads


@pytest.fixture
def data(book):
    """The folder of the book's data."""
    folder = book.folder / "docs/data"
    folder.mkdir()
    (folder / "names.txt").write_bytes("emma\nzoë\n".encode())
    (folder / "table.csv").write_text("a,b\n", "utf-8")
    return folder


@pytest.mark.parametrize("options", [[], ["--until", "one"]])
def test_a_program_that_lies_elsewhere_gets_the_texts_of_the_book(book, data, options):
    out = ["--output", str(book.folder / "out")]
    assert book.run(*out, *options)[0] == 0
    assert book.read("out/docs/data/names.txt") == "emma\nzoë\n"
    assert not (book.folder / "out/docs/data/table.csv").exists()
    assert "docs/data/names.txt" in json.loads(book.read("out/.tangle.json"))


def test_the_program_beside_the_book_has_its_texts_already(book, data):
    os.utime(data / "names.txt", ns=(1, 1))
    assert book.run()[0] == 0
    assert "docs/data/names.txt" not in json.loads(book.read(".tangle.json"))
    assert (data / "names.txt").stat().st_mtime_ns == 1


def test_a_text_that_somebody_changed_there_stays(book, data):
    assert vary(book, "ten")[0] == 0
    copy = book.folder / "out/docs/data/names.txt"
    (data / "names.txt").write_text("ada\n", "utf-8")
    assert vary(book, "ten")[0] == 0 and copy.read_text("utf-8") == "ada\n"
    copy.write_text("mine\n", "utf-8")
    exit_code, _, err = vary(book, "ten")
    assert exit_code == 1 and copy.read_text("utf-8") == "mine\n"
    assert err.startswith("docs/data/names.txt:1: docs/data/names.txt was edited by")
    assert vary(book, "ten", options=["--force"])[0] == 0


def test_a_text_that_is_none_is_an_error_and_nothing_is_written(book, data):
    (data / "raw.txt").write_bytes(b"\xff")
    exit_code, _, err = vary(book, "ten")
    assert exit_code == 1 and "docs/data/raw.txt:1: is not UTF-8" in err
    assert not (book.folder / "out").exists()
