"""What programs that write meshes leave unsaid: axes, cameras, topologies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from render.fits.geometry.axes import Frame


@dataclass(frozen=True)
class Preset:
    """A program's layout.

    Attributes:
        frame: Of its vertices.
        camera: Keys of the camera that it does not save, by our names.
        is_metric: Whether people of one picture share one camera.
        is_of_arrays: Whether its files are arrays; those of the others hold a mesh each.
        about: What its files are.
    """

    about: str
    frame: Frame
    camera: Mapping[str, Any] = field(default_factory=dict)
    is_metric: bool = True
    is_of_arrays: bool = False

    def find_frame(self, path: Path) -> Frame:
        """The frame of a file of meshes that does not say it.

        Axes of glTF are given by its specification (Khronos, glTF 2.0, 3.4): y up, and a scene faces z. Who
        names the program means what that writes.
        """
        return GLTF if self is PLAIN and path.suffix.lower() == ".glb" else self.frame


GLTF = Frame("opengl")
PRESETS = {
    # demo.py of both: f = EXTRA.FOCAL_LENGTH / MODEL.IMAGE_SIZE of the longer side, 5000 / 256; meshes are
    # turned by 180 degrees about x for pyrender.
    "hmr2": Preset(
        "IMG_PERSON.obj of 4D-Humans and TokenHMR",
        Frame("opengl"),
        {"fov": math.degrees(2 * math.atan(0.5 * 256 / 5000)), "fov_side": "longer"},
    ),
    # Its notebook writes the focal length, and has the principal point in the picture's centre.
    "sam3d": Preset("IMG_mesh_000.ply and IMG_focal_length.json of SAM 3D Body", Frame("opengl")),
    # Each person has a camera of his own, so depths of two people are not comparable.
    "smplerx": Preset("mesh/*.obj and meta/*.json of SMPLer-X", Frame("opencv"), is_metric=False),
    "multihmr": Preset(
        "IMG.npy of Multi-HMR", Frame("opencv"), {"fov": 60.0, "fov_side": "longer"}, is_of_arrays=True
    ),
}
PLAIN = Preset("meshes", Frame(), is_of_arrays=True)
