"""SMPL's bodies, a tenth taller than they are."""

from render.body.models.smpl import open_body as open_smpl


class TallBody:
    def __init__(self, body):
        self._body = body
        self.v_template = 1.1 * body.v_template

    def __getattr__(self, name):
        return getattr(self._body, name)

    def pose_chunk(self, inputs, chunk, bodies):
        self._body.pose_chunk(inputs, chunk, bodies)
        bodies.verts[chunk] *= 1.1
        bodies.joints[chunk] *= 1.1


def open_body(path, name, device):
    return TallBody(open_smpl(path, name, device))
