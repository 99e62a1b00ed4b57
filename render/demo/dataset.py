"""The built-in demo set: photos of posed bodies, masks of silhouettes, and fits in EFT's format."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch

from render.compute.threads import count_cores, one_thread_each
from render.demo.people.cast import Actor, Posed, Slot, cast_photo
from render.errors import OutputError
from render.files.regular import IrregularFileError, read_regular

if TYPE_CHECKING:
    from render.body.model import BodyModel
    from render.demo.photo import DemoPhoto

# It belongs to the recipe: a change that changes the bytes of a set needs another number, so that finished
# sets are made again.
GENERATOR_VERSION = 2
FIT_FILE, RECIPE_FILE = "demo_EFT.json", "recipe.json"
JPEG_QUALITY = 92
# Photos whose people are posed in one batch.
POSED_TOGETHER = 8
# More of them would wait for the interpreter's lock, and each needs memory for a photo.
MOST_THREADS = 4


def name_demo_folder(root: Path, count: int, seed: int) -> Path:
    """Where a set is, or would be: a folder for each choice of settings, which alone make it."""
    return root / f"n{count}_seed{seed}"


def find_demo_dataset(folder: Path, count: int, seed: int, body_name: str) -> Path | None:
    """The fit file of a finished set of this recipe; None where there is none.

    Raises:
        OutputError: There is one, but files of it are missing.
    """
    if _read_recipe(folder) != _make_recipe(count, seed, body_name):
        return None
    if not _is_whole(folder, count):
        raise OutputError(
            f"{folder}: files of this demo set are missing; delete the folder to have it made again"
        )
    return folder / FIT_FILE


def make_demo_dataset(folder: Path, count: int, seed: int, body: BodyModel) -> Path:
    """Writes photos with their masks and fits into a folder.

    The same seed gives the same bytes, and photo i does not depend on `count`. A finished set of the same
    recipe is left as it is, one of another recipe is replaced.

    Args:
        folder: Of the set.
        count: How many photos.
        seed: Of all that is random in them.
        body: That of the people.

    Returns:
        The path of the fit file.

    Raises:
        OutputError: The folder is not empty and holds no demo set, files of its set are missing, or it cannot
            be written.
    """
    folder = Path(folder)
    recipe = _make_recipe(count, seed, body.name)
    found = find_demo_dataset(folder, count, seed, body.name)
    if found is not None:
        return found
    try:
        if _read_recipe(folder) is None and _has_content(folder):
            raise OutputError(f"{folder}: expected a demo set or an empty folder; choose another folder")
        _make_set(folder, recipe, body)
    # ValueError: a name that no file system takes.
    except (OSError, ValueError) as error:
        raise OutputError(
            f"{folder.parent}: the demo set cannot be made there "
            f"({getattr(error, 'strerror', None) or error}); set dataset.root to another folder"
        ) from error
    return folder / FIT_FILE


def _has_content(folder: Path) -> bool:
    return os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir()))


def _make_set(folder: Path, recipe: dict[str, Any], body: BodyModel) -> None:
    # A half-made set must never be found, so it grows elsewhere and takes its name when it is whole.
    folder.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        unfinished = workshop / folder.name
        _write_set(unfinished, recipe["count"], recipe["seed"], body)
        (unfinished / RECIPE_FILE).write_text(json.dumps(recipe, indent=1) + "\n")
        # A folder cannot take the name of one that has files in it.
        if _read_recipe(folder) is not None:
            folder.rename(workshop / "replaced")
        _take_name(unfinished, folder, recipe)
    finally:
        shutil.rmtree(workshop)


def _make_recipe(count: int, seed: int, body_name: str) -> dict[str, Any]:
    """What decides the bytes of a set."""
    return {"count": count, "seed": seed, "generator_version": GENERATOR_VERSION, "body": body_name}


def _take_name(unfinished: Path, folder: Path, recipe: dict) -> None:
    try:
        unfinished.rename(folder)
    except OSError:
        # Another process may have finished the same set in the meantime.
        if _read_recipe(folder) != recipe:
            raise


def _read_recipe(folder: Path) -> dict | None:
    try:
        recipe = json.loads(read_regular(folder / RECIPE_FILE))
    except IrregularFileError as error:
        raise OutputError(
            f"{folder / RECIPE_FILE}: expected the recipe of a demo set, found a pipe, a socket or a device; "
            f"remove it"
        ) from error
    # ValueError, RecursionError: neither text nor JSON, or no JSON of ours.
    except (OSError, ValueError, RecursionError):
        return None
    return recipe if isinstance(recipe, dict) else None


def _is_whole(folder: Path, count: int) -> bool:
    return os.path.isfile(folder / FIT_FILE) and len(list((folder / "images").glob("*.jpg"))) == count


def _write_set(folder: Path, count: int, seed: int, body: BodyModel) -> None:
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    # By hand, an entry at a time: a large set need not be held in memory, and each entry has its line.
    with open(folder / FIT_FILE, "w") as file:
        file.write('{"ver": 0.1, "data": [')
        separator = "\n"
        for number, photo in _make_photos(count, seed, body):
            # OpenCV writes blue first.
            _write_picture(folder / "images" / f"demo_{number:06d}.jpg", photo.rgb[..., ::-1])
            for entry, mask in zip(photo.entries, photo.masks, strict=True):
                _write_picture(folder / "masks" / f"{entry['annotId']}.png", mask.astype(np.uint8) * 255)
                file.write(separator + json.dumps(entry))
                separator = ",\n"
        file.write('\n], "meta": {"dbname": "demo", "rawname": "demo"}}\n')


def _make_photos(count: int, seed: int, body: BodyModel) -> Iterator[tuple[int, DemoPhoto]]:
    """Photos in their order, several of them in the making at a time."""
    # A set that is there already needs none of this.
    from render.demo.people.mannequin import Mannequin
    from render.demo.photo import make_photo

    mannequin = Mannequin.of(body)
    threads = min(count_cores(), MOST_THREADS)
    waiting: deque[tuple[int, Future[DemoPhoto]]] = deque()
    with one_thread_each(), ThreadPoolExecutor(threads, "photo") as pool:
        for number, slot, people in _cast_photos(count, seed, body):
            waiting.append((number, pool.submit(make_photo, seed, number, slot, people, mannequin)))
            # A large set is never in memory.
            if len(waiting) > 2 * threads:
                number, made = waiting.popleft()
                yield number, made.result()
        for number, made in waiting:
            yield number, made.result()


def _cast_photos(count: int, seed: int, body: BodyModel) -> Iterator[tuple[int, Slot, list[Posed]]]:
    for start in range(0, count, POSED_TOGETHER):
        numbers = range(start, min(start + POSED_TOGETHER, count))
        casts = [cast_photo(seed, number) for number in numbers]
        posed = iter(_pose_people(casts, body))
        for number, (slot, actors) in zip(numbers, casts, strict=True):
            yield number, slot, [next(posed) for _ in actors]


def _pose_people(casts: list[tuple[Slot, list[Actor]]], body: BodyModel) -> list[Posed]:
    actors = [actor for _, cast in casts for actor in cast]
    rotmat = torch.from_numpy(np.stack([actor.pose_rotmat for actor in actors]))
    betas = torch.from_numpy(np.stack([actor.betas for actor in actors]))
    bodies = body.pose(rotmat, betas)
    arrays = (part.cpu().numpy().astype(np.float64) for part in (bodies.verts, bodies.normals, bodies.joints))
    return [Posed(*parts) for parts in zip(actors, *arrays, strict=True)]


def _write_picture(path: Path, picture: np.ndarray) -> None:
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if path.suffix == ".jpg" else []
    _, encoded = cv2.imencode(path.suffix, picture, options)
    path.write_bytes(encoded.tobytes())
