"""Mutated EFT files: each row comes out as the file has it, or is refused with a reason that is true.

What a valid row is, is written down here again, in plain Python and one number at a time.
"""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from render.errors import FitFileError
from render.fits.read import read_fits
from tests.helpers.eft_columns import list_columns, place_crop
from tests.helpers.eft_entries import JSON_VALUES, NUMBERS, make_entry

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

CHECKS = settings(deadline=None, suppress_health_check=list(HealthCheck))


# What a row is.


def is_numbers(value, shape):
    """Lists of that shape of JSON's numbers that a double can hold."""
    if shape:
        return (
            isinstance(value, list)
            and len(value) == shape[0]
            and all(is_numbers(item, shape[1:]) for item in value)
        )
    if type(value) is int:
        # From here on they round to infinity.
        return abs(value) < 2**1024 - 2**970
    return type(value) is float


def flatten(value):
    return [x for item in value for x in flatten(item)] if isinstance(value, list) else [float(value)]


def is_rotation(matrix):
    a = [[float(x) for x in row] for row in matrix]
    for i in range(3):
        for j in range(3):
            dot = sum(a[i][k] * a[j][k] for k in range(3))
            # NaN is not within the tolerance.
            if not abs(dot - (i == j)) <= 1e-3:
                return False
    (a, b, c), (d, e, f), (g, h, i) = a
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) > 0


def is_small(value):
    return all(abs(x) <= 1e6 for x in flatten(value))


def is_image_name(name):
    if not isinstance(name, str) or any(0xD800 <= ord(c) <= 0xDFFF for c in name):
        return False
    if any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F or c == "\\" for c in name):
        return False
    if name[1:3] == ":/" and name[0].isascii() and name[0].isalpha():
        return False
    return all(part not in ("", ".", "..") and len(part.encode()) <= 255 for part in name.split("/"))


def is_scale(value):
    # Files have it as a number and as a list of one.
    numbers = value if isinstance(value, list) and len(value) == 1 else [value]
    return is_numbers(numbers[0], ()) and 0 < float(numbers[0]) <= 5000


def is_annot_id(value):
    return value is None or (type(value) is int and -(2**63) <= value < 2**63)


def is_validity(value):
    return value is None or (is_numbers(value, (18,)) and all(x in (0, 1) for x in value))


def is_keypoints(value):
    return value is None or (is_numbers(value, (49, 3)) and is_small(value))


RULES = {
    "smpltype": lambda value: value == "smpl",
    "imageName": is_image_name,
    "parm_pose": lambda value: is_numbers(value, (24, 3, 3)) and all(map(is_rotation, value)),
    "parm_shape": lambda value: is_numbers(value, (10,)) and is_small(value),
    "parm_cam": lambda value: is_numbers(value, (3,)) and is_small(value) and float(value[0]) > 0,
    "bbox_center": lambda value: is_numbers(value, (2,)) and is_small(value),
    "bbox_scale": is_scale,
    "annotId": is_annot_id,
    "joint_validity_openpose18": is_validity,
    "gt_keypoint_2d": is_keypoints,
}
DEFAULTS = {"smpltype": "smpl", "annotId": None, "joint_validity_openpose18": None, "gt_keypoint_2d": None}


def find_faults(entry):
    """The keys with which an entry breaks the rules."""
    if not isinstance(entry, dict):
        return {"entry"}
    whole = DEFAULTS | entry
    faults = {key for key, rule in RULES.items() if key not in whole or not rule(whole[key])}
    if not faults & {"bbox_center", "bbox_scale"} and not has_pixels(whole):
        faults.add("bbox_scale")
    return faults


def has_pixels(entry):
    """Whether a whole pixel is between the top and the bottom of the box, both cut towards zero."""
    y, half = flatten(entry["bbox_center"])[1], flatten(entry["bbox_scale"])[0] * 100
    return math.trunc(y + half) > math.trunc(y - half)


def make_row(entry):
    """What the columns of a valid entry hold."""
    whole = DEFAULTS | entry
    validity, keypoints = whole["joint_validity_openpose18"], whole["gt_keypoint_2d"]
    return {
        "image_name": whole["imageName"],
        "rotmat": np.array(flatten(whole["parm_pose"])).astype(np.float32).reshape(24, 3, 3),
        "betas": np.array(flatten(whole["parm_shape"])).astype(np.float32),
        **place_crop(
            flatten(whole["bbox_center"]), flatten(whole["bbox_scale"])[0], flatten(whole["parm_cam"])
        ),
        "annot_id": -1 if whole["annotId"] is None else whole["annotId"],
        "joint_validity": np.array([x == 1 for x in validity or [1] * 18]),
        "keypoints_px": np.array(flatten(keypoints or [[0] * 3] * 49)).astype(np.float32).reshape(49, 3),
    }


def has_valid_row(content):
    """Whether the file has one list of entries, and a valid one in it."""
    keys = []

    def note(pairs):
        keys[:] = [key for key, _ in pairs]
        return dict(pairs)

    try:
        file = json.loads(content, object_pairs_hook=note)
    # Not JSON, numbers of too many digits, lists nested too deep.
    except (ValueError, RecursionError):
        return False
    # A second list would hide the first.
    if not isinstance(file, dict) or keys.count("data") != 1 or not isinstance(file["data"], list):
        return False
    return not all(map(find_faults, file["data"]))


def open_folder(tmp_path_factory) -> Path:
    """A folder of this module's: what is said of a file depends on what lies in the folders above it."""
    folder = tmp_path_factory.getbasetemp() / "eft_mutated" / "alone" / "files"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def check_file(path, content):
    """Rows are right and problems are true, or the file as a whole is refused for a reason."""
    path.write_bytes(content)
    try:
        fits, problems = read_fits("eft", path)
    except FitFileError as error:
        refusal = str(error)
    else:
        refusal = None
    if refusal:
        assert re.match(rf"{re.escape(str(path))}: expected an EFT fit file: JSON .*; .+\.", refusal)
        assert not has_valid_row(content), refusal
        return
    entries = json.loads(content)["data"]
    rows, refused = fits.row.tolist(), [problem.row for problem in problems]
    assert (rows, refused) == (sorted(rows), sorted(refused))
    assert sorted(rows + refused) == list(range(len(entries)))
    columns = list_columns(fits)
    for k, row in enumerate(rows):
        assert find_faults(entries[row]) == set()
        for name, value in make_row(entries[row]).items():
            assert np.array_equal(columns[name][k], value), name
    for problem in problems:
        entry = entries[problem.row]
        key = re.fullmatch(r"(\w+): expected .+, found .+", problem.reason)[1]
        assert key in find_faults(entry)
        assert problem.reason.isprintable()
        if isinstance(entry, dict) and is_image_name(entry.get("imageName")):
            assert problem.image_name == entry["imageName"]


# How files are mutated.


class Pairs(list):
    """An object of JSON as keys and values, so that keys may repeat."""


def make_pairs(seed):
    entry = make_entry(seed)
    if seed % 2:
        entry["gt_keypoint_2d"] = np.random.default_rng(seed).uniform(0, 500, (49, 3)).tolist()
    return Pairs(list(pair) for pair in entry.items())


def spell(value, ensure_ascii):
    if isinstance(value, Pairs):
        pairs = (
            f"{json.dumps(key, ensure_ascii=ensure_ascii)}: {spell(item, ensure_ascii)}"
            for key, item in value
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list) and any(isinstance(item, Pairs | list) for item in value):
        return "[" + ", ".join(spell(item, ensure_ascii) for item in value) + "]"
    return json.dumps(value, ensure_ascii=ensure_ascii)


def scale(value, factor):
    if isinstance(value, list):
        return [scale(item, factor) for item in value]
    return value * factor if type(value) in (int, float) and abs(value) < 1e300 else value


KEYS = st.sampled_from([*RULES, "subjectId", "data"]) | st.text(max_size=5)
NAMES = st.text(max_size=8) | st.sampled_from(
    [
        "a/é/漢😀.jpg",
        "../a.jpg",
        "/a.jpg",
        "C:a.jpg",
        "ж:a.jpg",
        "a\\b",
        "a\udc80.jpg",
        "a\x85",
        "a\u2028",
        "x" * 256,
        "a/",
    ]
)
ITEMS = JSON_VALUES | NUMBERS | NAMES | st.booleans()
FACTORS = st.sampled_from([1 + 4e-4, 1 - 4e-4, 1 + 6e-4, 1 - 6e-4, -1, 0, 1e3, 1e-300, 1e300, 2**1023])


@st.composite
def bent_poses(draw):
    """A pose with one joint that is nearly a rotation, or a mirrored one."""
    pose = make_entry()["parm_pose"]
    joint = draw(st.integers(0, 23))
    pose[joint] = scale(pose[joint], draw(FACTORS))
    return pose


# On both sides of what is allowed.
LIMITS = {
    "smpltype": st.sampled_from(["smplx", "SMPL", None]),
    "imageName": NAMES,
    "parm_pose": bent_poses(),
    "parm_shape": st.sampled_from(
        [[0] * 9, [0] * 10, [1e6] * 10, [-1e6 - 1] * 10, [float("nan")] * 10, [True] * 10]
    ),
    "parm_cam": st.sampled_from(
        [[1, 2, 3], [5e-324, 0, 0], [0, 0, 0], [-1, 0, 0], [1, 1e7, 0], [True, 0, 0], [[1, 2, 3]]]
    ),
    "bbox_center": st.sampled_from([[-1e6, 1e6], [1e6 + 1, 0], [0], [0, False], [0, 10**400]]),
    "bbox_scale": st.sampled_from(
        [5e-324, 5000, 5000.001, 0, -0.0, [3], [[3]], [True], True, [], [1, 2], 10**400, "3"]
    ),
    "annotId": st.sampled_from([0, True, 5.0, None, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1]),
    "joint_validity_openpose18": st.sampled_from(
        [[1.0] * 18, [-0.0] * 18, [True] * 18, [0.5] * 18, [2] * 18, [1] * 17]
    ),
    "gt_keypoint_2d": st.sampled_from(
        [[[1, 2, 3]] * 49, [[1, 2, 3]] * 48, [[1, 2]] * 49, [[1e6] * 3] * 49, [[1e7] * 3] * 49]
    ),
}


def mutate_list(draw, items):
    """Changes something in a list, or in one of its lists."""
    while items and isinstance(items[0], list) and draw(st.booleans()):
        items = items[draw(st.integers(0, len(items) - 1))]
        if not isinstance(items, list):
            return
    k = draw(st.integers(0, max(len(items) - 1, 0)))
    match draw(st.sampled_from(("set", "insert", "delete", "repeat", "nest", "swap", "scale", "scale all"))):
        case "set":
            items[k : k + 1] = [draw(ITEMS)]
        case "insert":
            items.insert(k, draw(ITEMS))
        case "delete":
            del items[k : k + 1]
        case "repeat":
            items[k:k] = items[k : k + 1]
        case "nest":
            items[k : k + 1] = [items[k : k + 1]]
        case "swap":
            items[k : k + 2] = reversed(items[k : k + 2])
        case "scale":
            items[k : k + 1] = scale(items[k : k + 1], draw(FACTORS))
        case "scale all":
            items[:] = scale(items, draw(FACTORS))


def mutate_pairs(draw, pairs):
    """Changes keys and values of an entry."""
    k = draw(st.integers(0, max(len(pairs) - 1, 0)))
    match draw(
        st.sampled_from(("drop", "rename", "set", "limit", "limit", "add", "repeat", "swap", "deep", "deep"))
    ):
        case "drop":
            del pairs[k : k + 1]
        case "rename" if pairs:
            pairs[k][0] = draw(KEYS)
        case "set" if pairs:
            pairs[k][1] = draw(ITEMS)
        case "limit":
            key = draw(st.sampled_from(sorted(LIMITS)))
            # It comes last, so it counts.
            pairs.append([key, draw(LIMITS[key])])
        case "add":
            pairs.insert(k, [draw(KEYS), draw(ITEMS)])
        case "repeat" if pairs:
            pairs.insert(draw(st.integers(0, len(pairs))), [pairs[k][0], draw(ITEMS)])
        case "swap" if pairs:
            other = draw(st.integers(0, len(pairs) - 1))
            pairs[k][1], pairs[other][1] = pairs[other][1], pairs[k][1]
        case "deep" if pairs and isinstance(pairs[k][1], list):
            mutate_list(draw, pairs[k][1])


def mutate_entries(draw, entries):
    """Changes the list of entries, or one of them."""
    k = draw(st.integers(0, max(len(entries) - 1, 0)))
    match draw(st.sampled_from(("inside",) * 6 + ("set", "delete", "repeat", "nest", "swap"))):
        case "inside" if entries and isinstance(entries[k], Pairs):
            mutate_pairs(draw, entries[k])
        case "set":
            entries[k : k + 1] = [draw(ITEMS)]
        case "delete":
            del entries[k : k + 1]
        case "repeat":
            entries[k:k] = entries[k : k + 1]
        case "nest":
            entries[k : k + 1] = [entries[k : k + 1]]
        case "swap":
            entries[k : k + 2] = reversed(entries[k : k + 2])


@st.composite
def mutated_files(draw):
    entries = [make_pairs(seed) for seed in range(draw(st.integers(3, 5)))]
    for _ in range(draw(st.integers(1, 6))):
        mutate_entries(draw, entries)
    others = st.lists(st.tuples(st.sampled_from(["ver", "meta", "é"]) | KEYS, ITEMS), max_size=2)
    file = Pairs([*draw(others), ("data", entries), *draw(others)])
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32"]))
    return spell(file, draw(st.booleans())).encode(encoding, "surrogatepass")


CONTENT = spell(Pairs([("ver", 0.1), ("data", [make_pairs(seed) for seed in range(4)])]), False).encode()
MARKS = [place for place, byte in enumerate(CONTENT) if byte in b'{}[]",: ']


@st.composite
def damaged_files(draw):
    content = bytearray(CONTENT)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.sampled_from(MARKS) | st.integers(0, len(CONTENT)))
        end = start + draw(st.integers(1, 3) | st.sampled_from([100, 5600]))
        match draw(st.sampled_from(("digit", "flip", "delete", "insert", "repeat", "cut"))):
            case "digit":
                content[start : start + 1] = draw(st.sampled_from("0123456789-.e")).encode()
            case "flip" if start < len(content):
                content[start] ^= 1 << draw(st.integers(0, 7))
            case "delete":
                del content[start:end]
            case "insert":
                content[start:start] = draw(
                    st.binary(max_size=3) | st.text('0e-.,[]{}":', max_size=3).map(str.encode)
                )
            case "repeat":
                content[end:end] = content[start:end]
            case "cut":
                del content[start:]
    return bytes(content)


def test_entries_that_are_not_mutated_are_valid():
    for seed in range(5):
        assert find_faults(make_entry(seed)) == set()
    assert has_valid_row(CONTENT)


@pytest.mark.slow
@settings(CHECKS, max_examples=125)
@given(content=mutated_files())
def test_mutated_files_are_read_right_or_refused_with_row_and_reason(tmp_path_factory, content):
    check_file(open_folder(tmp_path_factory) / "mutated.json", content)


@pytest.mark.slow
@settings(CHECKS, max_examples=125)
@given(content=damaged_files())
def test_damaged_files_are_read_right_or_refused_with_row_and_reason(tmp_path_factory, content):
    check_file(open_folder(tmp_path_factory) / "damaged.json", content)


@pytest.mark.parametrize("key", sorted(RULES))
@settings(CHECKS, max_examples=15)
@given(data=st.data())
def test_of_a_key_that_repeats_the_last_value_counts(tmp_path_factory, key, data):
    value, is_last = data.draw(LIMITS[key] | ITEMS), data.draw(st.booleans())
    pairs = make_pairs(1)
    pairs.insert(len(pairs) if is_last else 0, [key, value])
    content = spell(Pairs([("data", [make_pairs(0), pairs])]), True).encode()
    path = open_folder(tmp_path_factory) / "repeated.json"
    check_file(path, content)
    assert is_last or read_fits("eft", path)[0].row.tolist() == [0, 1]
