"""A set of fits and photos of COCO's sizes, for benchmarks: python -m benchmarks.coco_like FOLDER PEOPLE

What a run costs depends on the pixels a person covers, the bytes of a photo and the bytes of an entry: these
follow COCO and EFT, and what the photos show does not matter. They are few, linked under many names, so
decoding them costs what it costs in COCO, but they come from the page cache, never from a disk.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
import torch

from benchmarks.pink_photos import DISTINCT_PHOTOS, write_photos
from render.body.models.smpl import open_body
from render.demo.people.keypoints import make_keypoints
from render.demo.people.poses import POSES, pose_rotmat
from render.demo.view import Y_UP_TO_PICTURE, fit_crop_camera
from render.types.bodies import Bodies

DEMO_BODY = Path(__file__).parents[1] / "extradata" / "demo" / "demo_smpl.npz"
GENERATOR_VERSION = 2
FIT_FILE, RECIPE_FILE, IMAGE_DIR = "coco_like.json", "recipe.json", "images"
POSED_TOGETHER = 256
BODY_HEIGHT_M = 1.74
# A front view covers AREA_SHARE x height^2. The median is tuned: poses that cover less than a front view and
# borders that cut bodies leave about 12,000 visible pixels of it.
AREA_SHARE = 0.175
MEDIAN_AREA_PX, AREA_SIGMA, MEDIAN_FOR_PX = 16_000, 1.1, 640 * 480
SHORTEST_PX, TALLEST_SHARE = 24, 1.6


@dataclass(frozen=True)
class Recipe:
    """What decides the bytes of a set. people_an_image: but the last image may show fewer."""

    people: int
    people_an_image: int
    width_px: int
    height_px: int
    seed: int
    generator: str = "coco_like"
    generator_version: int = GENERATOR_VERSION


@dataclass(frozen=True)
class CocoLike:
    """A finished set. photo_bytes: mean size of a JPEG."""

    fit_file: Path
    image_dir: Path
    photo_bytes: float


def make_coco_like(
    folder: Path,
    people: int,
    *,
    people_an_image: int = 1,
    width_px: int = 640,
    height_px: int = 480,
    seed: int = 0,
) -> CocoLike:
    """Writes fits of `people` persons and their photos into `folder`.

    The same arguments give the same bytes, up to the rounding of the code that poses bodies. A finished set
    of the same recipe is returned as it is, one of another recipe is replaced. Raises FileExistsError if
    `folder` is not empty and holds no such set, ValueError where there are no people.
    """
    folder = Path(folder).absolute()
    if min(people, people_an_image) < 1:
        raise ValueError(f"expected at least one person, found {people=}, {people_an_image=}")
    recipe = Recipe(people, people_an_image, width_px, height_px, seed)
    found = _read_recipe(folder)
    if found != asdict(recipe):
        if found.get("generator") != recipe.generator and folder.exists() and any(folder.iterdir()):
            raise FileExistsError(f"{folder}: expected such a set or an empty folder; choose another folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
        # A half-made set must never be found, so it grows elsewhere and takes its name when it is whole.
        workshop = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            unfinished = workshop / folder.name
            _write_set(unfinished, recipe)
            if folder.exists():
                folder.rename(workshop / "replaced")
            unfinished.rename(folder)
        finally:
            shutil.rmtree(workshop)
    image_dir = folder / IMAGE_DIR
    sizes = [(image_dir / name).stat().st_size for name in _image_names(recipe)[:DISTINCT_PHOTOS]]
    return CocoLike(folder / FIT_FILE, image_dir, sum(sizes) / len(sizes))


def write_fit_file(path: Path, recipe: Recipe) -> None:
    """The fits of a set without its photos, in one line, as EFT's files are."""
    with open(path, "w") as file:
        file.write('{"ver": 0.1, "data": [')
        for number, entry in enumerate(_make_entries(recipe)):
            file.write((", " if number else "") + json.dumps(entry))
        file.write('], "meta": {"dbname": "coco_like", "rawname": "coco_like"}}')


def _read_recipe(folder: Path) -> dict:
    try:
        return json.loads((folder / RECIPE_FILE).read_text())
    except (OSError, ValueError):
        return {}


def _image_names(recipe: Recipe) -> list[str]:
    return [_image_name(k) for k in range(-(-recipe.people // recipe.people_an_image))]


def _image_name(number: int) -> str:
    return f"coco_like_{number:012d}.jpg"


def _write_set(folder: Path, recipe: Recipe) -> None:
    image_dir = folder / IMAGE_DIR
    image_dir.mkdir(parents=True)
    write_photos(image_dir, _image_names(recipe), recipe.width_px, recipe.height_px, recipe.seed)
    write_fit_file(folder / FIT_FILE, recipe)
    (folder / RECIPE_FILE).write_text(json.dumps(asdict(recipe), indent=1) + "\n")


def _make_entries(recipe: Recipe) -> Iterator[dict]:
    body = open_body(DEMO_BODY, "demo", torch.device("cpu"))
    for start in range(0, recipe.people, POSED_TOGETHER):
        rng = np.random.default_rng([recipe.seed, 1, start])
        numbers = range(start, min(start + POSED_TOGETHER, recipe.people))
        rotmat, betas = _draw_people(rng, len(numbers))
        bodies = body.pose(torch.from_numpy(rotmat), torch.from_numpy(betas))
        yield from _place_people(rng, recipe, numbers, rotmat, betas, bodies)


def _draw_people(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rotations (count, 24, 3, 3) upright in the picture's frame and betas (count, 10), float32."""
    poses = list(POSES.values())
    rotmat = np.stack([pose_rotmat(poses[k], rng) for k in rng.integers(0, len(poses), count)])
    yaw = rng.uniform(-np.pi, np.pi, count)
    turn = np.zeros((count, 3, 3))
    turn[:, 0, 0] = turn[:, 2, 2] = np.cos(yaw)
    turn[:, 0, 2], turn[:, 2, 0], turn[:, 1, 1] = np.sin(yaw), -np.sin(yaw), 1
    rotmat[:, 0] = Y_UP_TO_PICTURE @ turn @ rotmat[:, 0]
    betas = rng.normal(size=(count, 10)).clip(-2, 2)
    return rotmat.astype(np.float32), betas.astype(np.float32)


def _draw_px_per_m(rng: np.random.Generator, recipe: Recipe, count: int) -> np.ndarray:
    """Sizes (count,) of people whose areas are log-normal."""
    # One person in each of `count` equal parts of the distribution: a few hundred people already have its
    # median and its spread, so benchmarks of different numbers of people compare.
    parts = (rng.permutation(count) + rng.uniform(0.001, 0.999, count)) / count
    deviations = np.array([NormalDist().inv_cdf(p) for p in parts.tolist()])
    median = MEDIAN_AREA_PX * recipe.width_px * recipe.height_px / MEDIAN_FOR_PX
    height_px = np.sqrt(median * np.exp(AREA_SIGMA * deviations) / AREA_SHARE)
    return height_px.clip(SHORTEST_PX, TALLEST_SHARE * recipe.height_px) / BODY_HEIGHT_M


def _place_people(
    rng: np.random.Generator,
    recipe: Recipe,
    numbers: range,
    rotmat: np.ndarray,
    betas: np.ndarray,
    bodies: Bodies,
) -> Iterator[dict]:
    """Entries of posed people: anywhere if they fit, else head first; the lower border cuts some."""
    count = len(numbers)
    px_per_m = _draw_px_per_m(rng, recipe, count)
    low = bodies.verts.amin(1)[:, :2].numpy() * px_per_m[:, None]
    extent = bodies.verts.amax(1)[:, :2].numpy() * px_per_m[:, None] - low
    room = (recipe.width_px, recipe.height_px) - extent
    fits = room[:, 1] > 0
    share = np.stack([rng.random(count), np.where(fits, rng.uniform(0.3, 1, count), 0.05)], axis=-1)
    corner = room * share
    cut = fits & (extent[:, 1] > recipe.height_px / 2) & (rng.random(count) < 0.5)
    corner[cut, 1] = recipe.height_px - (extent[:, 1] * rng.uniform(0.6, 0.95, count))[cut]
    origin = corner - low
    joints = bodies.joints[:, :, :2].numpy() * px_per_m[:, None, None] + origin[:, None]
    for k, number in enumerate(numbers):
        box_px = np.append(corner[k], corner[k] + extent[k])
        camera = fit_crop_camera(rng, box_px, float(px_per_m[k]), origin[k])
        keypoints, validity = make_keypoints(joints[k], (recipe.height_px, recipe.width_px))
        yield {
            # So many digits that an entry takes about 5.5 kB, as EFT's do.
            "parm_pose": rotmat[k].astype(np.float64).round(14).tolist(),
            "parm_shape": betas[k].tolist(),
            "parm_cam": list(camera.cam),
            "bbox_scale": camera.bbox_scale,
            "bbox_center": list(camera.center_px),
            "joint_validity_openpose18": validity.tolist(),
            "gt_keypoint_2d": keypoints.round(1).tolist(),
            "smpltype": "smpl",
            "annotId": number + 1,
            "imageName": _image_name(number // recipe.people_an_image),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes a set of fits and photos of COCO's sizes.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("people", type=int)
    parser.add_argument("--people-an-image", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    made = make_coco_like(given.folder, given.people, people_an_image=given.people_an_image, seed=given.seed)
    print(f"{made.fit_file}: {given.people} people")
    print(f"{made.image_dir}: photos of {made.photo_bytes / 1000:.0f} kB")


if __name__ == "__main__":
    main()
