"""Whether photos have another size than the numbers are of."""

from __future__ import annotations

import numpy as np

from render.review.audit.causes.cause import Cause, take_known
from render.review.table import Values

# Keypoints of so many people leave the photo: some do in every data set whose keypoints are projected.
SHARE = 0.5
# Photos of so many people have another size than COCO says.
OTHER_SHARE, LEAST = 0.02, 5
# Nobody's keypoints reach farther than that: people stand on the lower half of most photos.
NEAR_CORNER = 0.55
# Fewer photos may be of such people.
FEWEST = 20
# Nearly the farthest; a few keypoints are wrong.
_FAR = 0.98

_ADVICE = (
    "Give the photos that the fits were made with (dataset.image_dir), or scale cameras, boxes and "
    "keypoints to the size of these."
)


def find_wrong_size(values: Values) -> list[Cause]:
    """Whether COCO says so, or keypoints leave the photo, or only ever lie near its upper left corner."""
    return _compare_with_coco(values) or _find_by_reach(values)


def _compare_with_coco(values: Values) -> list[Cause]:
    width, height = (take_known(values, f"photo_{side}") for side in ("width", "height"))
    annotated = np.stack([take_known(values, f"annotated_{side}") for side in ("width", "height")])
    known = np.isfinite(annotated).all(0) & np.isfinite(width + height)
    is_other = known & ((annotated[0] != width) | (annotated[1] != height))
    count, of = int(is_other.sum()), int(known.sum())
    if count < max(LEAST, OTHER_SHARE * of):
        return []
    factor = float(np.median(width[is_other] / annotated[0, is_other]))
    says = (
        f"photos of {count:,} of {of:,} people have another size than those that COCO annotated: "
        f"{factor:.2f} times their width, the median."
    )
    return [Cause("photos of another size", count, of, None, says, _ADVICE)]


def _find_by_reach(values: Values) -> list[Cause]:
    reach = take_known(values, "reach")
    known = reach[np.isfinite(reach)]
    if not len(known):
        return []
    far = float(np.quantile(known, _FAR))
    beyond = int((known > 1).sum())
    if beyond >= max(FEWEST / 2, SHARE * len(known)):
        says = (
            f"keypoints of {beyond:,} of {len(known):,} people leave their photo, up to {far:.2f} times its "
            f"width or height: the numbers are of photos about {far:.1f} times as large."
        )
        return [Cause("photos of another size", beyond, len(known), None, says, _ADVICE)]
    if 0 < far <= NEAR_CORNER and len(known) >= FEWEST:
        says = (
            f"no keypoints of {len(known):,} people reach beyond {far:.2f} of the width or height of their "
            f"photo: the photos are about {1 / far:.1f} times as large as those that the numbers are of."
        )
        return [Cause("photos of another size", len(known), len(known), None, says, _ADVICE)]
    return []
