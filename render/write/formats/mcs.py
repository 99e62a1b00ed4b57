"""MCS: the poses of a sequence and its camera, as Meshcapade's scenes have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.write.format import Encoded, Format

if TYPE_CHECKING:
    from render.fits.motion.scene import MotionScene


def encode_motion(scene: MotionScene) -> dict[str, Encoded]:
    """The one file of a scene, by its suffix.

    Args:
        scene: The people and their camera.
    """
    from render.fits.motion.scene import pack_scene

    return {".mcs": pack_scene(scene)}


FORMAT = Format(encode_motion=encode_motion, holds_motion=True, holds_cameras=True)
