"""The guard of PIXELS_VERSION: the same inputs give the noted pixels, or the version is another.

Runs keep what earlier ones have drawn, as long as the version is the same. So whoever changes a pixel raises
it.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from render import build_sheets, load_body, load_charts, make_fits, rasterize_sheets, shade_sheets
from render.body.normals import VertexNormals
from render.record.fingerprint import PIXELS_VERSION
from render.resources import DEMO_BODY_FILE
from render.shade.mode import MODES
from render.sheet.view import VIEWS
from render.types.bodies import Bodies
from tests.helpers.painting import make_colors, make_texture, make_values

NOTED = Path(__file__).parents[1] / "golden" / "pixels.json"
SIZE_PX = (48, 64)


def make_bodies(count: int) -> tuple[Bodies, object]:
    """Bodies of the rest shape: no matrix product has rounded them, so they are the same on any processor."""
    body = load_body(DEMO_BODY_FILE, "cpu")
    # Upright in the picture, and each a little larger.
    upright = body.v_template * body.v_template.new_tensor([1.0, -1.0, -1.0])
    scales = body.v_template.new_tensor([1.0, 1.125, 1.25])[:count]
    verts = ((upright[None] * scales[:, None, None] * 1024).round() / 1024).contiguous()
    normals = verts.new_empty(verts.shape)
    VertexNormals(body.faces, body.vert_count)(verts, normals)
    colors = torch.from_numpy(make_colors(body.v_template.numpy())).expand(verts.shape)
    values = torch.from_numpy(make_values(body.v_template.numpy())).expand(verts.shape[:2]).contiguous()
    return Bodies(verts, normals, verts[:, :45].contiguous(), body.faces, colors, values), body


def draw() -> dict[str, np.ndarray]:
    """A picture for each mode in all views, and for what else there is to set."""
    bodies, body = make_bodies(2)
    charts = load_charts(DEMO_BODY_FILE.with_name("demo_charts.mat"), body)
    width, height = SIZE_PX
    ramp = np.arange(height * width * 3, dtype=np.uint32).reshape(height, width, 3)
    photo = (ramp * 2654435761 >> 24).astype(np.uint8)
    poses = np.tile(np.eye(3), (2, 24, 1, 1))
    cam, centers, scales = [[0.8, 0, 0.1], [0.6, 0.4, 0.2]], [[24, 32], [30, 30]], [0.3, 0.25]
    fits = make_fits(poses, np.zeros((2, 10)), cam, centers, scales, ["one.jpg", "one.jpg"])
    texture = make_texture(charts, body.faces)
    shared = {"size_px": SIZE_PX, "fits": fits, "charts": charts, "people": "together", "texture": texture}

    def shade(panels: list[str], supersample: int = 1, **style) -> np.ndarray:
        photos = [photo] if any(panel.endswith("photo") for panel in panels) else None
        sheets = build_sheets(bodies, panels, photos=photos, supersample=supersample, **shared)
        return shade_sheets(sheets, rasterize_sheets(sheets, "warp"), body=body, **style)[0]

    # At its smallest a crop is large enough.
    views = ["crop:1" if name == "crop" else name for name in VIEWS.names]
    found = {f"mode {mode}": shade([f"{view}/{mode}" for view in views]) for mode in MODES.names}
    found["photo"] = shade(["camera/geo/photo", "crop:1/normal/photo"], opacity=0.7)
    found["supersample"] = shade(["camera/geo", "side/wireframe"], supersample=2)
    found["transparent"] = shade(["orbit:30:10/colorgeo/transparent"], supersample=4, opacity=0.5)
    found["flat"] = shade(["orbit:30:10:ortho/depth", "side:ortho/geo/rgb:ff8800"])
    return found


def hash_pictures() -> dict[str, str]:
    """The digest of each picture's shape and pixels."""
    return {
        name: hashlib.sha256(repr(picture.shape).encode() + picture.tobytes()).hexdigest()
        for name, picture in draw().items()
    }


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    return hash_pictures()


def test_the_same_inputs_give_the_pixels_of_the_version(found):
    noted = json.loads(NOTED.read_text())
    assert noted["pixels_version"] == PIXELS_VERSION, (
        f"PIXELS_VERSION is {PIXELS_VERSION}, and {NOTED.name} is of {noted['pixels_version']}: note the new "
        f"pixels by python -m tests.record.test_pixels_version"
    )
    versions = _list_versions()
    assert noted["mode_versions"] == versions, (
        f"the modes' versions are {versions}, and {NOTED.name} is of {noted['mode_versions']}: note the new "
        f"pixels by python -m tests.record.test_pixels_version"
    )
    differing = sorted(name for name in found if found[name] != noted["pictures"].get(name))
    assert not differing, (
        f"other pixels than those of PIXELS_VERSION {PIXELS_VERSION}: {', '.join(differing)}. If that is "
        f"meant, raise it, or the version of the modes that alone have changed, and note them by "
        f"python -m tests.record.test_pixels_version"
    )
    assert found.keys() == noted["pictures"].keys()


def test_every_mode_is_noted_and_no_two_are_the_same(found):
    of_modes = [found[f"mode {mode}"] for mode in MODES.names]
    assert len(set(of_modes)) == len(of_modes)


def _list_versions() -> dict[str, int]:
    """Of the modes whose pixels have changed since they were first there."""
    return {name: MODES.load(name).version for name in MODES.names if MODES.load(name).version > 1}


if __name__ == "__main__":
    noted = {"pixels_version": PIXELS_VERSION, "mode_versions": _list_versions(), "pictures": hash_pictures()}
    NOTED.write_text(json.dumps(noted, indent=1) + "\n")
