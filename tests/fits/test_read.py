"""Fit files of any format, alone or one after the other: which reader has them, and how rows are counted."""

import json
import warnings

import numpy as np
import pytest

from render.errors import ConfigError, FitFileError
from render.fits import read
from render.fits.kept import cache
from render.fits.read import read_fits
from render.types.sources import Meshes, Poses
from tests.fits.formats.test_neuralannot import make_annotation, make_smpl
from tests.helpers.eft_entries import make_entry
from tests.helpers.made_meshes import FACES, VERTS


@pytest.fixture
def eft(tmp_path):
    """Three entries, of which the second is no fit."""
    entries = [make_entry(k) for k in range(3)]
    entries[1]["parm_shape"] = []
    path = tmp_path / "eft.json"
    path.write_text(json.dumps({"data": entries}))
    return path


@pytest.fixture
def meshes(tmp_path):
    """Two people, of whom the first is nowhere."""
    verts, path = VERTS.copy(), tmp_path / "people.npz"
    verts[0, 0] = np.inf
    np.savez(path, vertices=verts, faces=FACES, image=np.array(["a.jpg", "b.jpg"]), focal=500.0)
    return path


@pytest.fixture
def annotated(tmp_path):
    """A file of NeuralAnnot's, and the annotation file that has its photos."""
    fits = {str(k): make_smpl(np.random.default_rng(k)) for k in (5, 6)}
    path, coco = tmp_path / "neuralannot.json", tmp_path / "coco.json"
    path.write_text(json.dumps(fits))
    images = [{"id": 1, "file_name": "one.jpg"}]
    annotations = [make_annotation(annot_id, 1) for annot_id in (5, 6)]
    coco.write_text(json.dumps({"images": images, "annotations": annotations, "categories": []}))
    return path, coco


def rows_and_names(found):
    fits, problems = found
    valid = list(zip(fits.row.tolist(), fits.image_name.tolist(), strict=True))
    return valid, [(problem.row, problem.image_name) for problem in problems]


def test_rows_of_files_are_counted_through_with_those_that_are_no_fits(eft, meshes):
    valid, rejected = rows_and_names(read_fits("auto", [eft, meshes, eft]))
    names = [f"photo_{k:012d}.jpg" for k in range(3)]
    assert valid == [(0, names[0]), (2, names[2]), (4, "b.jpg"), (5, names[0]), (7, names[2])]
    assert rejected == [(1, names[1]), (3, "a.jpg"), (6, names[1])]


def test_each_row_is_of_its_own_source(eft, meshes):
    fits, _ = read_fits("auto", [meshes, eft, eft])
    assert fits.source.tolist() == [0, 1, 1, 2, 2]
    assert [source.format for source in fits.sources] == ["meshes", "eft", "eft"]
    assert [type(source.bodies) for source in fits.sources] == [Meshes, Poses, Poses]
    alone, _ = read_fits("eft", eft)
    for name in ("scale", "origin", "box_px", "annot_id", "unit"):
        np.testing.assert_array_equal(getattr(fits, name)[1:3], getattr(alone, name))
        np.testing.assert_array_equal(getattr(fits, name)[3:], getattr(alone, name))
        assert getattr(fits, name).dtype == getattr(alone, name).dtype
    mesh = fits.sources[0].bodies.verts[fits.place[:1]][0]
    np.testing.assert_array_equal(mesh, VERTS[1].astype(np.float32))


def test_the_format_is_told_from_the_content_and_not_from_the_name(eft, meshes, tmp_path):
    for path, wrong, expected in ((eft, "fits.npz", "eft"), (meshes, "fits.json", "meshes")):
        renamed = path.rename(tmp_path / wrong)
        fits, _ = read_fits("auto", renamed)
        assert fits.sources[0].format == expected


def test_a_named_format_is_not_told_from_the_content(meshes, eft):
    with pytest.raises(FitFileError, match=r"people\.npz: "):
        read_fits("eft", [eft, meshes])


CONTENTS = {
    "some other JSON": (
        b'{"weather": [1], "wind": 2}',
        r"expected a fit file of a known format; .* weather, wind",
    ),
    "no data at all": (b"", r"expected a fit file"),
    "text": (b"people\n", r"expected a fit file of a known format; found content of an unknown kind"),
}


@pytest.mark.parametrize(("content", "message"), CONTENTS.values(), ids=CONTENTS)
def test_a_file_of_no_format_is_named_with_those_that_there_are(tmp_path, content, message):
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(FitFileError, match=message) as caught:
        read_fits("auto", path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fit_format", ["auto", "eft", "meshes"])
def test_a_missing_file_is_named_whatever_its_place(eft, tmp_path, fit_format):
    paths = [eft, tmp_path / "none.json"] if fit_format != "meshes" else [tmp_path / "none.json"]
    with pytest.raises(FitFileError, match=r"none\.json: "):
        read_fits(fit_format, paths)


def test_an_empty_folder_is_no_format(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        FitFileError, match=r"empty: expected a fit file of a known format; found an empty folder"
    ):
        read_fits("auto", tmp_path / "empty")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"axes": "opengl", "wind": 2},
            r"dataset\.options: this format has no option 'wind'\. There are: preset",
        ),
        ({"axes": "sideways"}, r"dataset\.options\.axes: expected .*, found 'sideways'"),
        ({"fov": "wide"}, r"dataset\.options\.fov: expected a number, found 'wide'"),
        ({"fov": True}, r"dataset\.options\.fov: expected a number, found True"),
    ],
)
def test_options_are_refused_by_name(meshes, options, message):
    with pytest.raises(ConfigError, match=message):
        read_fits("meshes", meshes, options=options)


def test_an_option_that_one_of_the_formats_lacks_is_refused(eft, meshes):
    with pytest.raises(ConfigError, match=r"no option 'axes'\. It takes none"):
        read_fits("auto", [meshes, eft], options={"axes": "opengl"})


def test_options_come_to_the_reader(meshes):
    """OpenGL's y is up and its z is towards the viewer."""
    plain, turned = (
        read_fits("meshes", meshes, options=options)[0].sources[0].bodies.verts[1]
        for options in ({}, {"axes": "opengl"})
    )
    np.testing.assert_array_equal(turned, plain * np.float32([1, -1, -1]))


def test_fits_without_photos_need_their_annotation_file(annotated, tmp_path):
    path, coco = annotated
    with pytest.raises(
        FitFileError, match=r"neuralannot\.json: .* name no photos, .* Set dataset\.coco_file"
    ):
        read_fits("auto", path)
    for wrong in (tmp_path / "none.json", tmp_path):
        with pytest.raises(FitFileError, match=wrong.name):
            read_fits("neuralannot", path, annotation_file=wrong)
    fits, _ = read_fits("auto", path, annotation_file=coco)
    assert fits.image_name.tolist() == ["one.jpg", "one.jpg"]


def test_an_annotation_file_that_cannot_be_hashed_is_left_to_the_reader(annotated, monkeypatch, tmp_path):
    """Who may read everything, as tests may, is refused nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "LEAST_BYTES", 1)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(read, "hash_file", refuse)
    path, coco = annotated
    assert len(read_fits("neuralannot", path, annotation_file=coco)[0]) == 2
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("path", [3, None, [], [3], "a\0b", ["a", None], b"a"])
def test_what_is_no_path_is_a_type_error(path):
    with pytest.raises(TypeError, match="path: expected a path, or a list of them"):
        read_fits("eft", path)


@pytest.mark.parametrize(
    "given",
    [
        {"image_dir": 3},
        {"image_dir": "a\0b"},
        {"annotation_file": ["a"]},
        {"options": "hmr2"},
        {"options": ["a"]},
    ],
)
def test_what_is_said_beside_a_file_is_checked(eft, given):
    (name,) = given
    with pytest.raises(TypeError, match=f"{name}: expected a "):
        read_fits("eft", eft, **given)


@pytest.mark.parametrize("name", [3, None, "a\0b"])
def test_what_is_no_name_of_a_format_is_a_type_error(eft, name):
    with pytest.raises(TypeError, match="fit_format: expected a name"):
        read_fits(name, eft)


def test_a_format_that_there_is_not_is_named(eft):
    with pytest.raises(ConfigError, match=r"dataset\.format: .*'efd'"):
        read_fits("efd", eft)


def test_numbers_beyond_all_others_are_refused_without_warnings_of_numpy(tmp_path):
    fits = {
        "imgname": np.array(["a.jpg"]),
        "center": np.full((1, 2), 100.0),
        "scale": np.ones(1),
        "pred_cam": np.full((1, 3), 1e300),
        "pred_rotmat": np.tile(np.eye(3), (1, 24, 1, 1)) * 1e300,
        "pred_betas": np.full((1, 10), 1e300),
    }
    np.savez(tmp_path / "a.npz", **fits)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FitFileError, match="none of its 1 rows can be drawn"):
            read_fits("spin", tmp_path / "a.npz")


def test_a_file_of_nobody_is_told_so(tmp_path):
    empty = {"imgname": np.zeros(0, "U5"), "center": np.zeros((0, 2)), "scale": np.zeros(0)}
    np.savez(tmp_path / "a.npz", **empty, pred_cam=np.zeros((0, 3)))
    with pytest.raises(FitFileError, match=r"expected a fit file; nobody is in it\."):
        read_fits("spin", tmp_path / "a.npz")
