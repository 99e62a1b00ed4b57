"""Entries of any fits: poses and meshes come back as they were, and each is found by what decided it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from render.errors import FitFileError
from render.fits.build import assemble, make_marks, make_poses, merge_sources
from render.fits.cameras import join_cameras, pinhole, weak_perspective
from render.fits.formats import eft
from render.fits.kept import cache
from render.fits.kept.kept_fits import MOST_SOURCES, read_kept_fits, write_fits
from render.fits.read import read_fits
from render.fits.reader import ReaderOption
from render.types.fits import Fits, RowProblem, Unit
from render.types.sources import Meshes
from tests.fits.formats.test_neuralannot import make_annotation, make_smpl, make_smplx
from tests.helpers.eft_entries import make_entry
from tests.helpers.made_meshes import FACES, VERTS
from tests.helpers.mapped import is_mapped

REST = np.tile(np.eye(3), (3, 55, 1, 1))


def make_fits() -> Fits:
    """Three people of SMPL-X with everything that there is, and two meshes between them."""
    rng = np.random.default_rng(0)
    marks = make_marks("coco17", rng.uniform(0, 100, (3, 17, 3)), rng.normal(size=(3, 17, 3)))
    marks.validity[1, 4:9] = False
    posed = assemble(
        "smplerx",
        ["a.jpg", "b/été 1.jpg", "c.jpg"],
        make_poses(
            "smplx",
            REST,
            rng.normal(size=(3, 16)),
            variant="female",
            expression=rng.normal(size=(3, 10)),
            hands=rng.normal(size=(3, 2, 12)),
            adds_hand_mean=True,
        ),
        pinhole([[500.0, 510]] * 3, [3.0, 4], rng.normal(size=(3, 3)), unit=Unit.SIDE, is_metric=True),
        row=np.array([0, 3, 6]),
        marks=marks,
        notes=("axes: x right", "camera: a pinhole"),
        box_px=np.array([[1, 2, 3], [np.nan] * 3, [4, 5, 6]]),
        person=np.array([1, 2, 1]),
        frame=np.array([0, 0, 7]),
        time_s=np.array([0.0, np.nan, 0.28]),
    )
    cameras = join_cameras(
        [weak_perspective([90.0], [[1, 2]]), weak_perspective([0.5], [[0, 0]], Unit.HEIGHT)]
    )
    verts = VERTS.astype(np.float32)
    seen = assemble("meshes", ["a.jpg", "d.jpg"], Meshes("", FACES, verts), cameras, row=np.array([1, 4]))
    return merge_sources([posed, seen])


PROBLEMS = [RowProblem(2, "a.jpg", "betas: found nothing"), RowProblem(5, "", "no person")]


def assert_same(found: Fits, expected: Fits) -> None:
    for name in Fits.SHAPES:
        one, other = getattr(found, name), getattr(expected, name)
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name)
    assert len(found.sources) == len(expected.sources)
    for one, other in zip(found.sources, expected.sources, strict=True):
        assert (one.format, one.notes) == (other.format, other.notes)
        for part, wanted in ((one.bodies, other.bodies), (one.marks, other.marks)):
            assert type(part) is type(wanted)
            for name, value in vars(wanted).items():
                if isinstance(value, np.ndarray):
                    assert getattr(part, name).dtype == value.dtype
                    np.testing.assert_array_equal(getattr(part, name), value, err_msg=name)
                else:
                    assert getattr(part, name) == value


def test_poses_and_meshes_of_two_sources_come_back_as_they_were(tmp_path):
    expected = make_fits()
    write_fits(tmp_path, expected, PROBLEMS)
    fits, problems = read_kept_fits(tmp_path)
    assert problems == PROBLEMS
    assert_same(fits, expected)
    assert fits.source.tolist() == [0, 1, 0, 1, 0]
    # Mapped, and not to be written to.
    with pytest.raises(ValueError, match="read-only"):
        fits.sources[1].bodies.verts[0] = 0


class Lazy:
    """Vertices that are read when they are asked for."""

    shape = VERTS.shape

    def __getitem__(self, index):
        raise AssertionError("nobody asked for them")


def test_vertices_that_are_read_when_drawn_are_not_kept(tmp_path):
    cameras = weak_perspective([90.0] * 2, np.zeros((2, 2)))
    fits = assemble("sam3d", ["a.jpg", "b.jpg"], Meshes("mhr", FACES[:0], Lazy()), cameras)
    with pytest.raises(ValueError, match="read when they are drawn"):
        write_fits(tmp_path, fits, [])


def test_as_many_sources_are_kept_as_are_read_again(tmp_path):
    def make(count):
        cameras = weak_perspective([1.0], [[0, 0]])
        parts = [
            assemble(
                "meshes",
                ["a.jpg"],
                Meshes("", FACES, VERTS[:1].astype(np.float32)),
                cameras,
                row=np.array([k]),
            )
            for k in range(count)
        ]
        return merge_sources(parts)

    with pytest.raises(ValueError, match="more than are kept"):
        write_fits(tmp_path, make(MOST_SOURCES + 1), [])
    expected = make(MOST_SOURCES)
    write_fits(tmp_path, expected, [])
    assert_same(read_kept_fits(tmp_path)[0], expected)


def swap_source(folder):
    """Rows of the poses say that they are meshes."""
    column = np.load(folder / "source.npy")
    np.save(folder / "source.npy", 1 - column)


def lose_place(folder):
    np.save(folder / "place.npy", np.load(folder / "place.npy") + 2)


def point_outside(folder):
    np.save(folder / "1_faces.npy", np.load(folder / "1_faces.npy") + 1)


def add_source(folder):
    told = json.loads((folder / "sources.json").read_text())
    (folder / "sources.json").write_text(json.dumps(told * 40))


def enlarge(folder):
    told = json.loads((folder / "sources.json").read_text())
    told[1]["shapes"]["verts"] = [2**40, 4, 3]
    (folder / "sources.json").write_text(json.dumps(told))


def rename_kind(folder):
    told = json.loads((folder / "sources.json").read_text())
    told[0]["words"]["kind"] = "\x1b[31m"
    (folder / "sources.json").write_text(json.dumps(told))


@pytest.mark.parametrize("harm", [swap_source, lose_place, point_outside, add_source, enlarge, rename_kind])
def test_what_no_reader_gives_is_not_taken_though_its_hashes_fit(tmp_path, harm):
    """Places beyond a source would be another's numbers, and faces beyond its vertices another's memory."""
    write_fits(tmp_path, make_fits(), PROBLEMS)
    harm(tmp_path)
    hashes = {path.name: cache.hash_file(path) for path in tmp_path.iterdir() if path.name != "sha256.json"}
    (tmp_path / "sha256.json").write_text(json.dumps(hashes))
    with pytest.raises((ValueError, OSError)):
        read_kept_fits(tmp_path)


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """The entries of small files too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "LEAST_BYTES", 1)
    folder = tmp_path / "cache" / "smpl-render" / "fits"

    def kept():
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    return kept


@pytest.fixture
def annotated(tmp_path):
    """A file of NeuralAnnot's with SMPL and SMPL-X by turns, and its annotation file."""
    made = [make_smpl, make_smplx, make_smpl]
    fits = {str(k): make(np.random.default_rng(k)) for k, make in enumerate(made)}
    path = tmp_path / "neuralannot.json"
    path.write_text(json.dumps(fits))
    return path, write_coco(tmp_path / "coco.json", "one.jpg")


def write_coco(path, image_name):
    annotations = [make_annotation(annot_id, 1) for annot_id in range(3)]
    images = [{"id": 1, "file_name": image_name}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": []}))
    return path


def test_an_entry_is_of_one_file_and_of_one_annotation_file(kept, annotated, tmp_path):
    path, coco = annotated
    first = read_fits("neuralannot", path, annotation_file=coco)
    assert len(first[0].sources) == 2
    assert len(kept()) == 1
    again = read_fits("neuralannot", path, annotation_file=coco)
    assert_same(again[0], first[0])
    assert is_mapped(again[0].sources[1].bodies.rotmat)
    # Its content counts, and not where it lies.
    elsewhere = write_coco(tmp_path / "elsewhere.json", "one.jpg")
    assert_same(read_fits("neuralannot", path, annotation_file=elsewhere)[0], first[0])
    assert len(kept()) == 1
    other = read_fits("neuralannot", path, annotation_file=write_coco(coco, "two.jpg"))[0]
    assert other.image_name.tolist() == ["two.jpg"] * 3
    assert len(kept()) == 2


def test_a_lost_annotation_file_is_not_replaced_by_what_is_kept(kept, annotated):
    path, coco = annotated
    read_fits("neuralannot", path, annotation_file=coco)
    coco.unlink()
    with pytest.raises(FitFileError, match=r"coco\.json"):
        read_fits("neuralannot", path, annotation_file=coco)


def test_what_is_read_with_other_options_has_an_entry_of_its_own(kept, tmp_path, monkeypatch):
    path = tmp_path / "eft.json"
    path.write_text(json.dumps({"data": [make_entry()]}))

    def read_shifted(file):
        fits, problems = eft.read(file)
        return replace(fits, origin=fits.origin + file.options.get("shift", 0)), problems

    options = (ReaderOption("shift", "to the right and down"),)
    monkeypatch.setattr(eft, "FORMAT", replace(eft.FORMAT, read=read_shifted, options=options))
    plain = read_fits("eft", path)[0].origin
    for _ in range(2):
        for shift in (1, 2.5):
            found = read_fits("eft", path, options={"shift": shift})[0].origin
            np.testing.assert_array_equal(found, plain + shift)
    np.testing.assert_array_equal(read_fits("eft", path)[0].origin, plain)
    assert len(kept()) == 3


def test_what_depends_on_the_photos_is_not_kept(kept, tmp_path):
    path = tmp_path / "people.npz"
    np.savez(path, vertices=VERTS, faces=FACES, focal=500.0)
    (tmp_path / "photos").mkdir()
    for name in ("people.jpg", "people.png"):
        for old in (tmp_path / "photos").iterdir():
            old.unlink()
        (tmp_path / "photos" / name).touch()
        fits, _ = read_fits("meshes", path, image_dir=tmp_path / "photos")
        assert fits.image_name.tolist() == [name] * 2
    assert kept() == []


def test_colours_are_kept_where_there_are_some(tmp_path):
    verts = np.array(VERTS, np.float32)
    colors = np.arange(verts.size, dtype=np.uint8).reshape(verts.shape)
    cameras = weak_perspective([90.0] * 2, np.zeros((2, 2)))
    for name, held in (
        ("plain", None),
        ("painted", colors),
        ("shared", np.broadcast_to(colors[:1], verts.shape)),
    ):
        fits = assemble("meshes", ["a.jpg", "b.jpg"], Meshes("", FACES, verts, held), cameras)
        (tmp_path / name).mkdir()
        write_fits(tmp_path / name, fits, [])
        found = read_kept_fits(tmp_path / name)[0].sources[0].bodies.colors
        assert (found is None) == (held is None)
        if held is not None:
            np.testing.assert_array_equal(found, held)
            assert found.dtype == np.uint8
