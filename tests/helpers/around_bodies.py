"""Bodies of the demo's model in views around them, projected in doubles."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from render.body.anatomy import find_anatomy
from render.fits.build import assemble
from render.fits.cameras import PhotoCameras, weak_perspective
from render.sheet.cameras import Framed, frame_cameras
from render.sheet.framing import Batch, list_placements, make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.bodies import Bodies
from render.types.fits import Fits
from render.types.placements import Cameras
from render.types.scenes import Scenes
from render.types.sheets import Framing
from render.types.sources import Meshes

# SMPL's rest pose has y up and faces z; in the picture y is down, and who looks at us faces -z.
FACING = np.diag([1.0, -1.0, -1.0])


def pose(demo_body, turns: np.ndarray, bends: dict[str, tuple[float, float, float]] | None = None) -> Bodies:
    """Bodies that face the camera, as a whole turned by matrices (M, 3, 3), their joints by vectors."""
    rotmat = np.tile(np.eye(3), (len(turns), 24, 1, 1))
    rotmat[:, 0] = np.asarray(turns) @ FACING
    for name, vector in (bends or {}).items():
        rotmat[:, demo_body.joint_names.index(name)] = Rotation.from_rotvec(vector).as_matrix()
    return demo_body.pose(torch.from_numpy(rotmat).float(), torch.zeros(len(turns), 10))


def pitch(degrees: float) -> np.ndarray:
    """(1, 3, 3) what a camera sees that is turned about its x axis."""
    return Rotation.from_euler("x", [degrees], degrees=True).as_matrix().reshape(1, 3, 3)


def make_fits(bodies: Bodies, cameras: PhotoCameras | None = None, **columns) -> Fits:
    """Fits of one photo, 100 pixels a metre and 150 pixels apart unless cameras are given."""
    count = len(bodies.verts)
    if cameras is None:
        cameras = weak_perspective(np.full(count, 100.0), [[200.0 + 150 * i, 150.0] for i in range(count)])
    meshes = Meshes("", np.zeros((0, 3), np.int32), np.zeros((count, 0, 3), np.float32))
    return assemble("none", ["a.png"] * count, meshes, cameras, **columns)


@dataclass(frozen=True)
class Seen:
    """A batch, how it is framed, and x, y of each placement's vertices on its panel."""

    batch: Batch
    framed: Framed
    xy: list[np.ndarray]


def see(cameras: Cameras, row: int, points: np.ndarray) -> np.ndarray:
    """x and y on the panel of points, by the formula of `Cameras`."""
    q = points @ cameras.matrix[row].double().numpy().T + cameras.translation[row].double().numpy()
    focal = float(cameras.focal_px[row])
    if not focal:
        return q[:, :2]
    assert (q[:, 2] > 0).all(), "a point behind the eye"
    return cameras.center_px[row].double().numpy() + focal * q[:, :2] / q[:, 2:]


def look(
    demo_body,
    bodies: Bodies,
    views: list[str],
    framing: Framing,
    *,
    fits: Fits | None = None,
    sheets: list[tuple[int, ...]] | None = None,
    hw: tuple[int, int] = (300, 400),
    frames: int = 1,
    scenes: Scenes | None = None,
) -> Seen:
    """Bodies on sheets of these views; all on one sheet unless sheets are given."""
    specs = tuple(parse_panel(f"{view}/geo/white") for view in views)
    who = sheets or [tuple(range(len(bodies.verts)))]
    laid_out = [
        lay_out_sheet(str(i), None, hw, specs, people, columns=99, frames=frames)
        for i, people in enumerate(who)
    ]
    batch = make_batch(fits or make_fits(bodies), laid_out, framing, scenes)
    order = torch.tensor([i for people in who for i in people], dtype=torch.long)
    own = Bodies(bodies.verts[order], bodies.normals[order], bodies.joints[order], bodies.faces)
    listed = list_placements(batch)
    anatomies = None if demo_body is None else [find_anatomy(demo_body)] * len(order)
    framed = frame_cameras(batch, own, None, listed, torch.from_numpy(listed.body), anatomies)
    xy = [see(framed.cameras, d, own.verts[k].double().numpy()) for d, k in enumerate(listed.body)]
    return Seen(batch, framed, xy)
