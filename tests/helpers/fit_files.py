"""Fit files of any format: read as a run reads them, and their bodies' points put on a photo."""

from pathlib import Path
from typing import Any

import numpy as np

from render.fits.fit_file import FitFile
from render.fits.reader import READERS
from render.types.fits import Fits, RowProblem, Unit

# Sizes of a photo that is wide, and of one that is tall.
WIDE, TALL = (1920, 1080), (1080, 1920)


def read_file(
    fit_format: str, path: Path, image_dir: Path | None = None, **options: Any
) -> tuple[Fits, list[RowProblem]]:
    """What a reader makes of a file."""
    return READERS.load(fit_format).read(FitFile(path, image_dir, options=options))


def recognise(path: Path) -> list[str]:
    """The formats that take a file for one of theirs."""
    return [name for name in READERS.names if READERS.load(name).recognises(FitFile(path))]


def project(cameras: Any, points_m: np.ndarray, picture_wh: tuple[int, int] = WIDE) -> np.ndarray:
    """Points of bodies on a photo, by the formulas that `Fits` states and nothing else.

    Args:
        cameras: Fits, or cameras of photos.
        points_m: (N, P, 3).
        picture_wh: Width and height of the photo.

    Returns:
        (N, P, 2) px.
    """
    width, height = picture_wh
    lengths = {
        Unit.PIXELS: 1.0,
        Unit.CENTRED: 1.0,
        Unit.SIDE: max(width, height),
        Unit.HEIGHT: height,
        Unit.DIAGONAL: np.hypot(width, height),
    }
    length = np.array([lengths[unit] for unit in cameras.unit])[:, None, None]
    zero = np.where((cameras.unit == Unit.PIXELS)[:, None, None], 0.0, np.array([width, height]) / 2)
    moved = points_m @ cameras.rotation.transpose(0, 2, 1) + cameras.transl_m[:, None]
    is_weak = (cameras.scale != 0)[:, None, None]
    sharp = cameras.focal[:, None] * moved[..., :2] / np.where(is_weak, 1, moved[..., 2:])
    weak = cameras.scale[:, None, None] * points_m[..., :2]
    return zero + length * np.where(is_weak, cameras.origin[:, None] + weak, cameras.center[:, None] + sharp)
