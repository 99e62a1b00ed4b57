"""What is said of fits: one line of what they are, and one of the mistake that they are made with."""

from dataclasses import replace

import numpy as np
import pytest

from render.body.fit_bodies import FitBodies
from render.fits.build import join_fits
from render.fits.read import read_fits
from render.photos.folder import PhotoDir
from render.sanity.inspect_fits import inspect_fits
from render.sanity.sample import MOST_PEOPLE, MOST_READ, choose_rows
from render.types.fits import Unit
from tests.helpers.made_fits import (
    FOCAL_PX,
    make_fits,
    make_people,
    make_photos,
    see_by_pinhole,
    see_nothing,
    see_weakly,
)
from tests.helpers.mistakes import MISTAKES, cm_all

# What is said of each mistake where the file has joints.
SAID = {
    "flipped": "y up as in OpenGL; set dataset.options.axes",
    "flipped_frame": "are behind their camera, or at it: expected z > 0, found -",
    "turned": "as in PyTorch3D; set dataset.options.axes to the other of opencv and pytorch3d",
    "turned_frame": "if x and y of bodies and translations were negated",
    "cm_bodies": "in centimetres, and their cameras are not: no setting helps, so divide the vertices by 100",
    "mm_bodies": "and their cameras are not: no setting helps, so divide the vertices by 1000",
    "cm_transl": "if the translations were 100 times shorter",
    "mm_transl": "if the translations were 1000 times shorter",
    "crop224": "if the camera were that of a crop of 224 px",
    "crop256": "if the camera were that of a crop of 256 px",
    "crop_transl": "such as pred_cam_t_full",
    "before": "if the camera were s (X + t) and not s X + t",
    "after": "if the camera were s X + t and not s (X + t)",
    "swapped": "in the order ty, tx, as BEV's cam has them",
    "from_middle": "if the principal point counted from the middle of the photo and not from its corner",
    "from_corner": "if the principal point counted from the corner of the photo and not from its middle",
    "refocused": "if the focal length were multiplied by 0.40: it is most likely the focal length",
    "rescaled": "were multiplied by 2.00, as if it had been resized: it is most likely the photo size",
    "moved": "cam_ext of BEDLAM's and AGORA's labels",
}
# What boxes alone tell of them.
SAID_BY_BOXES = {
    "flipped_frame": "z towards the camera as in OpenGL; set dataset.options.axes",
    "turned_frame": "They would be in their boxes if x and y of bodies and translations were negated",
    "cm_bodies": "divide the vertices by 100 ",
    "mm_bodies": "divide the vertices by 1000 ",
    "cm_transl": "They would be in their boxes if the translations were 100 times shorter",
    "mm_transl": "They would be in their boxes if the translations were 1000 times shorter",
    "crop224": "They would be in their boxes if the camera were that of a crop",
    "crop256": "They would be in their boxes if the camera were that of a crop",
    "from_middle": "They would be in their boxes if the principal point counted from the middle",
    "from_corner": "They would be in their boxes if the principal point counted from the corner",
    # Boxes are not quite in the middle of their people.
    "refocused": "They would be in their boxes if the focal length were multiplied by 0.",
    "rescaled": "are beside their boxes. None of the usual mistakes explains it",
}


def warn(fits, bodies, photos) -> list[str]:
    remarks = inspect_fits(fits, bodies, photos)
    assert remarks[0].state == "ok"
    assert all("\n" not in remark.text for remark in remarks)
    return [remark.text for remark in remarks if remark.state == "warn"]


@pytest.mark.parametrize("name", MISTAKES)
def test_one_warning_for_one_mistake(name, people, photos):
    made = MISTAKES[name](people)
    (text,) = warn(*make_fits(people, made.cameras, made.marks_px, made.joints_m), photos)
    assert SAID[name] in text
    assert "12 of 12 people that were looked at (rows 0, 1, 2, ...)" in text


@pytest.mark.parametrize("name", SAID_BY_BOXES)
def test_boxes_tell_what_they_can(name, people, photos):
    made = MISTAKES[name](people)
    (text,) = warn(*make_fits(people, made.cameras, None, made.joints_m), photos)
    assert SAID_BY_BOXES[name] in text


def test_boxes_beside_people_are_no_other_focal_length(people, photos):
    """Twice as large, and to the right of people who are more and more so: each has a factor of his own."""
    depth_m = people.transl_m[:, 2:]
    transl_m = np.hstack([np.geomspace(0.04, 0.4, len(depth_m))[:, None] * depth_m, 0 * depth_m, depth_m])
    side = FOCAL_PX * 2.1 / depth_m
    middle = np.array([640, 360]) + FOCAL_PX * transl_m[:, :2] / depth_m + side * [0.5, 0]
    moved = people._replace(transl_m=transl_m, box_px=np.hstack([middle - side, 2 * side]))
    (text,) = warn(*make_fits(moved, see_by_pinhole(moved), None), photos)
    assert text.endswith("None of the usual mistakes explains it; look at a few sheets before all are drawn")


@pytest.mark.parametrize("has_boxes", [True, False])
@pytest.mark.parametrize("see", [see_by_pinhole, see_weakly, see_nothing])
def test_good_fits_raise_no_suspicion(see, has_boxes, people, photos, tmp_path):
    marks_px = {see_by_pinhole: people.pinhole_px, see_weakly: people.weak_px}.get(see)
    for folder in (photos, PhotoDir(tmp_path)):
        for marks in (marks_px, None):
            assert warn(*make_fits(people, see(people), marks, has_boxes=has_boxes), folder) == []


def test_a_crop_without_boxes_is_told_by_the_corner(people, photos, tmp_path):
    made = MISTAKES["crop224"](people)
    fits, bodies = make_fits(people, made.cameras, None, has_boxes=False)
    (text,) = warn(fits, bodies, photos)
    assert "in the upper left corner of their photos, as large as in a crop of 2" in text
    # Of photos that are no larger than the crop, such a camera is right.
    assert warn(fits, bodies, make_photos(tmp_path, size_wh=(224, 224))) == []


def test_photos_of_another_size(people, tmp_path):
    """People in the right half of photos that are half as large now."""
    right = people._replace(
        transl_m=people.transl_m + np.array([0.6, 0.35, 0]) * people.transl_m[:, 2:],
        box_px=people.box_px + np.array([0.6, 0.35, 0]) * FOCAL_PX,
    )
    cameras = see_by_pinhole(right, center=[640, 360], unit=Unit.PIXELS)
    for marks_px, has_boxes, said in (
        (right.pinhole_px, False, "the photos are most likely others"),
        (None, True, "the photos are most likely others"),
        (None, False, "Check that the photos are those that were fitted, in their size"),
    ):
        fits, bodies = make_fits(right, cameras, marks_px, has_boxes=has_boxes)
        (text,) = warn(fits, bodies, make_photos(tmp_path, size_wh=(640, 360)))
        assert "are not on their photos at all" in text
        assert said in text


def test_bodies_at_the_camera_lack_their_translation(people, photos):
    cameras = see_by_pinhole(people, np.zeros_like(people.transl_m))
    (text,) = warn(*make_fits(people, cameras, None, has_boxes=False), photos)
    assert "their translations are most likely missing" in text


@pytest.mark.parametrize(
    ("factor", "focal_px", "found"), [(100, 1100, "are a median of 2."), (1, 5e5, "are a median of 1")]
)
def test_dots_and_giants_are_told_without_joints_and_boxes(factor, focal_px, found, people, photos):
    ahead = factor * people.transl_m * [0, 0, 1]
    cameras = see_by_pinhole(people, ahead, focal_px)
    (text,) = warn(*make_fits(people, cameras, None, has_boxes=False), photos)
    assert found in text
    assert "px long on photos of 1,280 px: their translations are most likely not in the unit" in text


@pytest.mark.parametrize("told_by", ["joints", "boxes", "lengths"])
@pytest.mark.parametrize(
    ("name", "said"),
    [("cm_all", "centimetres: set dataset.options.units=cm"), ("cm_bodies", "divide the vertices by 100 ")],
)
def test_a_setting_is_advised_where_it_helps(name, said, told_by, people, photos):
    """It is for bodies and cameras together, so of bodies alone it would make people of a centimetre."""
    made = MISTAKES[name](people) if name in MISTAKES else cm_all(people)
    marks_px = made.marks_px if told_by == "joints" else None
    fits, bodies = make_fits(people, made.cameras, marks_px, made.joints_m, has_boxes=told_by == "boxes")
    (text,) = warn(fits, bodies, photos)
    assert said in text


def test_metres_that_were_taken_for_millimetres(people, photos):
    small, far = see_by_pinhole(people, people.transl_m / 1000), see_by_pinhole(people)
    (text,) = warn(*make_fits(people, small, people.pinhole_px, people.joints_m / 1000), photos)
    assert "most likely in metres, which were divided by 1000: set dataset.options.units=m" in text
    (text,) = warn(*make_fits(people, far, people.pinhole_px, people.joints_m / 1000), photos)
    assert "no setting helps, so multiply the vertices by 1000 before they are written" in text


def test_few_odd_people_are_no_mistake(photos):
    people = make_people(24)
    transl_m = people.transl_m.copy()
    transl_m[5] *= -1
    assert warn(*make_fits(people, see_by_pinhole(people, transl_m), people.pinhole_px), photos) == []
    transl_m[:4] *= -1
    (text,) = warn(*make_fits(people, see_by_pinhole(people, transl_m), None, has_boxes=False), photos)
    assert text.startswith("5 of 24 people that were looked at (rows 0, 1, 2, ...) are behind their camera")


def test_numbers_that_are_none(people, photos):
    """Vertices that are read when they are drawn are not checked before."""
    joints_m = people.joints_m.copy()
    joints_m[0] = np.nan
    joints_m[1, 3] = np.inf
    marks_px = people.pinhole_px.copy()
    marks_px[2:4] = np.nan
    assert warn(*make_fits(people, see_by_pinhole(people), marks_px, joints_m), photos) != []
    nobody = np.full_like(people.joints_m, np.nan)
    for see in (see_by_pinhole, see_weakly, see_nothing):
        warn(*make_fits(people, see(people), nobody[..., :2], nobody), photos)


def test_what_pinholes_are(people, photos, tmp_path):
    fits, bodies = make_fits(people, see_by_pinhole(people), people.pinhole_px)
    (remark,) = inspect_fits(fits, bodies, photos)
    assert remark.text == (
        "meshes: 12 people, meshes of 34 vertices; axes opencv, units m; drawn by pinholes of 1,100 px (60.4 "
        "degrees over the photo's longer side), 12 people share one with others of their photo, in true "
        "depth; 2D joints are off by less than 0.01 px, 0.0 % of a person, the median of 12"
    )
    side = replace(fits, unit=np.full(12, Unit.SIDE), focal=fits.focal / 1280)
    (remark,) = inspect_fits(side, bodies, photos)
    assert "pinholes of 1,100 px (60.4 degrees" in remark.text
    (remark,) = inspect_fits(side, bodies, PhotoDir(tmp_path))
    assert "pinholes of 0.859 of the photo's longer side, 12 people share one" in remark.text
    assert "2D joints" not in remark.text
    own = replace(fits, is_metric=np.zeros(12, bool), focal=fits.focal * np.linspace(1, 2, 12)[:, None])
    remark, *_ = inspect_fits(own, bodies, photos)
    assert "1,100 to 2,200 px (32.4 to 60.4 degrees" in remark.text
    assert "longer side), each person's own; 2D" in remark.text


def test_a_file_of_two_sources_is_one_line_and_two_formats_are_two(people, photos):
    fits, bodies = make_fits(people, see_by_pinhole(people), people.pinhole_px)
    made = MISTAKES["flipped"](people)
    flipped, _ = make_fits(people, made.cameras, made.marks_px, made.joints_m)
    both = FitBodies([bodies.models[0]] * 2)
    same, _ = join_fits([(fits, []), (fits, [])])
    assert [remark.text[:18] for remark in inspect_fits(same, both, photos)] == ["meshes: 24 people,"]
    other = replace(flipped, sources=(replace(flipped.sources[0], notes=("axes opengl, units m",)),))
    two, _ = join_fits([(fits, []), (other, [])])
    assert [remark.state for remark in inspect_fits(two, both, photos)] == ["ok", "ok", "warn"]


def test_the_sample_has_people_of_every_source():
    people = make_people(200)
    fits, _ = make_fits(people, see_by_pinhole(people), None)
    few = fits.take(np.arange(3))
    joined, _ = join_fits([(fits, []), (few, [])])
    rows = choose_rows(joined)
    assert 24 <= len(rows) <= MOST_PEOPLE
    assert len(set(rows.tolist())) == len(rows)
    assert (joined.source[rows] == 1).sum() == 3
    assert rows.min() == 0
    assert len(choose_rows(fits)) == MOST_PEOPLE
    assert choose_rows(few).tolist() == [0, 1, 2]


class _ReadLater:
    """Vertices that are read when they are asked for."""

    def __init__(self, verts: np.ndarray) -> None:
        self.shape, self.asked, self._verts = verts.shape, 0, verts

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        self.asked += len(rows)
        return self._verts[rows]


def test_of_vertices_that_are_read_later_few_are_read(photos):
    people = make_people(100)
    fits, bodies = make_fits(people, see_by_pinhole(people), None)
    verts = _ReadLater(fits.sources[0].bodies.verts)
    source = replace(fits.sources[0], bodies=replace(fits.sources[0].bodies, verts=verts))
    assert warn(replace(fits, sources=(source,)), bodies, photos) == []
    assert 0 < verts.asked <= MOST_READ


def test_the_demo_set_is_good(demo_set, demo_body):
    fits, _ = read_fits("eft", demo_set.fit_file)
    (remark,) = inspect_fits(fits, FitBodies([demo_body]), PhotoDir(demo_set.image_dir))
    assert remark.state == "ok"
    assert remark.text.startswith(
        f"eft: {len(fits)} people, poses of smpl; weak perspective s X + t in a square"
    )
    off = "2D joints are off by less than 0.01 px, 0.0 % of a person"
    assert remark.text.endswith(f"{off}, the median of {len(fits)}")
