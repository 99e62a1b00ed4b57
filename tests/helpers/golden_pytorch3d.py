"""Pictures that PyTorch3D itself has drawn, in tests/golden/pytorch3d, and the same drawn by us."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from render.rasterize.project import project
from render.types.bodies import Bodies
from render.types.fragments import Fragments
from render.types.placements import Cameras, Placements
from tests.helpers.drawing import face_picture, make_placements

FOLDER = Path(__file__).parents[1] / "golden" / "pytorch3d"
ORTHOGRAPHIC = ["one_body", "tiny_body", "off_screen", "two_bodies"]
CASES = [*ORTHOGRAPHIC, "perspective_side"]


class Case(NamedTuple):
    """A case, drawn; the arrays of the reference are taken at the pixels that both cover."""

    placements: Placements
    picture: np.ndarray
    fragments: Fragments
    at: np.ndarray
    reference_picture: np.ndarray
    face: np.ndarray
    bary: np.ndarray
    depth: np.ndarray
    size_hw: tuple[int, int]


def draw_case(name: str) -> Case:
    z = np.load(FOLDER / f"{name}.npz")
    height, width = (int(n) for n in z["size_hw"])
    placements = make_placements(z["verts"], z["faces"])
    if z["focal_px"] > 0:
        placements = draw_perspective(z["verts"], z["faces"], float(z["focal_px"]), (height, width))
    picture, fragments, at = face_picture(placements, (height, width))
    rows = (at[:, 0], at[:, 1])
    return Case(
        placements,
        picture,
        fragments,
        at,
        z["face"],
        z["face"][rows],
        z["bary"][rows],
        z["z"][rows],
        (height, width),
    )


def draw_perspective(
    verts: np.ndarray, faces: np.ndarray, focal_px: float, size_hw: tuple[int, int]
) -> Placements:
    verts = torch.from_numpy(verts)
    bodies = Bodies(verts, torch.zeros_like(verts), torch.zeros(1, 1, 3), torch.from_numpy(faces))
    eye, none = torch.eye(3)[None], torch.zeros(1, dtype=torch.int32)
    center_px = torch.tensor([[size_hw[1] / 2, size_hw[0] / 2]])
    return project(
        bodies,
        Cameras(eye, torch.zeros(1, 3), torch.tensor([focal_px]), center_px, eye, none, torch.zeros(1)),
        none,
        none,
        none,
    )
