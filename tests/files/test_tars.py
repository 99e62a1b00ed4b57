"""The layout of tars and of their index, compared with those of the standard library and of other readers."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webdataset.tariterators import base_plus_ext

from render.files.image_names import image_name_fault
from render.files.sheet_names import sheet_name
from render.files.tars import find_tag, format_index, frame_members, index_name, member_key, tar_name

MEMBERS = [
    ("part0/a_1.jpg", b"x" * 700),
    ("part0/a_1.json", b""),
    ("part0/ä_2.iuv.png", b"y" * 512),
    ("/".join(["long" * 30] * 2) + "/b_3.jpg", b"z"),
    ("/".join(["longer" * 20] * 4) + "/b_4.jpg", b"z" * 3),
]


def join(members: list[tuple[str, bytes]]) -> bytes:
    frames = [frame for _, frame in frame_members((name, len(data)) for name, data in members)]
    return b"".join(frame + data for frame, (_, data) in zip(frames, members, strict=False)) + frames[-1]


@pytest.mark.parametrize("count", range(len(MEMBERS) + 1))
def test_a_tar_is_what_the_standard_library_writes(count):
    expected = io.BytesIO()
    with tarfile.open(fileobj=expected, mode="w") as tar:
        for name, data in MEMBERS[:count]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    assert join(MEMBERS[:count]) == expected.getvalue()


def test_contents_begin_behind_their_frames():
    whole = join(MEMBERS)
    frames = list(frame_members((name, len(data)) for name, data in MEMBERS))
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        begins = [member.offset_data for member in tar]
    assert [begin + len(frame) for begin, frame in frames[:-1]] == begins
    begin, frame = frames[-1]
    assert begin + len(frame) == len(whole)


def test_nothing_in_a_tar_tells_of_a_machine_or_a_time():
    with tarfile.open(fileobj=io.BytesIO(join(MEMBERS))) as tar:
        told = {(one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode, one.type) for one in tar}
    assert told == {(0, 0, 0, "", "", 0o644, tarfile.REGTYPE)}


def test_the_index_has_a_line_for_each_sample():
    members = [("a/b_1.jpg", 512, 7), ("a/b_1.iuv.png", 1536, 0), ("a/c_2.json", 2560, 30)]
    assert format_index(members).decode().splitlines() == [
        "v1.2 2",
        "jpg 512 7 a/b_1.jpg iuv.png 1536 0 a/b_1.iuv.png",
        "json 2560 30 a/c_2.json",
    ]


@pytest.mark.parametrize(
    ("name", "tag"),
    [("000003.tar", ""), ("3of64-000003.tar", "3of64"), ("1234567.tar", ""), ("1of2-000000.tar", "1of2")],
)
def test_names_of_tars_tell_their_shard(name, tag):
    assert find_tag(name) == tag
    assert tar_name(tag, int(name[-11:-4].lstrip("-"))) == name
    assert index_name(name) == name[:-4] + ".idx"


@pytest.mark.parametrize(
    "name",
    ["a.tar", "../000000.tar", "/000000.tar", "000000.tar/x", "00000.tar", "0of2-000000.tar", "000000.tar\n"],
)
def test_other_names_are_no_tars(name):
    assert find_tag(name) is None


IMAGES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@given(IMAGES.filter(lambda name: image_name_fault(name) is None), st.integers(0, 10**6))
def test_keys_are_whole_to_readers_of_tars(image_name, row):
    key = member_key(sheet_name(image_name, row))
    assert base_plus_ext(f"{key}.iuv.png") == (key, "iuv.png")
    # Readers of an index take its words apart at spaces.
    assert key.split() == [key]
    assert key.endswith(f"_{row}")


def test_two_keys_never_become_one():
    names = ["a.b.jpg", "a_b.jpg", "a b.jpg", "a..b.jpg"]
    assert len({member_key(sheet_name(name, row)) for row, name in enumerate(names)}) == len(names)
