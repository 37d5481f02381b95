"""Texts: from files that are none, from servers that answer badly, kept or not."""

import contextlib
import gzip
import os
import runpy
import socket
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from microgpt import InputError, data, errors, load_documents
from microgpt.cache import cache_folder
from microgpt.data import fetch, parse_documents, read_file

ROOT = Path(__file__).resolve().parents[2]
BODY = b"ab\nba\nabb\n"
DOCS = ["ab", "ba", "abb"]
PAGE = b"<!DOCTYPE html>\n<html><body>\n<h1>Sign in</h1>\n</body></html>\n"
LONG = "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"


def plain(status=200, body=BODY, **headers):
    """An answer: its head and its body."""
    fields = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.0 {status} Whatever", *fields, "", ""])
    return head.encode("latin-1") + body


ANSWERS = {
    "/ok": plain(Content_Length=len(BODY)),
    "/length-unknown": plain(Content_Length="unknown"),
    "/length-twice": plain(Content_Length="10, 10"),
    "/length-negative": plain(Content_Length=-1),
    "/length-none": plain(),
    "/length-short": plain(Content_Length=100),
    "/chunks-cut": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n"
    + BODY,
    "/chunks-wrong": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    + BODY,
    "/loop": plain(302, b"", Location="/loop"),
    "/to-ok": plain(302, b"", Location="/ok"),
    "/to-a-file": plain(302, b"", Location="file:///etc/hostname"),
    "/to-ftp": plain(302, b"", Location="ftp://127.0.0.1:9/names.txt"),
    "/to-data": plain(302, b"", Location="data:text/plain,ab"),
    "/to-nowhere": plain(302, b"", Location="http://"),
    "/to-an-escape": plain(302, b"", Location="gopher://x/\x1b[31m\xe9/\x07"),
    "/gzip": plain(body=gzip.compress(BODY), Content_Encoding="gzip"),
    "/sign-in-page": plain(body=PAGE, Content_Type="text/html"),
    "/another-page": plain(body=b"\xef\xbb\xbf\n <HTML><p>a</p>"),
    "/empty": plain(body=b""),
    "/blank": plain(body=b"\n \n"),
    "/one-letter": plain(body=b"a\naaa\n"),
    "/garbage": b"\x00\x01\x02garbage\r\n\r\n",
    "/silent": b"",
    "/escape": b"HTTP/1.1 500 \x1b]0;mine\x07\x9b2J\r\n\r\n",
    "/endless-line": b"HTTP/1.1 200 " + b"x" * 70_000,
    "/many-headers": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n",
    "/500": plain(500, b"ab"),
}
GOOD = {"/ok", "/length-unknown", "/length-twice", "/length-negative", "/to-ok"}
GOOD |= {"/length-none"}


class Server(BaseHTTPRequestHandler):
    asked = ()

    def do_GET(self):
        Server.asked.append(self.path)
        if self.path in ANSWERS:
            self.wfile.write(ANSWERS[self.path])
            return
        with contextlib.suppress(OSError):  # until the other side has had enough
            if self.path == "/a-byte-now-and-then":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            elif self.path == "/an-endless-detour":
                self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /ok\r\n\r\n")
            else:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nx-head: ")
            while not self.server.over.wait(0.01):
                self.wfile.write(b"a")

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """The address of a server that answers badly; a cache of our own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(Server, "asked", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as http:
        http.over = threading.Event()
        threading.Thread(target=http.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.over.set()
        http.shutdown()


def kept():
    return list(cache_folder().iterdir())


@pytest.mark.parametrize("path", sorted(GOOD))
def test_an_answer_of_unknown_length_is_read_to_its_end_and_kept(server, path):
    for _ in range(2):
        assert load_documents(server + path) == DOCS
    assert Server.asked == [path, "/ok"][: 1 + (path == "/to-ok")]
    assert len(kept()) == 1


@pytest.mark.parametrize("path", sorted({*ANSWERS} - GOOD))
def test_a_bad_answer_is_told_in_one_line_and_not_kept(server, path):
    with pytest.raises(InputError) as caught:
        load_documents(server + path)
    message = str(caught.value)
    assert message.isprintable() and server in message and len(message) < 1000
    assert not kept()


def test_what_a_bad_answer_is_said_to_be(server):
    for path, words in {
        "/length-short": "broke off before its end",
        "/sign-in-page": "a web page, not with a text",
        "/another-page": "a web page, not with a text",
        "/to-ftp": "leads to ftp://127.0.0.1:9/names.txt, not to the web",
        "/to-an-escape": r"'gopher://x/\\x1b\[31m.*not allowed",
        "/escape": r"500: \\x1b\]0;mine\\x07",
        "/gzip": "not UTF-8 text",
        "/empty": "fewer than two different characters",
    }.items():
        with pytest.raises(InputError, match=words):
            load_documents(server + path)


@pytest.mark.parametrize("scheme", ["ftp", "http", "gopher"])
def test_no_connection_is_made_to_where_no_web_is(server, monkeypatch, scheme):
    """Not even through a proxy that the environment names for it."""
    monkeypatch.setenv("ftp_proxy", server)
    monkeypatch.setenv("gopher_proxy", server)
    made, real = [], socket.create_connection

    def connect(address, *rest, **more):
        made.append(address)
        return real(address, *rest, **more)

    monkeypatch.setattr(socket, "create_connection", connect)
    elsewhere = f"{scheme}://127.0.0.1:9/names.txt"
    monkeypatch.setitem(ANSWERS, "/away", plain(302, b"", Location=elsewhere))
    with pytest.raises(InputError):
        load_documents(server + "/away")
    assert [port for _, port in made[1:]] == [9] * (scheme == "http")


@pytest.mark.parametrize(
    "path", ["/a-byte-now-and-then", "/a-head-without-end", "/an-endless-detour"]
)
def test_a_download_has_a_deadline_for_the_whole(server, monkeypatch, path):
    monkeypatch.setattr(data, "MAX_SECONDS", 0.1)
    if path == "/an-endless-detour":  # nobody waits for the end of what nobody reads
        monkeypatch.setattr(data, "MAX_SECONDS", 60)
        assert load_documents(server + path) == DOCS
        return
    with pytest.raises(
        InputError, match=r"no end after 0.1 seconds; check the address"
    ):
        load_documents(server + path)
    assert not kept()


def test_an_address_with_escapes_is_told_in_one_line(server):
    for wrong in (
        "http://\n/x",
        "http://[::1",
        "http://127.0.0.1:x/",
        "http://",
        "HTTP://",
    ):
        for end in ("", "\x1b[2J", "\ud800", " a"):
            with pytest.raises(InputError) as caught:
                load_documents(wrong + end)
            assert str(caught.value).isprintable()


def test_an_address_may_begin_with_capitals(server):
    assert load_documents(server.replace("http", "HTTP") + "/ok") == DOCS


PLANTED = {
    "a web page": lambda path: path.write_bytes(PAGE),
    "half a character": lambda path: path.write_bytes(b"ab\nb\xc3"),
    "nothing": lambda path: path.write_bytes(b""),
    "a pipe": lambda path: os.mkfifo(path),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a file": lambda path: path.symlink_to(ROOT / "README.md"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_copy_that_is_of_no_use_is_fetched_again(server, what):
    fetch(server + "/ok")
    (copy,) = kept()
    copy.unlink()
    PLANTED[what](copy)
    assert fetch(server + "/ok") == DOCS and len(Server.asked) == 2
    assert fetch(server + "/ok") == DOCS and len(Server.asked) <= 3


def test_a_copy_is_for_the_user_alone_and_is_used(server):
    before = os.umask(0)
    try:
        fetch(server + "/ok")
    finally:
        os.umask(before)
    (copy,) = kept()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    copy.write_bytes(b"xy\n")
    assert fetch(server + "/ok") == ["xy"]


def no_home(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME")

    def home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", home)


def no_folder(monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file")


def full(monkeypatch, tmp_path):
    def write_file(path, content):
        raise InputError(f"cannot write {path}: No space left on device")

    monkeypatch.setattr(data, "keep_own", write_file)


def not_to_write(monkeypatch, tmp_path):
    def write_file(path, content):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(data, "keep_own", write_file)


def for_all(monkeypatch, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)


@pytest.mark.parametrize(
    "how",
    [no_home, no_folder, full, not_to_write, for_all],
    ids=lambda how: how.__name__,
)
def test_without_a_cache_it_goes_on_and_says_so(
    server, tmp_path, monkeypatch, capsys, how
):
    how(monkeypatch, tmp_path)
    assert load_documents(server + "/ok") == DOCS
    said = capsys.readouterr().err
    assert said.startswith("microgpt: note: ") and said.count("\n") == 1
    assert said.endswith(": the text is fetched for this run only\n")


@pytest.mark.parametrize(
    "content, docs, said",
    [
        (b"\xef\xbb\xbfab\nba\n\xef\xbb\xbfabb\nbaa\n", ["ab", "ba", "abb", "baa"], 1),
        (b"\xef\xbb\xbfab\nba\n", ["ab", "ba"], 0),
        (b"\xef\xbb\xbf\xef\xbb\xbfab\nba\n", ["ab", "ba"], 1),
        (b"a\xef\xbb\xbfb\r\xef\xbb\xbf\r\nba", ["ab", "ba"], 1),
        (b"ab\n \xef\xbb\xbf \n\xef\xbb\xbf ba \xef\xbb\xbf", ["ab", "ba"], 1),
    ],
)
def test_byte_order_marks_in_the_middle_are_left_out_and_told(
    capsys, content, docs, said
):
    assert parse_documents(content, "d.txt") == docs
    told = (
        "microgpt: note: d.txt has byte order marks in its middle: they are left out\n"
    )
    assert capsys.readouterr().err == told * said


def test_a_note_is_one_line_and_needs_no_error_stream(monkeypatch, capsys):
    errors.note("a\nb\x1b[2J \udcff\u202e" + "c" * 1000)
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and line[:-1].isprintable() and len(line) < 460
    assert line.startswith(r"microgpt: note: a\nb\x1b[2J \udcff\u202ec")
    monkeypatch.setattr(sys, "stderr", None)
    errors.note("nobody hears it")
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs devices")
def test_a_file_that_does_not_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "MAX_BYTES", 3_000_000)
    (tmp_path / "sparse.txt").touch()
    os.truncate(tmp_path / "sparse.txt", 10**12)
    for path in (Path("/dev/zero"), tmp_path / "sparse.txt"):
        with pytest.raises(InputError, match="is larger than 3,000,000 bytes"):
            load_documents(path)


def test_a_pipe_can_be_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[BODY])
    writer.start()
    assert load_documents(tmp_path / "pipe") == DOCS
    writer.join()


@pytest.fixture(params=["as installed", "as in the book"])
def zipped(request, tmp_path):
    """A zip file with the program and the names in it."""
    where = {"as installed": "microgpt/names.txt"}.get(
        request.param, "docs/data/names.txt"
    )
    with zipfile.ZipFile(tmp_path / "program.zip", "w") as file:
        for path in (ROOT / "microgpt").iterdir():
            if path.is_file():
                file.write(path, f"microgpt/{path.name}")
        file.write(ROOT / "docs" / "data" / "names.txt", where)
    return tmp_path / "program.zip"


@pytest.fixture
def from_zip(zipped, monkeypatch):
    """Runs the program from the zip file, in this process, as if newly started."""
    mine = {n: m for n, m in sys.modules.items() if n.partition(".")[0] == "microgpt"}

    def forget():
        for name in [n for n in sys.modules if n.partition(".")[0] == "microgpt"]:
            del sys.modules[name]

    def run(*argv):
        monkeypatch.setattr(sys, "argv", ["microgpt", *argv])
        monkeypatch.syspath_prepend(str(zipped))
        forget()
        with pytest.raises(SystemExit) as done:
            runpy.run_module("microgpt", run_name="__main__", alter_sys=True)
        assert sys.modules["microgpt"].__file__.startswith(str(zipped))
        return done.value.code

    yield run
    forget()
    sys.modules.update(mine)


SHORT = ("--num-steps", "1", "--num-samples", "1", "--n-embd", "4", "--n-head", "2")


@pytest.mark.parametrize("name", ["fused", pytest.param("c", marks=pytest.mark.c)])
def test_the_program_runs_from_a_zip_file(
    from_zip, capsys, tmp_path, monkeypatch, name
):
    hasty = tmp_path / "hasty"
    hasty.write_text(f'#!/bin/sh\nexec {os.environ.get("CC", "cc")} "$@" -O0\n')
    hasty.chmod(0o700)
    monkeypatch.setenv("CC", str(hasty))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert from_zip("--engine", name, *SHORT) == 0
    assert "num docs: 32469" in capsys.readouterr().out
    assert (tmp_path / "cache").exists() == (name == "c")


def test_from_a_zip_file_a_text_that_is_not_there_is_told(from_zip, capsys, tmp_path):
    assert from_zip("--data", str(tmp_path / "no.txt")) == 2
    said = capsys.readouterr().err
    assert (
        said
        == f"microgpt: error: cannot read {tmp_path}/no.txt: " + os.strerror(2) + "\n"
    )


def test_a_text_beside_the_program_needs_no_zip_file():
    with pytest.raises(InputError, match="No such file"):
        read_file(Path("no.txt"))
