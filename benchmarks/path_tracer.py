"""The studio beside a path tracer: python -m benchmarks.path_tracer

One body of the demo model in the studio's light, as depth maps, rays and Mitsuba have it, with the same camera, the
same sky, floor and key light. First the light alone, without anything that it bounces off: sky, floor and key light
that reach each pixel. Then the picture of mode studio beside one that Mitsuba makes of a matte body on a floor, with
light that goes on from surface to surface. Prints how far they are from each other over the pixels that the body
covers, in steps of 0 to 255, and writes the pictures side by side.

Mitsuba is a judge and no part of the program: pip install mitsuba==3.9.1
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from scipy.spatial.transform import Rotation

from benchmarks.results import RESULTS_DIR, machine, print_table, write_json
from render import build_sheets, load_body, pose_bodies, rasterize_sheets, shade_sheets
from render.library.sheets import SheetBatch
from render.light.directions import KEY_RADIUS_RAD, KEY_WAY
from render.shade import studio
from render.shade.mode import MODES
from render.sheet.lighting.lighting import Lighting

SIDE_PX = 640
VIEW = "orbit:20:8"
ENV_WIDTH = 2048
# The ground is a plate so large that its end is out of sight.
GROUND_M = 30.0
# From the space of a stage, y down and z away, to Mitsuba's, y up.
FLIP = np.diag([1.0, -1.0, -1.0])


def pose() -> SheetBatch:
    """A body that hides some light of itself: an arm across, one aside, the legs apart."""
    body = load_body(device="cpu")
    turns = np.zeros((24, 3))
    turns[1], turns[2] = [-0.25, 0, 0.22], [0.2, 0, -0.12]
    turns[4], turns[5] = [0.35, 0, 0], [0.25, 0, 0]
    turns[16], turns[18] = [0.2, -0.5, -0.75], [0.3, -1.5, -0.3]
    turns[17], turns[19] = [0.1, 0.3, 0.9], [0, 0.5, 0.2]
    turns[15], turns[9] = [0.1, 0.35, 0], [0.08, 0.1, 0]
    rotmat = Rotation.from_rotvec(turns).as_matrix()[None]
    bodies = pose_bodies(body, rotmat, np.zeros((1, 10)), up="y")
    panels = [f"{VIEW}/{mode}/white" for mode in ("studio", "lit")]
    return build_sheets(bodies, panels, size_px=(SIDE_PX, SIDE_PX), fit="bodies", up="body", body=body)


class PathTracer:
    """Mitsuba's view of the same body.

    Args:
        sheets: From `pose`.
    """

    def __init__(self, sheets: SheetBatch) -> None:
        try:
            import mitsuba
        except ImportError as error:
            raise SystemExit(f"{error}; pip install mitsuba==3.9.1") from error
        mitsuba.set_variant("scalar_rgb")
        self._mi = mitsuba
        staged = sheets.staged
        lighting = Lighting(staged, 16)
        for task in lighting.list_tasks():
            task()
        assert lighting.light is not None
        rays = lighting.light.rays
        assert rays is not None
        stage, cameras = staged.stage, staged.cameras
        self._points = rays.points[0].double().numpy() @ FLIP
        self._faces = staged.bodies.faces.numpy()
        self._normals = staged.bodies.normals[0].double().numpy() @ rays.turn[0].double().numpy().T @ FLIP
        self._to_world = FLIP @ rays.to_stage[0].double().numpy()
        self.ground = float(stage.ground[0] / stage.unit[0] - rays.middle[0, 1])
        # From the space of the points to q of `Cameras`.
        back = torch.linalg.inv(stage.matrix[0])
        matrix = cameras.matrix[0].double() @ back * stage.unit[0]
        shift = cameras.matrix[0].double() @ back @ (rays.middle[0] * stage.unit[0] - stage.shift[0])
        self._matrix = matrix.numpy() @ FLIP
        self._shift = (shift + cameras.translation[0].double()).numpy()
        self._focal = float(cameras.focal_px[0])

    def _see(self) -> dict[str, Any]:
        """The camera, whose x goes to the left of the picture."""
        back = np.linalg.inv(self._matrix)
        right, down, away = (back / np.linalg.norm(back, axis=0)).T
        to_world = np.eye(4)
        depth = (self._points @ self._matrix.T + self._shift)[:, 2]
        if self._focal == 0.0:
            half = SIDE_PX / 2
            scale = half * np.linalg.norm(back[:, 0])
            start = back @ (
                np.array([half, half, depth.min() - 0.1 * (depth.max() - depth.min()) - 1]) - self._shift
            )
            to_world[:3] = np.stack([-right * scale, -down * scale, away, start], 1)
            return {"type": "orthographic", "to_world": self._mi.ScalarTransform4f(to_world)}
        to_world[:3] = np.stack([-right, -down, away, back @ -self._shift], 1)
        fov = 2 * math.degrees(math.atan(SIDE_PX / 2 / self._focal))
        return {"type": "perspective", "fov": fov, "to_world": self._mi.ScalarTransform4f(to_world)}

    def _paint_sky(self, sky: np.ndarray, floor: np.ndarray, key: np.ndarray) -> np.ndarray:
        """The light from all around as a picture (H, W, 3) of radiance, as Mitsuba lays it around a scene."""
        height = ENV_WIDTH // 2
        v, u = (np.mgrid[:height, :ENV_WIDTH] + 0.5) / np.array([height, ENV_WIDTH])[:, None, None]
        up, turn = np.pi * v, 2 * np.pi * u
        ways = np.stack([np.sin(up) * np.sin(turn), np.cos(up), -np.sin(up) * np.cos(turn)], 2)
        light = np.where(ways[..., 1:2] > 0, sky, floor)
        middle = self._to_world @ np.array(KEY_WAY)
        return light + (ways @ middle > math.cos(KEY_RADIUS_RAD))[..., None] * key

    def draw(
        self,
        sky: np.ndarray,
        floor: np.ndarray,
        key: np.ndarray,
        albedo: np.ndarray,
        depth: int,
        samples: int,
        ground_albedo: np.ndarray | None = None,
    ) -> np.ndarray:
        """A picture (H, W, 4) of linear light and coverage.

        Args:
            sky: RGB of its radiance.
            floor: The same from below.
            key: The same of the key light's disc.
            albedo: RGB that the body reflects.
            depth: Most surfaces of a path and the light at its end.
            samples: Paths a pixel.
            ground_albedo: RGB that the ground reflects; None for none.
        """
        mi = self._mi
        mesh = mi.Mesh("body", len(self._points), len(self._faces), has_vertex_normals=True)
        parameters = mi.traverse(mesh)
        parameters["vertex_positions"] = self._points.astype(np.float32).ravel()
        parameters["vertex_normals"] = self._normals.astype(np.float32).ravel()
        parameters["faces"] = self._faces.astype(np.uint32).ravel()
        parameters.update()
        with_bsdf = {"type": "diffuse", "reflectance": {"type": "rgb", "value": albedo.tolist()}}
        path = RESULTS_DIR / "path_tracer.ply"
        mesh.write_ply(str(path))
        scene = {
            "type": "scene",
            "integrator": {"type": "path", "max_depth": depth, "hide_emitters": True, "rr_depth": 99},
            "sensor": {
                **self._see(),
                "film": {
                    "type": "hdrfilm",
                    "width": SIDE_PX,
                    "height": SIDE_PX,
                    "pixel_format": "rgba",
                    "rfilter": {"type": "box"},
                },
                "sampler": {"type": "multijitter", "sample_count": samples},
            },
            "light": {
                "type": "envmap",
                "bitmap": mi.Bitmap(self._paint_sky(sky, floor, key).astype(np.float32)),
            },
            "body": {"type": "ply", "filename": str(path), "bsdf": {"type": "twosided", "inner": with_bsdf}},
        }
        if ground_albedo is not None:
            place = np.eye(4)
            # The plate's outside is z, which is to be up.
            place[:3, :3] = GROUND_M * np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
            place[1, 3] = -self.ground
            reflectance = {"type": "rgb", "value": ground_albedo.tolist()}
            scene["ground"] = {
                "type": "rectangle",
                "to_world": mi.ScalarTransform4f(place),
                "bsdf": {"type": "twosided", "inner": {"type": "diffuse", "reflectance": reflectance}},
            }
        picture = np.array(mi.render(mi.load_dict(scene), spp=samples, seed=0))
        path.unlink()
        return picture
