"""EFT fit files: valid rows come out as they are, bad rows with a reason, bad files with advice."""

import json
import os
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.errors import FitFileError, RenderError
from render.fits.formats import eft
from render.fits.read import read_fits
from tests.helpers.eft_columns import list_columns, place_crop
from tests.helpers.eft_entries import JSON_VALUES, make_entry
from tests.helpers.in_the_way import IRREGULAR, limit_seconds


@pytest.fixture
def write(tmp_path):
    """Writes entries as an EFT file, or text or bytes as they are."""

    def write(content):
        path = tmp_path / "fits.json"
        if isinstance(content, list):
            content = json.dumps({"ver": 0.1, "data": content})
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def read_one(path):
    """Reads a file of a valid entry and one more; what became of the latter."""
    table, rejected = read_fits("eft", path)
    assert table.row[0] == 0
    assert len(table) + len(rejected) == 2
    return (table.take(slice(1, 2)), None) if len(table) == 2 else (None, rejected[0])


def test_reads_every_field(write):
    entries = [make_entry(0), make_entry(1)]
    keypoints = np.random.default_rng(2).uniform(0, 500, (49, 3))
    entries[1] |= {"bbox_scale": [1.5], "gt_keypoint_2d": keypoints.tolist(), "imageName": "été/a b.png"}
    for key in ("annotId", "joint_validity_openpose18", "smpltype"):
        del entries[1][key]
    table, rejected = read_fits("eft", write(entries))
    assert rejected == []
    assert table.row.tolist() == [0, 1]
    assert table.image_name.tolist() == ["photo_000000000000.jpg", "été/a b.png"]
    assert table.annot_id.tolist() == [900000, -1]
    columns = list_columns(table)
    assert columns["joint_validity"].tolist() == [[True, False] * 9, [True] * 18]
    np.testing.assert_array_equal(columns["rotmat"], np.float32([e["parm_pose"] for e in entries]))
    np.testing.assert_array_equal(columns["betas"], np.float32([e["parm_shape"] for e in entries]))
    np.testing.assert_array_equal(columns["keypoints_px"], np.float32([np.zeros((49, 3)), keypoints]))
    for k, scale in enumerate((3.323578, 1.5)):
        for name, value in place_crop(entries[k]["bbox_center"], scale, entries[k]["parm_cam"]).items():
            np.testing.assert_array_equal(columns[name][k], value, err_msg=name)
    (source,) = table.sources
    assert (source.format, source.bodies.kind, source.marks.order) == ("eft", "smpl", "spin49")
    assert {name: array.dtype.name for name, array in columns.items()} == {
        "row": "int64",
        "image_name": "object",
        "annot_id": "int64",
        "scale": "float64",
        "origin": "float64",
        "box_px": "float64",
        "rotmat": "float32",
        "betas": "float32",
        "joint_validity": "bool",
        "keypoints_px": "float32",
    }


def test_rows_keep_their_index_in_the_file(write):
    entries = [make_entry(i) for i in range(5)]
    entries[1]["parm_cam"][0] = -0.5
    entries[3] = "not an entry"
    table, rejected = read_fits("eft", write(entries))
    assert table.row.tolist() == [0, 2, 4]
    assert table.annot_id.tolist() == [900000, 900002, 900004]
    assert [(r.row, r.image_name) for r in rejected] == [(1, "photo_000000000001.jpg"), (3, "")]
    assert rejected[0].reason == "parm_cam: expected s > 0, found s = -0.5"
    assert rejected[1].reason == 'entry: expected an object, found the string "not an entry"'


def test_rows_are_the_same_however_many_are_held_at_once(write, monkeypatch):
    entries = [make_entry(i) for i in range(7)]
    entries[3] = {}
    table, rejected = read_fits("eft", write(entries))
    monkeypatch.setattr(eft, "ROWS_AT_ONCE", 2)
    again, rejected_again = read_fits("eft", write(entries))
    assert rejected_again == rejected
    columns = list_columns(again)
    for name, column in list_columns(table).items():
        np.testing.assert_array_equal(columns[name], column)


def test_rotations_pass_up_to_the_tolerance(write):
    entry = make_entry(1)
    pose = np.array(entry["parm_pose"])
    # Scaling by 1 + e puts R R^T off by about 2 e on its diagonal.
    entry["parm_pose"] = (pose * (1 + 0.45e-3)).tolist()
    assert read_one(write([make_entry(), entry]))[1] is None
    entry["parm_pose"] = (pose * (1 + 0.6e-3)).tolist()
    assert "off by 0.0012" in read_one(write([make_entry(), entry]))[1].reason


def changed(key, value):
    return lambda entry: entry.__setitem__(key, value)


def changed_at(key, index, value):
    def edit(entry):
        items = entry[key]
        for i in index[:-1]:
            items = items[i]
        items[index[-1]] = value

    return edit


MIRROR = np.diag([1.0, 1.0, -1.0]).tolist()
BAD_ROWS = {
    "no pose": (lambda e: e.pop("parm_pose"), "parm_pose: expected 24x3x3 numbers, found nothing"),
    "23 joints": (lambda e: e["parm_pose"].pop(), "parm_pose: expected 24x3x3 numbers, found 23x3x3"),
    "ragged": (
        changed_at("parm_pose", (3, 1), [0, 1]),
        "parm_pose: expected 24x3x3 numbers, found a list of 24",
    ),
    "axis-angle": (
        changed("parm_pose", [0.0] * 72),
        "parm_pose: expected 24x3x3 numbers, found a list of 72",
    ),
    "text": (
        changed_at("parm_pose", (3, 1, 1), "0.5"),
        'parm_pose: expected 24x3x3 numbers, found the string "0.5"',
    ),
    "true": (changed_at("parm_pose", (0, 0, 0), True), "parm_pose: expected 24x3x3 numbers, found true"),
    "null": (changed_at("parm_shape", (0,), None), "parm_shape: expected 10 numbers, found null"),
    "nested": (changed_at("parm_shape", (0,), [1]), "parm_shape: expected 10 numbers, found a list of 1"),
    "object": (changed("parm_shape", {}), "parm_shape: expected 10 numbers, found an object"),
    "empty": (changed("parm_shape", []), "parm_shape: expected 10 numbers, found 0"),
    "mirrored": (
        changed_at("parm_pose", (5,), MIRROR),
        "parm_pose: expected rotations .* determinant -1 at joint 5",
    ),
    "scaled": (changed_at("parm_pose", (5, 0, 0), 2.5), "parm_pose: expected rotations .* at joint 5"),
    "nan pose": (
        changed_at("parm_pose", (5, 0, 0), np.nan),
        "parm_pose: expected rotations .* off by nan .* joint 5",
    ),
    "vast pose": (changed_at("parm_pose", (5, 0, 0), 1e200), "parm_pose: expected rotations .* at joint 5"),
    "nan": (changed_at("parm_shape", (2,), np.nan), "parm_shape: expected finite numbers .* found nan"),
    "infinity": (
        changed_at("bbox_center", (1,), -np.inf),
        "bbox_center: expected finite numbers .* found -inf",
    ),
    "over float32": (changed_at("parm_shape", (2,), 1e39), r"parm_shape: expected finite .* found 1e\+39"),
    "over float64": (changed_at("parm_shape", (2,), 10**400), "parm_shape: .* beyond the range of a double"),
    "zero s": (changed_at("parm_cam", (0,), 0), "parm_cam: expected s > 0, found s = 0.0"),
    "4 of camera": (changed("parm_cam", [1, 0, 0, 0]), "parm_cam: expected 3 numbers, found 4"),
    "zero box": (changed("bbox_scale", 0), "bbox_scale: expected a number above 0 .* found 0.0"),
    "huge box": (changed("bbox_scale", 5001), "bbox_scale: .* up to 5000 .of 200 px., found 5001.0"),
    "box of less than a pixel": (
        lambda entry: entry.update(bbox_center=[5.5, 5.5], bbox_scale=0.0025),
        "bbox_scale: expected a box that a whole pixel is in, found 0.0025",
    ),
    "two boxes": (changed("bbox_scale", [1, 2]), "bbox_scale: expected a number, found 2"),
    "text box": (changed("bbox_scale", "3"), 'bbox_scale: expected a number, found the string "3"'),
    "smplx": (
        changed("smpltype", "smplx"),
        'smpltype: expected "smpl" or no such key, found the string "smplx"',
    ),
    "float id": (changed("annotId", 5.0), "annotId: expected a 64-bit integer, found the number 5.0"),
    "true id": (changed("annotId", True), "annotId: expected a 64-bit integer, found true"),
    "large id": (changed("annotId", 2**63), "annotId: expected a 64-bit integer, found the number 92233"),
    "validity": (
        changed_at("joint_validity_openpose18", (0,), 2),
        "joint_validity_openpose18: expected 18 of 0 or 1",
    ),
    "17 joints": (changed("joint_validity_openpose18", [1] * 17), "joint_validity_openpose18: .* found 17"),
    "keypoints": (
        changed("gt_keypoint_2d", [[1, 2, 3]] * 48),
        "gt_keypoint_2d: expected 49x3 numbers, found 48x3",
    ),
    "no name": (lambda e: e.pop("imageName"), "imageName: expected a file name, found nothing"),
    "number as name": (changed("imageName", 12), "imageName: expected a file name, found the number 12"),
}


@pytest.mark.parametrize(("edit", "reason"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_rows(write, edit, reason):
    entry = make_entry(1)
    edit(entry)
    _, rejected = read_one(write([make_entry(), entry]))
    assert rejected.row == 1
    assert re.match(reason, rejected.reason)


BAD_NAMES = {
    "": "an empty name",
    "/etc/passwd": "an absolute path",
    "C:/a.jpg": "an absolute path",
    "a\\b.jpg": "a backslash",
    "\\\\server\\a.jpg": "a backslash",
    "../a.jpg": 'the path part ".."',
    "a/../../b.jpg": 'the path part ".."',
    "a/..": 'the path part ".."',
    "./a.jpg": 'the path part "."',
    "a//b.jpg": 'the path part ""',
    "a/": 'the path part ""',
    "a\0.jpg": "a control character",
    "a\n.jpg": "a control character",
    "a\x9b.jpg": "a control character",
    "a\ud800.jpg": "a lone surrogate",
    "é" * 128 + ".jpg": "a path part of 260 bytes, over 255",
}


@pytest.mark.parametrize(("name", "reason"), BAD_NAMES.items(), ids=[ascii(name)[:20] for name in BAD_NAMES])
def test_names_that_could_leave_the_image_folder(write, name, reason):
    _, rejected = read_one(write([make_entry(), make_entry(1) | {"imageName": name}]))
    assert rejected.reason.startswith(f"imageName: expected a path below the image folder, found {reason}")
    # They are printed and logged: nothing in them may move the cursor or be unprintable.
    assert (rejected.image_name + rejected.reason).isprintable()
    assert rejected.image_name.startswith(ascii(name)[1:-1][:200])


@pytest.mark.parametrize(
    "name", ["a.jpg", "..a.jpg", "a..", "...", ".hidden", "a b/ü/ж.jpg", "x" * 255, "COM1"]
)
def test_unusual_names_that_are_fine(write, name):
    table, _ = read_one(write([make_entry(), make_entry(1) | {"imageName": name}]))
    assert table.image_name[0] == name


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_mutated_rows_are_kept_exactly_or_rejected_with_a_reason(tmp_path_factory, data):
    entry = make_entry(1) | {"gt_keypoint_2d": np.zeros((49, 3)).tolist()}
    key = data.draw(st.sampled_from(sorted(entry)))
    if isinstance(entry[key], list) and data.draw(st.booleans()):
        changed_at(key, (data.draw(st.integers(0, len(entry[key]) - 1)),), data.draw(JSON_VALUES))(entry)
    else:
        entry[key] = data.draw(JSON_VALUES)
    entry = json.loads(json.dumps(entry))
    path = tmp_path_factory.mktemp("fits") / "fits.json"
    path.write_text(json.dumps({"data": [make_entry(), entry]}))
    table, rejected = read_one(path)
    if table is None:
        assert rejected.reason.startswith(f"{key}: expected ")
        assert ", found " in rejected.reason
        return
    assert table.image_name[0] == entry["imageName"]
    assert table.annot_id[0] == (-1 if entry["annotId"] is None else entry["annotId"])
    columns = list_columns(table)
    np.testing.assert_array_equal(columns["rotmat"][0], np.float32(entry["parm_pose"]))
    np.testing.assert_array_equal(columns["betas"][0], np.float32(entry["parm_shape"]))
    scale = np.float64(entry["bbox_scale"]).item()
    for name, value in place_crop(entry["bbox_center"], scale, entry["parm_cam"]).items():
        np.testing.assert_array_equal(columns[name][0], value, err_msg=name)
    # Null is as good as no such key.
    keypoints, validity = (entry[name] for name in ("gt_keypoint_2d", "joint_validity_openpose18"))
    keypoints = np.zeros((49, 3)) if keypoints is None else keypoints
    np.testing.assert_array_equal(columns["keypoints_px"][0], np.float32(keypoints))
    validity = np.ones(18) if validity is None else np.array(validity)
    np.testing.assert_array_equal(columns["joint_validity"][0], validity == 1)
    for name in ("betas", "scale", "origin", "box_px", "keypoints_px"):
        assert np.isfinite(columns[name]).all()


LONG = "9" * 5000
DEEP = "[" * 50_000 + "]" * 50_000
COSTLY = {
    "digits": ("bbox_center", f"[1, {LONG}]", "bbox_center: expected finite numbers up to 1e.06, found inf"),
    "negative": ("parm_cam", f"[1, -{LONG}, 0]", "parm_cam: expected finite numbers up to 1e.06, found -inf"),
    "id": ("annotId", LONG, "annotId: expected a 64-bit integer, found the number inf"),
    "exponent": (
        "bbox_scale",
        "1e999999",
        "bbox_scale: expected a number above 0 and up to 5000 .*, found inf",
    ),
    "nan": ("parm_cam", "[1, NaN, 0]", "parm_cam: expected finite numbers up to 1e.06, found nan"),
    "infinity": ("parm_shape", "[-Infinity]", "parm_shape: expected 10 numbers, found "),
    "zero": ("bbox_scale", "-0", "bbox_scale: expected a number above 0 and up to 5000 .*, found 0.0"),
    "pose": ("parm_pose", DEEP, "parm_pose: expected 24x3x3 numbers, found "),
    "number": ("bbox_scale", DEEP, "bbox_scale: expected a number, found "),
    "text": ("imageName", DEEP, "imageName: expected a file name, found a list of 1"),
    "type": ("smpltype", '{"a":' * 50_000 + "1" + "}" * 50_000, "smpltype: expected .*, found an object"),
    "surrogate": ("imageName", '"a\\ud800.jpg"', "imageName: expected .*, found a lone surrogate"),
    "huge": (
        "imageName",
        '"' + "x" * 100_000 + '"',
        "imageName: expected .*, found a path of more than 4096",
    ),
    "huger": (
        "subject",
        '"' + "x" * (24 << 20) + '"',
        "entry: expected an object, found a value of more than 4",
    ),
}


@pytest.mark.parametrize(("key", "value", "reason"), COSTLY.values(), ids=COSTLY)
def test_what_no_decoder_takes_costs_its_row(write, key, value, reason):
    entries = [make_entry(i) for i in range(3)]
    entries[1][key] = "?"
    path = write(json.dumps({"data": entries}).replace('"?"', value))
    table, (problem,) = read_fits("eft", path)
    assert table.annot_id.tolist() == [900000, 900002]
    assert problem.row == 1
    assert re.match(reason, problem.reason)


@pytest.mark.parametrize("value", [LONG, DEEP, "1e999999", '"' + "x" * 100_000 + '"'])
@pytest.mark.parametrize("layout", ['{{"ver": {}, "data": [{}]}}', '{{"data": [{1}], "meta": [1, {0}]}}'])
def test_what_nobody_reads_may_be_anything(write, layout, value):
    entry = json.dumps(make_entry() | {"subjectId": "?"}).replace('"?"', value)
    table, rejected = read_fits("eft", write(layout.format(value, entry)))
    assert (table.annot_id.tolist(), rejected) == ([900000], [])


# Wrong as files.

SERVED = "https://dl.fbaipublicfiles.com/eft/"
BAD_FILES = {
    "empty": (b"", f"the file is empty.*{SERVED}"),
    "spaces": (b" \n ", "the file is empty"),
    "git-lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        "git-lfs pointer.*git lfs pull",
    ),
    "html": (b"\n<!DOCTYPE html><html></html>", f"web page.*{SERVED}"),
    "not json": (b'{"data": [\n  {"a": 1,}]}', f"not JSON: .* at line 2, column 11.*{SERVED}"),
    "cut short": (b'{"data": [\n  {"a": 1', "line 2, column 10 .*cut short"),
    "binary": (b"\x80\x02}q\x00.", "not JSON: byte 0 is not utf-8 text"),
    "deep": (b"[" * 200_000, "nested too deep"),
    "long number": (b'{"data": [' + b"9" * 5000 + b"]}", "none of its 1 rows .*row 0: entry: .* number inf"),
    "list": (b"[1, 2]", "found a list of 2. Set dataset.fit_file"),
    "other json": (
        b'{"images": [], "annotations": []}',
        "found json content with images, annotations. It is a COCO-format",
    ),
    "no keys": (b"{}", "found the keys none"),
    "data object": (b'{"data": {}}', 'found "data" with an object'),
    "no rows": (b'{"data": []}', '"data" is empty.*dataset.fit_file'),
    "no valid row": (
        b'{"data": [1, {}]}',
        "none of its 2 rows is valid .row 0: entry: .* row 1: imageName: expected",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_files(write, content, message):
    path = write(content)
    with pytest.raises(FitFileError, match=message) as caught:
        read_fits("eft", path)
    # What is another kind of file is told what it is.
    assert re.match(rf"{path}: expected (an EFT fit file: JSON|a fit file of eft; found)", str(caught.value))


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(
        FitFileError, match=rf"no such file. EFT fits are served from {SERVED}.*dataset\.fit_file sets"
    ):
        read_fits("eft", tmp_path / "fits.json")
    with pytest.raises(FitFileError, match=r"found a folder. Set dataset\.fit_file"):
        read_fits("eft", tmp_path)


@pytest.mark.parametrize("make", IRREGULAR)
def test_pipes_sockets_and_devices_are_no_fit_files(tmp_path, make):
    make(tmp_path / "fits")
    with (
        limit_seconds(),
        pytest.raises(
            FitFileError, match=r"a pipe, a socket or a device, not a regular file\. Write .* to a file"
        ),
    ):
        read_fits("eft", tmp_path / "fits")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_file_without_permission(write):
    path = write([make_entry()])
    path.chmod(0)
    with pytest.raises(FitFileError, match=r"cannot be read .Permission denied"):
        read_fits("eft", path)


def test_unknown_format(tmp_path):
    with pytest.raises(RenderError, match=r"^dataset\.format: no fit format 'table'\. There are: .*eft, "):
        read_fits("table", tmp_path)


def test_byte_order_mark_is_fine(write):
    text = json.dumps({"data": [make_entry()]}).encode()
    assert len(read_fits("eft", write(b"\xef\xbb\xbf" + text))[0]) == 1


def test_null_is_as_good_as_missing_for_what_is_optional(write):
    entry = make_entry(1)
    entry |= {"gt_keypoint_2d": None, "joint_validity_openpose18": None, "annotId": None}
    fits, rejected = read_fits("eft", write([entry]))
    assert rejected == []
    columns = list_columns(fits)
    assert (columns["keypoints_px"] == 0).all()
    assert columns["joint_validity"].all()
    assert fits.annot_id.tolist() == [-1]


@pytest.mark.parametrize("entry", [{}, [], "?", make_entry() | {"parm_pose": []}])
def test_what_is_said_of_many_rows_is_held_once(write, entry):
    _, rejected = read_fits("eft", write([make_entry(), *[entry] * 3]))
    assert [problem.row for problem in rejected] == [1, 2, 3]
    assert len({id(problem.reason) for problem in rejected}) == 1
