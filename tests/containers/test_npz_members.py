"""Some arrays of an npz, in a file or inside of another one; what is too large or no number is refused."""

import numpy as np
import pytest

from render.containers.contents.npz_members import read_npz_keys
from render.containers.errors import ContainerError
from tests.helpers.motion_files import Hostile

HELD = {"poses": np.arange(6.0).reshape(2, 3), "gender": np.array("male"), "other": np.zeros(1000)}


@pytest.fixture
def path(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", **HELD)
    return tmp_path / "a.npz"


@pytest.mark.parametrize("read", [lambda path: path, lambda path: path.read_bytes()])
def test_those_that_are_there_are_read(path, read):
    found = read_npz_keys(read(path), ("poses", "gender", "none"), most_bytes=1000)
    assert found.keys() == {"poses", "gender"}
    np.testing.assert_array_equal(found["poses"], HELD["poses"])
    assert found["gender"].item() == "male"


def test_what_unpacks_to_too_much_is_refused(path):
    with pytest.raises(ContainerError, match="its arrays unpack to more than 0 MiB"):
        read_npz_keys(path, HELD, most_bytes=1000)


def test_only_numbers_may_be_wanted(path, tmp_path):
    assert len(read_npz_keys(path, ("poses", "other"), only_numbers=True)) == 2
    with pytest.raises(ContainerError, match=r"'gender': .*expected numbers, found the dtype"):
        read_npz_keys(path, HELD, only_numbers=True)
    np.savez(tmp_path / "b.npz", poses=np.array(Hostile(tmp_path / "ran"), object))
    with pytest.raises(ContainerError, match=r"'poses': .*found Python objects"):
        read_npz_keys(tmp_path / "b.npz", ("poses",), only_numbers=True)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all"])
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(ContainerError, match="it is "):
        read_npz_keys(content, HELD)
