"""The studio beside a path tracer: python -m benchmarks.path_tracer

One body of the demo model in the studio's light, by depth maps, by rays and by Mitsuba, with the same camera
and the same sky, floor and key light. First the light alone on a white body, without anything that it bounces
off: the sky's, the floor's and the key's. Then the picture of mode studio beside what Mitsuba makes of a body
of the same albedo with paths of up to six surfaces: with light from below as from all around, and on a real
ground. The soft fill is a wide lamp there; the rim and the gloss of outlines it has not.

Prints how far they are from each other over the pixels that the body covers, in steps of 0 to 255, and writes
the pictures side by side: by maps, by rays, Mitsuba, Mitsuba on a ground. Mitsuba is a judge and no part of
the program: pip install mitsuba==3.9.1
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import binary_erosion
from scipy.spatial.transform import Rotation

from benchmarks.results import print_table, write_json
from render import build_sheets, load_body, pose_bodies, rasterize_sheets, shade_sheets
from render.library.sheets import SheetBatch
from render.light.directions import KEY_RADIUS_RAD, KEY_WAY
from render.shade import lit
from render.shade.mode import MODES
from render.sheet.lighting.lighting import Lighting
from tests.helpers.lit_scenes import LIT

SIDE_PX = 640
VIEW = "orbit:20:8"
ENV_WIDTH = 2048
DEPTH, SAMPLES = 6, 64
# By maps, and by rays.
RAYS = (0, 64, 256)
# Of mode studio.
ALBEDO = np.array([0.60, 0.565, 0.52])
# Half of the angle of the lamp that stands for the fill, which reaches around a body.
FILL_RADIUS_RAD = 0.9
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
    panels = [f"{VIEW}/{mode}/white" for mode in ("studio", LIT)]
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

    def _paint_sky(
        self, sky: np.ndarray, floor: np.ndarray, lamps: list[tuple[tuple, float, np.ndarray]]
    ) -> np.ndarray:
        """The light from all around as a picture (H, W, 3) of radiance, as Mitsuba lays it around a scene."""
        height = ENV_WIDTH // 2
        v, u = (np.mgrid[:height, :ENV_WIDTH] + 0.5) / np.array([height, ENV_WIDTH])[:, None, None]
        up, turn = np.pi * v, 2 * np.pi * u
        ways = np.stack([np.sin(up) * np.sin(turn), np.cos(up), -np.sin(up) * np.cos(turn)], 2)
        light = np.where(ways[..., 1:2] > 0, sky, floor)
        for way, radius_rad, rgb in lamps:
            middle = self._to_world @ (np.array(way) / np.linalg.norm(way))
            # As bright as gives a surface that faces it rgb.
            is_in = ways @ middle > math.cos(radius_rad)
            light = light + is_in[..., None] * rgb / math.sin(radius_rad) ** 2
        return light.astype(np.float32)

    def draw(
        self,
        sky: np.ndarray,
        floor: np.ndarray,
        lamps: list[tuple[tuple, float, np.ndarray]],
        albedo: np.ndarray,
        depth: int,
        ground_albedo: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Linear light (H, W, 3), and the share of each pixel that shows a surface (H, W).

        Args:
            sky: RGB of what it sends.
            floor: The same from below.
            lamps: Where each is in the rig, half of its angle, and the RGB of a surface that faces it.
            albedo: RGB that the body reflects.
            depth: Most surfaces of a path and the light at its end.
            ground_albedo: RGB that the ground reflects; None for none.
        """
        mi = self._mi
        mesh = mi.Mesh("body", len(self._points), len(self._faces), has_vertex_normals=True)
        parameters = mi.traverse(mesh)
        parameters["vertex_positions"] = self._points.astype(np.float32).ravel()
        parameters["vertex_normals"] = self._normals.astype(np.float32).ravel()
        parameters["faces"] = self._faces.astype(np.uint32).ravel()
        parameters.update()
        sampler = {"type": "multijitter", "sample_count": SAMPLES}
        film = {"type": "hdrfilm", "width": SIDE_PX, "height": SIDE_PX, "pixel_format": "rgba"}
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder, "body.ply"))
            mesh.write_ply(path)
            scene = {
                "type": "scene",
                "integrator": {"type": "path", "max_depth": depth, "hide_emitters": True, "rr_depth": 99},
                "sensor": {**self._see(), "sampler": sampler, "film": {**film, "rfilter": {"type": "box"}}},
                "light": {"type": "envmap", "bitmap": mi.Bitmap(self._paint_sky(sky, floor, lamps))},
                "body": {"type": "ply", "filename": path, "bsdf": _matte(albedo)},
            }
            if ground_albedo is not None:
                place = np.eye(4)
                # The plate's outside is z, which is to be up.
                place[:3, :3] = GROUND_M * np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
                place[1, 3] = -self.ground
                to_world = mi.ScalarTransform4f(place)
                scene["ground"] = {"type": "rectangle", "to_world": to_world, "bsdf": _matte(ground_albedo)}
            picture = np.array(mi.render(mi.load_dict(scene), spp=SAMPLES, seed=0))
        return picture[..., :3], picture[..., 3]


def _matte(albedo: np.ndarray) -> dict[str, Any]:
    inner = {"type": "diffuse", "reflectance": {"type": "rgb", "value": albedo.tolist()}}
    return {"type": "twosided", "inner": inner}


def read_rgb(constant: Any) -> np.ndarray:
    """A colour of the shading code."""
    return np.array([float(constant[i]) for i in range(3)])


def develop(light: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """0 to 255 of linear light over white, by the curve of `shade/studio.py`."""
    whole = np.maximum(light, 0) / np.maximum(covered, 1e-6)[..., None]
    shown = np.sqrt(whole * (1 + 0.15 * whole) / (1 + 0.6 * whole)).clip(0, 1)
    return 255 * (shown * covered[..., None] + 1 - covered[..., None])


def compare(ours: np.ndarray, theirs: np.ndarray, is_on: np.ndarray) -> dict[str, float]:
    """Steps of 255 between two pictures where the body is."""
    off = (ours.astype(np.float64) - theirs)[is_on]
    return {"mean_absolute": round(float(np.abs(off).mean()), 2), "mean": round(float(off.mean()), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--picture", type=Path, default=Path("outputs/path_tracer.png"))
    given = parser.parse_args()
    MODES._ours[LIT] = "tests.helpers.lit_mode"
    sheets = pose()
    tracer = PathTracer(sheets)
    fragments = rasterize_sheets(sheets)
    pictures, light, seconds = {}, {}, {}
    for rays in RAYS:
        name = f"{rays} rays" if rays else "maps"
        began = time.process_time()
        (both,) = shade_sheets(sheets, fragments, rays=rays)
        # Of both panels.
        seconds[name] = round((time.process_time() - began) / 2, 2)
        pictures[name], light[name] = both[:, :SIDE_PX], both[:, SIDE_PX:] / 255.0
    red, green, blue = np.eye(3)
    key = (KEY_WAY, KEY_RADIUS_RAD)
    white, covered = tracer.draw(red, green, [(*key, blue)], np.ones(3), 2)
    is_on = binary_erosion((covered > 0.99) & (light["maps"] < 1).any(2), iterations=2)
    sky, floor, key_rgb, fill = map(read_rgb, (lit.SKY_RGB, lit.FLOOR_RGB, lit.KEY_RGB, lit.FILL_RGB))
    lamps = [(*key, key_rgb), (tuple(read_rgb(lit.FILL)), FILL_RADIUS_RAD, fill)]
    began = time.process_time()
    paths = develop(*tracer.draw(sky, floor, lamps, ALBEDO, DEPTH))
    seconds["paths"] = round(time.process_time() - began, 2)
    # A ground that sends up as much as the floor does, in the open.
    ground = floor / (sky + key_rgb * KEY_WAY[1] / np.linalg.norm(KEY_WAY))
    began = time.process_time()
    on_ground = develop(*tracer.draw(sky, 0 * floor, lamps, ALBEDO, DEPTH, ground))
    seconds["paths on a ground"] = round(time.process_time() - began, 2)
    found = {}
    for name, picture in pictures.items():
        found[name] = {
            "sky": compare(255 * light[name][..., 0], 255 * white[..., 0], is_on),
            "floor": compare(255 * light[name][..., 1], 255 * white[..., 1], is_on),
            "picture": compare(picture, paths, is_on),
            "picture_on_ground": compare(picture, on_ground, is_on),
        }
    print_table(
        "Mean absolute difference from Mitsuba, of 255, and (the mean)",
        ["light by", "sky", "floor", "picture", "on a ground", "CPU s"],
        [
            [
                name,
                *(f"{one['mean_absolute']} ({one['mean']:+})" for one in row.values()),
                str(seconds[name]),
            ]
            for name, row in found.items()
        ],
    )
    print(f"\nMitsuba: {seconds['paths']} s, {seconds['paths on a ground']} s on a ground")
    given.picture.parent.mkdir(parents=True, exist_ok=True)
    shown = [pictures["maps"], pictures["256 rays"], paths, on_ground]
    Image.fromarray(np.concatenate(shown, 1).round().astype(np.uint8)).save(given.picture)
    settings = {"side_px": SIDE_PX, "samples": SAMPLES, "depth": DEPTH, "albedo": ALBEDO.tolist()}
    write_json("path_tracer", {**settings, "cpu_seconds": seconds, "results": found})


if __name__ == "__main__":
    main()
