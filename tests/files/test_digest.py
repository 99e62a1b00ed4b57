"""Hashing waits for no pipe."""

import os

import pytest

from render.files.digest import hash_file
from render.files.regular import IrregularFileError


@pytest.mark.parametrize("name", ["pipe", "link"])
@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with pytest.raises(IrregularFileError):
        hash_file(tmp_path / name)


def test_a_device_is_not_read(tmp_path):
    (tmp_path / "device").symlink_to("/dev/zero")
    with pytest.raises(IrregularFileError):
        hash_file(tmp_path / "device")
