"""What a person's hash is made of: all that the fits say of the person, and nothing of others."""

from dataclasses import replace

import numpy as np
import pytest

from render.fits.build import assemble, join_fits, make_poses
from render.fits.cameras import pinhole
from render.fits.kept.pieces import Pieces
from render.types.fits import Fits
from render.types.sources import Meshes
from tests.helpers.fit_tables import make_table

FITS = make_table(3)


def hash_of(fits: Fits, person: int = 1) -> tuple[bytes, ...]:
    return tuple(Pieces(fits).list_pieces(person))


def make_meshes(**changes: object) -> Fits:
    rng = np.random.default_rng(0)
    meshes = Meshes("", np.array([[0, 1, 2]], np.int32), rng.normal(size=(3, 4, 3)).astype(np.float32))
    cameras = pinhole(np.ones(3), np.zeros((3, 2)), np.ones((3, 3)), is_metric=True)
    return assemble("meshes", ["a.jpg", "b.jpg", "c.jpg"], replace(meshes, **changes), cameras)


@pytest.mark.parametrize("column", sorted(Fits.SHAPES.keys() - {"image_name", "source", "place"}))
def test_each_column_counts_of_the_person_and_of_nobody_else(column):
    changed = getattr(FITS, column).copy()
    changed[1] = ~changed[1] if changed.dtype == bool else "77" if changed.dtype == object else 77
    other = replace(FITS, **{column: changed})
    assert hash_of(other) != hash_of(FITS)
    assert hash_of(other, 2) == hash_of(FITS, 2)


@pytest.mark.parametrize(
    ("part", "name"),
    [("bodies", n) for n in ("rotmat", "betas")] + [("marks", n) for n in ("points_px", "validity")],
)
def test_each_array_of_its_source_counts(part, name):
    (source,) = FITS.sources
    held = getattr(source, part)
    changed = getattr(held, name).copy()
    changed[1] = ~changed[1] if changed.dtype == bool else 5
    other = replace(FITS, sources=(replace(source, **{part: replace(held, **{name: changed})}),))
    assert hash_of(other) != hash_of(FITS)
    assert hash_of(other, 0) == hash_of(FITS, 0)


@pytest.mark.parametrize("change", [{"kind": "smplh"}, {"variant": "male"}, {"adds_hand_mean": True}])
def test_what_poses_are_of_counts(change):
    (source,) = FITS.sources
    other = replace(FITS, sources=(replace(source, bodies=replace(source.bodies, **change)),))
    assert hash_of(other) != hash_of(FITS)


def test_an_array_of_another_length_counts_though_its_numbers_are_the_same():
    rotmat, betas = np.tile(np.eye(3), (3, 24, 1, 1)), np.zeros((3, 10))
    cameras = pinhole(np.ones(3), np.zeros((3, 2)), np.ones((3, 3)), is_metric=True)
    one, other = (
        assemble("eft", ["a.jpg"] * 3, make_poses("smpl", rotmat, b, expression=e), cameras)
        for b, e in ((betas, betas[:, :2]), (betas[:, :2], betas))
    )
    assert hash_of(one) != hash_of(other)


def test_faces_and_vertices_count():
    plain = make_meshes()
    assert hash_of(make_meshes()) == hash_of(plain)
    assert hash_of(make_meshes(faces=np.array([[0, 2, 1]], np.int32))) != hash_of(plain)
    assert hash_of(make_meshes(topology="smpl")) != hash_of(plain)
    verts = plain.sources[0].bodies.verts.copy()
    verts[1, 3, 2] += 1e-6
    assert hash_of(make_meshes(verts=verts)) != hash_of(plain)
    assert hash_of(make_meshes(verts=verts), 0) == hash_of(plain, 0)


def test_what_else_is_in_the_list_of_files_does_not_count_but_for_the_row():
    joined, _ = join_fits([(make_meshes(), []), (FITS, [])])
    back = replace(joined, row=np.array([0, 1, 2, 0, 1, 2]))
    assert hash_of(back, 4) == hash_of(FITS)


def test_vertices_that_are_read_when_they_are_drawn_count_as_those_in_memory():
    class Lazy:
        def __init__(self, verts):
            self._verts, self.shape = verts, verts.shape

        def __getitem__(self, rows):
            return self._verts[rows]

    plain = make_meshes()
    assert hash_of(make_meshes(verts=Lazy(plain.sources[0].bodies.verts))) == hash_of(plain)


def test_colours_count_only_where_they_are_shown():
    """So that what was drawn in other modes is kept, whatever the colours."""
    plain = make_meshes()
    red, green = (np.tile(np.array(rgb, np.uint8), (3, 4, 1)) for rgb in ((255, 0, 0), (0, 255, 0)))
    of_red, of_green = make_meshes(colors=red), make_meshes(colors=green)
    assert hash_of(of_red) == hash_of(of_green) == hash_of(plain)
    shown = [Pieces(fits, has_colors=True).list_pieces(1) for fits in (plain, of_red, of_green)]
    assert shown[0] == Pieces(plain).list_pieces(1)
    assert shown[0] != shown[1] != shown[2]
