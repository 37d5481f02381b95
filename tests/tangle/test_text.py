"""What comes of a book's text: literals, tabs, first lines, HTML, size, odd names."""

import ast
import os
import re
import signal
import stat
import subprocess
import sys

import pytest

from tests.tangle.desk import block
from tools import tangle

SCRIPT = [sys.executable, tangle.__file__]


def tangled(text, until=None):
    """The files and the problems of a book of one chapter."""
    book = tangle.parse_book({"docs/a.md": text}, "docs/index.md")
    _, files, problems = tangle.tangle(book, until)
    return {file.path: file.text for file in files}, list(map(str, problems))


def sound(text):
    files, problems = tangled(text)
    assert problems == []
    return files


def strings(text):
    """All strings of a Python file, in order, but for docstrings."""
    return [n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant)]


BLOCK_B = block('#b into="b"', "two")


# String literals


LITERALS = {
    "blanks at the ends of lines": 'T = """two  \n  \nblank\t \n"""',
    "single quotes": "T = '''a  \n   b'''",
    "raw": 'T = r"""a\\  \n b"""',
    "bytes": 'T = b"""a  \n b"""',
    "a continued line": "T = 'a  \\\n   b'",
    "a comment's mark inside": 'T = """a  # "\n # b  \n"""',
    "quotes inside": "T = '''\"\"\"  \n it\\''' '''",
    "in brackets": 'T = f(\n    """a  \n  b""",\n    1)',
    "a dictionary's value": 'T = {"k":\n"""a  \n  b"""}',
    "blank lines": 'T = """\n\n\n\n"""',
    "what looks like an import": 'T = """\nimport os  \n"""',
}


@pytest.mark.parametrize("code", LITERALS.values(), ids=LITERALS)
@pytest.mark.parametrize("slot", ["", "    "])
def test_a_string_comes_through_byte_for_byte(code, slot):
    inner = block('#in into="s"', code)
    a = block('#a file="a.py"', "if True:" if slot else "x = 1", f"{slot}# <<s>>")
    assert strings(sound(a + inner)["a.py"])[1:] == strings(code)


def test_every_line_of_a_string_leads_back(tmp_path):
    code = 'T = """two  \n  blank \n"""'
    text = block('#a file="a.py"', "if True:", "    # <<s>>") + block(
        '#in into="s"', code
    )
    book = tangle.parse_book({"docs/a.md": text}, "docs/index.md")
    _, (file,), _ = tangle.tangle(book)
    at = file.text.split("\n").index("  blank ") + 1
    assert tangle.where(file.segments, at) == ("docs/a.md", 7, "in")


def test_a_docstring_goes_along_with_its_function():
    inner = block('#f into="s"', "def f(self):", '    """One.', "", '    Two."""')
    text = sound(block('#a file="a.py"', "class A:", "    # <<s>>") + inner)["a.py"]
    assert text.endswith('    def f(self):\n        """One.\n\n        Two."""\n')


SPLIT = {
    "a slot": block('#a file="a.py"', 'x = """', "# <<s>>", '"""')
    + block('#s into="s"', "text"),
    "an indented slot": block('#a file="a.py"', 'x = """', "    # <<s>>", '"""')
    + block('#s into="s"', "text"),
    "two blocks": block('#a file="a.py"', 'x = """') + block('#b file="a.py"', '"""'),
    "after": block('#a file="a.py"', 'x = """') + block('#b after="a"', '"""'),
}


def parted(path, lang, first, second):
    """A file in two blocks."""
    return block(f'#a file="{path}"', first, lang=lang) + block(
        f'#b file="{path}"', second, lang=lang
    )


SPLIT |= {
    "TOML": parted("a.toml", "toml", 'x = """', '"""'),
    "C": parted("a.c", "c", 'char *x = "one \\', 'two";'),
    "a letter of C": parted("a.h", "c", "int x = 'a\\", "b';"),
    "JavaScript": parted("a.js", "js", "x = `one", "two ${y}`;"),
    "a line of JavaScript": parted("a.js", "js", "x = 'one\\", "two';"),
    "sh": parted("a.sh", "sh", "echo 'one", "two'"),
    "sh, double": parted("a.sh", "sh", 'echo "one', 'two"'),
    "sh, a command inside": parted("a.sh", "sh", 'x="$(echo "it\'s', 'so")"'),
    "sh, with escapes": parted("a.sh", "sh", "echo $'it\\'s", "so'"),
    "sh, a document": parted("a.sh", "sh", "cat <<'E'", "E"),
    "sh, a document of another end": parted("a.sh", "sh", "cat <<\\END-1", "END-1"),
    "a slot in a document": block(
        '#a file="a.sh"', "cat <<E", "# <<s>>", "E", lang="sh"
    )
    + block('#s into="s"', "text", lang="sh"),
    "YAML": parted("a.yml", "yaml", "x: |", "  text"),
    "YAML, folded in a list": parted("a.yaml", "yaml", "- >-  # why\n  one", "  two"),
}


@pytest.mark.parametrize("text", SPLIT.values(), ids=SPLIT)
def test_a_string_that_does_not_stand_in_one_block_is_refused(text):
    (problem,) = tangled(text)[1]
    assert "a string literal that does not stand in one block" in problem
    assert problem.startswith("docs/a.md:") and "put it in one" in problem


WHOLE = {
    "a quote in a command": ("a.sh", "sh", 'x="$(echo "it\'s")"', "y='1'"),
    "quotes in a calculation": ("a.sh", "sh", 'x="$((1 + (2)))$(a "b" (c))"', "y='1'"),
    "a quote after a backslash": ("a.sh", "sh", "echo it\\'s", "echo so\\'s"),
    "a quote in an escape": ("a.sh", "sh", "echo $'it\\'s'", "echo 'so'"),
    "a quote in a comment": ("a.sh", "sh", "# it's", "echo 'so'"),
    "a quote in a document": ("a.sh", "sh", "cat <<E\nit's\nE", "echo 'so'"),
    "a string that is no document": ("a.sh", "sh", "cat <<< x", "x"),
    "a quote in C's prose": ("a.c", "c", "#error don't", "#error won't"),
    "a quote in C's comment": ("a.c", "c", "/* it's */", 'char *x = "it\'s";'),
    "a path in TOML": ("a.toml", "toml", "x = 'C:\\'", "y = 'D:\\'"),
    "a pattern": ("a.js", "js", "x = /[\"'`]/", "y = `z`"),
    "a text that ends": ("a.yml", "yaml", "x: |\n  text", "y: 1"),
    "a line of bars": ("a.yml", "yaml", "x: 1" + " |" * 20_000 + " 1", "y: 1"),
    "a bar in a comment": ("a.yml", "yaml", "# or |", "  x: 1"),
}


@pytest.mark.parametrize("parts", WHOLE.values(), ids=WHOLE)
def test_what_is_whole_in_each_block_is_not_refused(parts):
    path, _, *lines = parts
    text = sound(parted(*parts))[path]
    assert all(f"\n{line}\n" in text for line in lines)


def test_a_slot_in_a_string_is_refused_before_it_is_filled_too():
    first = block('#a file="a.py"', 'x = """', "# <<s>>", '"""')
    sources = {"docs/a.md": first, "docs/b.md": block('#s into="s"', "text")}
    book = tangle.parse_book(sources, "docs/index.md")
    assert "does not stand in one" in str(tangle.tangle(book, "a")[2][0])


OTHERS = {
    "a.toml": ('x = """two  \n  blank \n"""', "toml"),
    "a.c": ('char *x = "two  \\\n  blank ";', "c"),
    "a.js": ("x = `two  \n  blank `;", "js"),
    "a.sh": ("x='two  \n  blank '", "sh"),
    "b.sh": ('x="two  \n  blank "', "sh"),
    "c.sh": ("cat <<'E'\ntwo  \n  blank \nE", "sh"),
    "a.yml": ("x: |\n  two  \n  blank ", "yaml"),
}


@pytest.mark.parametrize("path", OTHERS)
@pytest.mark.parametrize("slot", ["", "  "])
def test_strings_of_other_languages_come_through_too(path, slot):
    code, lang = OTHERS[path]
    if lang == "yaml" and slot:
        return  # there the indentation of a text is no part of it
    mark = tangle.COMMENTS[os.path.splitext(path)[1]]
    a = block(f'#a file="{path}"', f"{slot}{mark} <<s>>", lang=lang)
    text = sound(a + block('#in into="s"', code, lang=lang))[path]
    assert text.endswith(slot + code + "\n")


def test_blanks_at_the_ends_of_other_lines_go():
    text = sound(block('#a file="a.py"', "x = 1  ", "# why  ", 'y = "a "  '))["a.py"]
    assert text.endswith('x = 1\n# why\ny = "a "\n')


@pytest.mark.parametrize("path", ["a.go", "a.md", "Makefile", "script", "a.yml"])
def test_where_it_is_not_known_what_a_string_is_all_blanks_stay(path):
    lines = "x = `a  ", "  ", " b`  ", "y  "
    text = sound(block(f'#a file="{path}"', *lines, lang="text"))[path]
    assert text.endswith("\n".join(lines) + "\n")


# The first line, and tabs


@pytest.mark.parametrize(
    "path, first, rest",
    [
        ("run.sh", "#!/bin/sh", ["echo hi"]),
        ("run.sh", "#!/bin/sh", ["", "echo hi"]),
        ("run", "#!/bin/sh", ["echo hi"]),
        ("run.py", "#!/usr/bin/env python3", ["print('hi')"]),
        ("run.py", "#!/usr/bin/env python3", ['"""Doc."""', "import os", "print(os)"]),
        ("run.sh", "#!/bin/sh", []),
    ],
)
def test_a_script_begins_with_its_interpreter_and_may_be_run(desk, path, first, rest):
    desk.put({"a": "\n" + block(f'#run file="{path}"', first, *rest)})
    before = os.umask(0o022)
    assert desk.run()[0] == 0
    os.umask(before)
    lines = desk.read(path).split("\n")
    assert lines[0] == first and desk.read(path).count(first) == 1
    assert stat.S_IMODE((desk.folder / path).stat().st_mode) == 0o755
    assert "." not in path or lines[1].startswith("# Generated by tools/tangle.py from")
    assert desk.run("--where", f"{path}:1")[1] == "docs/a.md:3 run\n"
    if rest:
        done = subprocess.run([desk.folder / path], capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout
    assert desk.run("--check") == (0, "", "")


def test_a_script_stays_one_when_it_is_written_again(desk):
    desk.put({"a": block('#run file="run.sh"', "#!/bin/sh", "echo 1")})
    desk.run()
    (desk.folder / "run.sh").chmod(0o700)
    desk.put({"a": block('#run file="run.sh"', "#!/bin/sh", "echo 2")})
    assert desk.run()[0] == 0
    assert stat.S_IMODE((desk.folder / "run.sh").stat().st_mode) == 0o700


@pytest.mark.parametrize("lost, mode", [(0o644, 0o755), (0o600, 0o700), (0o745, 0o755)])
def test_a_script_that_may_not_be_executed_is_noticed_and_mended(desk, lost, mode):
    echo = block('#lib file="lib.sh"', "echo 1", lang="sh")
    desk.put({"a": block('#run file="bin/run"', "#!/bin/sh", "echo 1") + echo})
    desk.run()
    (desk.folder / "bin/run").chmod(lost)
    (desk.folder / "lib.sh").chmod(0o600)  # is no script: it keeps what it has
    told = "bin/run:1: may not be executed. run tools/tangle.py.\n"
    assert desk.run("--check") == (1, "", told)
    assert desk.run() == (0, "2 files: 1 written, 0 removed\n", "")
    assert stat.S_IMODE((desk.folder / "bin/run").stat().st_mode) == mode
    assert stat.S_IMODE((desk.folder / "lib.sh").stat().st_mode) == 0o600
    assert desk.run("--check") == (0, "", "")


def test_git_loses_no_bit_that_tangle_does_not_bring_back(desk):
    desk.put({"a": block('#run file="run"', "#!/bin/sh", "echo 1")})
    desk.run()
    git = ["git", "-C", desk.folder, "-c", "core.fileMode=false"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "config", "core.fileMode", "false"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    (desk.folder / "run").unlink()
    subprocess.run([*git, "checkout", "-q", "run"], check=True)
    assert desk.run("--check")[0] == 1 and desk.run()[0] == 0
    assert os.access(desk.folder / "run", os.X_OK)


def test_only_the_first_block_of_a_file_can_bring_its_first_line():
    text = block('#a file="a.sh"', "echo 1") + block('#b file="a.sh"', "#!/bin/sh")
    assert sound(text)["a.sh"].startswith("# Generated")
    text = block('#a file="a.sh"', "#!/bin/sh") + block('#b replaces="a"', "echo 1")
    assert sound(text)["a.sh"].startswith("# Generated")


def test_a_makefile_keeps_its_tabs(desk):
    a = block('#mk file="Makefile"', "all:", "\techo hi", "\t# <<more>>", lang="make")
    desk.put({"a": a + block('#more into="more"', "echo more", lang="make")})
    assert desk.run()[0] == 0
    assert desk.read("Makefile").endswith("all:\n\techo hi\n\t# [more]\n\techo more\n")


def test_go_keeps_its_tabs_and_tables_too():
    a = block('#g file="a.go"', "func f() {", "\treturn", "}", lang="go")
    a += block('#t file="a.tsv"', "\ta\tb", lang="tsv")
    assert "\treturn" in sound(a)["a.go"] and sound(a)["a.tsv"] == "\ta\tb\n"


@pytest.mark.parametrize("lang", ["python", "c", "yaml", "toml", "js", "sh"])
def test_tabs_are_refused_where_the_language_does_not_need_them(lang):
    text = block('#a file="a.x"', "if x:", "\ty", lang=lang)
    assert tangled(text)[1] == ["docs/a.md:3: a tab in the indentation. write spaces."]


# HTML around a block


BLOCK = block('#x file="x.py"', "x = 1")
HIDDEN = {
    "a comment": f"<!--\n{BLOCK}-->\n",
    "a comment with text": f"<!-- Not yet.\n\n{BLOCK}\n And no more. -->\n",
    "an indented comment": f"  <!--\n{BLOCK}-->\n",
    "a comment in an element": f'<div markdown="1">\n<!--\n{BLOCK}-->\n</div>\n',
    "a comment behind another": f"<!-- a --> <!-- b -->\n<!--\n{BLOCK}-->\n",
    "a comment in a raw element": f"<div>\n<!--\n{BLOCK}-->\n</div>\n",
}
SHOWN = {
    "after a comment": f"<!-- a -->\n{BLOCK}",
    "after a comment of several lines": f"<!--\na\n\nb\n-->\n{BLOCK}",
    "after a comment in a line": f"A number<!--=1 + 1--> here.\n\n{BLOCK}",
    "a fold": f'<details markdown="1">\n<summary>A</summary>\n\n{BLOCK}</details>\n',
    "an element": f"<div markdown>\n{BLOCK}</div>\n",
    "after a raw element": f"<div>\nx\n</div>\n{BLOCK}",
    "after a table": f"<table><tr><td>x</td></tr></table>\n\n{BLOCK}",
    "after a list": f"- one\n- two\n{BLOCK}",
    "after a quote": f"> one\n{BLOCK}",
    "after inline elements": f"A <b>bold</b> <br> word <img src='x'>\n{BLOCK}",
    "after code": f"Write `<!--` or ``<div>``.\n\n{BLOCK}",
    "after an address": f"<https://example.org> and <a@example.org>\n\n{BLOCK}",
    "a longer fence": BLOCK.replace("```", "`````"),
    "tildes": BLOCK.replace("```", "~~~"),
    "after a fence that shows a comment": f"```html\n<!--\n```\n{BLOCK}",
    "after a script": f'<script>\na = "<div>"\n</script>\n{BLOCK}',
}
REFUSED = {
    "an element": f"<div>\n{BLOCK}</div>\n",
    "an element, after a blank line": f"<div>\n\n{BLOCK}\n</div>\n",
    "a fold": f"<details>\n<summary>A</summary>\n\n{BLOCK}\n</details>\n",
    "an element in another": f'<div markdown="1">\n<div>\n{BLOCK}</div>\n</div>\n',
    "an element that is not closed": f"<div>\n\nText.\n\n{BLOCK}",
    "one that asks for text alone": f'<div markdown="span">\n{BLOCK}</div>\n',
    "one that asks for nothing": f'<div markdown="0">\n{BLOCK}</div>\n',
    "a hidden one": f'<div markdown="1" hidden>\n{BLOCK}</div>\n',
    "one with a style": f'<div markdown="1" style="display:none">\n{BLOCK}</div>\n',
    "a paragraph": f'<p markdown="1">\n{BLOCK}</p>\n',
    "preformatted": f"<pre>\n{BLOCK}</pre>\n",
    "a script": f"<script>\n{BLOCK}</script>\n",
    "a template": f"<template>\n{BLOCK}</template>\n",
    "a table": f"<table>\n<tr><td>\n\n{BLOCK}</td></tr>\n</table>\n",
    "a comment within a line": f"Text <!-- not\n{BLOCK}-->\n",
    "a comment within a list": f"- <!-- not\n{BLOCK}-->\n",
    "a comment that is not closed": f"Text <!-- not\n\n{BLOCK}",
    "a tag of several lines": f'<div class="\n{BLOCK}">\n</div>\n',
    "a fold that is not closed": f'<details markdown="1">\n\n{BLOCK}',
    "one that another closes": f"<div markdown>\n<nav markdown>\n{BLOCK}</div>\n",
    "an instruction": f"<?php\n{BLOCK}?>\n",
    "a declaration": f"<!DOCTYPE\n{BLOCK}>\n",
    "character data": f"<![CDATA[\n{BLOCK}]]>\n",
    "upper case": f"<DIV>\n{BLOCK}</DIV>\n",
    "an output": f"<div>\n{block('.run', 'x', lang='pycon')}</div>\n",
    "a comment that ends in code": f"<!--\n{BLOCK.replace('1', '1 # -->')}-->\n",
}


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
def test_a_block_that_is_shown_is_tangled(text):
    assert list(sound(text)) == ["x.py"]


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_a_block_in_a_comment_is_not_part_of_the_book(text):
    assert tangled(text) == ({}, [])
    after = block('#x file="x.py"', "x = 2")
    assert sound(text + after)["x.py"].endswith("x = 2\n")


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_block_that_would_not_be_rendered_is_refused(text):
    problems = tangled(text)[1]
    assert problems and problems[0].startswith("docs/a.md:")
    told = "would not be shown|ends within a block|around a block, is not closed"
    assert re.search(told, problems[0])


# Size: ten times as much takes ten times as long


def calls(work):
    """How many lines of the tangler a piece of work goes through."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        count += event == "line"
        return trace if frame.f_code.co_filename == tangle.__file__ else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def nested(n):
    deep = block('#s0 file="a.toml"', "# <<s1>>")
    for k in range(1, n):
        deep += block(f'#s{k} into="s{k}"', f"# <<s{k + 1}>>")
    return deep + block(f'#s{n} into="s{n}"', "x")


def in_a_circle(n):
    return (
        nested(n)
        .replace('#s0 file="a.toml"', f'#s0 into="s{n}"')
        .replace("\nx\n", "\n# <<s0>>\n")
    )


def replaced(n):
    text = block('#r0 file="a.toml"', "# <<s>>") + block('#s into="s"', "x")
    for k in range(n):
        text += block(f'#r{k + 1} replaces="r{k}"', f"# <<s{k}>>")
        text += block(f'#s{k} into="s{k}"', "x")
    return text


def imports(n):
    lines = [f"import a{k}" for k in range(n)]
    return block('#a file="a.py"', "x = 1") + block('#b file="a.py"', *lines)


def one_import(n):
    lines = ["from a import (", *(f"    a{k}," for k in range(n)), ")"]
    return block('#a file="a.py"', "x = 1") + block('#b file="a.py"', *lines)


def open_import(n):
    lines = ["from a import (", *(f"    a{k}," for k in range(n))]
    return block('#a file="a.py"', "x = 1") + block('#b file="a.py"', *lines)


def docstring(n):
    return block('#a file="a.py"', '"""A', *["text"] * n, '"""', "import os")


def literals(n):
    return block('#a file="a.py"', *['x = """a', 'b"""'] * n)


def comments(n):
    return "<!-- a -->\n`<b>` <div>\n</div>\n" * n + BLOCK


def fences(n):
    return "```\nx\n```\n" * n


SIZES = [nested, replaced, imports, one_import, open_import, docstring, literals]


@pytest.mark.parametrize("make", [*SIZES, comments, fences, in_a_circle])
def test_ten_times_as_much_takes_ten_times_as_long(make):
    few, many = make(40), make(400)
    assert calls(lambda: tangled(many)) < 15 * calls(lambda: tangled(few))


@pytest.mark.parametrize(
    "line",
    ["```python" + " " * 10**6, "```" + " " * 10**6 + "x", "x " + "`" * 10**6]
    + ["```python " + "a " * 10**5, "<a " * 10**5, "`" * 3 + " x" * 10**5 + "`"]
    + ["# <<s" + " " * 10**6, "<div " + "a=" * 10**5, "]( " * 10**5],
    ids=range(9),
)
def test_a_very_long_line_does_not_hang_it(line):
    tangled(f"{line}\n{line}\n")
    tangled(block('#a file="a.py"', f"x = 1  # {line}"))


def test_slots_too_deep_are_told_once_and_where():
    (problem,) = tangled(nested(300))[1]
    assert (
        problem
        == f"docs/a.md:{2 + 3 * tangle.DEPTH}: slots lie too deep. nest them less."
    )


@pytest.mark.parametrize("path", ["notes.txt", "Dockerfile", "a.html", "data.csv"])
def test_a_file_whose_comments_are_not_known_holds_no_slots(desk, path):
    desk.put({"a": block(f'#a file="{path}"', "one", "# <<b>>") + BLOCK_B})
    code, _, err = desk.run()
    assert code == 1 and desk.files() == set()
    assert "a.md:3: <<b>> in a file whose kind of comment is not known. " in err


# Odd names, odd terminals, the reader gone, Ctrl-C


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31m", "a\u2028b", "a\udcffb", "a\rb"])
def test_a_chapter_whose_name_cannot_be_shown_is_a_problem_of_one_line(desk, name):
    desk.put({"z": BLOCK, name: block('#y file="y.py"', "x = 1")})
    code, out, err = desk.run()
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert err[:-1].isprintable() and "has a name that cannot be shown" in err
    assert desk.files() == set()


def test_a_book_whose_name_cannot_be_shown_puts_nothing_into_a_file(desk):
    (desk.folder / "b\nk").mkdir()
    (desk.folder / "b\nk/a.md").write_text(BLOCK)
    code, _, err = desk.run("--book", str(desk.folder / "b\nk"))
    assert code == 1 and err.count("\n") == 1 and desk.files() == {"b\nk/a.md"}


@pytest.mark.parametrize(
    "where", ["x:" + "9" * 5000, "x:-1", "x:²", "x:١", "x:1 ", ":"]
)
def test_a_line_that_is_none_is_wrong_usage(desk, where):
    code, out, err = desk.run("--where", where)
    assert (code, out) == (2, "") and "--where takes FILE:LINE" in err


@pytest.mark.parametrize("name", ["a\nb:1", "\udcff:1", "a\x1b[0m:1"])
def test_a_file_with_an_odd_name_is_told_in_one_line(desk, name):
    code, out, err = desk.run("--where", name)
    assert (code, out) == (1, "") and err.count("\n") == 1 and err[:-1].isprintable()


def test_an_unknown_chapter_with_an_odd_name_is_told_in_one_line(desk):
    desk.put({"a": BLOCK})
    code, _, err = desk.run("--until", "a\nb\udcff")
    assert code == 2 and r"no chapter a\nb\udcff in docs/a.md" in err


def command(desk, *options):
    where = ["--book", desk.folder / "docs", "--output", desk.folder]
    return [*SCRIPT, *where, *options]


def test_an_ascii_terminal_gets_replaced_characters(desk):
    desk.put({"übung": BLOCK})
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = subprocess.run(command(desk, "--list"), capture_output=True, env=ascii_only)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"x  docs/\\xfcbung.md:1  x.py:3-4\n"


PRINTING = pytest.mark.parametrize("option", ["--list", "--help"])


@PRINTING
def test_a_reader_that_goes_away_is_met_with_silence(desk, option):
    desk.put({"a": BLOCK})
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command(desk, option), stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@PRINTING
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_output_is_told_in_one_line(desk, option, unbuffered):
    desk.put({"a": BLOCK})
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command(desk, option), stdout=full, stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    told = b"the output:1: No space left on device. clear the way.\n"
    assert (done.returncode, done.stderr) == (1, told)


@pytest.mark.parametrize("closed", [1, 2])
def test_a_stream_that_is_closed_is_no_matter(desk, closed):
    desk.put({"a": BLOCK})
    done = subprocess.run(
        command(desk), capture_output=True, preexec_fn=lambda: os.close(closed)
    )
    assert done.returncode == 0 and not done.stderr


def test_ctrl_c_while_it_works_is_quiet(desk, monkeypatch):
    desk.put({"a": BLOCK})

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(tangle, "plan", stopped)
    assert desk.run() == (130, "", "")
    assert desk.files() == set()


def test_ctrl_c_while_it_loads_is_quiet(tmp_path):
    (tmp_path / "ast.py").write_text(
        "import os\nos.kill(os.getpid(), 2)\nimport time\n"
    )
    code = f"import runpy, sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    code += f"runpy.run_path({tangle.__file__!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_it_needs_no_docstrings(desk):
    desk.put({"a": BLOCK})
    for options in (["--list"], ["--help"]):
        where = command(desk, *options)[1:]
        done = subprocess.run([sys.executable, "-OO", *where], capture_output=True)
        assert done.returncode == 0 and done.stdout and not done.stderr


def test_a_book_that_lies_elsewhere_leaves_this_program_alone(desk):
    desk.put({"a": BLOCK})
    before = sorted((tangle.ROOT / "microgpt").iterdir())
    assert tangle.main(["--book", str(desk.folder / "docs")]) == 0
    assert desk.files() == {".tangle.json", "x.py"}
    assert sorted((tangle.ROOT / "microgpt").iterdir()) == before


@pytest.mark.parametrize(
    "option", ["--book", "--output", "--until", "--where", "--with"]
)
@pytest.mark.parametrize("value", ["", "a\0b"])
def test_an_empty_name_is_wrong_usage(desk, option, value):
    desk.put({"a": BLOCK})
    code, out, err = desk.run(option, value)
    assert (code, out) == (2, "") and "is a variable unset" in err
    assert desk.files() == set()


@pytest.mark.parametrize(
    "path", ["x" * 300, "x/" + "y" * 201 + ".py", "a./b.py", "a.py."]
)
def test_a_name_that_some_disks_cannot_hold_is_told_at_its_block(desk, path):
    desk.put({"a": block(f'#a file="{path}"', "x = 1")})
    code, _, err = desk.run()
    assert code == 1 and err.startswith("docs/a.md:1: ") and "is no path" in err
    assert desk.files() == set()


def test_a_folder_that_is_gone_is_said(desk):
    desk.put({"a": BLOCK})
    code = "import os, sys, runpy; os.mkdir('gone'); os.chdir('gone'); "
    code += "os.rmdir('../gone'); sys.argv = ['tangle.py', '--book', 'docs']; "
    code += f"runpy.run_path({tangle.__file__!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=desk.folder, capture_output=True, text=True
    )
    said = "the current folder:1: No such file or directory. clear the way.\n"
    assert (done.returncode, done.stderr) == (1, said)
