"""Who is who in two fit files."""

from dataclasses import fields

import numpy as np
import pytest

from render.errors import FitFileError
from render.fits.cameras import PhotoCameras, framed, pinhole, weak_perspective
from render.fits.join import join_people
from render.types.fits import Fits, Unit
from tests.helpers.fit_tables import make_table


def make_fits(*people: tuple[str, int, float | None]) -> Fits:
    """Of each person the image, the annotation id, and how far right the middle of the 200 px box is."""
    names, ids, middles = zip(*people, strict=True)
    at = [100.0 if x is None else x for x in middles]
    fits = make_table(
        len(people),
        image_name=np.array(names, object),
        annot_id=np.array(ids),
        bbox_center_px=np.column_stack([at, [100.0] * len(at)]),
    )
    fits.box_px[[x is None for x in middles]] = np.nan
    return fits


def test_an_annotation_id_is_enough():
    fits = make_fits(("a.jpg", 7, 100), ("b.jpg", 8, 100))
    other = make_fits(("other/b.png", 8, 900), ("a.jpg", 9, 100), ("c.jpg", 7, 100))
    assert join_people(fits, other).partner == {0: 2, 1: 0}


def test_an_id_of_several_people_is_not():
    """The boxes are, of those who are on the image."""
    fits = make_fits(("a.jpg", 7, 100), ("a.jpg", 7, 400))
    other = make_fits(("a.jpg", 7, 410), ("b.jpg", 7, 110), ("a.jpg", 7, 110))
    assert join_people(fits, other).partner == {0: 2, 1: 0}


@pytest.mark.parametrize("name", ["a.jpg", "elsewhere/a.jpg"])
def test_the_only_person_of_an_image_needs_no_box(name):
    fits, other = make_fits(("a.jpg", -1, 100)), make_fits(("b.jpg", -1, 100), (name, -1, None))
    assert join_people(fits, other).partner == {0: 1}


def test_boxes_that_overlap_most_belong_together():
    """Of the boxes of 200 px, those 60 px apart overlap by 0.54, and those 80 px apart by 0.43."""
    fits = make_fits(("a.jpg", -1, 100), ("a.jpg", -1, 160), ("a.jpg", -1, 700))
    other = make_fits(("a.jpg", -1, 150), ("a.jpg", -1, 620))
    found = join_people(fits, other)
    assert found.partner == {1: 0}
    assert set(found.reasons) == {0, 2}
    assert "box overlaps by 0.5, found 2 people on this image, who overlap by 0.43" in found.reasons[2]
    # The first would have been good enough, had he not been the second's.
    assert "by 0.60 at most or belong to others" in found.reasons[0]


def test_two_people_without_boxes_are_not_told_apart():
    fits = make_fits(("a.jpg", -1, 100), ("a.jpg", -1, 400), ("b.jpg", -1, 100))
    other = make_fits(("a.jpg", -1, None), ("a.jpg", -1, None), ("b.jpg", -1, None))
    # Where their cameras have them depends on the size of the photo.
    other.unit[:] = Unit.CENTRED
    found = join_people(fits, other)
    assert found.partner == {2: 2}
    assert found.reasons[0] == (
        "reference: 2 people on this image, and 2 in the fits; its fits have no boxes to tell them apart"
    )


def test_an_image_that_is_missing_or_there_twice_is_named():
    fits = make_fits(("a.jpg", -1, 100), ("b.jpg", -1, 100), ("c.jpg", -1, 100))
    other = make_fits(("x/b.jpg", -1, 100), ("y/b.jpg", -1, 100), ("c.jpg", -1, 100))
    found = join_people(fits, other)
    assert found.reasons == {
        0: "reference: expected fits of a.jpg, found none",
        1: "reference: expected one image b.jpg, found 2, such as x/b.jpg",
    }


def test_nobody_has_two_partners():
    fits = make_fits(("a.jpg", 5, 100), ("a.jpg", -1, 100))
    found = join_people(fits, make_fits(("a.jpg", 5, 100)))
    assert found.partner == {0: 0}
    assert set(found.reasons) == {1}


def test_fits_of_other_images_are_refused():
    fits, other = make_fits(("a.jpg", -1, 100), ("b.jpg", 3, 100)), make_fits(("c.jpg", -1, 100))
    message = "reference: none of the 2 people .* same images. Of row 0: reference: expected fits of a.jpg"
    with pytest.raises(FitFileError, match=message):
        join_people(fits, other)


def test_a_file_is_joined_to_itself():
    fits = make_fits(("a.jpg", -1, 100), ("a.jpg", -1, 180), ("b.jpg", -1, None))
    assert join_people(fits, fits).partner == {0: 0, 1: 1, 2: 2}


def make_seen(cameras: PhotoCameras) -> Fits:
    """People of one image without boxes."""
    count = len(cameras.unit)
    fits = make_fits(*[("a.jpg", -1, None)] * count)
    for field in fields(cameras):
        getattr(fits, field.name)[:] = getattr(cameras, field.name)
    return fits


def test_without_boxes_cameras_tell_who_is_where():
    """A body's square of 2 m is 500 px wide 4 m off; its overlap with one 150 px beside it is 0.54."""
    transl_m = np.array([[-0.9, 0, 4], [0.9, 0, 4], [0, 0, 40], [0, 0, -4]])
    fits = make_seen(pinhole([1000] * 4, [320, 240], transl_m, is_metric=True))
    shifted = np.add(transl_m, [0.6, 0, 0])
    other = make_seen(pinhole([1000] * 4, [320, 240], shifted[::-1], is_metric=True))
    # Whoever is 40 m off is 50 px wide, and 15 px away; of whoever is behind the camera nobody knows.
    assert join_people(fits, other).partner == {0: 3, 1: 2, 2: 1}
    # The same people in weak perspective, as a box of their own has it.
    weak = make_seen(weak_perspective([250, 250, 25], [[95, 240], [545, 240], [320, 240]]))
    assert join_people(fits, weak).partner == {0: 0, 1: 1, 2: 2}
    assert join_people(weak, weak).partner == {0: 0, 1: 1, 2: 2}


def test_whoever_has_no_camera_is_not_told_apart():
    fits = make_seen(framed(2))
    with pytest.raises(FitFileError, match="have no boxes to tell them apart"):
        join_people(fits, fits)
