"""The usual mistakes with made people: what a file with each of them gives, and what it is called.

Each is written from its description, independently of what undoes it.
"""

from typing import NamedTuple

import numpy as np

from render.fits.cameras import PhotoCameras, pinhole, weak_perspective
from render.types.fits import Unit
from tests.helpers.made_fits import CENTER, FOCAL_PX, HEIGHT, WIDTH, MadePeople, see_by_pinhole, see_weakly


class Mistaken(NamedTuple):
    """What a file has of people.

    Attributes:
        cameras: As they are read.
        marks_px: Where joints are in truth.
        joints_m: In the frame of the file.
    """

    cameras: PhotoCameras
    marks_px: np.ndarray
    joints_m: np.ndarray


def _deep(people: MadePeople, joints_m: np.ndarray, transl_m: np.ndarray) -> Mistaken:
    return Mistaken(see_by_pinhole(people, transl_m), people.pinhole_px, joints_m)


def _negate(values: np.ndarray, *axes: int) -> np.ndarray:
    turned = values.copy()
    turned[..., axes] *= -1
    return turned


def flipped(p: MadePeople) -> Mistaken:
    """Bodies of OpenGL's axes with translations of OpenCV's."""
    return _deep(p, _negate(p.joints_m, 1, 2), p.transl_m)


def flipped_frame(p: MadePeople) -> Mistaken:
    """All of OpenGL's."""
    return _deep(p, _negate(p.joints_m, 1, 2), _negate(p.transl_m, 1, 2))


def turned(p: MadePeople) -> Mistaken:
    """Bodies of PyTorch3D's axes with translations of OpenCV's."""
    return _deep(p, _negate(p.joints_m, 0, 1), p.transl_m)


def turned_frame(p: MadePeople) -> Mistaken:
    """All of PyTorch3D's."""
    return _deep(p, _negate(p.joints_m, 0, 1), _negate(p.transl_m, 0, 1))


def flipped_weakly(p: MadePeople) -> Mistaken:
    """Bodies with y up, under weak perspective."""
    return Mistaken(see_weakly(p), p.weak_px, _negate(p.joints_m, 1, 2))


def cm_bodies(p: MadePeople) -> Mistaken:
    """Bodies in centimetres with translations in metres."""
    return _deep(p, 100 * p.joints_m, p.transl_m)


def mm_bodies(p: MadePeople) -> Mistaken:
    """Bodies in millimetres under weak perspective."""
    return Mistaken(see_weakly(p), p.weak_px, 1000 * p.joints_m)


def cm_all(p: MadePeople) -> Mistaken:
    """Bodies and translations in centimetres, which a pinhole sees at the same place."""
    return _deep(p, 100 * p.joints_m, 100 * p.transl_m)


def cm_transl(p: MadePeople) -> Mistaken:
    """Translations in centimetres."""
    return _deep(p, p.joints_m, 100 * p.transl_m)


def mm_transl(p: MadePeople) -> Mistaken:
    """Translations in millimetres."""
    return _deep(p, p.joints_m, 1000 * p.transl_m)


def crop224(p: MadePeople) -> Mistaken:
    """HMR's weak perspective in the network's crop."""
    s, t = p.cam[:, 0], p.cam[:, 1:]
    return Mistaken(weak_perspective(112 * s, 112 * (1 + t)), p.weak_px, p.joints_m)


def crop256(p: MadePeople) -> Mistaken:
    """The pinhole of 5000 px in the network's crop."""
    return Mistaken(_see_crop(p, 5000.0, np.full(2, 128.0), Unit.PIXELS), p.weak_px, p.joints_m)


def crop_transl(p: MadePeople) -> Mistaken:
    """4D-Humans' pred_cam_t with the focal length that belongs to pred_cam_t_full."""
    focal = 5000 / 256 * max(WIDTH, HEIGHT)
    return Mistaken(_see_crop(p, focal, np.zeros(2), Unit.CENTRED), p.weak_px, p.joints_m)


def _see_crop(p: MadePeople, focal: float, center: np.ndarray, unit: Unit) -> PhotoCameras:
    s = p.cam[:, 0]
    transl_m = np.column_stack([p.cam[:, 1:] / s[:, None], 2 * 5000 / (256 * s)])
    return pinhole(np.full(len(s), focal), center, transl_m, unit=unit, is_metric=True)


def before(p: MadePeople) -> Mistaken:
    """s (X + t), read as s X + t."""
    cam = np.column_stack([p.cam[:, 0], p.cam[:, 1:] / p.cam[:, :1]])
    return Mistaken(see_weakly(p, _spread(p, cam)), _weak_px(p, _spread(p, cam), by_s=True), p.joints_m)


def after(p: MadePeople) -> Mistaken:
    """s X + t, read as s (X + t)."""
    cam = _spread(p, p.cam)
    read = np.column_stack([cam[:, 0], cam[:, 1:] * cam[:, :1]])
    return Mistaken(see_weakly(p, read), _weak_px(p, cam), p.joints_m)


def swapped(p: MadePeople) -> Mistaken:
    """BEV's s, ty, tx, read as s, tx, ty."""
    cam = _spread(p, p.cam)
    return Mistaken(see_weakly(p, cam[:, [0, 2, 1]]), _weak_px(p, cam), p.joints_m)


def _spread(p: MadePeople, cam: np.ndarray) -> np.ndarray:
    """People who are small and far from the middle of their boxes, as with boxes of whole photos."""
    shift = np.random.default_rng(5).uniform(0.3, 0.7, (len(cam), 2)) * [1, -1]
    return np.column_stack([cam[:, 0] / 3, shift])


def _weak_px(p: MadePeople, cam: np.ndarray, by_s: bool = False) -> np.ndarray:
    shift = cam[:, None, 1:] * (cam[:, None, :1] if by_s else 1)
    inside = cam[:, None, :1] * p.joints_m[..., :2] + shift
    return p.box_center[:, None] + p.box_px[:, None, 2:] / 2 * inside


def rescaled(p: MadePeople) -> Mistaken:
    """Cameras of photos that are half as large."""
    cameras = see_by_pinhole(p, focal_px=FOCAL_PX / 2, center=CENTER / 2, unit=Unit.PIXELS)
    return Mistaken(cameras, p.pinhole_px, p.joints_m)


def from_middle(p: MadePeople) -> Mistaken:
    """A principal point that counts from the middle of the photo."""
    cameras = see_by_pinhole(p, center=np.zeros(2), unit=Unit.PIXELS)
    return Mistaken(cameras, p.pinhole_px, p.joints_m)


def from_corner(p: MadePeople) -> Mistaken:
    """One that counts from the corner, to which half the photo was added once more."""
    cameras = see_by_pinhole(p, center=2 * CENTER, unit=Unit.PIXELS)
    return Mistaken(cameras, p.pinhole_px, p.joints_m)


def refocused(p: MadePeople) -> Mistaken:
    """A focal length of 2.5 times the one of the fits, as of another field of view."""
    return Mistaken(see_by_pinhole(p, focal_px=2.5 * FOCAL_PX), p.pinhole_px, p.joints_m)


def moved(p: MadePeople) -> Mistaken:
    """BEDLAM's trans_cam without the translation that is in cam_ext, another one in each photo."""
    extrinsic = np.random.default_rng(1).uniform(0.6, 1.2, p.transl_m.shape) * [1, -1, 2]
    return _deep(p, p.joints_m, p.transl_m - extrinsic)


MISTAKES = {
    make.__name__: make
    for make in (
        *(flipped, flipped_frame, turned, turned_frame, cm_bodies, mm_bodies, cm_transl, mm_transl),
        *(crop224, crop256, crop_transl, before, after, swapped, from_middle, from_corner),
        *(refocused, rescaled, moved),
    )
}
