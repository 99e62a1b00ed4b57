"""Nothing but regular files is opened, and nothing is waited for."""

import os
import socket

import pytest

from render.files.regular import IrregularFileError, open_regular, read_regular


def test_a_file_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "file") == read_regular(tmp_path / "link") == b"content"


def test_pipes_sockets_and_devices_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for path in (tmp_path / "pipe", tmp_path / "link", tmp_path / "socket", "/dev/null"):
            with pytest.raises(IrregularFileError, match="Not a regular file"):
                open_regular(path)


def test_what_cannot_be_opened_says_why(tmp_path):
    for path, kind in ((tmp_path / "none", FileNotFoundError), (tmp_path, IsADirectoryError)):
        with pytest.raises(kind):
            read_regular(path)
