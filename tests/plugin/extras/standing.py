"""Lines of an image name and a scale: people who stand upright in the middle of a square photo."""

import numpy as np

from render import make_fits
from render.fits.reader import FitFormat


def read(file):
    names, scales = zip(*(line.split() for line in file.path.read_text().splitlines()), strict=True)
    count = len(names)
    pose_rotmat = np.tile(np.eye(3), (count, 24, 1, 1))
    pose_rotmat[:, 0] = np.diag([1.0, -1.0, -1.0])
    cam = np.column_stack([np.array(scales, float), np.zeros(count), np.full(count, 0.3)])
    center = np.full((count, 2), 50.0)
    return make_fits(pose_rotmat, np.zeros((count, 10)), cam, center, np.full(count, 0.5), names), []


FORMAT = FitFormat(read, recognises=lambda file: file.path.suffix == ".txt")
