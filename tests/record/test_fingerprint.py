"""The fingerprint: whatever shapes pixels draws again, and nothing else does."""

import json
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
import scipy.io

from render import make_fits
from render.rasterize.backends import warp
from render.rasterize.choose import Chosen
from render.record.fingerprint import Fingerprint
from render.run.opening import inputs
from render.shade.modes import geo
from render.types.fits import Unit
from tests.helpers.folders import files_below
from tests.helpers.manifests import (
    PEOPLE,
    PHOTO_ROWS,
    assert_true,
    counts,
    look,
    photo,
    read_manifest,
    redrawn,
    repaint,
    rows_of,
)
from tests.helpers.runs import ORIGINAL, configure

SHAPING = [
    "panels=[camera/normal, side/geo]",
    "panels=[side/geo, camera/geo]",
    "panels=[camera/geo]",
    "panels=[camera/geo, orbit:91/geo]",
    "background=white",
    "background=white+shadow",
    "opacity=0.5",
    "output.quality=80",
    "supersample=2",
    "annotate=[bbox]",
    "annotate=[label]",
    "size=64x64",
    "size=auto",
    "gap=3",
    "paper=grey",
    "outside=grey",
    "titles=grid",
    "columns=1",
]


@pytest.mark.parametrize(
    ("words", "digest"),
    [
        ([], "ede4c2fcd80e02c4ff65558e10b4bf733c40187877219abf9fbe7c5c88de227e"),
        (
            ["panels=[crop/geo, crop:1/geo]", "output=png"],
            "1cfbabdd502a8ea1b94bbd50085e4311edcc883919b68f9dcd33a4a74dab7259",
        ),
        (["annotate=[bbox]"], "7b63a93b09bbfe1a93de9cf5d3c2cb44e24c3a1979196fac6a6ed17eca416076"),
        (
            ["job=turntable", "output.fps=25"],
            "78edab8776354619e8a0979dbb0baf0b8d72854b736234e9bb3c6c16367a0785",
        ),
    ],
)
def test_what_earlier_releases_drew_is_kept(words, digest):
    """Their hash of the same settings, which had no settings that came later."""
    assert Fingerprint(configure(ORIGINAL, *words), "warp", [], None, {}).settings == digest


def test_paper_is_hashed_under_its_earlier_name():
    """What was drawn when the setting was called `page` is kept, and a page for browsers shapes nothing."""

    def find(*words: str) -> str:
        return Fingerprint(configure(ORIGINAL, *words), "warp", [], None, {}).settings

    assert find("paper=grey") == "ee7be06958527539c6442bcdde30501076fc3c9c94c809835d1c635806372b6b"
    assert find("page=true") == find() != find("paper=grey")


def test_a_mode_that_draws_otherwise_is_drawn_anew(monkeypatch):
    """And no other: its version is of its panels alone."""

    def find(mode: str) -> str:
        return Fingerprint(configure(f"panels=[camera/{mode}]"), "warp", [], None, {}).settings

    before = {mode: find(mode) for mode in ("geo", "normal")}
    monkeypatch.setattr(geo, "MODE", replace(geo.MODE, version=2))
    assert find("geo") != before["geo"]
    assert find("normal") == before["normal"]


def test_captions_as_earlier_releases_drew_them_are_not_kept():
    """They had letters of ASCII only, and this is the hash of theirs."""
    earlier = "e16e3671658a7a2a523627817e7972fdd7a947e62413621e1b9a6adb012743a6"
    assert Fingerprint(configure(ORIGINAL, "annotate=[label]"), "warp", [], None, {}).settings != earlier


def test_a_crop_that_its_row_magnifies_is_none_of_one_size():
    digests = {
        Fingerprint(configure(f"size={size}", f"panels=[{crop}/geo]"), "warp", [], None, {}).settings
        for size in ("auto", "photo")
        for crop in ("crop", "crop:2")
    }
    assert len(digests) == 3


def test_a_setting_that_shapes_pixels_draws_all_again(draw, out, tmp_path):
    """One after the other into one folder: the last ones count, and what was before is no hindrance."""
    few, count = "samples=:3", 3
    draw(few)
    for setting in SHAPING:
        assert counts(draw(few, setting)) == (count, 0, 0), setting
        assert counts(draw(few, setting)) == (0, count, 0), setting
    draw(few, SHAPING[-1], into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_other_names_of_files_draw_again_what_shows_other_photos(small, draw, out, tmp_path):
    """Another mapping of image names is another photo only where the file's content says so."""
    draw()
    before = look(out)
    shutil.copytree(small.image_dir / "part0", small.image_dir / "other", copy_function=shutil.copyfile)
    renamed = "dataset.rename_images={part0/: other/, .jpg: .JPG}"
    for path in list((small.image_dir / "other").iterdir()):
        path.rename(path.with_suffix(".JPG"))
    assert counts(draw(renamed)) == (0, PEOPLE, 0)
    repaint(small.image_dir / "other" / "demo_000001.JPG")
    assert counts(draw(renamed)) == (2, PEOPLE - 2, 0)
    assert redrawn(out, before) == PHOTO_ROWS[1]
    draw(renamed, into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")
    assert counts(draw()) == (2, PEOPLE - 2, 0)


def test_other_names_of_files_draw_again_what_is_of_other_sizes(small, draw, out, tmp_path):
    of_size = ["panels=[side/geo]", "size=photo"]
    draw(*of_size)
    before = look(out)
    shutil.copytree(small.image_dir / "part0", small.image_dir / "other")
    repaint(small.image_dir / "other" / "demo_000000.jpg")
    cv2.imwrite(
        str(small.image_dir / "other" / "demo_000002.jpg"), cv2.imread(str(photo(small, 2)))[:-8, :-16]
    )
    renamed = "dataset.rename_images={part0: other}"
    assert counts(draw(*of_size, renamed)) == (1, PEOPLE - 1, 0)
    assert redrawn(out, before) == PHOTO_ROWS[2]
    draw(*of_size, renamed, into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_another_rasterizer_draws_all_again(draw, out, monkeypatch):
    """Whatever chose it: `auto` may take another one on another machine."""
    draw()
    monkeypatch.setattr(
        inputs, "choose_rasterizer", lambda name, device: Chosen("pytorch3d", warp.Rasterizer)
    )
    assert counts(draw()) == (PEOPLE, 0, 0)
    assert counts(draw("rasterizer=warp")) == (0, PEOPLE, 0)


def test_no_two_settings_have_the_same_hash(draw, out):
    words = ["opacity=1", *SHAPING, "output=png"]
    found = [Fingerprint(configure(ORIGINAL, word), "warp", [], None, {}).settings for word in words]
    assert len(set(found)) == len(words)
    # And this is what the manifest has.
    draw("samples=0", ORIGINAL, words[0])
    assert [entry["settings"] for entry in read_manifest(out)] == found[:1]


def test_going_back_to_a_setting_draws_all_again(draw, out, tmp_path):
    for opacity in (1, 0.5, 1):
        assert counts(draw(f"opacity={opacity}")) == (PEOPLE, 0, 0)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_crowds_and_people_alone_take_turns(draw, out, tmp_path):
    draw("people=together")
    assert draw().rendered == PEOPLE
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")
    assert draw("people=together").rendered == len(PHOTO_ROWS)
    assert_true(out)


def test_png_and_jpg_share_a_folder(draw, out):
    draw()
    before = look(out)
    assert counts(draw("output=png")) == (PEOPLE, 0, 0)
    assert len(read_manifest(out)) == 2 * PEOPLE
    assert rows_of(out) == sorted(rows_of(out))
    assert counts(draw()) == counts(draw("output=png")) == (0, PEOPLE, 0)
    assert before.items() <= look(out).items()
    assert len(read_manifest(out)) == 2 * PEOPLE
    assert_true(out)


def make_annotation(annot_id: int, **changes) -> dict:
    keypoints = np.column_stack([np.arange(17) * 5, np.arange(17) * 4, np.full(17, 2)])
    return {"id": annot_id, "keypoints": keypoints.ravel().tolist(), "bbox": [5, 6, 50, 60]} | changes


def test_annotations_that_are_drawn_count(draw, out, tmp_path):
    coco, drawn = tmp_path / "coco.json", [f"dataset.coco_file={tmp_path}/coco.json", "annotate=[coco]"]
    annotations = [make_annotation(number) for number in range(1, PEOPLE)]
    coco.write_text(json.dumps({"annotations": annotations}))
    draw(*drawn)
    before = look(out)
    annotations[2]["bbox"] = [5, 6, 50, 61]
    annotations[5]["keypoints"][0] = 77
    annotations.append(make_annotation(PEOPLE))
    annotations.append(make_annotation(1000))
    coco.write_text(json.dumps({"annotations": annotations}))
    assert counts(draw(*drawn)) == (3, PEOPLE - 3, 0)
    assert redrawn(out, before) == [2, 5, 7]
    draw(*drawn, into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_annotations_that_are_not_drawn_do_not_count(draw, tmp_path):
    coco = tmp_path / "coco.json"
    coco.write_text(json.dumps({"annotations": [make_annotation(1)]}))
    draw(f"dataset.coco_file={coco}")
    coco.write_text(json.dumps({"annotations": [make_annotation(1, bbox=[1, 2, 3, 4])]}))
    assert draw(f"dataset.coco_file={coco}").rendered == 0


def test_another_body_draws_all_again(demo_set, draw, tmp_path):
    path = tmp_path / "body.npz"
    shutil.copyfile(demo_set.body_file, path)
    draw()
    assert draw(f"body.path={path}").rendered == 0
    arrays = dict(np.load(path))
    arrays["v_template"] = arrays["v_template"] * np.float32(1.01)
    np.savez(path, **arrays)
    assert counts(draw(f"body.path={path}")) == (PEOPLE, 0, 0)


def test_other_charts_draw_again_what_shows_them(demo_set, draw, tmp_path):
    path = tmp_path / "charts.mat"
    shutil.copyfile(demo_set.charts_file, path)
    charted = ["panels=[camera/uv]", f"body.charts={path}"]
    draw(*charted)
    arrays = {key: value for key, value in scipy.io.loadmat(path).items() if key.startswith("All_")}
    scipy.io.savemat(path, arrays | {"All_U_norm": arrays["All_U_norm"] * 0.9})
    assert counts(draw(*charted)) == (PEOPLE, 0, 0)
    draw("panels=[camera/geo]", f"body.charts={path}")
    path.unlink()
    assert draw("panels=[camera/geo]", f"body.charts={path}").rendered == 0


def test_grounds_that_real_cameras_did_not_see_are_drawn_again():
    """And nothing else: neither views around people, nor people without a camera of a photo."""
    words = ["dataset=amass", "dataset.fit_file=a.npz", "output=png", "background=photo"]
    fits = make_fits(
        np.tile(np.eye(3), (2, 24, 1, 1)), np.zeros((2, 10)), np.ones((2, 3)), np.ones((2, 2)), np.ones(2)
    )
    framed = replace(fits, unit=np.full(len(fits), Unit.FRAMED))
    hashes = {}
    for panel in ("camera/geo", "side/geo/ground"):
        known = Fingerprint(configure(*words, f"panels=[{panel}]"), "warp", [None], None, {})
        for kind, people in (("lens", fits), ("framed", framed)):
            hashes[panel, kind] = known.hash_people(people, (0,), None)
    assert hashes["camera/geo", "lens"] != hashes["side/geo/ground", "lens"]
    assert hashes["camera/geo", "framed"] == hashes["side/geo/ground", "framed"]
