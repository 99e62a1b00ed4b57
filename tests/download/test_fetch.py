"""Downloads over a bad network: whole or not at all, and gone on with where they stopped."""

import json
import os
import resource
import socket

import pytest

from render.download import fetch, request
from render.download.partial import PartialFile
from render.errors import BodyModelError, DownloadError, FitFileError
from tests.helpers.http_server import (
    hang_up,
    reply,
    serve,
    serve_chunked,
    serve_without_end,
    serve_without_ranges,
)

CONTENT = os.urandom(200_000)
OTHER = os.urandom(150_000)
MOST = 1_000_000


# Every test has it, also those that ask no server.
pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def target(tmp_path):
    return tmp_path / "folder" / "file"


def get(server, target, *answers):
    """Downloads to `target` and returns what came; nothing else is left in its folder."""
    if answers:
        server.answers = list(answers)
    with fetch.download(server.url, target, MOST) as part:
        assert not target.exists()
        os.replace(part, target)
    assert os.listdir(target.parent) == [target.name]
    return target.read_bytes()


def fail(server, target, message, *answers):
    """Downloads in vain; returns the size of what is kept, None if nothing is."""
    with pytest.raises(DownloadError, match=message) as caught:
        get(server, target, *answers)
    assert "\n" not in str(caught.value)
    assert not target.exists()
    part = target.with_name(f".{target.name}.part")
    assert part.exists() or not os.listdir(target.parent)
    return part.stat().st_size if part.exists() else None


def bind_socket(path):
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(path))


def link_to_zeros(path):
    path.symlink_to("/dev/zero")


def link_to_nothing(path):
    path.symlink_to("nowhere")


def test_a_file_comes_whole(server, target):
    assert get(server, target, serve(CONTENT)) == CONTENT
    assert server.headers[0]["Accept-Encoding"] == "identity"
    assert server.ranges == [None]


@pytest.mark.parametrize(
    "validator", [{"tag": '"a"'}, {"tag": None, "modified": "Mon, 01 Jan 2024 00:00:00 GMT"}]
)
def test_a_cut_connection_is_gone_on_with(server, target, validator):
    answers = serve(CONTENT, **validator, stop=70_000), hang_up, serve(CONTENT, **validator)
    assert get(server, target, *answers) == CONTENT
    assert server.ranges == [None, "bytes=70000-", "bytes=70000-"]
    assert server.headers[2]["If-Range"] in validator.values()
    assert server.sent == len(CONTENT)


def test_it_is_tried_for_as_long_as_more_comes(server, target):
    answers = [serve(CONTENT, stop=stop) for stop in range(10_000, 200_000, 10_000)]
    assert get(server, target, *answers, serve(CONTENT)) == CONTENT
    assert server.sent == len(CONTENT)


def test_where_no_more_comes_the_next_call_goes_on(server, target):
    message = (
        r"file: the connection was cut, 4 times in a row\. 70,000 of 200,000 bytes have come and are kept in "
        r".*/\.file\.part\. Run the same command again"
    )
    assert fail(server, target, message, serve(CONTENT, stop=70_000)) == 70_000
    assert len(server.headers) == 4
    assert get(server, target, serve(CONTENT)) == CONTENT
    assert server.ranges[-1] == "bytes=70000-"
    assert server.sent == len(CONTENT)


def test_less_than_announced_is_no_whole_file(server, target):
    assert fail(server, target, "200,000 of 200,001 bytes", serve(CONTENT, announced=200_001)) == 200_000


def test_more_than_announced_is_not_taken(server, target):
    assert get(server, target, serve(CONTENT, announced=150_000)) == CONTENT[:150_000]


def test_a_rest_that_is_longer_than_it_should_be_is_refused(server, target):
    def answer(handler):
        handler.begin(206, Content_Length=MOST, Content_Range="bytes 70000-199999/200000", ETag='"1"')
        handler.send(OTHER)

    message = "expected at most 200,000 bytes, more came"
    assert fail(server, target, message, serve(CONTENT, stop=70_000), answer) is None


def test_silence_ends(server, target, monkeypatch):
    monkeypatch.setattr(request, "TIMEOUT_S", 0.2)
    silent = serve(CONTENT, stop=70_000, then=lambda handler: server.is_over.wait(5))
    assert get(server, target, silent, serve(CONTENT)) == CONTENT
    assert server.sent == len(CONTENT)


def test_a_server_without_ranges_starts_anew(server, target):
    answers = serve_without_ranges(CONTENT, stop=70_000), serve_without_ranges(CONTENT)
    assert get(server, target, *answers) == CONTENT
    assert server.ranges == [None, "bytes=70000-"]


def test_a_file_that_changed_starts_anew(server, target):
    assert get(server, target, serve(CONTENT, stop=70_000), serve(OTHER, tag='"2"')) == OTHER


@pytest.mark.parametrize(
    ("content_range", "tag"),
    [
        ("bytes 70000-149999/150000", '"1"'),
        ("bytes 70000-199999/200000", '"2"'),
        ("bytes 0-129999/200000", '"1"'),
        ("pages 1-2/3", '"1"'),
        (None, '"1"'),
    ],
)
def test_a_rest_of_something_else_starts_anew(server, target, content_range, tag):
    def answer(handler):
        handler.begin(206, Content_Length=130_000, Content_Range=content_range, ETag=tag)
        handler.send(OTHER)

    assert get(server, target, serve(CONTENT, stop=70_000), answer, serve(CONTENT)) == CONTENT
    assert server.ranges == [None, "bytes=70000-", None]


def test_a_version_without_name_is_known_by_its_length(server, target):
    fail(server, target, "70,000 of 200,000", serve(CONTENT, tag=None, stop=70_000))
    assert get(server, target, serve(CONTENT, tag=None)) == CONTENT
    assert server.ranges[-1] == "bytes=70000-"

    target.unlink()
    fail(server, target, "70,000 of 200,000", serve(CONTENT, tag=None, stop=70_000))
    assert get(server, target, serve(OTHER, tag=None)) == OTHER
    assert server.ranges[-1] is None


def test_a_range_that_is_refused_starts_anew(server, target):
    assert get(server, target, serve(CONTENT, stop=70_000), reply(416), serve(CONTENT)) == CONTENT
    assert server.ranges == [None, "bytes=70000-", None]
    target.unlink()
    message = "the server answers 416, expected 200"
    assert fail(server, target, message, serve(CONTENT, stop=70_000), reply(416)) is None


def test_a_file_without_length_comes_in_chunks(server, target):
    assert get(server, target, serve_chunked(CONTENT, is_ended=False), serve_chunked(CONTENT)) == CONTENT
    # Neither a name of the version nor a length: there is no telling what belongs together.
    assert server.ranges == [None, None]


def test_too_much_is_refused(server, target):
    message = "expected at most 1,000,000 bytes, the server announces 2,000,000"
    assert fail(server, target, message, serve(CONTENT, announced=2 * MOST)) is None
    assert fail(server, target, "expected at most 1,000,000 bytes, more came", serve_without_end) is None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (reply(404), "answers 404: there is no such file. Check the address"),
        (reply(403), "answers 403: it does not give this file to everyone"),
        (reply(500), "answers 500: .* Try again later"),
        (reply(503), "answers 503: .* Try again later"),
        (reply(204), "answers 204, expected 200"),
        (reply(206), "answers 206, expected 200"),
        (reply(400), "answers 400, expected 200"),
        (reply(302, Location="file:///etc/passwd"), "leads to 'file:///etc/passwd', which is not followed"),
        (reply(302, Location="ftp://127.0.0.1/x"), "leads to 'ftp://127.0.0.1/x', which is not followed"),
        (reply(302, Location="/file"), "leads to '/file', which is not followed"),
        (reply(302), "leads to 'nowhere'"),
        (reply(302, Location="http://[/"), "no address that can be asked"),
        (hang_up, "the connection was cut, 4 times in a row. Nothing came"),
        (lambda handler: handler.wfile.write(b"no HTTP at all"), "the connection was cut"),
    ],
)
def test_answers_that_bring_no_file(server, target, answer, message):
    assert fail(server, target, message, answer) is None


def test_what_has_come_survives_an_error_of_the_server(server, target):
    assert fail(server, target, "answers 503", serve(CONTENT, stop=70_000), reply(503)) == 70_000


def test_redirections_are_followed(server, target):
    answers = [reply(302, Location="/there"), serve(CONTENT, stop=70_000)] * 2
    assert get(server, target, *answers[:3], serve(CONTENT)) == CONTENT
    assert server.ranges == [None, None, "bytes=70000-", "bytes=70000-"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://nowhere.invalid/x", "no host 'nowhere.invalid' can be found"),
        ("http://127.0.0.1:1/x", "the server refuses connections"),
        ("ftp://127.0.0.1/x", "expected an address that begins with http"),
        ("file:///etc/passwd", "expected an address that begins with http"),
        ("x", "expected an address that begins with http"),
        ("http://", "the server cannot be reached"),
        ("http://[", "no address that can be asked"),
        ("http://127.0.0.1:port/", "no address that can be asked"),
        ("http://127.0.0.1/a b", "no address that can be asked"),
        ("http://127.0.0.1/ä", "no address that can be asked"),
    ],
)
def test_addresses_that_lead_nowhere(server, target, url, message):
    server.url = url
    assert fail(server, target, message) is None


def test_content_that_is_refused_is_removed(server, target):
    server.answers = [serve(CONTENT)]
    with (
        pytest.raises(DownloadError, match="file: what came cannot be used and was removed: it rhymes"),
        fetch.download(server.url, target, MOST),
    ):
        raise FitFileError("it rhymes")
    assert os.listdir(target.parent) == []


def test_a_whole_file_that_was_not_checked_yet_is_not_asked_for_again(server, target):
    server.answers = [serve(CONTENT)]
    with pytest.raises(KeyboardInterrupt), fetch.download(server.url, target, MOST):
        raise KeyboardInterrupt
    assert get(server, target) == CONTENT
    assert len(server.headers) == 1


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"[]",
        b'{"url": 3}',
        b'{"url": "URL", "total": "many"}',
        b'{"url": "URL", "total": 10}',
        b'{"url": "URL", "total": null}',
        b'{"url": "http://elsewhere/", "version": "\\"1\\"", "total": 200000}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_part_of_something_unknown_starts_anew(server, target, note):
    target.parent.mkdir()
    target.with_name(".file.part").write_bytes(OTHER)
    target.with_name(".file.part.json").write_bytes(note.replace(b"URL", server.url.encode()))
    assert get(server, target, serve(CONTENT)) == CONTENT
    assert server.ranges == [None]


def test_links_in_the_way_are_not_followed(server, target, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"precious")
    target.parent.mkdir()
    for name in (".file.part", ".file.part.json"):
        link = target.with_name(name)
        link.symlink_to(other)
        server.answers = [serve(CONTENT)]
        with pytest.raises(DownloadError, match=rf"{name}: .*a symbolic link is in the way\. Remove it"):
            get(server, target)
        link.unlink(missing_ok=True)
    assert other.read_bytes() == b"precious"
    assert get(server, target) == CONTENT


def test_other_things_in_the_way(server, target, tmp_path):
    target.parent.mkdir()
    part = target.with_name(".file.part")
    part.mkdir()
    with pytest.raises(
        DownloadError, match=r"\.part: cannot be written: a folder of that name is in the way"
    ):
        get(server, target, serve(CONTENT))
    part.rmdir()
    os.mkfifo(part)
    with pytest.raises(DownloadError, match=r"\.part: expected a file or none, found a pipe or a device"):
        get(server, target)
    part.unlink()
    target.parent.rmdir()
    target.parent.write_bytes(b"")
    with pytest.raises(DownloadError, match="is a file where a folder is needed"):
        get(server, target)
    with pytest.raises(DownloadError, match=r"cannot be written: .*the path is too long"):
        get(server, tmp_path / ("x" * 250))


@pytest.mark.parametrize("name", [".file.part", ".file.part.json"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, bind_socket, link_to_zeros, link_to_nothing])
def test_what_is_no_file_is_refused_before_anything_is_asked(server, target, name, make):
    target.parent.mkdir()
    make(target.with_name(name))
    with pytest.raises(DownloadError, match=rf"/{name}: ") as caught:
        get(server, target, serve(CONTENT))
    assert "Remove it" in str(caught.value)
    assert server.headers == []
    # Neither removed nor added to.
    assert os.listdir(target.parent) == [name]


def test_a_note_that_somebody_reads_as_a_pipe_gets_nothing(server, target):
    """With a reader, a pipe can be opened to be written."""
    target.parent.mkdir()
    pipe = target.with_name(".file.part.json")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(DownloadError, match="expected a file or none, found a pipe or a device"):
        get(server, target, serve(CONTENT))
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_a_part_outlives_what_is_wrong_with_its_note(server, target):
    fail(server, target, "70,000 of 200,000", serve(CONTENT, stop=70_000))
    note = target.with_name(".file.part.json")
    kept = note.read_bytes()
    note.unlink()
    os.mkfifo(note)
    assert fail(server, target, "found a pipe or a device") == 70_000
    note.unlink()
    note.write_bytes(kept)
    assert get(server, target, serve(CONTENT)) == CONTENT


@pytest.mark.parametrize(
    "error", [BodyModelError("it rhymes"), ValueError("a\nb" * 9999), RecursionError("x"), KeyError("y")]
)
def test_whatever_is_wrong_with_content_it_is_removed(server, target, error):
    server.answers = [serve(CONTENT)]
    with (
        pytest.raises(DownloadError, match="file: what came cannot be used and was removed: ") as caught,
        fetch.download(server.url, target, MOST),
    ):
        raise error
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    assert os.listdir(target.parent) == []


def test_one_download_at_a_time(server, target):
    part = PartialFile(target, server.url)
    part.restart(part.origin)
    part.append(b"x")
    assert fail(server, target, "another download of this file is under way", serve(CONTENT)) == 1
    part.close()
    assert get(server, target) == CONTENT


def test_a_full_disk_keeps_what_has_come(server, target):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        message = "the disk or the quota is full. Free some space and run the same command again"
        kept = fail(server, target, message, serve(CONTENT))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert kept == 100_000
    assert json.loads(target.with_name(".file.part.json").read_text())["total"] == 200_000
    assert get(server, target) == CONTENT
    assert server.ranges[-1] == "bytes=100000-"
