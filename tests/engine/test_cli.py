"""The command line, as a user meets it: in a process of its own."""

import contextlib
import http.server
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--n-embd", "4", "--n-head", "2", "--block-size", "7")


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("abc\nbca\ncab\nabcabc\nbbb\naac\n")
    return path


@pytest.fixture
def microgpt(tmp_path, text):
    """Runs the program on a small text, in an empty folder."""

    def run(*options, data=text, env=None):
        command = [sys.executable, "-m", "microgpt", *map(str, options)]
        if data:
            command += ["--data", str(data)]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            encoding="utf-8",
        )  # fmt: skip

    return run


def losses(path):
    return path.read_text().splitlines()[1:]


def test_it_trains_and_writes(microgpt):
    done = microgpt(*SMALL, "--num-steps", 20, "--num-samples", 3)
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[:3] == ["num docs: 6", "vocab size: 4", "num params: 252"]
    steps = [line for line in lines if line.startswith("step ")]
    assert len(steps) == 10
    assert re.fullmatch(r"step 20 / 20 \| loss \d\.\d{4}", steps[-1])
    mean = re.search(r"mean loss of the last 20 documents: (\d\.\d{4})", done.stdout)
    assert steps[-1].endswith(mean[1])
    assert [line[:11] for line in lines[-3:]] == [f"sample  {i}: " for i in (1, 2, 3)]


def test_help_lists_the_options_in_groups_with_their_defaults(microgpt):
    done = microgpt("--help", data=None)
    for group in ("data:", "model:", "training:", "sampling:", "files:"):
        assert f"\n{group}\n" in done.stdout
    for option, default in {
        "--n-embd": "16", "--n-layer": "1", "--n-head": "4", "--block-size": "16",
        "--num-steps": "1000", "--learning-rate": "0.01", "--seed": "42",
        "--temperature": "0.5", "--num-samples": "20", "--eval": "0",
    }.items():  # fmt: skip
        described = done.stdout.split(f"  {option} ")[1].split("\n  --")[0]
        assert f"[{default}]" in " ".join(described.split())
    for option in ("--data", "--prompt", "--top-k", "--save", "--load", "--resume"):
        assert f"  {option} " in done.stdout


def test_quiet_prints_the_samples_and_nothing_else(microgpt):
    loud = microgpt(*SMALL, "--num-steps", 5, "--num-samples", 4)
    quiet = microgpt(*SMALL, "--num-steps", 5, "--num-samples", 4, "--quiet")
    samples = [line.split(": ", 1)[1] for line in loud.stdout.splitlines()[-4:]]
    assert quiet.stdout.split("\n")[:-1] == samples


def test_held_out_documents_are_measured(microgpt, text):
    done = microgpt(*SMALL, "--num-steps", 5, "--eval", 2, "--num-samples", 0)
    assert re.search(r"mean loss of 2 held-out documents: \d\.\d{4}\n", done.stdout)
    with_eval = microgpt(*SMALL, "--num-steps", 5, "--eval", 5, "--log", "log.csv")
    assert with_eval.returncode == 0


def test_the_log_holds_every_loss_with_all_its_digits(microgpt, tmp_path):
    microgpt(*SMALL, "--num-steps", 7, "--log", "log.csv")
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines[0] == "step,loss" and len(lines) == 8
    for i, line in enumerate(lines[1:], 1):
        step, loss = line.split(",")
        assert int(step) == i and repr(float(loss)) == loss


@pytest.mark.parametrize("steps", [150, pytest.param(900, marks=pytest.mark.long)])
@pytest.mark.parametrize("stop", [1, 9, 17])
def test_a_resumed_run_is_an_uninterrupted_run_to_the_last_bit(
    microgpt, tmp_path, stop, steps
):
    some = (*SMALL, "--num-steps", steps)
    whole = microgpt(*some, "--log", "a.csv", "--save", "a.json")
    process = start(tmp_path, *some, "--log", "b.csv", stop=stop)
    assert process.returncode == 130
    done = json.loads((tmp_path / "b.json").read_text())["training"]["step"]
    assert stop <= done < steps
    rest = microgpt(
        "--load", "b.json", "--resume", "--log", "b.csv", "--save", "b.json"
    )
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert rest.stdout.splitlines()[-20:] == whole.stdout.splitlines()[-20:]


STOP_AFTER = """
import os, signal, sys
from microgpt import cli, run
show = run.Progress.update
def update(self, step, loss):
    show(self, step, loss)
    if step + 1 == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGINT)
run.Progress.update = update
sys.exit(cli.main(sys.argv[2:]))
"""


def start(folder, *options, stop):
    """Runs the program, with Ctrl-C after a step; it saves in b.json."""
    command = [sys.executable, "-c", STOP_AFTER, str(stop), *map(str, options)]
    return subprocess.run(
        [*command, "--data", folder / "text.txt", "--save", "b.json"],
        cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_ctrl_c_finishes_the_step_and_says_where_it_stopped(microgpt, tmp_path):
    done = start(tmp_path, *SMALL, "--num-steps", 900, stop=8)
    assert done.returncode == 130
    stopped = re.search(r"after step (\d+) of 900, saved in b.json", done.stderr)
    assert 8 <= int(stopped[1]) < 900
    assert "Traceback" not in done.stderr and "sample" not in done.stdout


def test_ctrl_c_from_outside_stops_a_long_run(tmp_path, text):
    process = subprocess.Popen(
        [sys.executable, "-m", "microgpt", "--data", text, "--num-steps", "100000",
         "--log", "log.csv", "--save", "c.json"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    log = tmp_path / "log.csv"
    while not (log.exists() and log.read_text().count("\n") > 20):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    step = int(re.search(r"stopped after step (\d+) of 100000", errors)[1])
    assert json.loads((tmp_path / "c.json").read_text())["training"]["step"] == step
    assert len(losses(tmp_path / "log.csv")) == step


def test_a_finished_run_can_be_continued_with_more_steps(microgpt):
    microgpt(*SMALL, "--num-steps", 10, "--save", "a.json")
    done = microgpt("--load", "a.json", "--resume", "--num-steps", 15)
    assert "step 15 / 15" in done.stdout and "step 10 / 15" not in done.stdout


def test_a_loaded_model_writes_what_it_wrote_when_it_was_saved(microgpt):
    first = microgpt(*SMALL, "--num-steps", 10, "--save", "a.json")
    again = microgpt("--load", "a.json", data=None)
    assert again.stdout.splitlines() == first.stdout.splitlines()[-20:]
    other = microgpt("--load", "a.json", "--seed", 5, data=None)
    assert other.returncode == 0 and other.stdout != again.stdout


def test_prompt_top_k_and_temperature_shape_the_samples(microgpt):
    microgpt(*SMALL, "--num-steps", 10, "--save", "a.json")
    options = ("--load", "a.json", "--quiet")
    done = microgpt(*options, "--prompt", "ca", "--top-k", 1, "--temperature", 2)
    samples = done.stdout.splitlines()
    assert len(samples) == 20 and len(set(samples)) == 1
    assert samples[0].startswith("ca")


def read_all(terminal):
    """Reads a terminal to its end, which Linux reports as an error."""
    shown = ""
    with contextlib.suppress(OSError):
        while part := terminal.read(1):
            shown += part
    return shown


def test_on_a_terminal_there_is_one_live_line(tmp_path, text):
    reader, writer = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "microgpt", *SMALL, "--num-steps", "300",
         "--num-samples", "1", "--data", text],
        cwd=tmp_path, stdout=writer, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    os.close(writer)
    with open(reader, encoding="utf-8", newline="") as terminal:
        shown = read_all(terminal)
    process.wait()
    live = [line for line in shown.split("\r") if line.startswith("step ")]
    assert len(live) > 1
    assert re.search(r"step 300 / 300 \| loss \d\.\d+ \| #{20} \| 0:00 left", live[-1])


def test_documents_longer_than_the_context_are_counted_and_told(microgpt):
    done = microgpt(*SMALL[:4], "--block-size", 4, "--num-steps", 2)
    assert done.returncode == 0
    assert "1 of 6 documents are longer than the context of 4" in done.stderr


MISTAKES = {
    "no such file": (["--data", "nowhere.txt"], "cannot read nowhere.txt"),
    "a folder": (["--data", "."], "cannot read ."),
    "an empty file": (["--data", "empty.txt"], "fewer than two different"),
    "one character": (["--data", "one.txt"], "fewer than two different"),
    "a binary file": (["--data", "zero.bin"], "binary"),
    "not UTF-8": (["--data", "latin.txt"], "not UTF-8"),
    "heads that do not divide": (["--n-embd", 5], "n_head must divide it"),
    "no width": (["--n-embd", 0], "'0' is not a whole number from 1 up"),
    "no layers": (["--n-layer", 0], "from 1 up"),
    "no context": (["--block-size", 0], "from 1 up"),
    "no heads": (["--n-head", -1], "from 1 up"),
    "half a head": (["--n-head", 1.5], "'1.5' is not a whole number"),
    "no steps": (["--num-steps", 0], "from 1 up"),
    "cold": (["--temperature", 0], "from 0.001 to 1000"),
    "not a number": (["--temperature", "nan"], "from 0.001 to 1000"),
    "rate 0": (["--learning-rate", 0], "--learning-rate"),
    "an endless rate": (["--learning-rate", "inf"], "--learning-rate"),
    "top nothing": (["--top-k", 0], "from 1 up"),
    "top too many": (["--top-k", 5], "4 at most"),
    "negative samples": (["--num-samples", -1], "from 0 up"),
    "too many held out": (["--eval", 6], "cannot hold out 6"),
    "an unknown letter": (["--prompt", "abx"], "'x'"),
    "a long prompt": (["--prompt", "abcabca"], "room for 6"),
    "an unknown option": (["--colour", "red"], "--colour"),
    "no checkpoint": (["--load", "nowhere.json"], "cannot read nowhere.json"),
    "a damaged checkpoint": (["--load", "half.json"], "half.json is damaged"),
    "a foreign checkpoint": (["--load", "foreign.json"], "not a checkpoint"),
    "resume without load": (["--resume"], "--resume needs --load"),
    "other sizes": (["--load", "good.json", "--n-layer", 3], "n-layer 1"),
    "steps without resume": (["--load", "good.json", "--num-steps", 9], "--resume"),
    "other data": (["--load", "good.json", "--resume", "--data", "other.txt"], "data"),
    "another seed": (["--load", "good.json", "--resume", "--seed", 1], "--seed 42"),
    "a seen test": (["--load", "good.json", "--eval", 5], "were trained"),
    "save to nowhere": (["--save", "nowhere/a.json"], "cannot write"),
    "save to a folder": (["--save", "."], "it is a folder"),
    "log to nowhere": (["--log", "nowhere/a.csv"], "cannot write"),
    "a rate too high": (["--learning-rate", "100000"], "no longer a number"),
}


@pytest.fixture(scope="module")
def mistakes(tmp_path_factory):
    """A folder with everything that can be wrong."""
    folder = tmp_path_factory.mktemp("mistakes")
    (folder / "text.txt").write_text("abc\nbca\ncab\nabcabc\nbbb\naac\n")
    (folder / "other.txt").write_text("abc\nbca\n")
    (folder / "empty.txt").write_text("\n \n")
    (folder / "one.txt").write_text("a\naaa\n")
    (folder / "zero.bin").write_bytes(b"ab\0cd\n")
    (folder / "latin.txt").write_bytes("Zoë\n".encode("latin-1"))
    (folder / "foreign.json").write_text('{"a": 1}')
    command = [sys.executable, "-m", "microgpt", *SMALL, "--data", "text.txt"]
    subprocess.run(
        [*command, "--num-steps", "9", "--save", "good.json"],
        cwd=folder, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    half = (folder / "good.json").read_text()[:3000]
    (folder / "half.json").write_text(half)
    return folder


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_one_line_and_nothing_is_lost(name, mistakes):
    options, words = MISTAKES[name]
    before = {p.name: p.read_bytes() for p in mistakes.iterdir()}
    given = list(map(str, options))
    if "--data" not in given:
        given += ["--data", "text.txt"]
    if "--load" not in given:
        given = [*SMALL, "--num-steps", "400", *given]
    done = subprocess.run(
        [sys.executable, "-m", "microgpt", *given], cwd=mistakes,
        capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("microgpt: error: ") and words in done.stderr
    assert done.stderr.count("\n") == 1 and "sample" not in done.stdout
    assert {p.name: p.read_bytes() for p in mistakes.iterdir()} == before


class Server(http.server.BaseHTTPRequestHandler):
    body, length, requests = b"ab\nba\nabb\n", None, 0

    def do_GET(self):
        Server.requests += 1
        if self.path == "/missing":
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Length", str(self.length or len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    http_server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=http_server.serve_forever, daemon=True).start()
    Server.body, Server.length, Server.requests = b"ab\nba\nabb\n", None, 0
    yield f"http://127.0.0.1:{http_server.server_port}"
    http_server.shutdown()
    http_server.server_close()


def fetching(microgpt, tmp_path, address):
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "no_proxy": "*"}
    return microgpt(*SMALL, "--num-steps", 2, data=address, env=cache)


def test_an_address_is_fetched_once_and_kept(microgpt, tmp_path, server):
    for _ in range(2):
        done = fetching(microgpt, tmp_path, server + "/text")
        assert "num docs: 3" in done.stdout, done.stderr
    assert Server.requests == 1


@pytest.mark.parametrize(
    ("path", "body", "length", "words"),
    [
        ("/missing", b"ab", None, "404"),
        ("/text", b"a" * 50_000_001, None, "larger than 50,000,000 bytes"),
        ("/text", b"ab\nba", 99, "broke off"),
        ("/text", b"\xff\xfe\x00", None, "not UTF-8"),
        ("/text", b"", None, "fewer than two"),
    ],
    ids=["missing", "too large", "cut short", "binary", "empty"],
)
def test_what_goes_wrong_on_the_way_is_told_and_not_kept(
    microgpt, tmp_path, server, path, body, length, words
):
    Server.body, Server.length = body, length
    done = fetching(microgpt, tmp_path, server + path)
    assert done.returncode == 2 and words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list((tmp_path / "cache").rglob("*.*")) or "fewer" in words


def test_without_a_connection_it_says_so(microgpt, tmp_path):
    done = fetching(microgpt, tmp_path, "http://127.0.0.1:9/names.txt")
    assert done.returncode == 2 and "cannot fetch" in done.stderr
    assert "check the address and the connection" in done.stderr


def test_a_reader_that_goes_away_is_no_error_to_talk_about(tmp_path, text):
    command = f"{sys.executable} -m microgpt --data {text} --num-steps 5 | head -1"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout == "num docs: 6\n" and "Traceback" not in done.stderr
