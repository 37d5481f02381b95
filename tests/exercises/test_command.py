"""python -m tools.exercise, as a student uses it: typed in a folder of her own."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tools import exercise
from tools.proof import exercises
from tools.tangle import ROOT

COMMAND = [sys.executable, "-m", "tools.exercise"]
HERE = {"PYTHONPATH": str(ROOT), "COLUMNS": "80", "PYTHONUNBUFFERED": ""}
RIGHT = (exercises.SOLUTIONS / "names.py").read_text("utf-8")
ID = "exercise-names-both"
SOLVED = "names both: solved, 4 cases tried.\n"


@pytest.fixture
def student(tmp_path, capsys, monkeypatch):
    """What a student can do in a folder of her own."""
    monkeypatch.setenv("COLUMNS", "80")
    return Student(tmp_path, capsys, monkeypatch)


class Student:
    def __init__(self, folder, capsys, monkeypatch):
        self.folder, self.capsys, self.monkeypatch = folder, capsys, monkeypatch
        self.progress = folder / "answers" / "progress.json"

    def types(self, *words):
        """What the command answers, in this process: the quick way."""
        self.monkeypatch.chdir(self.folder)
        try:
            code = exercise.main(words)
        except SystemExit as end:
            code = end.code
        return subprocess.CompletedProcess(words, code, *self.capsys.readouterr())

    def types_apart(self, *words, **surroundings):
        """What the command answers in a process of its own, never with a traceback."""
        done = subprocess.run(
            [*COMMAND, *words], cwd=self.folder, env=os.environ | HERE | surroundings,
            capture_output=True, encoding="utf-8", timeout=120,
        )  # fmt: skip
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def writes(self, code, chapter="names"):
        """Put an answer in its place."""
        path = self.folder / "answers" / f"{chapter}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(code, "utf-8")
        return path


def refused(done, code=2):
    """Is something refused in a few words, with nothing printed beside them?"""
    return (done.returncode, done.stdout) == (code, "") and done.stderr.count("\n") < 9


# Listing and making


def test_the_list_names_every_exercise_and_how_to_begin(student):
    said = student.types().stdout
    every = [it for name in exercises.chapters() for it in exercises.of_chapter(name)]
    assert said.startswith(f"0 of {len(every)} exercises are solved.\n")
    assert all(f"[ ] {it.name}" in said for it in every)
    assert "python -m tools.exercise names" in said
    assert not (student.folder / "answers").exists()


def test_the_way_on_is_the_whole_name_of_a_chapter_whatever_is_in_it(student):
    order = exercises.chapters()
    before = order[: order.index("one-number")]
    solved = [it.id for name in before for it in exercises.of_chapter(name)]
    student.progress.parent.mkdir()
    student.progress.write_text(json.dumps({"solved": solved, "hints": {}}), "utf-8")
    end = student.types().stdout.splitlines()[-1]
    assert end == "Go on with python -m tools.exercise one-number"


def test_what_is_solved_is_remembered_beside_the_answers(student):
    student.writes(RIGHT)
    student.types("names", "both")
    assert "1 of " in student.types().stdout
    assert "[x] both  [ ] shuffled" in student.types("names").stdout
    assert ID in student.progress.read_text("utf-8")


def test_what_is_spoiled_later_is_no_longer_solved(student):
    student.writes(RIGHT)
    student.types("names", "both")
    student.writes("def repeated(docs):\n    return docs\n")
    student.types("names", "both")
    assert "[ ] both" in student.types("names").stdout


def test_a_chapter_makes_a_file_with_statements_and_signatures(student):
    done = student.types("tokens")
    assert done.returncode == 0 and "answers/tokens.py" in done.stdout
    text = (student.folder / "answers" / "tokens.py").read_text("utf-8")
    compile(text, "tokens.py", "exec")
    for it in exercises.of_chapter("tokens"):
        assert f"# {it.title} ({it.kind})\n" in text
        assert f"python -m tools.exercise tokens {it.name} --hint" in text
        assert f"tokens {it.name}" in done.stdout
        assert all(f"def {name}(" in text for name in exercises.wanted(it))
    assert "join_pair" not in text  # a helper of the solution is not given away


def test_a_file_that_is_there_is_never_overwritten(student):
    path = student.writes("mine = 1\n")
    for words in (["names"], ["names", "both"], ["names", "both", "--solution"]):
        student.types(*words)
    assert path.read_text("utf-8") == "mine = 1\n"


# Checking


@pytest.mark.parametrize("way", ["types", "types_apart"])
def test_a_right_answer_gets_one_line(student, way):
    student.writes(RIGHT)
    done = getattr(student, way)("names", "both")
    assert (done.returncode, done.stdout, done.stderr) == (0, SOLVED, "")


@pytest.mark.parametrize(
    "text",
    ["\ufeff" + RIGHT, RIGHT.replace("\n", "\r\n"), "# coding: latin-1\n# é\n" + RIGHT],
    ids=["mark", "crlf", "latin-1"],
)
def test_an_answer_is_read_as_python_reads_it(student, text):
    encoding = "latin-1" if "latin-1" in text else "utf-8"
    student.writes("").write_bytes(text.encode(encoding))
    assert student.types("names", "both").stdout == SOLVED


@pytest.mark.parametrize("chapter", ["names.md", "docs/names.md", "./docs/names.md"])
def test_a_chapter_may_be_named_by_its_file(student, chapter):
    student.writes(RIGHT)
    assert student.types(chapter, "both").stdout == SOLVED


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_record_that_is_no_file_is_said(student, make):
    student.writes(RIGHT)
    make(student.progress)
    done = student.types_apart("names", "both")
    assert refused(done) and done.stderr == "answers/progress.json: it is no file\n"


def test_an_untouched_file_is_not_solved_and_the_line_is_named(student):
    student.types("names")
    done = student.types("names", "both")
    assert done.returncode == 1
    first, tried, expected, got = done.stdout.splitlines()
    assert first == "names both: not yet, in case 1."
    assert tried == "  tried     repeated(['b', 'a', 'b', 'c', 'a', 'b'])"
    assert expected == "  expected  ['b', 'a']"
    assert got.startswith("  got       nothing: it is still to be written, at answers/")


def test_a_wrong_answer_is_told_in_at_most_six_lines(student):
    student.writes("def repeated(docs):\n    return [docs] * 1000\n")
    done = student.types("names", "both")
    assert done.returncode == 1 and done.stderr == ""
    assert 4 <= len(done.stdout.splitlines()) <= 6
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_one_exercise_is_checked_though_the_others_are_not_there(student):
    student.writes(RIGHT.split("def shuffled")[0])
    assert student.types("names", "both").stdout == SOLVED
    said = student.types("names", "shuffled").stdout
    assert said.endswith("module 'answers' has no attribute 'shuffled'\n")


def test_the_program_is_that_of_the_end_of_the_chapter(student):
    code = (exercises.SOLUTIONS / "values.py").read_text("utf-8")
    code += '\nassert not hasattr(Value, "backward")  # it comes in the next chapter\n'
    code += "assert (Value(1.0) + 1)._children[1].data == 1  # a node, as yet\n"
    student.writes(code, "values")
    assert ": solved" in student.types("values", "abs").stdout


@pytest.mark.parametrize(
    "code, got",
    [
        ("def repeated(docs)\n    return 1\n", "at answers/names.py:1"),
        ("def repeated(docs):\nreturn 1\n", "at answers/names.py:2"),
        ("import no_such_module\n", "'no_such_module', at answers/names.py:1"),
        ("\nraise SystemExit\n", "SystemExit, at answers/names.py:2"),
        ("def repeated(docs):\n    return len(1)\n", "at answers/names.py:2"),
        ("def repeated(docs):\n    return repeated(docs)\n", "RecursionError"),
        ("def repeated(docs):\n    return input()\n", "EOFError"),
    ],
    ids=["syntax", "indent", "import", "exit", "error", "recursion", "input"],
)
def test_an_error_of_an_answer_is_told_with_its_line(student, code, got):
    student.writes(code)
    done = student.types("names", "both")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 4
    assert got in done.stdout.splitlines()[-1]


def test_an_endless_loop_ends_and_the_case_is_named(student):
    student.writes("def count_nodes(root):\n    while True:\n        pass\n", "values")
    *_, tried, _, got = student.types("values", "count").stdout.splitlines()
    assert tried == "  tried     count_nodes(a), a = Value(2.0)"
    assert got.startswith("  got       nothing within 1 second: too slow")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.long
def test_an_endless_loop_takes_its_processes_with_it(student):
    code = """
        import os
        def count_nodes(root):
            if not os.fork():
                open({path!r}, "w").write(str(os.getpid()))
            while True:
                pass
    """
    path = student.folder / "pid"
    code = code.replace("\n        ", "\n").format(path=str(path))
    student.writes(code, "values")
    said = student.types("values", "count").stdout
    assert said.endswith("nothing within 1 second: too slow, or it never ends\n")
    assert not is_running(int(path.read_text()))


def is_running(pid):
    """Does a process run? (A dead one may wait for somebody to ask how it ended.)"""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True)
    return done.stdout.strip()[:1] not in (b"", b"Z")


@pytest.mark.parametrize("code", [0, 3, -9])
def test_a_process_that_dies_is_told_apart_from_one_that_is_slow(student, code):
    dies = f"os._exit({code})" if code >= 0 else "os.kill(os.getpid(), 9)"
    student.writes(f"import os\ndef repeated(docs):\n    {dies}\n")
    *_, tried, _, got = student.types("names", "both").stdout.splitlines()
    assert "repeated" in tried
    assert got == f"  got       the process ended with exit code {code}"


@pytest.mark.parametrize(
    "code",
    ["print('one\\ntwo')", "import sys; sys.stdout.close()", "import os; os.close(1)"],
)
def test_what_an_answer_does_to_its_output_does_not_spoil_ours(student, code):
    student.writes(f"{RIGHT}\n{code}\n")
    assert student.types("names", "both").stdout == SOLVED


@pytest.mark.long
def test_a_lost_thread_does_not_keep_the_outcome_waiting(student):
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=[99])"
    student.writes(f"{RIGHT}\n{code}.start()\n")
    assert student.types("names", "both").stdout == SOLVED


# Hints and solutions


def test_two_hints_come_one_after_the_other_and_then_no_more(student):
    said = [student.types("names", "both", "--hint").stdout for _ in range(3)]
    first, second = exercises.of_chapter("names")[0].hints
    assert said[0] == f"Hint 1 of 2: {first}\n"
    assert said[1] == f"Hint 2 of 2: {second}\n"
    assert said[2].startswith(said[1]) and "There is no other." in said[2]
    assert "Hint 1 of 2" in student.types("names", "leak", "--hint").stdout


def test_the_solution_is_shown_and_makes_nothing_solved(student):
    done = student.types("names", "both", "--solution")
    assert done.returncode == 0
    assert "def repeated(docs):" in done.stdout and "<details" not in done.stdout
    assert "0 of " in student.types().stdout


# Misuse


@pytest.mark.parametrize(
    "words, said",
    [
        (["nammes"], "no exercises in 'nammes'; do you mean names?"),
        (["making"], "no exercises in 'making'"),
        (["zzz"], "there are names, tokens, "),
        (["names", "bth"], "names has no exercise 'bth'; do you mean both?"),
        (["names", "zzz"], "there are both, shuffled, leak, neighbours"),
        (["names", "--hint"], "name an exercise as well"),
        (["names", "both", "--hint", "--solution"], "not allowed with"),
        (["../names"], "no exercises in '../names'"),
    ],
    ids=" ".join,
)
def test_what_is_mistyped_is_refused_with_what_may_be_meant(student, words, said):
    done = student.types(*words)
    assert done.returncode == 2 and done.stdout == ""
    assert said in " ".join(done.stderr.split())
    assert not (student.folder / "answers").exists()


def test_where_there_is_no_file_the_command_that_makes_it_is_named(student):
    done = student.types("names", "both")
    assert refused(done) and "python -m tools.exercise names" in done.stderr


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"[]", b'{"solved": 1, "hints": {}}', b'{"solved": ["x"]}',
     b'{"solved": [], "hints": {"a": "many"}}'],
)  # fmt: skip
def test_a_damaged_record_is_said_and_replaced(student, data):
    student.writes(RIGHT)
    student.progress.write_bytes(data)
    done = student.types("names", "both")
    assert (done.returncode, done.stdout) == (0, SOLVED)
    assert done.stderr == "answers/progress.json is damaged: starting anew\n"
    assert ID in student.progress.read_text("utf-8")


def test_a_record_with_impossible_numbers_does_no_harm(student):
    student.writes(RIGHT)
    student.progress.write_text(f'{{"solved": ["x"], "hints": {{"{ID}": -3}}}}')
    assert "Hint 1 of 2" in student.types("names", "both", "--hint").stdout
    student.progress.write_text(f'{{"solved": ["x"], "hints": {{"{ID}": 99}}}}')
    assert "Hint 2 of 2" in student.types("names", "both", "--hint").stdout
    assert "0 of " in student.types().stdout


# Surroundings


def test_a_file_where_the_folder_belongs_is_left_alone(student):
    (student.folder / "answers").write_text("mine")
    for words in ([], ["names"], ["names", "both"], ["names", "both", "--hint"]):
        assert refused(student.types(*words))
    assert (student.folder / "answers").read_text() == "mine"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="there is no /proc here")
def test_where_nothing_can_be_written_reading_still_works(student):
    student.folder = "/proc"  # not even the superuser can write there
    assert student.types().returncode == 0
    assert student.types("names", "both", "--solution").returncode == 0
    done = student.types("names", "both", "--hint")
    assert (done.returncode, done.stdout[:11]) == (2, "Hint 1 of 2")
    assert done.stderr.startswith("answers: ")
    assert refused(student.types("names"))


def test_a_folder_that_is_gone_is_said(student):
    gone = student.folder / "gone"
    gone.mkdir()
    code = f"import os, runpy, sys; os.rmdir({str(gone)!r}); sys.argv[1:] = ['names']"
    code += "; runpy.run_module('tools.exercise', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=gone, env=os.environ | HERE,
        capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert refused(done) and done.stderr == "answers: No such file or directory\n"


def test_a_pipe_that_is_closed_ends_the_command_quietly(student):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        COMMAND, cwd=student.folder, env=os.environ | HERE, stdout=writer,
        stderr=subprocess.PIPE, timeout=120,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device here")
def test_an_output_without_room_is_said_in_a_line(student):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            COMMAND, cwd=student.folder, env=os.environ | HERE, stdout=full,
            stderr=subprocess.PIPE, encoding="utf-8", timeout=120,
        )  # fmt: skip
    said = "output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.long
def test_a_terminal_that_knows_ascii_alone_is_enough(student):
    ascii = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    student.types_apart("parameters", **ascii)
    said = student.types_apart("parameters", "tied", **ascii).stdout
    assert "TiedGPT(Config(27), ?)" in said
    text = (student.folder / "answers" / "parameters.py").read_text("utf-8")
    assert text == exercises.working_copy("parameters")


@pytest.mark.skipif(os.name == "nt", reason="another signal there")
@pytest.mark.long
def test_ctrl_c_ends_the_command_and_the_answer(student):
    code = """
        import os
        def repeated(docs):
            open({path!r}, "w").write(f"{{os.getpid()}}\\n")
            while True:
                pass
    """
    path = student.folder / "pid"
    student.writes(code.replace("\n        ", "\n").format(path=str(path)))
    process = subprocess.Popen(
        [*COMMAND, "names", "both"], cwd=student.folder, env=os.environ | HERE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    while not (path.exists() and path.read_text().endswith("\n")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=120)
    assert (process.returncode, out, error) == (130, "", "interrupted\n")
    assert not is_running(int(path.read_text()))
