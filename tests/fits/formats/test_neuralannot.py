"""NeuralAnnot's files: joined with the annotations by id, and joints where its own demo projects them."""

import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.containers import json_stream
from render.errors import FitFileError
from render.fits.fit_file import FitFile
from render.fits.formats import neuralannot
from render.fits.reader import READERS
from tests.helpers.fit_files import project, recognise

RNG_SEED = 11
IDS = (1700, 260, 445)


def numbers(rng, count, spread=0.4):
    return rng.normal(0, spread, count).tolist()


def make_camera(rng):
    return {"focal": rng.uniform(900, 5000, 2).tolist(), "princpt": rng.uniform(100, 500, 2).tolist()}


def make_smpl(rng):
    trans = rng.uniform([-1, -1, 8], [1, 1, 20]).tolist()
    param = {"pose": numbers(rng, 72), "shape": numbers(rng, 10), "trans": trans}
    return {"smpl_param": param, "cam_param": make_camera(rng)}


def make_smplx(rng, has_hands=True):
    trans = rng.uniform([-1, -1, 8], [1, 1, 20]).tolist()
    counts = {"root_pose": 3, "body_pose": 63, "shape": 10}
    if has_hands:
        counts |= {"lhand_pose": 45, "rhand_pose": 45, "jaw_pose": 3, "expr": 10}
    param = {key: numbers(rng, count) for key, count in counts.items()}
    return {"smplx_param": param | {"trans": trans}, "cam_param": make_camera(rng)}


def make_annotation(annot_id, image_id, **changes):
    keypoints = np.column_stack([np.arange(17) + 10, np.arange(17) + 20.5, np.arange(17) % 3])
    annotation = {"id": annot_id, "image_id": image_id, "category_id": 1}
    annotation |= {"bbox": [10, 20, 30, 80], "keypoints": keypoints.ravel().tolist()}
    return annotation | changes


@pytest.fixture
def annotations():
    """COCO's, train2017."""
    return {
        "images": [
            {"id": 36, "file_name": "000000000036.jpg"},
            {"id": 49, "file_name": "000000000049.jpg"},
        ],
        "annotations": [make_annotation(260, 36), make_annotation(1700, 49), make_annotation(445, 36)],
        "categories": [],
    }


@pytest.fixture
def read(tmp_path, annotations):
    """Reads fits, as objects or as text, beside the annotations."""

    def read(fits):
        (tmp_path / "coco.json").write_text(json.dumps(annotations))
        path = tmp_path / "smpl.json"
        path.write_text(fits if isinstance(fits, str) else json.dumps(fits))
        return READERS.load("neuralannot").read(FitFile(path, annotation_file=tmp_path / "coco.json"))

    return read


@pytest.fixture
def smpl():
    rng = np.random.default_rng(RNG_SEED)
    return {str(annot_id): make_smpl(rng) for annot_id in IDS}


def pose_joints(rotmat, joints=24):
    """Joints of a body of our own, whose parents are those before them, by forward kinematics."""
    rng = np.random.default_rng(5)
    parents = [-1, *(int(rng.integers(max(0, k - 3), k)) for k in range(1, joints))]
    rest = rng.normal(0, 0.2, (joints, 3))
    turns, places = [rotmat[0]], [rest[0]]
    for k in range(1, joints):
        places.append(places[parents[k]] + turns[parents[k]] @ (rest[k] - rest[parents[k]]))
        turns.append(turns[parents[k]] @ rotmat[k])
    return np.array(places)


def project_as_demo(points, param, camera):
    """OpenCV's pinhole, as demo_smpl.py has it after its renderer's own turn is undone."""
    points = points + param["trans"]
    return points[:, :2] / points[:, 2:] * camera["focal"] + camera["princpt"]


def test_joints_of_smpl_are_where_its_own_demo_has_them(read, smpl):
    fits, problems = read(smpl)
    assert problems == []
    assert fits.row.tolist() == [0, 1, 2]
    assert fits.annot_id.tolist() == list(IDS)
    assert fits.image_name.tolist() == ["000000000049.jpg", "000000000036.jpg", "000000000036.jpg"]
    assert not fits.is_metric.any()
    (source,) = fits.sources
    assert (source.bodies.kind, source.bodies.variant, source.bodies.hands.size) == ("smpl", "neutral", 0)
    posed, expected = [], []
    for row, entry in enumerate(smpl.values()):
        param = entry["smpl_param"]
        angles = np.reshape(param["pose"], (24, 3))
        posed.append(pose_joints(source.bodies.rotmat[row].astype(float)))
        of_file = pose_joints(Rotation.from_rotvec(angles).as_matrix())
        expected.append(project_as_demo(of_file, param, entry["cam_param"]))
        np.testing.assert_array_equal(source.bodies.betas[row], np.float32(param["shape"]))
    # Rotations are in float32, seven digits of thousands of px.
    np.testing.assert_allclose(project(fits, np.array(posed)), expected, atol=1e-3)


@pytest.mark.parametrize("has_hands", [True, False])
def test_bodies_of_smplx_have_hands_beside_their_joints(read, has_hands):
    """MPII's have none: they are the model's mean hands."""
    rng = np.random.default_rng(RNG_SEED)
    held = {str(annot_id): make_smplx(rng, has_hands) for annot_id in IDS}
    fits, problems = read(held)
    assert problems == []
    (source,) = fits.sources
    bodies = source.bodies
    assert (bodies.kind, bodies.adds_hand_mean) == ("smplx", True)
    assert bodies.rotmat.shape == (3, 55, 3, 3)
    for row, entry in enumerate(held.values()):
        param = entry["smplx_param"]
        angles = [*param["root_pose"], *param["body_pose"], *param.get("jaw_pose", [0, 0, 0])]
        expected = Rotation.from_rotvec(np.reshape(angles, (23, 3))).as_matrix()
        # Of float32.
        np.testing.assert_allclose(bodies.rotmat[row, :23], expected, atol=1e-6)
        np.testing.assert_array_equal(bodies.rotmat[row, 23:], np.tile(np.eye(3), (32, 1, 1)))
        hands = [param.get(key, [0] * 45) for key in ("lhand_pose", "rhand_pose")]
        np.testing.assert_array_equal(bodies.hands[row], np.float32(hands))
        np.testing.assert_array_equal(bodies.expression[row], np.float32(param.get("expr", [0] * 10)))
        posed = pose_joints(expected, 23)
        seen = project(fits.take(slice(row, row + 1)), posed[None])[0]
        np.testing.assert_allclose(seen, project_as_demo(posed, param, entry["cam_param"]), atol=1e-9)


def test_boxes_and_joints_are_those_of_the_annotations(read, smpl, annotations):
    annotations["annotations"][1] |= {"bbox": [0, 0, 0, 0], "keypoints": [1.0] * 48}
    annotations["annotations"][2] |= {"bbox": "none", "keypoints": None}
    fits, _ = read(smpl)
    np.testing.assert_array_equal(fits.box_px, [[np.nan] * 3, [-15, 20, 80], [np.nan] * 3])
    marks = fits.sources[0].marks
    assert marks.order == "coco17"
    labelled = np.arange(17) % 3 > 0
    expected = np.column_stack([np.arange(17) + 10, np.arange(17) + 20.5, np.ones(17)])
    np.testing.assert_array_equal(marks.points_px[1], expected * labelled[:, None])
    # The 16 joints of MPII are none of COCO's.
    assert not marks.points_px[[0, 2]].any()


def test_people_without_an_annotation_or_a_photo_are_named(read, smpl, annotations):
    rng = np.random.default_rng(1)
    ids = (1, 2, 3, 4, 5, 6, 7)
    annotations["images"] += [
        {"id": 7, "file_name": 5},
        {"id": 8, "file_name": "a"},
        {"id": 8, "file_name": "b"},
    ]
    annotations["images"] += [{"id": 9, "file_name": "../a.jpg"}, 3, {"id": True}]
    annotations["annotations"] += [make_annotation(1, 999), make_annotation(2, 36), make_annotation(2, 36)]
    annotations["annotations"] += [make_annotation(3, 7), make_annotation(4, 8), make_annotation(5, "36")]
    annotations["annotations"] += [make_annotation(6, 9), None, make_annotation(True, 36)]
    fits, problems = read(smpl | {str(annot_id): make_smpl(rng) for annot_id in ids})
    assert fits.row.tolist() == [0, 1, 2]
    assert [problem.row for problem in problems] == [3, 4, 5, 6, 7, 8, 9]
    assert [problem.reason for problem in problems] == [
        "annotation 1: image_id: expected the id of one of the photos, found the number 999",
        "annotation 2: id: expected one annotation of this id, found several",
        "annotation 3: file_name: expected a text, found the number 5",
        "annotation 4: image_id: expected one photo of this id, found several",
        'annotation 5: image_id: expected a whole number, found the string "36"',
        'image name: expected a path below the image folder, found the path part ".." in "../a.jpg"',
        "annotation 7: id: expected an annotation of this id, found none",
    ]


def test_entries_that_are_no_fits_are_named(read, smpl):
    good = json.dumps(smpl["260"])
    bad = {
        '"x1"': good,
        '"12"': "5",
        '"13"': "{}",
        '"14"': good.replace('"cam_param"', '"camera"'),
        '"15"': good.replace('"shape": [', '"shape": [true, '),
        '"16"': good.replace('"trans": [', '"trans": [1, '),
        '"17"': good.replace('"focal": [', '"focal": [NaN, '),
        '"18"': json.dumps(smpl["260"] | {"smplx_param": {}}),
    }
    text = ", ".join(f"{key}: {value}" for key, value in bad.items())
    fits, problems = read(f'{{"445": {good}, {text}}}')
    assert fits.annot_id.tolist() == [445]
    assert [problem.reason for problem in problems] == [
        'key: expected an annotation id, found "x1"',
        "annotation 12: expected an object, found the number 5",
        "annotation 13: expected smpl_param or smplx_param, found neither",
        "cam_param: expected an object, found nothing",
        "smpl_param.shape: expected 10 numbers, found true",
        "smpl_param.trans: expected 3 numbers, found 4",
        "cam_param.focal: expected 2 numbers, found 3",
        "annotation 18: expected smpl_param or smplx_param, found both",
    ]


def test_values_that_cannot_be_drawn_are_named(read, smpl):
    smpl["260"]["cam_param"]["focal"][1] = -5
    smpl["445"]["smpl_param"]["pose"][6] = float("inf")
    fits, problems = read(smpl)
    assert fits.annot_id.tolist() == [1700]
    assert [(problem.row, problem.image_name) for problem in problems] == [
        (1, "000000000036.jpg"),
        (2, "000000000036.jpg"),
    ]
    assert problems[0].reason.startswith("camera: expected a scale or a focal length above 0")
    assert problems[1].reason.startswith("pose: expected rotations")


def test_ids_that_are_there_twice_are_of_nobody(read, smpl):
    good = json.dumps(smpl["260"])
    fits, problems = read(f'{{"260": {good}, "445": {good}, "260": {good}, "0260": {good}}}')
    assert fits.annot_id.tolist() == [445]
    assert [problem.row for problem in problems] == [0, 2, 3]
    several = "annotation 260: id: expected one entry of this id, found several"
    assert {problem.reason for problem in problems} == {several}


def test_a_file_may_hold_both_models_and_more_rows_than_are_held_at_once(
    read, smpl, annotations, monkeypatch
):
    rng = np.random.default_rng(2)
    monkeypatch.setattr(neuralannot, "ROWS_AT_ONCE", 3)
    held = {str(k): make_smplx(rng) if k % 3 else make_smpl(rng) for k in range(11)}
    annotations["annotations"] = [make_annotation(k, 36) for k in range(11)]
    fits, problems = read(held)
    assert problems == []
    assert fits.row.tolist() == fits.annot_id.tolist() == list(range(11))
    kinds = [fits.sources[source].bodies.kind for source in fits.source]
    assert kinds == ["smplx" if k % 3 else "smpl" for k in range(11)]
    focal = [entry["cam_param"]["focal"] for entry in held.values()]
    np.testing.assert_array_equal(fits.focal, focal)
    for row, entry in enumerate(held.values()):
        betas = fits.sources[fits.source[row]].bodies.betas[fits.place[row]]
        param = entry.get("smpl_param") or entry["smplx_param"]
        np.testing.assert_array_equal(betas, np.float32(param["shape"]))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"root_pose": [0] * 3, "trans": [0] * 3}, "found bodies without cameras, as in the files of 3DPW"),
        ({"1": {"0": {"root_pose": []}}}, "found bodies by subject, action and frame"),
        ({"mano_param": {}}, "found hands (MANO) or faces (FLAME)"),
        ({"right": None, "left": {"mano_param": {}}}, "found hands (MANO) or faces (FLAME)"),
    ],
)
def test_other_layouts_of_neuralannot_are_refused_with_what_can_be_drawn(read, entry, said):
    with pytest.raises(FitFileError) as refused:
        read({"2": entry})
    assert said in str(refused.value)
    assert "COCO, MPII, CrowdPose and InstaVariety with SMPL or SMPL-X can be drawn" in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "found a list of 0"),
        ("{}", "it has no entries"),
        ("", "the file is empty"),
        ('{"260": {"smpl_param": {"pose": [1, 2', "cut short"),
        ('{"260": {}, }', "it is not JSON"),
    ],
)
def test_damaged_files_are_refused(read, content, said):
    with pytest.raises(FitFileError) as refused:
        read(content)
    assert said in str(refused.value)
    assert "smpl.json" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_annotation_files_that_are_none_are_refused(read, smpl, annotations):
    del annotations["images"]
    with pytest.raises(
        FitFileError, match=r'coco\.json: expected a COCO-format annotation file.*"annotations"'
    ):
        read(smpl)


def test_without_an_annotation_file_the_setting_is_named(tmp_path, smpl):
    assert READERS.load("neuralannot").needs_annotations
    (tmp_path / "a.json").write_text(json.dumps(smpl))
    with pytest.raises(FitFileError, match=r"dataset\.coco_file"):
        READERS.load("neuralannot").read(FitFile(tmp_path / "a.json"))


def test_a_value_that_is_too_long_costs_its_own_row(read, smpl, monkeypatch):
    good = json.dumps(smpl["260"])
    monkeypatch.setattr(json_stream, "READ_BYTES", 1 << 10)
    monkeypatch.setattr(json_stream, "USUAL_CHARS", 1 << 12)
    monkeypatch.setattr(json_stream, "LONGEST_CHARS", 1 << 13)
    fits, (problem,) = read(f'{{"260": {good}, "445": [{"0," * 9000}0], "1700": {good}}}')
    assert fits.annot_id.tolist() == [260, 1700]
    assert problem.reason.startswith("annotation 445: expected an object, found a value of more than")


def test_it_is_recognised_and_others_are_not(tmp_path, smpl, annotations):
    for name, held, expected in (
        ("a", smpl, ["neuralannot"]),
        ("b", annotations, []),
        ("c", {"data": [{"smpl_param": {}, "cam_param": {}}]}, []),
        ("d", {"1": {"pose": []}}, []),
    ):
        (tmp_path / name).write_text(json.dumps(held))
        assert [found for found in recognise(tmp_path / name) if found == "neuralannot"] == expected
