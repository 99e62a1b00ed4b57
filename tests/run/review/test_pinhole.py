"""An audit of bodies that each have a pinhole, as labels of BEDLAM have them, beside other means.

Bodies are smplx's, areas are trimesh's, and points are projected by camera matrices.
"""

import csv
import json

import numpy as np
import pytest
import torch
import trimesh
from scipy.spatial.transform import Rotation

from render.body.model_file import read_model_file
from render.fits.joint_orders import SMPL_24
from render.review.table import make_audit_table
from tests.helpers.runs import run
from tests.helpers.smplx_oracle import make_smplx

PEOPLE = 8
WIDE, HIGH = 160, 120
# Row 4 is around the camera, row 6 half outside of the photo.
AROUND, ASIDE = 4, 6


def test_numbers_of_pinholes_are_those_of_other_means(demo_set, small, tmp_path):
    entries = json.loads(demo_set.fit_file.read_text())["data"][:PEOPLE]
    rotmat = np.array([entry["parm_pose"] for entry in entries])
    betas = np.array([np.ravel(entry["parm_shape"]) for entry in entries])
    model = make_smplx(read_model_file(demo_set.body_file))
    with torch.inference_mode():
        turns = torch.tensor(rotmat, dtype=torch.float32)
        shapes = torch.tensor(betas, dtype=torch.float32)
        posed = model(betas=shapes, global_orient=turns[:, :1], body_pose=turns[:, 1:], pose2rot=False)
    verts_m, joints_m = posed.vertices.double().numpy(), posed.joints.double().numpy()[:, :24]

    rng = np.random.default_rng(5)
    transl_m = np.column_stack([rng.uniform(-0.5, 0.5, (PEOPLE, 2)), np.linspace(4, 6, PEOPLE)])
    transl_m[AROUND], transl_m[ASIDE, 0] = (0.1, 0, 0.1), -2.4
    camera = np.array([[190.0, 0, 78], [0, 200, 62], [0, 0, 1]])
    before_m = transl_m + [0, 0, 4] * (np.arange(PEOPLE) == AROUND)[:, None]
    marks_px = project(camera, joints_m + before_m[:, None]) + rng.normal(0, 2, (PEOPLE, 24, 2))
    is_marked = rng.random((PEOPLE, 24)) < 0.8
    # The camera's place is a part of the translation.
    moved = np.tile(np.eye(4), (PEOPLE, 1, 1))
    moved[:, :3, 3] = transl_m / 4
    names = [small.entries[0]["imageName"], small.entries[4]["imageName"]]
    np.savez(
        tmp_path / "labels.npz",
        imgname=np.repeat(names, [5, 3]),
        pose_cam=Rotation.from_matrix(rotmat.reshape(-1, 3, 3)).as_rotvec().reshape(PEOPLE, 72),
        shape=betas,
        trans_cam=transl_m * 3 / 4,
        cam_int=np.tile(camera, (PEOPLE, 1, 1)),
        cam_ext=moved,
        gtkps=np.dstack([marks_px, is_marked]),
    )
    report = run(
        *("job=audit", "dataset=camerahmr", f"dataset.fit_file={tmp_path}/labels.npz", "body=demo"),
        *(f"dataset.image_dir={small.image_dir}", f"output.dir={tmp_path}/audit"),
    )
    assert report.failed == []
    with (tmp_path / "audit" / "audit.csv").open(newline="") as file:
        table = list(csv.DictReader(file))

    digits = {column.name: column.digits for column in make_audit_table().columns}
    depth_m = verts_m[..., 2].mean(1) + transl_m[:, 2]
    for row in range(PEOPLE):
        joints_px = project(camera, joints_m[row] + transl_m[row])[is_marked[row]]
        off = [joints_px, marks_px[row][is_marked[row]]]
        size_px = max(np.ptp(off[1], axis=0))
        misses = np.linalg.norm(off[0] - off[1], axis=1)
        seen_px = project(camera, verts_m[row] + transl_m[row])
        areas = trimesh.Trimesh(verts_m[row], model.faces.astype(int), process=False).area_faces
        is_behind = np.isnan(seen_px[:, 0])
        with np.errstate(invalid="ignore"):
            is_inside = ((seen_px >= 0) & (seen_px < image_wh(row))).all(1)
        others_m = [depth_m[one] for one in range(PEOPLE) if (one < 5) == (row < 5) and one != row]
        up = joints_m[row, SMPL_24.index("neck")] - joints_m[row, 0]
        expected = {
            "reprojection": misses.mean() / size_px,
            "reprojection_px": misses.mean(),
            "pck5": (misses < 0.05 * size_px).mean(),
            "pck10": (misses < 0.1 * size_px).mean(),
            "joints": is_marked[row].sum(),
            "outside": (areas * (~is_inside)[model.faces.astype(int)].mean(1)).sum() / areas.sum(),
            "behind_camera": (areas * is_behind[model.faces.astype(int)].mean(1)).sum() / areas.sum(),
            "depth_m": depth_m[row],
            "px_per_m": 195 / depth_m[row],
            # Of two in the middle of the others the mean of pixels a metre counts.
            "depth_share": np.median(1 / np.array(others_m)) * depth_m[row],
            "betas_norm": (betas[row] ** 2).sum() ** 0.5,
            "tilt_deg": np.degrees(np.arctan2(np.hypot(up[0], up[2]), -up[1])),
        }
        for name, value in expected.items():
            found = float(table[row][name] or "nan")
            # Numbers are rounded, and bodies are posed in float32.
            allowed = 0.501 * 10.0 ** -digits[name]
            assert found == pytest.approx(value, abs=allowed, rel=1e-5, nan_ok=True), (row, name)
    assert table[AROUND]["reprojection"] == ""
    assert 0 < float(table[AROUND]["behind_camera"]) < 1
    assert float(table[ASIDE]["outside"]) > 0.4


def project(camera: np.ndarray, points_m: np.ndarray) -> np.ndarray:
    """(..., 2) pixels; NaN behind the camera."""
    depth_m = np.where(points_m[..., 2:] > 0, points_m[..., 2:], np.nan)
    return (points_m / depth_m @ camera.T)[..., :2]


def image_wh(row: int) -> tuple[int, int]:
    """The second photo is upright."""
    return (WIDE, HIGH) if row < 5 else (HIGH, WIDE)
