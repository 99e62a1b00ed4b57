"""The studio's light on people of the demo set: whose shadow is where, and the same bytes in any company."""

import numpy as np
import pytest

from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
from render.body.fit_bodies import FitBodies
from render.fits.read import read_fits
from render.library.renderer import BatchRenderer
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.sheets import Framing
from tests.helpers.drawing import draw_sheets
from tests.helpers.runs import files_below, run
from tests.helpers.small_runs import small

__all__ = ["small"]

SIZE_HW = (150, 120)
PANELS = ("orbit:30:15/studio/white", "side/studio/white")
# Rows of the demo set: who stands, and two people of one photo.
STANDING, TOGETHER = (1,), (2, 3)


@pytest.fixture(scope="module")
def draw(demo_body, demo_set):
    renderer, fits = BatchRenderer(FitBodies((demo_body,))), read_fits("eft", demo_set.fit_file)[0]

    def draw_people(*groups: tuple[int, ...], panels: tuple[str, ...] = PANELS) -> list[np.ndarray]:
        specs = tuple(parse_panel(text, "black") for text in panels)
        sheets = [lay_out_sheet(f"{i}", None, SIZE_HW, specs, who, columns=9) for i, who in enumerate(groups)]
        return draw_sheets(renderer, fits, sheets, [None] * len(sheets), Framing(up="body", fit="bodies"))

    return draw_people


def test_sheets_are_the_same_in_any_batch(draw):
    together = draw(STANDING, TOGETHER, (), STANDING)
    for i, who in enumerate([STANDING, TOGETHER, ()]):
        np.testing.assert_array_equal(draw(who)[0], together[i])
    np.testing.assert_array_equal(together[0], together[3])


def test_panels_are_the_same_alone_and_beside_others(draw):
    """Those that share a light too: a crop sees what the camera sees."""
    panels = ("camera/studio", "crop:1/studio", "orbit:90/studio", "camera/silhouette")
    sheet = draw(TOGETHER, panels=panels)[0]
    begin = 0
    for panel in panels:
        alone = draw(TOGETHER, panels=(panel,))[0]
        height, width = alone.shape[:2]
        np.testing.assert_array_equal(sheet[:height, begin : begin + width], alone)
        begin += width


@pytest.mark.slow
def test_a_run_makes_the_same_with_any_number_of_threads(small, tmp_path):
    words = [*small.settings, "samples=0:3", "panels=[camera/studio, orbit:40/studio]", "output=png"]
    kept = []
    for number in (1, 3):
        folder = tmp_path / str(number)
        assert run(*words, f"threads={number}", f"output.dir={folder}").rendered == 3
        kept.append({name: data for name, data in files_below(folder).items() if name.endswith(".png")})
    assert kept[0] == kept[1]


def make_wall_and_roof() -> tuple[np.ndarray, list[list[int]]]:
    """A square of 1 m that faces the viewer, and one of 0.6 m that is level, in front of its upper edge."""
    wall = [[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]
    roof = [[0.2, 0.25, 0.4], [0.8, 0.25, 0.4], [0.8, 0.25, 0.95], [0.2, 0.25, 0.95]]
    return np.array([wall + roof], float), [[0, 2, 1], [0, 3, 2], [4, 6, 5], [4, 7, 6]]


def test_an_open_mesh_shades_itself_from_either_side():
    verts, faces = make_wall_and_roof()
    # Cut finely, for light is found at vertices.
    verts, faces = split_faces(verts[0], faces, 4)
    bodies = make_bodies(verts[None], faces)
    sheets = build_sheets(bodies, ["camera/studio/white"], size_px=(100, 100))
    (picture,) = shade_sheets(sheets, rasterize_sheets(sheets))
    grey = picture.astype(float).mean(2)
    # Below the roof it is darker than beside it at the same height, and far below less so.
    rows = np.flatnonzero((picture != 255).any((1, 2)))
    columns = np.flatnonzero((picture != 255).any((0, 2)))
    high, low = (int(rows[0] + share * len(rows)) for share in (0.36, 0.95))
    middle, left = int(columns.mean()), columns[0] + 3
    assert grey[high, middle] < grey[high, left] - 15
    assert grey[low, middle] > grey[high, middle] + 15


def split_faces(verts: np.ndarray, faces: list[list[int]], times: int) -> tuple[np.ndarray, np.ndarray]:
    corners = verts[np.array(faces)]
    for _ in range(times):
        a, b, c = corners.transpose(1, 0, 2)
        ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
        corners = np.concatenate(
            [np.stack(part, 1) for part in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))]
        )
    found, index = np.unique(corners.reshape(-1, 3), axis=0, return_inverse=True)
    return found, index.reshape(-1, 3)


@pytest.mark.parametrize("bad", [1e30, 0.0])
def test_bodies_that_are_nowhere_do_no_harm(bad):
    """A vertex that is far off, and a body of no extent."""
    verts, faces = make_wall_and_roof()
    pair = np.concatenate([verts, verts])
    if bad == 0.0:
        pair[0] = 0.0
    else:
        pair[0, 4, 1] = bad
    panels = ["side/studio", "camera/studio"]
    sheets = build_sheets(make_bodies(pair, faces), panels, size_px=(40, 40))
    pictures = shade_sheets(sheets, rasterize_sheets(sheets))
    good = build_sheets(make_bodies(verts, faces), panels, size_px=(40, 40))
    np.testing.assert_array_equal(pictures[1], shade_sheets(good, rasterize_sheets(good))[0])
