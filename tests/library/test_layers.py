"""Panels that share a shot are drawn as each is on a sheet of its own, to the byte."""

import numpy as np
import pytest
import torch

from render import build_sheets, rasterize_sheets, shade_sheets
from render.body.fit_bodies import FitBodies
from render.library import chunks, poser
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.rasterize.backends import pytorch3d, warp
from render.rasterize.edge_pixels import edge_pixels
from render.rasterize.edge_pixels.edge_pixels import EdgePixels
from render.shade.mode import MODES
from render.sheet import staging
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.buffer import Visibility
from tests.helpers.demo_pictures import charts, fits
from tests.helpers.drawing import draw_sheets
from tests.helpers.painting import compare_with_next, make_colors, make_texture
from tests.helpers.slow_pytorch3d import STAND_IN
from tests.helpers.squares import build

__all__ = ["charts", "fits"]

# Many pictures: they take seconds together.
pytestmark = pytest.mark.slow

# Two people who cross: rows of the demo set, in one photo.
CROSSING = (2, 3)
PHOTO = np.random.default_rng(2).integers(0, 256, (480, 640, 3), np.uint8)
# Colours and labels in turns.
FEW = ("geo", "mask", "normal", "iuv", "silhouette")


@pytest.fixture(autouse=True)
def emptied(monkeypatch):
    """Sees to it that what was drawn leaves all keys, samples and marks as the next chunk needs them."""
    buffers, slots = [], []
    allocate, open_slots = chunks.allocate_keys, EdgePixels.open

    def allocate_noted(*given):
        buffers.append(allocate(*given))
        return buffers[-1]

    def open_noted(edges, keys):
        slots.append(open_slots(edges, keys))
        return slots[-1]

    monkeypatch.setattr(chunks, "allocate_keys", allocate_noted)
    monkeypatch.setattr(EdgePixels, "open", open_noted)
    yield buffers, slots
    assert buffers
    assert all((keys == Visibility.EMPTY).all() for keys in buffers)
    assert all((one.samples == Visibility.EMPTY).all() and not one.bits.any() for one in slots)


@pytest.fixture
def draw(demo_body, charts, fits):
    """Draws two people on one sheet; gives its panels one by one."""

    def draw_panels(panels, supersample=1, rasterizer=warp.Rasterizer, **style) -> list[np.ndarray]:
        bodies = FitBodies((demo_body,), colors=[torch.from_numpy(make_colors(demo_body.v_template.numpy()))])
        texture = make_texture(charts, demo_body.faces)
        specs = tuple(parse_panel(panel) for panel in panels)
        drawing = BatchRenderer(
            bodies,
            Style(**style),
            charts,
            rasterizer=rasterizer,
            texture=texture,
            reference=compare_with_next(fits, demo_body, [spec.mode for spec in specs]),
        )
        sheet = lay_out_sheet("a", None, PHOTO.shape[:2], specs, CROSSING, columns=99)
        (picture,) = draw_sheets(drawing, fits, [sheet], [PHOTO], supersample=supersample)
        rects = [panel.rect for panel in sheet.panels]
        return [picture[rect.y : rect.y + rect.h, rect.x : rect.x + rect.w] for rect in rects]

    return draw_panels


def list_panels(view: str, modes: tuple[str, ...], background: str) -> list[str]:
    """In the order of the modes. What is behind labels is black."""
    return [
        f"{view}/{mode}" if MODES.load(mode).is_label else f"{view}/{mode}/{background}" for mode in modes
    ]


def assert_as_alone(draw, panels: list[str], together: list[np.ndarray], **style) -> None:
    """Each panel as it is on a sheet of its own, drawn in one piece."""
    for panel, found in zip(panels, together, strict=True):
        (alone,) = draw([panel], **style)
        # Where one panel of a sheet has alpha, all have.
        if alone.shape != found.shape:
            alone = np.dstack([alone, np.full_like(alone[:, :, 0], 255)])
        np.testing.assert_array_equal(found, alone, err_msg=panel)


@pytest.mark.parametrize(
    "style",
    [{"edges": "hard"}, {"edges": "smooth"}, {"supersample": 2, "edges": "smooth"}],
    ids=lambda style: "-".join(map(str, style.values())),
)
def test_all_modes_of_a_view(draw, style):
    panels = list_panels("crop:1", MODES.names, "white")
    together = draw(panels, **style)
    assert len({picture.tobytes() for picture in together}) == len(panels)
    assert_as_alone(draw, panels, together, **style)


def test_modes_may_stand_in_any_order(draw):
    """Layers have an order of their own."""
    panels = list_panels("crop:1", MODES.names, "white")
    np.testing.assert_array_equal(draw(panels), draw(panels[::-1])[::-1])


@pytest.mark.parametrize("background", ["photo", "transparent"])
@pytest.mark.parametrize(
    "style",
    [
        {"edges": "hard", "opacity": 0.6},
        {"edges": "smooth", "opacity": 0.6},
        {"edges": "smooth"},
        {"supersample": 2, "opacity": 0.3},
    ],
    ids=lambda style: "-".join(map(str, style.values())),
)
def test_bodies_that_are_seen_through_and_what_is_behind_them(draw, style, background):
    panels = list_panels("crop:1", FEW, background) + list_panels("crop:2", FEW[:2], background)
    assert_as_alone(draw, panels, draw(panels, **style), **style)


@pytest.mark.parametrize("edges", ["hard", "smooth"])
def test_one_mode_over_several_backgrounds(draw, edges):
    panels = [f"{view}/clay/{behind}" for view in ("camera", "side") for behind in ("white", "black", "grey")]
    panels += ["camera/clay/photo", "camera/clay/white", "side/clay/ground"]
    assert_as_alone(draw, panels, draw(panels, edges=edges, opacity=0.5), edges=edges, opacity=0.5)


@pytest.mark.parametrize(
    ("small", "large", "slots", "places"),
    [
        # Of some rows; of one; whole shots, with room for a hundred edge pixels and for three places.
        (9 * 648, 9 * 648, 10**4, 10**5),
        (1, 1, 10**4, 10**5),
        (10**7, 10**7, 100, 3),
        # And both.
        (5000, 5000, 64, 3),
    ],
)
@pytest.mark.parametrize(
    "style",
    [{"edges": "smooth"}, {"edges": "hard", "opacity": 0.6}, {"supersample": 2}],
    ids=lambda style: "-".join(map(str, style.values())),
)
def test_pieces_do_not_show(draw, monkeypatch, style, small, large, slots, places):
    """Several smooth layers take the samples of the same edge pixels, a part after the other."""
    panels = [*list_panels("crop:1", (*FEW, "clay"), "white"), "side/geo/black", "side/clay/white"]
    expected = draw(panels, **style)
    monkeypatch.setattr(staging, "SMALL_CHUNK", {"cpu": small})
    monkeypatch.setattr(staging, "LARGE_CHUNK", {"cpu": large})
    monkeypatch.setattr(edge_pixels, "MOST_SLOTS", {"cpu": slots})
    monkeypatch.setattr(edge_pixels, "FIRST_PLACES", {"cpu": places})
    for panel, found, whole in zip(panels, draw(panels, **style), expected, strict=True):
        np.testing.assert_array_equal(found, whole, err_msg=panel)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ({"edges": "hard"}, 224 + 480),
        ({"edges": "smooth"}, 224 + 480),
        # Labels have a shot beside that of the colours.
        ({"supersample": 2}, 2 * 224 + 480),
    ],
)
def test_a_shot_is_rasterized_once(draw, style, expected):
    """Every row of it, however many layers there are."""
    filled = []

    class Counting(warp.Rasterizer):
        def open(self, is_supersampled, keys):
            fill = super().open(is_supersampled, keys)

            def fill_counted(chunk):
                filled.extend(chunk.rows)
                fill(chunk)

            return fill_counted

    panels = [*list_panels("crop:1", FEW, "photo"), "crop:1/geo/white", "camera/geo", "camera/normal"]
    draw(panels, rasterizer=Counting, **style)
    assert sorted(filled) == list(range(expected))


@pytest.mark.parametrize("edges", ["hard", "smooth"])
def test_pytorch3d_s_keys_are_shared_too(monkeypatch, edges):
    """By what stands in for it, which no layer may have emptied before the last."""
    monkeypatch.setattr(pytorch3d, "load_pytorch3d", lambda: STAND_IN)
    panels = ["side/geo/white", "side/mask", "side/normal/white", "camera/geo/white", "side/depth"]
    sheets = build(*panels)
    assert [modes for _, modes in sheets.shots] == [("depth", "geo", "mask", "normal"), ("geo",)]
    (together,) = shade_sheets(sheets, rasterize_sheets(sheets, "pytorch3d"), edges=edges)
    for i, panel in enumerate(panels):
        own = build(panel)
        (alone,) = shade_sheets(own, rasterize_sheets(own, "pytorch3d"), edges=edges)
        np.testing.assert_array_equal(together[:, 20 * i : 20 * i + 20], alone, err_msg=panel)


def test_fragments_are_those_of_shots(turned):
    """The library rasterizes as often as runs do: its fragments are those of all layers."""
    several = build_sheets(turned, ["side/geo", "side/mask", "side/normal"], size_px=(40, 60))
    one = build_sheets(turned, ["side/geo"], size_px=(40, 60))
    assert len(several.shots) == len(one.shots) == 4
    found, expected = rasterize_sheets(several), rasterize_sheets(one)
    assert len(found.face) == len(expected.face)
    shade_sheets(several, found)


def test_edge_pixels_are_looked_for_by_tasks_that_may_have_them(draw, emptied, monkeypatch):
    monkeypatch.setattr(poser, "TASK_SAMPLES", 1)
    draw(["camera/mask", "crop:1/iuv", "side/geo/white"], edges="smooth")
    buffers, slots = emptied
    assert (len(buffers), len(slots)) == (3, 1)


@pytest.mark.parametrize(("modes", "tasks"), [(("geo",), 1), (("geo", "mask", "iuv"), 2)])
def test_tasks_are_as_long_whatever_the_layers_of_their_shots(draw, emptied, monkeypatch, modes, tasks):
    """Room for four layers: two shots of one, or one of three."""
    monkeypatch.setattr(poser, "TASK_SAMPLES", 4 * 480 * 640)
    draw([panel for view in ("camera", "side") for panel in list_panels(view, modes, "white")])
    assert len(emptied[0]) == tasks
