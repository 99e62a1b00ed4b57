"""The original EFT viewer's way of work: one person after the other through OpenGL, and read back.

Written from what the viewer does, not from its code: a body is posed, its normals are found in NumPy, both go
to the GPU; the photo is a texture that fills the picture, the body is drawn over it and then from the side,
and each picture is read back. The viewer needs a display; this draws through EGL, which is quicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
from scipy.sparse import csr_array

from benchmarks.peers.peer import Loop, MissingPeerError
from benchmarks.peers.people import People, Posed

_PHOTO_VERTEX = """
#version 330
void main() { gl_Position = vec4(4 * (gl_VertexID & 1) - 1, 2 * (gl_VertexID & 2) - 1, 0, 1); }
"""
_PHOTO_FRAGMENT = """
#version 330
uniform sampler2D photo;
out vec3 colour;
void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    colour = texelFetch(photo, ivec2(at.x, textureSize(photo, 0).y - 1 - at.y), 0).rgb;
}
"""
_BODY_VERTEX = """
#version 330
uniform mat4 clip;
uniform mat3 rotation;
in vec3 point;
in vec3 normal;
out vec3 seen_normal;
void main() {
    gl_Position = clip * vec4(point, 1);
    seen_normal = rotation * normal;
}
"""
# The viewer's grey: a head light and a rim light. z is away from the eye here.
_BODY_FRAGMENT = """
#version 330
in vec3 seen_normal;
out vec3 colour;
void main() {
    float z = -normalize(seen_normal).z;
    colour = vec3(clamp(z + 0.2 * pow(max(0, 1 - 2 * z * z), 16), 0, 1));
}
"""


class _Painter:
    batch = 1

    def __init__(self, people: People) -> None:
        try:
            import moderngl

            gl = moderngl.create_context(standalone=True, backend="egl")
        except ImportError as error:
            raise MissingPeerError(f"moderngl is not installed ({error})") from error
        except Exception as error:
            raise MissingPeerError(f"OpenGL cannot be opened through EGL: {error}") from error
        self.about = f"moderngl {version('moderngl')}, {gl.info['GL_RENDERER']}"
        self._gl, self._flags, self._size = gl, moderngl.DEPTH_TEST | moderngl.CULL_FACE, people.size_px
        self._frame = gl.framebuffer(
            [gl.renderbuffer(people.size_px, 3)], gl.depth_renderbuffer(people.size_px)
        )
        self._photo = gl.texture(people.size_px, 3, alignment=1)
        fill = gl.program(vertex_shader=_PHOTO_VERTEX, fragment_shader=_PHOTO_FRAGMENT)
        self._fill = gl.vertex_array(fill, [])
        self._program = gl.program(vertex_shader=_BODY_VERTEX, fragment_shader=_BODY_FRAGMENT)
        self._faces = np.ascontiguousarray(people.faces, np.int32)
        count = int(self._faces.max()) + 1
        self._points = gl.buffer(reserve=24 * count, dynamic=True)
        layout = [(self._points, "3f 3f", "point", "normal")]
        self._body = gl.vertex_array(self._program, layout, gl.buffer(self._faces))
        # Adds up the normals of the faces of each vertex.
        corners = self._faces.ravel()
        ones, of = np.ones(len(corners), np.float32), np.arange(len(corners)) // 3
        self._gather = csr_array((ones, (corners, of)), shape=(count, len(self._faces)))

    def paint(self, posed: Posed, photos: Sequence[np.ndarray], paper: tuple[int, int, int]) -> np.ndarray:
        verts = posed.verts[0].cpu().numpy()
        self._points.write(np.concatenate([verts, self._find_normals(verts)], 1))
        self._photo.write(np.ascontiguousarray(photos[0]))
        pictures = []
        for view, behind in ((posed.photo, None), (posed.side, paper)):
            self._frame.use()
            self._frame.clear(*(np.array(behind or (0, 0, 0)) / 255))
            if behind is None:
                self._gl.disable(self._flags)
                self._photo.use()
                self._fill.render(self._gl.TRIANGLES, vertices=3)
            self._gl.enable(self._flags)
            # OpenGL has matrices column by column.
            self._program["clip"].write(view.make_clip(self._size)[0].cpu().numpy().T.tobytes())
            self._program["rotation"].write(view.rotation[0].cpu().numpy().T.tobytes())
            self._body.render(self._gl.TRIANGLES)
            width, height = self._size
            read = np.frombuffer(self._frame.read(components=3, alignment=1), np.uint8)
            # Its first row is the lowest.
            pictures.append(read.reshape(height, width, 3)[::-1])
        return np.concatenate(pictures, 1)[None]

    def _find_normals(self, verts: np.ndarray) -> np.ndarray:
        a, b, c = verts[self._faces].transpose(1, 0, 2)
        of_faces = np.cross(b - a, c - a)
        of_faces /= np.linalg.norm(of_faces, axis=1, keepdims=True) + 1e-12
        return (self._gather @ of_faces).astype(np.float32)


def open_peer(people: People, threads: int, settings: tuple[str, ...]) -> Loop:
    """One by one, whatever the threads. Raises MissingPeerError without moderngl or EGL."""
    return Loop(people, _Painter(people))
