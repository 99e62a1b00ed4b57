"""pyrender, as demos of SPIN, VIBE and HMR2 use it: a scene for each person, pasted over the photo."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from benchmarks.peers.peer import Loop, MissingPeerError
from benchmarks.peers.people import FIELD_OF_VIEW_RAD, People, Posed

# From x right, y down, z away to x right, y up, z towards the eye.
FLIP = np.diag([1.0, -1.0, -1.0, 1.0])
GREY = (0.8, 0.8, 0.8, 1.0)


class _Painter:
    batch = 1

    def __init__(self, people: People) -> None:
        os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
        # NumPy 2 has lost a name that pyrender 0.1.45 uses.
        np.infty = np.inf  # type: ignore[attr-defined]
        try:
            import pyrender
            import trimesh
            from OpenGL.GL import GL_RENDERER, glGetString

            self._renderer = pyrender.OffscreenRenderer(*people.size_px)
        except ImportError as error:
            raise MissingPeerError(f"pyrender is not installed ({error})") from error
        except Exception as error:
            raise MissingPeerError(
                f"pyrender cannot open {os.environ['PYOPENGL_PLATFORM']}: {error}"
            ) from error
        self._lib, self._make_mesh = pyrender, trimesh.Trimesh
        self._renderer._platform.make_current()
        self.about = f"pyrender {version('pyrender')}, {glGetString(GL_RENDERER).decode()}"
        self._faces, self._size = people.faces, people.size_px
        self._material = pyrender.MetallicRoughnessMaterial(
            metallicFactor=0.1, roughnessFactor=0.7, baseColorFactor=GREY
        )
        self._light = pyrender.DirectionalLight(color=np.ones(3), intensity=2.5)

    def paint(self, posed: Posed, photos: Sequence[np.ndarray], paper: tuple[int, int, int]) -> np.ndarray:
        lib, (width, height) = self._lib, self._size
        body = self._make_mesh(posed.verts[0].cpu().numpy(), self._faces, process=False)
        mesh = lib.Mesh.from_trimesh(body, material=self._material)
        behind = (photos[0], np.broadcast_to(np.uint8(paper), photos[0].shape))
        pictures = []
        for view, picture in zip((posed.photo, posed.side), behind, strict=True):
            near, far = float(view.near_px[0]), float(view.far_px[0])
            place = view.matrix[0].double().cpu().numpy()
            if view.focal_px is None:
                place[:2, 3] -= width / 2, height / 2
                camera = lib.OrthographicCamera(width / 2, height / 2, znear=near, zfar=far)
            else:
                camera = lib.PerspectiveCamera(
                    FIELD_OF_VIEW_RAD, znear=near, zfar=far, aspectRatio=width / height
                )
            scene = lib.Scene(bg_color=(0, 0, 0, 0), ambient_light=(0.1, 0.1, 0.1))
            scene.add(mesh, pose=FLIP @ place)
            scene.add(camera)
            scene.add(self._light)
            colour, _ = self._renderer.render(scene, flags=lib.RenderFlags.RGBA)
            # Alpha is the share of four samples that are covered.
            pictures.append(np.where(colour[..., 3:] > 127, colour[..., :3], picture))
        return np.concatenate(pictures, 1)[None]


def open_peer(people: People, threads: int, settings: tuple[str, ...]) -> Loop:
    """One by one, whatever the threads. Raises MissingPeerError without pyrender or EGL."""
    return Loop(people, _Painter(people))
