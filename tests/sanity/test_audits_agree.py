"""What the log says of a mistake with cameras is what an audit of the same people finds."""

import numpy as np
import pytest

from render.fits.joint_orders import COCO_17
from render.review.audit.causes.suppositions import find_suppositions
from render.review.image import Keypoints
from render.review.measures.hypotheses import COLUMNS, measure_hypotheses
from render.review.measures.keypoints import MEASURE
from render.sanity.inspect_fits import inspect_fits
from render.sheet.photo_cameras import find_cameras, take_camera
from tests.helpers.audits import make_audit
from tests.helpers.made_fits import HEIGHT, WIDTH, make_fits
from tests.helpers.mistakes import MISTAKES
from tests.helpers.reviewed import make_image, make_person

# The cause of an audit, and how many times as much focal length or photo it supposes.
AGREED = {
    "from_middle": ("principal point", None),
    "from_corner": ("principal point", None),
    "refocused": ("focal length", 0.4),
    "rescaled": ("photo size", 2.0),
}


def audit(fits, people, marks_px):
    """Causes, of people who are measured as audits measure them."""
    cameras = find_cameras(fits, np.arange(len(fits) + 1), np.tile([[HEIGHT, WIDTH]], (len(fits), 1)))
    reviewed = [
        make_person(
            dict(zip(COCO_17, map(tuple, people.joints_m[i]), strict=True)),
            camera=take_camera(cameras, i),
            box_px=people.box_px[i],
            keypoints=Keypoints(COCO_17, np.column_stack([marks_px[i], np.ones(len(COCO_17))])),
        )
        for i in range(len(fits))
    ]
    image = make_image(reviewed, photo_hw=(HEIGHT, WIDTH))
    numbers = {}
    for columns, measured in (
        (MEASURE.columns, MEASURE.measure(image)),
        (COLUMNS, measure_hypotheses(image)),
    ):
        numbers |= {column.name: values for column, values in zip(columns, measured.T, strict=True)}
    return find_suppositions(make_audit(len(fits), numbers))


@pytest.mark.parametrize("name", AGREED)
def test_the_log_has_the_cause_and_the_advice_of_the_audit(name, people, photos):
    made = MISTAKES[name](people)
    fits, bodies = make_fits(people, made.cameras, made.marks_px, made.joints_m)
    (cause,) = audit(fits, people, made.marks_px)
    said, factor = AGREED[name]
    assert (cause.name, cause.people) == (said, len(fits))
    _, warning = inspect_fits(fits, bodies, photos)
    assert (
        f"it is most likely the {cause.name}. {cause.advice}"
        == warning.text[warning.text.index("it is ") :] + "."
    )
    if factor is not None:
        for text in (cause.says, warning.text):
            assert f"multiplied by {factor:.2f}" in text
