"""A stage in the library's scene: bodies, the photo behind them, light, and the camera."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from render.types.meshes import MeshScene, PersonMesh
from render.viewer.scenes.lights import light_scene
from render.viewer.scenes.unlit import make_unlit
from render.viewer.stages.first_view import UP, find_first_view
from render.viewer.stages.lens import find_view_rad
from render.viewer.stages.looks import Paint, Painter
from render.viewer.stages.stage import Stage, StagePerson
from render.write.meshes.gltf_scene import encode_scene

if TYPE_CHECKING:
    import viser

# Longer side of a photo in a page, px, and its quality.
MOST_PHOTO_PX = 1600
_QUALITY = 88
# From glTF's axes, y up and z towards the viewer: half a turn about x.
_FROM_GLTF = (0.0, 1.0, 0.0, 0.0)
_CELL_RGB, _LINE_RGB = (222, 220, 216), (190, 187, 181)
# In lengths of what stands on it, how far the ground is seen.
_FADE = 4.0


def shrink_photo(photo: np.ndarray, most_px: int = MOST_PHOTO_PX) -> np.ndarray:
    """The photo in at most so many pixels a side.

    Args:
        photo: (H, W, 3) uint8 RGB.
        most_px: Of the longer side.
    """
    height, width = photo.shape[:2]
    if max(height, width) <= most_px:
        return photo
    share = most_px / max(height, width)
    size_wh = max(1, round(width * share)), max(1, round(height * share))
    return cv2.resize(photo, size_wh, interpolation=cv2.INTER_AREA)


class SceneWriter:
    """Puts one stage after the other into a scene.

    Args:
        server: Whose scene it is, as new.
        plain: For tests: all bodies have this colour, 0 to 255, in no light, and there is no photo.
    """

    def __init__(self, server: viser.ViserServer, plain: tuple[int, int, int] | None = None) -> None:
        self._server = server
        self._plain = plain
        self._bodies: dict[str, _Body] = {}
        self._photo: Any = None
        self._depth_m = 0.0
        self._ground: Any = None
        server.scene.set_up_direction(UP)
        light_scene(server, is_plain=plain is not None)

    def look_through(self, stage: Stage, aspect: float = 4 / 3) -> None:
        """Lets the page begin with the view of the stage's camera.

        Args:
            stage: The stage.
            aspect: Of the window that it is first seen in.
        """
        view, camera = find_first_view(stage), self._server.initial_camera
        self._depth_m = 0.0
        camera.position, camera.look_at, camera.up = view.position_m, view.target_m, np.array(UP)
        camera.fov = find_view_rad(view.half_view, aspect)
        camera.near, camera.far = view.near_m, view.far_m
        self._lay_ground(stage)

    def _lay_ground(self, stage: Stage) -> None:
        """A grid below people who are not before a photo."""
        if self._ground is not None:
            self._ground.remove()
            self._ground = None
        if stage.lens is not None or self._plain is not None:
            return
        low, high = stage.bounds_m
        middle = (low + high) / 2
        self._ground = self._server.scene.add_grid(
            "/ground",
            plane="xz",
            infinite_grid=True,
            cell_size=0.5,
            section_size=1.0,
            cell_color=_CELL_RGB,
            section_color=_LINE_RGB,
            fade_distance=_FADE * float(np.linalg.norm(high - low)),
            position=(middle[0], high[1], middle[2]),
        )

    def show(
        self,
        stage: Stage,
        paint: Painter,
        hidden: Collection[str] = (),
        opacity: float = 1.0,
        shows_photo: bool = True,
    ) -> None:
        """Puts a stage in the place of the one before.

        Args:
            stage: The stage.
            paint: How its bodies look.
            hidden: The keys of people who are not shown.
            opacity: Of the bodies.
            shows_photo: Whether the photo is behind them.
        """
        there = {person.key for person in stage.people}
        for key in [key for key in self._bodies if key not in there]:
            self._bodies.pop(key).handle.visible = False
        for person in stage.people:
            self._show_body(person, paint(person), person.key not in hidden, opacity)
        self._show_photo(stage, shows_photo)

    def _show_body(self, person: StagePerson, paint: Paint, visible: bool, opacity: float) -> None:
        red, green, blue = (round(255 * value) for value in paint.rgb)
        rgb = self._plain or (red, green, blue)
        handle: Any
        scene, name = self._server.scene, f"/people/{person.key}"
        # Vertices of such a body are replaced; all else makes it anew.
        style = (rgb, paint.is_wireframe, opacity, len(person.verts), person.faces.tobytes())
        known = self._bodies.get(person.key)
        if paint.of_verts is not None and self._plain is None:
            # It has colours of vertices, and this is the library's only kind of mesh that does.
            handle = scene.add_glb(
                name, make_unlit(encode_scene(_wrap(person, paint.of_verts))), wxyz=_FROM_GLTF
            )
            self._bodies[person.key] = _Body(handle, None)
        elif known is not None and known.style == style:
            known.handle.vertices = person.verts
        else:
            handle = scene.add_mesh_simple(
                name,
                person.verts,
                person.faces,
                color=rgb,
                wireframe=paint.is_wireframe,
                opacity=None if opacity >= 1 else opacity,
                side="front" if person.is_closed else "double",
                # A body's shadow on itself has coarse steps.
                cast_shadow=False,
                receive_shadow=False,
            )
            self._bodies[person.key] = _Body(handle, style)
        self._bodies[person.key].handle.visible = visible

    def _show_photo(self, stage: Stage, visible: bool) -> None:
        if stage.photo is None or stage.lens is None or self._plain is not None:
            if self._photo is not None:
                self._photo.visible = False
            return
        # It does not move to and fro while bodies do.
        self._depth_m = max(self._depth_m, stage.photo_depth_m)
        width, height = stage.lens.size_px
        middle = stage.lens.unproject(np.array([[width / 2, height / 2]]), self._depth_m)[0]
        px_m = self._depth_m / stage.lens.focal_px
        photo = shrink_photo(stage.photo)
        if self._photo is None:
            self._photo = self._server.scene.add_image(
                "/photo",
                photo,
                width * px_m,
                height * px_m,
                format="jpeg",
                jpeg_quality=_QUALITY,
                cast_shadow=False,
                receive_shadow=False,
                position=middle,
            )
        else:
            self._photo.image = photo
            self._photo.render_width, self._photo.render_height = width * px_m, height * px_m
            self._photo.position = middle
        self._photo.visible = visible


class _Body(NamedTuple):
    """A body in the scene.

    Attributes:
        handle: The library's.
        style: All of it but its vertices; None where they are not replaced.
    """

    handle: Any
    style: tuple[object, ...] | None


def _wrap(person: StagePerson, colors: np.ndarray) -> MeshScene:
    """A body with colours of its vertices, as files of meshes have it."""
    mesh = PersonMesh(
        name=person.key,
        row=0,
        verts=person.verts,
        faces=person.faces,
        transl_m=np.zeros(3),
        origin="camera",
        rgb=(1.0, 1.0, 1.0),
        normals=person.normals,
        colors=colors,
    )
    return MeshScene("camera", (mesh,), (), np.zeros(2))
