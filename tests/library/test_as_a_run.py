"""The library makes the very files that a run with the same settings makes."""

import functools
import json
from pathlib import Path

import pytest

from render import (
    build_sheets,
    load_body,
    load_charts,
    pose_bodies,
    rasterize_sheets,
    read_fits,
    shade_sheets,
    write_sheets,
)
from render.fits.coco import read_coco
from render.photos.decode import read_photo
from render.resources import DEMO_BODY_FILE
from tests.helpers.folders import sheets_below
from tests.helpers.runs import ORIGINAL, run
from tests.helpers.small_set import SmallSet, make_small_set

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

PEOPLE = 4


@pytest.fixture(scope="module")
def few(demo_set, tmp_path_factory) -> SmallSet:
    return make_small_set(demo_set.fit_file, tmp_path_factory.mktemp("few"), PEOPLE)


@functools.cache
def load_demo_body():
    return load_body(device="cpu")


@functools.cache
def load_demo_charts():
    return load_charts(DEMO_BODY_FILE.with_name("demo_charts.mat"), load_demo_body())


def list_poses(fits):
    """Rotations and betas, in the order of the rows."""
    poses = fits.sources[0].bodies
    return poses.rotmat[fits.place], poses.betas[fits.place]


def draw_by_library(
    few: SmallSet, folder: Path, panels: list[str], *, shade=None, write=None, shows_photos=True, **build
) -> dict[str, bytes]:
    """The files of all people. Faces are drawn from their outside only, as runs draw them."""
    fits, _ = read_fits("eft", few.fit_file)
    body = load_demo_body()
    names = fits.image_name
    if build.get("people") == "together":
        # Sheets are in the order of their first people.
        names = list(dict.fromkeys(names))
    sheets = build_sheets(
        pose_bodies(body, *list_poses(fits)),
        panels,
        fits=fits,
        photos=[read_photo(few.image_dir / name) for name in names] if shows_photos else None,
        charts=load_demo_charts(),
        **build,
    )
    sheets.staged.placements.cull.fill_(1)
    shade = dict(shade or {})
    if shade.get("annotate"):
        shade["body"] = body
    write_sheets(sheets, shade_sheets(sheets, rasterize_sheets(sheets), **shade), folder, **(write or {}))
    return sheets_below(folder)


def draw_by_run(few: SmallSet, folder: Path, panels: list[str], *words: str) -> dict[str, bytes]:
    run(*few.settings, ORIGINAL, f"panels=[{','.join(panels)}]", f"output.dir={folder}", *words)
    return sheets_below(folder)


CASES = {
    "panels": (["camera/geo", "side/normal", "crop:1/geo", "camera/iuv"], {}, []),
    "people together": (["camera/mask", "side/colorgeo"], {"people": "together"}, ["people=together"]),
    "supersampled": (["camera/geo", "crop/wireframe"], {"supersample": 2}, ["supersample=2"]),
    "smooth edges": (
        ["camera/geo", "side/normal/transparent", "camera/mask"],
        {"people": "together", "shade": {"edges": "smooth"}},
        ["people=together", "edges=smooth"],
    ),
    "in rows": (["camera/geo", "side/geo", "top/depth"], {"columns": 2}, ["columns=2"]),
    "in a studio by rays": (
        ["camera/studio", "side/studio/white", "camera/mask"],
        {"people": "together", "shade": {"rays": 16, "edges": "smooth"}},
        ["people=together", "rays=16", "edges=smooth"],
    ),
    "in a studio": (
        ["camera/studio", "side/studio"],
        {"people": "together"},
        ["people=together", "threads=3"],
    ),
    "on paper": (
        ["camera/geo", "crop/geo", "crop:1/normal", "side/geo"],
        {"size_px": "auto", "gap": 5, "paper": "grey", "outside": "rgb:102030"},
        ["size=auto", "gap=5", "paper=grey", "outside=rgb:102030"],
    ),
    "opacity": (
        ["camera/normal", "side/geo/transparent", "camera/parts"],
        {"shade": {"opacity": 0.4}},
        ["opacity=0.4"],
    ),
    "annotations": (
        ["camera/geo", "crop:2/geo", "side/geo", "camera/iuv"],
        {"shade": {"annotate": ["bbox", "keypoints", "label", "multibox"]}},
        ["annotate=[bbox,keypoints,label,multibox]"],
    ),
    "annotations of people together": (
        ["camera/geo"],
        {"people": "together", "shade": {"annotate": ["label", "bbox"], "opacity": 0.7}, "supersample": 4},
        ["people=together", "annotate=[label,bbox]", "opacity=0.7", "supersample=4"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_bytes_as_a_run(few, tmp_path, name):
    panels, settings, words = CASES[name]
    theirs = draw_by_run(few, tmp_path / "run", panels, *words, "output=png")
    ours = draw_by_library(few, tmp_path / "library", panels, **settings)
    photos = {entry["imageName"] for entry in few.entries}
    assert len(ours) == (len(photos) if settings.get("people") == "together" else PEOPLE)
    assert ours == theirs


@pytest.mark.parametrize(("output", "options"), [("gif", {"fps": 20}), ("webp", {"fps": 10})])
def test_the_same_turntable_as_a_run(few, tmp_path, output, options):
    panels = ["orbit/geo/white", "orbit:30:10/normal/white"]
    words = [f"output={output}", *(f"output.{name}={value}" for name, value in options.items())]
    theirs = draw_by_run(few, tmp_path / "run", panels, *words, "frames=5", "size=48x32", "columns=1")
    ours = draw_by_library(
        few,
        tmp_path / "library",
        panels,
        frames=5,
        columns=1,
        size_px=(48, 32),
        shows_photos=False,
        write={"output": output, **options},
    )
    assert len(ours) == PEOPLE
    assert ours == theirs


def test_the_same_jpeg_as_a_run(few, tmp_path):
    theirs = draw_by_run(few, tmp_path / "run", ["camera/geo"], "output=jpg", "output.quality=70")
    options = {"output": "jpg", "quality": 70}
    assert draw_by_library(few, tmp_path / "library", ["camera/geo"], write=options) == theirs


def test_annotations_of_coco_are_those_of_a_run(few, tmp_path):
    known = {"keypoints": [60, 50, 2] * 17, "bbox": [20, 30, 40, 50]}
    coco = tmp_path / "coco.json"
    coco.write_text(json.dumps({"annotations": [known | {"id": number} for number in (2, 4)]}))
    theirs = draw_by_run(
        few, tmp_path / "run", ["camera/geo"], f"dataset.coco_file={coco}", "annotate=[coco]", "output=png"
    )
    people, _ = read_coco(coco, {2, 4})
    shade = {"annotate": ["coco"], "coco": people}
    assert draw_by_library(few, tmp_path / "library", ["camera/geo"], shade=shade) == theirs
    plain = draw_by_library(few, tmp_path / "plain", ["camera/geo"])
    assert sum(plain[name] != theirs[name] for name in plain) == 2


def test_faces_seen_from_inside_decide_single_pixels_at_most(few, tmp_path):
    """The library draws them, because surfaces of others need not be closed."""
    fits, _ = read_fits("eft", few.fit_file)
    body = load_demo_body()
    sheets = build_sheets(
        pose_bodies(body, *list_poses(fits)), ["camera/normal"], fits=fits, size_px=(160, 120)
    )
    seen = shade_sheets(sheets, rasterize_sheets(sheets))
    sheets.staged.placements.cull.fill_(1)
    for ours, theirs in zip(seen, shade_sheets(sheets, rasterize_sheets(sheets)), strict=True):
        assert (ours < 255).any(2).sum() > 500
        assert (ours != theirs).any(2).sum() <= 5


def test_people_of_a_photo_come_together_wherever_they_are_in_the_file(few, tmp_path):
    order = [2, 0, 3, 1]
    shuffled = make_small_set(few.fit_file, tmp_path / "set", 0)
    shuffled.entries[:] = [few.entries[i] for i in order]
    shuffled = shuffled._replace(image_dir=few.image_dir)
    shuffled.save()
    ours = draw_by_library(shuffled, tmp_path / "ours", ["camera/normal"], people="together")
    same = shuffled._replace(settings=[*shuffled.settings[:2], *few.settings[2:]])
    theirs = draw_by_run(same, tmp_path / "run", ["camera/normal"], "people=together", "output=png")
    assert ours == theirs
