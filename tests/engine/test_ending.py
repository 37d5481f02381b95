"""Whatever ends a run: what was learned is kept, one line says why, the status what."""

import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from microgpt import cli, run
from microgpt.engine import train_with
from microgpt.progress import Progress, counted, fitted
from tests.engine.program import SIZES, SMALL, Program

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def program(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Program(tmp_path, capsys)


def trained(folder, name="a.json"):
    """How many steps the checkpoint has taken; None if there is no checkpoint."""
    path = folder / name
    return json.loads(path.read_text())["training"]["step"] if path.exists() else None


def start(folder, *options, **streams):
    """Starts the program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "microgpt", *map(str, options)], cwd=folder,
        env={**ENVIRONMENT, **streams.pop("env", {})}, text=True,
        encoding="latin-1", **streams,
    )  # fmt: skip


def during(monkeypatch, step, act):
    """Has something happen while the engine takes a step (they come one by one)."""

    def one_by_one(engine, docs, tokenizer, rate, num_steps, first, size):
        for i in range(first, num_steps):
            if i + 1 == step:
                act()
            one = train_with(engine, docs, tokenizer, rate, num_steps, i, size)
            yield next(one)

    monkeypatch.setattr(run, "train_with", one_by_one)


def send(*numbers):
    def act():
        for number in numbers:
            os.kill(os.getpid(), number)

    return act


# Signals


@pytest.fixture
def hang_up():
    """Under nohup, too, it is heard here."""
    former = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, former)


@pytest.mark.usefixtures("hang_up")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_run_after_the_step_and_the_status_says_which(
    program, monkeypatch, name
):
    number = getattr(signal, name)
    former = signal.getsignal(number)
    during(monkeypatch, 3, send(number))
    assert program(*SMALL, "--save", "a.json") == 128 + number
    assert program.err == "microgpt: stopped after step 3 of 5, saved in a.json\n"
    assert trained(program.folder) == 3 and "sample" not in program.out
    assert signal.getsignal(number) is former


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_second_signal_does_not_wait_for_the_step(program, monkeypatch, name):
    number = getattr(signal, name)

    def long_step():
        send(signal.SIGINT, number)()
        raise AssertionError("the step went on")

    during(monkeypatch, 3, long_step)
    assert program(*SMALL, "--save", "a.json") == 130
    assert "stopped after step 2 of 5, saved in a.json" in program.err
    assert trained(program.folder) == 2


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_steps_that_c_has_taken_are_kept_whatever_comes_meanwhile(
    program, monkeypatch, second
):
    from microgpt.native import Native

    monkeypatch.setenv("XDG_CACHE_HOME", str(program.folder))
    taken, run_c = [], Native.run

    def pressed(engine, tokens, lengths, sizes, rates):
        losses = run_c(engine, tokens, lengths, sizes, rates)
        taken.append(losses)
        if len(taken) == 2:  # as if they came during the call
            send(signal.SIGINT, second)()
        return losses

    monkeypatch.setattr(Native, "run", pressed)
    options = (*SMALL, "--num-steps", 100_000, "--engine", "c", "--save", "a.json")
    assert program(*options) == 130
    assert trained(program.folder) == sum(map(len, taken)) > 1
    assert "mean loss of the last" in program.out


def test_signals_wait_until_all_is_saved(program, monkeypatch):
    during(monkeypatch, 3, send(signal.SIGINT))
    write = run.save

    def slow(path, state):
        send(signal.SIGINT, signal.SIGTERM)()
        write(path, state)

    monkeypatch.setattr(run, "save", slow)
    assert program(*SMALL, "--save", "a.json") == 130
    assert trained(program.folder) == 3


def test_a_save_that_hangs_can_be_ended(program, monkeypatch):
    during(monkeypatch, 3, send(signal.SIGINT))
    began = []

    def stuck(path, state):
        send(signal.SIGINT)()  # too early
        began.append(program_time[0])
        program_time[0] += 6
        send(signal.SIGTERM)()
        raise AssertionError("it hung on")

    program_time = [run.time.monotonic()]
    monkeypatch.setattr(run.time, "monotonic", lambda: program_time[0])
    monkeypatch.setattr(run, "save", stuck)
    assert program(*SMALL, "--save", "a.json") == 130
    assert began and program.err == ""


@pytest.mark.long  # it waits
@pytest.mark.parametrize("option", ["--save", "--log"])
def test_a_pipe_that_nobody_reads_does_not_keep_it_for_ever(program, option):
    os.mkfifo(program.folder / "pipe")
    process = start(
        program.folder, *SMALL, option, "pipe",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while "params" not in process.stdout.readline():
        pass
    for _ in range(100):
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            continue
    assert process.poll() == 130


def test_nothing_learned_replaces_no_checkpoint(program, monkeypatch):
    program(*SMALL, "--save", "a.json")
    during(monkeypatch, 1, send(signal.SIGINT, signal.SIGINT))
    assert program(*SMALL, "--save", "a.json") == 130
    assert "not saved" in program.err and trained(program.folder) == 5


def test_what_was_told_to_ignore_a_signal_goes_on_ignoring_it(program, monkeypatch):
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        during(monkeypatch, 3, send(signal.SIGINT, signal.SIGINT))
        assert program(*SMALL, "--save", "a.json") == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, former)
    assert trained(program.folder) == 5


def test_it_runs_in_a_thread(program):
    statuses = []
    options = [*map(str, SMALL)]
    thread = threading.Thread(target=lambda: statuses.append(cli.main(options)))
    thread.start()
    thread.join()
    assert statuses == [0]


def test_ctrl_c_while_it_writes_is_quiet(program, monkeypatch):
    monkeypatch.setattr(run, "generate", lambda *_: send(signal.SIGINT)())
    assert program(*SMALL, "--save", "a.json") == 130
    assert program.err == "" and trained(program.folder) == 5


PRESS = """
import os, signal, sys
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["PRESS"]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Press())
"""


@pytest.mark.parametrize(
    "module",
    [f"microgpt.{name}" for name in ("checkpoint", "value", "cli", "run")],
)
def test_ctrl_c_while_it_is_being_loaded_is_quiet(tmp_path, module):
    (tmp_path / "sitecustomize.py").write_text(PRESS)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    process = start(
        tmp_path, "--help", env={"PYTHONPATH": path, "PRESS": module},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.communicate(timeout=60) == ("", "") and process.returncode == 130


def test_a_program_that_imports_the_package_keeps_its_ctrl_c():
    code = "import signal, microgpt; print(signal.getsignal(signal.SIGINT).__name__)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.stdout == "default_int_handler\n"


# Errors


def test_a_full_disk_under_the_log_loses_nothing(program):
    (program.folder / "full").symlink_to("/dev/full")
    status = program(*SMALL, "--save", "a.json", "--log", "full")
    assert status == 2 and trained(program.folder) == 5
    note, error = program.err.splitlines()
    assert "after step 5 is saved in a.json" in note and "No space left" in error


@pytest.mark.parametrize("error", [OSError(28, "full"), MemoryError(), KeyError("x")])
def test_an_error_of_any_kind_loses_nothing(program, monkeypatch, error):
    def fail():
        raise error

    during(monkeypatch, 4, fail)
    try:
        status = program(*SMALL, "--save", "a.json")
    except KeyError:  # a fault of the program is not hidden
        status = 2
    assert status == 2 and trained(program.folder) == 3


def test_a_diverging_run_keeps_the_state_before(program, monkeypatch):
    options = (*SIZES, "--data", "text.txt", "--num-steps", 400)
    status = program(*options, "--learning-rate", 1e5, "--save", "a.json")
    note, error = program.err.splitlines()
    bad = int(re.search(r"at step (\d+) the loss is no longer a number", error)[1])
    assert status == 2 and 1 <= trained(program.folder) < bad
    assert f"after step {trained(program.folder)} is saved" in note
    assert program("--load", "a.json", "--num-samples", 0) == 0


def test_a_model_that_the_last_step_has_spoilt_is_looked_at(program, monkeypatch):
    during(monkeypatch, 0, None)
    copy = run.checkpoint

    def spoilt(run):
        state = copy(run)
        if run.step == 5:
            state["state_dict"]["wte"][0][0] = float("inf")
        return state

    monkeypatch.setattr(run, "checkpoint", spoilt)
    assert program.refuses("step 5 has spoilt the model", *SMALL, "--save", "a.json")
    assert trained(program.folder) == 4


def test_a_file_is_saved_while_it_trains_every_so_many_steps(program, monkeypatch):
    saved, write = [], run.save

    def seen(path, state):
        saved.append(state["training"]["step"])
        log = (program.folder / "log.csv").read_text().splitlines()
        assert len(log) == saved[-1] + 1  # the log is there as far as the model
        write(path, state)

    during(monkeypatch, 0, None)
    monkeypatch.setattr(run, "save", seen)
    options = ("--num-steps", 8, "--save", "a.json", "--log", "log.csv")
    assert program(*SMALL, *options, "--save-every", 3) == 0
    assert saved == [3, 6, 8]
    assert program.refuses("--save-every needs --save", *SMALL, "--save-every", 3)


# The output


@pytest.mark.parametrize(
    ("command", "status"), [("> full", 2), ("| head -1", 141)], ids=["full", "reader"]
)
def test_an_output_that_fails_loses_nothing(program, command, status):
    (program.folder / "full").symlink_to("/dev/full")
    line = f"({sys.executable} -m microgpt {' '.join(SMALL)} --num-steps 4000"
    line += f" --save a.json; echo $? >&2) {command}"
    done = subprocess.run(
        line, shell=True, cwd=program.folder, env=ENVIRONMENT,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == str(status), done.stderr
    assert "Traceback" not in done.stderr and "ignored" not in done.stderr
    assert 1 <= trained(program.folder) < 4000


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_help_that_cannot_be_written_is_an_error(program, unbuffered):
    nobody, theirs = os.pipe()
    os.close(nobody)
    said = "microgpt: error: [Errno 28] No space left on device\n"
    with open("/dev/full", "w") as full:
        for output, status, words in ((full, 2, said), (theirs, 141, "")):
            process = start(
                program.folder, "--help", env={"PYTHONUNBUFFERED": unbuffered},
                stdout=output, stderr=subprocess.PIPE,
            )  # fmt: skip
            assert (process.communicate()[1], process.returncode) == (words, status)
    os.close(theirs)


def test_a_terminal_that_vanishes_loses_nothing(program):
    ours, theirs = pty.openpty()
    process = start(
        program.folder, *SMALL, "--num-steps", 100_000, "--save", "a.json",
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while b"step" not in seen:
        seen += os.read(ours, 1000)
    os.close(ours)
    assert process.wait(60) == 2 and 1 <= trained(program.folder) < 100_000


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_quiet(program, closed):
    for options, status in ((" ".join(SMALL), 0), ("--n-embd 5", 2)):
        command = f"{sys.executable} -m microgpt {options} {closed}"
        done = subprocess.run(
            command, shell=True, cwd=program.folder, env=ENVIRONMENT,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == status and "Traceback" not in done.stderr
        assert "error" not in done.stdout


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "ascii:strict"])
def test_what_the_terminal_cannot_show_is_replaced(program, encoding):
    (program.folder / "text.txt").write_text("😀é\né😀\n😀\nΩé\n", encoding="utf-8")
    for options in ((*SMALL, "--temperature", 9, "--num-samples", 9), ("--help",)):
        process = start(
            program.folder, *options, env={"PYTHONIOENCODING": encoding},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0 and err == "", err
        assert "?" in out or options == ("--help",)


def test_what_is_quoted_in_a_message_is_escaped(program):
    for name in ("no\nsuch", "no\x1b[31m", "no\u2028such", "no\udcff"):
        assert program.refuses("cannot read no\\", *SMALL, "--data", name)


# A terminal


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("columns", [1, 20, 40, 200, 0])
def test_the_live_line_stays_in_one_row(monkeypatch, columns):
    stream, size = Terminal(), os.terminal_size((columns, 24))
    monkeypatch.setattr(stream, "fileno", lambda: 1)
    monkeypatch.setattr(os, "get_terminal_size", lambda fd: size)
    progress = Progress(3, 0, [], stream)
    for step in range(3):
        progress.shown = 0
        progress.update(step, 10.0**step)
    lines = stream.getvalue().split("\r")[1:]
    assert {len(line) for line in lines} == {(columns or 80) - 1}
    assert fitted("short", stream).strip() in ("short", "short"[: columns - 1])


def test_the_count_leaves_no_letters_and_clears_no_second_row(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    assert [*counted([1, 2], "held out", 2)] == [1, 2]
    *shown, cleared, rest = stream.getvalue().split("\r")
    assert {len(part) for part in shown} == {14} and rest == ""
    assert cleared.isspace() and 14 <= len(cleared) <= 40


# What cannot be measured, what cannot be asked for


@pytest.mark.parametrize(
    "options",
    [
        "--learning-rate 1000 --num-steps 1 --eval 2 --engine fused",
        "--learning-rate 1000 --num-steps 1 --eval 2",
        "--learning-rate 1000 --num-steps 1 --eval 2 --engine graph",
    ],
)
def test_an_infinite_loss_is_said_to_be_infinite(program, options):
    assert program(*SMALL, *options.split()) == 0, program.err
    told = "mean loss of 2 held-out documents: infinite (a token came to which"
    assert told in program.out and program.err == ""


def test_weights_without_end_are_measured_in_one_line(program):
    program(*SMALL, "--save", "a.json", "--eval", 1)
    state = json.loads((program.folder / "a.json").read_text())
    for name in ("wte", "layer0.mlp_fc1", "lm_head"):
        state["state_dict"][name][0] = [1e308] * 4
        (program.folder / "b.json").write_text(json.dumps(state))
        status = program("--load", "b.json", "--eval", 1, "--num-samples", 0)
        assert status == 0 or status == 2 and program.err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--n-embd 1000000", "GB of memory"), ("--n-layer 1000000000", "GB of memory"),
        ("--block-size 1000000000000", "GB of memory"), ("--data zero", "is larger"),
        ("--batch-size 1000000000", "does not fit into the memory"),
        ("--num-steps " + "9" * 400, "too large"), ("--n-head " + "9" * 5000, "whole"),
    ],
)  # fmt: skip
def test_what_no_memory_can_hold_is_refused_before_it_is_asked_for(
    program, options, words
):
    (program.folder / "zero").symlink_to("/dev/zero")
    assert program.refuses(words, "--data", "text.txt", *options.split())


@pytest.mark.parametrize("name", ["new/", "new/.", "other/", "..", "./"])
@pytest.mark.parametrize("option", ["--save", "--log"])
def test_a_folder_is_no_place_for_a_file(program, option, name):
    assert program.refuses(f"cannot write {name}: ", *SMALL, option, name)
    assert os.listdir(program.folder) == ["text.txt"]


@pytest.mark.parametrize("scheme", ["file", "ftp", "s3", "htp"])
def test_an_address_of_another_kind_is_named_as_it_was_given(program, scheme):
    address = f"{scheme}:///a//b.txt"
    assert program.refuses(f"{address} is no file, and no address", "--data", address)


@pytest.mark.parametrize("address", ["http://me:secret@host/x", "https://me@host?a"])
def test_an_address_with_a_password_is_refused_and_not_repeated(program, address):
    assert program.refuses("a name or a password", "--data", address)
    assert "secret" not in program.err


@pytest.mark.parametrize("option", ["--data", "--save", "--load", "--log"])
def test_an_empty_name_is_refused(program, option):
    assert program.refuses(f"{option}: an empty name", *SMALL, option, "")


def test_data_that_is_not_read_is_told_of(program):
    program(*SMALL, "--save", "a.json")
    assert program("--load", "a.json", "--data", "nowhere.txt") == 0
    assert program.err == (
        "microgpt: note: --data is not read: with --load it needs --resume or --eval\n"
    )


def test_a_path_that_a_checkpoint_names_is_told_to_be_from_there(program, monkeypatch):
    program(*SMALL, "--save", "a.json")
    (program.folder / "else").mkdir()
    monkeypatch.chdir(program.folder / "else")
    words = "text.txt: No such file or directory (--data says where it is now)"
    assert program.refuses(words, "--load", "../a.json", "--resume")


def test_fewer_steps_than_were_taken_are_refused(program):
    program(*SMALL, "--save", "a.json")
    words = "this checkpoint has taken 5 steps already"
    assert program.refuses(words, "--load", "a.json", "--resume", "--num-steps", 2)
    assert program("--load", "a.json", "--resume", "--num-steps", 5) == 0


def test_a_long_line_is_cut_before_it_is_encoded(monkeypatch):
    import random

    from microgpt import GPT, Adam, Config, Tokenizer, train

    tokenizer, seen = Tokenizer("ab"), []
    encode = tokenizer.encode
    tokenizer.encode = lambda doc: seen.append(len(doc)) or encode(doc)
    losses = []
    for doc in ("ab" * 1_000_000, "ababa"):
        config = Config(3, n_embd=4, n_head=2, block_size=5)
        model = GPT(config, random.Random(1))
        steps = train(model, Adam(model.params), [doc], tokenizer, 0.01, 3)
        losses.append([loss for _, loss in steps])
    assert {*seen} == {5} and losses[0] == losses[1]
