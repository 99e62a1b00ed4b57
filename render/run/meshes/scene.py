"""Who is in a scene, where each stands, and by which camera."""

from __future__ import annotations

from collections import Counter

import numpy as np

from render.errors import SheetError
from render.run.meshes.pose import PosedBody
from render.shade.palettes import CLAYS_RGB
from render.sheet.framing import Batch
from render.sheet.photo_cameras import PixelCameras
from render.types.meshes import PersonMesh, SceneCamera

# Depths of weak perspective are of the body alone. So far off, no body reaches the camera.
WEAK_DISTANCE_M = 10.0


class ScenePeople:
    """Gathers the people of a scene, and each of their cameras once.

    Args:
        frame: As `pose_bodies` takes it.
        has_normals: Whether normals are kept, which take as much as the bodies.
        has_cameras: Whether the cameras are in the scene; only then has somebody under weak perspective a
            place before his, and only then is the size of the photo needed.
    """

    def __init__(self, frame: str, has_normals: bool, has_cameras: bool) -> None:
        self._frame = frame
        self._has_normals = has_normals
        self._has_cameras = has_cameras and frame == "camera"
        self._cameras: dict[SceneCamera, int] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self.people: list[PersonMesh] = []

    @property
    def cameras(self) -> tuple[SceneCamera, ...]:
        """Those of all people so far."""
        return tuple(self._cameras)

    def add(self, batch: Batch, sheet: int, bodies: list[PosedBody], number: int = 0) -> None:
        """Adds the people of a sheet of a batch.

        Args:
            batch: The batch.
            sheet: Index of the sheet in it.
            bodies: Of all people of the batch.
            number: Of the frame.

        Raises:
            SheetError: A body is nowhere, as numbers in its fit are far too large.
        """
        fits = batch.fits
        # Files may say of two people of a picture that they are one.
        counts: Counter[int] = Counter()
        for person in range(batch.first[sheet], batch.first[sheet + 1]):
            row, identity = int(fits.row[person]), int(fits.identity[person])
            # The same in each frame of a sequence.
            who = identity if identity >= 0 else row
            key = who, counts[who]
            counts[who] += 1
            body = bodies[person]
            if not np.isfinite(body.verts).all():
                raise SheetError(f"row {row}: its vertices are beyond all numbers; check its pose and shape")
            camera, transl_m, origin = self._place(batch.cameras, person)
            self.people.append(
                PersonMesh(
                    name=f"person_{self._numbers.setdefault(key, len(self._numbers))}",
                    row=row,
                    verts=body.verts,
                    faces=body.faces,
                    transl_m=transl_m,
                    origin=origin,
                    rgb=CLAYS_RGB[who % len(CLAYS_RGB)],
                    normals=body.normals if self._has_normals else None,
                    colors=body.colors,
                    camera=camera,
                    frame=number,
                )
            )

    def _place(self, cameras: PixelCameras, person: int) -> tuple[int | None, np.ndarray, str]:
        """The index of a person's camera, the way from the body's origin, and what it counts from."""
        if self._frame == "model" or cameras.is_framed[person]:
            return None, np.zeros(3), "body"
        width, height = cameras.picture_px[person].tolist()
        size_wh = round(width), round(height)
        if cameras.is_pinhole[person]:
            transl_m = cameras.transl_m[person].astype(np.float64)
            fx, fy = cameras.focal[person].tolist()
            cx, cy = cameras.center[person].tolist()
            seen = SceneCamera(size_wh, focal=(fx, fy), princpt=(cx, cy))
            return self._find(seen), transl_m, "camera"
        if not self._has_cameras:
            return None, np.zeros(3), "body"
        scale = float(cameras.scale[person])
        aside_m = (cameras.origin[person] - cameras.picture_px[person] / 2) / scale
        return self._find(SceneCamera(size_wh, scale=scale)), np.array([*aside_m, WEAK_DISTANCE_M]), "camera"

    def _find(self, camera: SceneCamera) -> int | None:
        if not self._has_cameras:
            return None
        return self._cameras.setdefault(camera, len(self._cameras))
