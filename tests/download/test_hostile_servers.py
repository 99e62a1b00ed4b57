"""Servers that send numbers without end, or next to nothing for ever: each download ends, and says why."""

import io
import itertools
import json
import os
import re

import pytest

from render.download import fetch, pace, request
from render.download.partial import MOST_NOTE_BYTES
from render.errors import DownloadError
from tests.helpers.http_server import reply, serve

CONTENT = os.urandom(20_000)
MOST = 1_000_000

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def target(tmp_path):
    return tmp_path / "file"


@pytest.fixture
def now(monkeypatch):
    """The time in a list, as the downloads' clock has it; it stands still."""
    time_s = [0.0]
    monkeypatch.setattr(pace, "clock", lambda: time_s[0])
    return time_s


def get(server, target, *answers):
    server.answers = list(answers)
    with fetch.download(server.url, target, MOST) as part:
        return part.read_bytes()


def fail(server, target, *answers):
    """Downloads in vain, without traceback; what is said, on one line of a readable length."""
    with pytest.raises(DownloadError) as caught:
        get(server, target, *answers)
    said = str(caught.value)
    assert said.isprintable()
    assert len(said) < 600
    return said


def answer_rest(**headers):
    def answer(handler):
        handler.begin(206, **{"Content_Length": 13_000, "ETag": '"1"'} | headers)
        handler.send(CONTENT[7000:])

    return answer


@pytest.mark.parametrize(
    "content_range",
    [
        f"bytes 7000-19999/{'9' * 5000}",
        f"bytes {'0' * 5000}7000-19999/20000",
        f"bytes 7000-{'9' * 5000}/20000",
        f"bytes 7000-19999/{'9' * 19}",
        "bytes 7000-19999/٢٠٠٠٠".encode().decode("latin-1"),
        "bytes -7000-19999/20000",
        "bytes 7000-19999/+20000",
        "bytes 7000-19999/20000\r\n folded",
    ],
)
def test_a_range_in_numbers_that_no_file_has_starts_anew(server, target, content_range):
    answers = serve(CONTENT, stop=7000), answer_rest(Content_Range=content_range), serve(CONTENT)
    assert get(server, target, *answers) == CONTENT
    assert server.ranges == [None, "bytes=7000-", None]


@pytest.mark.parametrize("length", ["9" * 5000, "9" * 4000, "9" * 19, "-5", "many", "1_0", "10, 10"])
def test_a_length_that_is_none_is_refused_by_name(server, target, length):
    said = fail(server, target, reply(200, Content_Length=length))
    assert (
        f"expected a length (Content-Length) of 1 to 18 digits, the server announces '{length[:200]}" in said
    )
    assert os.listdir(target.parent) == []


def test_the_largest_length_that_is_read_is_too_much(server, target):
    said = fail(server, target, reply(200, Content_Length="9" * 18))
    assert "expected at most 1,000,000 bytes, the server announces 999,999,999,999,999,999" in said
    assert os.listdir(target.parent) == []


@pytest.mark.parametrize(
    "tag", ['"a"\r\n folded', f'"{"a" * 60_000}"', '"\x01"', '"ä"', '"a\x7f"', '"\x1b[2J"']
)
@pytest.mark.parametrize("modified", [None, "Mon, 01 Jan 2024 00:00:00 GMT", "Mon,\r\n 01 Jan 2024"])
def test_a_version_that_cannot_be_told_back_is_none(server, target, tag, modified):
    fail(server, target, serve(CONTENT, tag=tag, modified=modified, stop=7000))
    is_line = modified is not None and "\r" not in modified
    assert json.loads((target.parent / ".file.part.json").read_text())["version"] == (
        modified if is_line else None
    )
    assert get(server, target, serve(CONTENT, tag=None, modified=modified if is_line else None)) == CONTENT
    assert server.ranges[-1] == "bytes=7000-"
    assert server.headers[-1].get("If-Range") == (modified if is_line else None)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": '"a"\r\n folded'},
        {"version": '"a"\r\nX-Other: 1'},
        {"version": '"ä"'},
        {"version": f'"{"a" * 300}"'},
        {"version": ""},
        {"total": True},
        {"total": -1},
        {"total": 10**4000},
        {"url": None},
        {"more": "x" * MOST_NOTE_BYTES},
    ],
)
def test_a_note_that_cannot_be_ours_starts_anew(server, target, changes):
    (target.parent / ".file.part").write_bytes(b"x")
    note = {"url": server.url, "version": '"1"', "total": 20_000} | changes
    (target.parent / ".file.part.json").write_text(json.dumps(note))
    assert get(server, target, serve(CONTENT)) == CONTENT
    assert server.ranges == [None]


def test_of_a_note_that_never_ends_little_is_read(server, target):
    with (target.parent / ".file.part.json").open("wb") as note:
        note.truncate(1 << 40)
    assert get(server, target, serve(CONTENT)) == CONTENT


def test_a_part_of_more_than_is_taken_does_not_stay(server, target):
    (target.parent / ".file.part").write_bytes(b"x")
    note = {"url": server.url, "version": '"1"', "total": MOST + 1}
    (target.parent / ".file.part.json").write_text(json.dumps(note))
    said = fail(server, target, serve(b"x" * (MOST + 1)))
    assert "expected at most 1,000,000 bytes, the server announces 1,000,001" in said
    assert os.listdir(target.parent) == []


def slow_down(monkeypatch, now, start, drop):
    """Lets what follows the start come a drop every half minute, each when it is waited for."""
    read = pace._PacedSocket.readinto

    def read_slowly(self, buffer):
        left = len(start) - vars(self).setdefault("taken", 0)
        if left <= 0:
            now[0] += 30
        count = read(self, memoryview(buffer)[: left if left > 0 else len(drop)])
        self.taken += count or 0
        return count

    monkeypatch.setattr(pace._PacedSocket, "readinto", read_slowly)


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (HEAD + b"Content-Length: 900000\r\n\r\n", b"x"),
        (HEAD + b"\r\n", b"x"),
        (HEAD + b"A: ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"A: b\r\n" * 100),
        (CHUNKED, b"1;" + b"x" * 6000 + b"\r\ny\r\n"),
    ],
    ids=["a byte", "a byte, no length", "a header", "100s for ever", "trailers for ever", "a byte a chunk"],
)
def test_next_to_nothing_is_waited_for_a_limited_time(server, target, now, monkeypatch, start, drop):
    monkeypatch.setattr(fetch, "WAITS_S", (0,))
    slow_down(monkeypatch, now, start, drop)
    # Not for ever, so that whoever waits for the end fails.
    said = fail(server, target, lambda handler: handler.send(start + drop * 100))
    assert "less than 1,000 bytes a second came, 2 times in a row" in said


class Socket(io.RawIOBase):
    """Brings a number of bytes a second, each of them when it is waited for."""

    def __init__(self, content, bytes_per_s, now):
        self.content, self.bytes_per_s, self.now = io.BytesIO(content), bytes_per_s, now

    def makefile(self, mode):
        return io.BufferedReader(self)

    def readable(self):
        return True

    def readinto(self, buffer):
        self.now[0] += 1
        return self.content.readinto(memoryview(buffer)[: self.bytes_per_s])


@pytest.mark.parametrize("framing", ["length", "chunks", "end"])
def test_a_slow_file_comes_whole_a_slower_one_does_not(now, framing):
    start, end = {
        "length": (HEAD + b"Content-Length: 900000\r\n\r\n", b""),
        "chunks": (CHUNKED + b"%x\r\n" % 900_000, b"\r\n0\r\n\r\n"),
        "end": (HEAD + b"\r\n", b""),
    }[framing]
    for bytes_per_s in (1100, 900):
        socket = Socket(start + bytes(900_000) + end, bytes_per_s, now)
        response = pace.PacedResponse(socket, method="GET")
        response.begin()
        if bytes_per_s == 1100:
            assert sum(map(len, request.read_chunks(response))) == 900_000
        else:
            with pytest.raises(pace.ConnectionLost, match="less than 1,000 bytes a second came"):
                list(request.read_chunks(response))
        response.close()
        assert socket.closed


def test_both_schemes_are_paced():
    handlers = request._opener.handle_open
    assert all(handlers[scheme] for scheme in request.SCHEMES)
    for handler in handlers["http"] + handlers["https"]:
        assert isinstance(handler, pace.PacedHTTPHandler | pace.PacedHTTPSHandler)


@pytest.mark.parametrize("step", [1, 10, 100])
def test_a_little_more_each_time_is_not_tried_for_ever(server, target, now, step):
    def answer(handler):
        now[0] += 2
        start = int(handler.headers.get("Range", "bytes=0-")[6:-1])
        serve(CONTENT, stop=start + step)(handler) if start else serve(CONTENT, stop=step)(handler)

    server.answers = [answer]
    said = fail(server, target, answer)
    assert (
        f"the connection was cut, 4 times in a row. {4 * step} of 20,000 bytes have come and are kept" in said
    )
    assert len(server.headers) == 4


def send(*parts):
    return lambda handler: [handler.send(part) for part in parts]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (send(HEAD, *[b"A: b\r\n"] * 1000), "the connection was cut"),
        (send(HEAD, b"A: ", b"x" * 70_000), "the connection was cut"),
        (send(CHUNKED, b"-5\r\n", b"x" * 1000), "the connection was cut, 4 times in a row. Nothing came"),
        (send(CHUNKED, b"-" + b"f" * 5000 + b"\r\n", b"x" * 1000), "Nothing came"),
        (send(CHUNKED, b"f" * 5000 + b"\r\nx"), "the connection was cut"),
        (send(CHUNKED, b"z\r\n"), "the connection was cut"),
        (send(CHUNKED, b"9" * 70_000), "the connection was cut"),
        (send(b"HTTP/1.1 " + b"9" * 5000 + b" OK\r\n\r\n"), "the connection was cut"),
        (send(b"HTTP/1.1 404 \x1b[2J" + b"x" * 9000 + b"\r\n\r\n"), "answers 404: there is no such file"),
        (send(b"HTTP/1.1 999 x\r\n\r\n"), "answers 999"),
        (reply(302, Location="ftp://h/\x1b[2J" + "x" * 9000), "which is not followed"),
        (reply(302, Location="http://127.0.0.1:99999999999999999999/"), "no address that can be asked"),
        (reply(302, Location="http://127.0.0.1:70000/"), "127.0.0.1|no address|cannot be reached"),
        (reply(302, Location=f"http://127.0.0.1:{'9' * 5000}/"), "no address that can be asked"),
        (reply(302, Location=f"http://{'x' * 5000}/"), "no address that can be asked"),
        (reply(302, Location="http://[" + "x" * 5000), "no address that can be asked"),
    ],
)
def test_answers_that_are_no_http_or_too_long(server, target, answer, message):
    assert re.search(message, fail(server, target, answer))
    assert not target.exists()


def test_redirections_end(server, target):
    count = itertools.count()
    said = fail(server, target, lambda handler: reply(302, Location=f"/{next(count)}")(handler))
    assert "leads to '/10', which is not followed" in said
