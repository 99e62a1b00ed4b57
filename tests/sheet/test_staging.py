"""Batches that are posed and framed: samples, chunks, and cameras that take the place of a view's."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from render.sheet import staging
from render.sheet.framing import list_placements, make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.sheet.staging import StagedBatch, stage_batch
from tests.helpers.fit_tables import make_spheres, make_table

SPHERES = make_spheres([0.9, 0.5], [[0.1, -0.2, 0.3], [0.0, 0.4, -0.1]], count=60)
FITS = make_table(2, row=np.array([7, 9]))
PANELS = ("side/geo", "camera/mask", "top/geo", "orbit/normal", "camera/depth", "side/mask")
# Their shots, in the order of their modes; of more samples than one labels have shots of their own.
SHOTS = [("depth", "mask"), ("geo",), ("geo", "mask"), ("normal",)]
APART = [("depth", "mask"), ("geo",), ("geo",), ("mask",), ("normal",)]


def stage(*panels: str, hw: tuple[int, int] = (12, 20), supersample: int = 1, **settings) -> StagedBatch:
    """Both people on one sheet."""
    specs = tuple(parse_panel(text, "white") for text in panels)
    sheet = lay_out_sheet("a", None, hw, specs, (0, 1), columns=99)
    return stage_batch(make_batch(FITS, [sheet], supersample=supersample), SPHERES, None, **settings)


@pytest.mark.parametrize(("supersample", "bits"), [(2, 1), (4, 2)])
def test_only_shots_that_hold_no_labels_have_more_samples(supersample, bits):
    """n x n of a pixel, and vertices lie n times as far from the shot's corner."""
    staged, plain = stage(*PANELS, supersample=supersample), stage(*PANELS)
    assert [shot.modes for shot in plain.batch.shots] == SHOTS
    assert plain.rows.sample_bits.tolist() == [0] * 4
    assert [shot.modes for shot in staged.batch.shots] == APART
    assert staged.rows.sample_bits.tolist() == [0, bits, bits, 0, bits]
    assert torch.equal(staged.layout.sample_bits, torch.from_numpy(staged.rows.sample_bits))
    assert staged.layout.size.tolist() == [[20, 12]] * 5
    views = {shot.viewpoint.name: k for k, shot in enumerate(plain.batch.shots)}
    for k, shot in enumerate(staged.batch.shots):
        # Two people in each shot.
        own, other = slice(2 * k, 2 * k + 2), 2 * views[shot.viewpoint.name]
        verts, single = staged.placements.verts[own], plain.placements.verts[other : other + 2]
        factor = 2**shot.sample_bits
        assert torch.equal(verts[..., :2], factor * single[..., :2])
        assert torch.equal(verts[..., 2:], single[..., 2:])


def test_kernels_are_told_who_each_placement_is():
    staged = stage("side/geo", "camera/mask")
    assert staged.people.instance.tolist() == [1, 2, 1, 2]
    assert staged.people.colour.tolist() == [7, 9, 7, 9]
    assert staged.body_index.tolist() == staged.placements.body.tolist() == [0, 1, 0, 1]
    assert staged.placements.shot.tolist() == [0, 0, 1, 1]
    for ours, expected in zip(staged.placement_list, list_placements(staged.batch), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_cameras_of_one_s_own_take_the_place_of_those_of_the_views():
    """Who puts them in is told who is drawn where; what is drawn goes by them."""
    seen = []

    def adjust(cameras, listed):
        seen.append(listed)
        return replace(cameras, translation=cameras.translation + torch.tensor([3.0, -2.0, 0.0]))

    plain, moved = stage("camera/mask"), stage("camera/mask", adjust=adjust)
    assert [listed.row.tolist() for listed in seen] == [[7, 9]]
    offset = moved.placements.verts - plain.placements.verts
    np.testing.assert_allclose(offset, np.tile([3.0, -2.0, 0.0, 0.0], (2, 60, 1)), atol=1e-4)
    assert torch.equal(moved.cameras.translation, plain.cameras.translation + torch.tensor([3.0, -2.0, 0.0]))


@pytest.mark.parametrize(("small", "large"), [(1, 1), (1, 10**9), (700, 700), (10**9, 10**9)])
def test_chunks_hold_shots_of_the_same_modes_and_together_all_rows_once(monkeypatch, small, large):
    monkeypatch.setitem(staging.SMALL_CHUNK, "cpu", small)
    monkeypatch.setitem(staging.LARGE_CHUNK, "cpu", large)
    staged = stage(*PANELS, supersample=2)
    found = staged.list_chunks()
    rows = [row for entry in found for row in entry.chunk.rows]
    assert rows == list(range(5 * 12))
    assert all(a.chunk.samples.stop == b.chunk.samples.start for a, b in pairwise(found))
    for entry in found:
        assert {APART[row // 12] for row in entry.chunk.rows} == {entry.modes}
        assert entry.is_supersampled == (entry.modes in (("geo",), ("normal",)))
        # Those of the shots of its rows.
        shots = {row // 12 for row in entry.chunk.rows}
        assert list(entry.chunk.placements) == [k for p in sorted(shots) for k in (2 * p, 2 * p + 1)]
    if small == 10**9:
        assert [entry.modes for entry in found] == [("depth", "mask"), ("geo",), ("mask",), ("normal",)]
    if (small, large) == (1, 10**9):
        assert len(found) == 5
    if large == 1:
        assert len(found) == 5 * 12


@pytest.mark.parametrize(
    ("panels", "supersample", "expected"),
    [
        (("camera/mask", "camera/geo"), 1, True),
        (("camera/mask", "side/depth"), 1, False),
        (("camera/mask", "camera/geo"), 2, False),
    ],
)
def test_edge_pixels_are_looked_for_where_a_layer_may_have_them(panels, supersample, expected):
    """Labels have hard edges, and with more samples edges are as those have them."""
    assert (stage(*panels, supersample=supersample).find_edges() is not None) == expected


def test_the_limits_of_chunks_are_those_of_the_device(monkeypatch):
    monkeypatch.setitem(staging.SMALL_CHUNK, "cuda", 1)
    monkeypatch.setitem(staging.LARGE_CHUNK, "cuda", 1)
    assert len(stage("side/geo", "top/geo").list_chunks()) == 1


def test_the_scene_has_the_placements_and_the_bodies():
    staged = stage("side/geo")
    scene = staged.view_scene()
    assert scene.vert_count == 60
    assert scene.verts.shape[0] == 2 * 60
    assert scene.faces.shape[0] == 1
