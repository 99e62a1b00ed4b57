"""Whether photos have another size than the numbers are of."""

from __future__ import annotations

import numpy as np

from render.review.audit.causes.cause import Cause, take_known
from render.review.table import Values

# Keypoints of so many people leave the photo: some do in every data set whose keypoints are projected.
SHARE = 0.5
# Nobody's keypoints reach farther than that: people stand on the lower half of most photos.
NEAR_CORNER = 0.55
# Fewer photos may be of such people.
FEWEST = 20
# Nearly the farthest; a few keypoints are wrong.
_FAR = 0.98

_ADVICE = (
    "Give the photos that the fits were made with (dataset.image_dir), or scale cameras, boxes and "
    "keypoints to "
    "the size of these."
)


def find_wrong_size(values: Values) -> list[Cause]:
    """Whether keypoints leave the photo, or only ever lie near its upper left corner."""
    reach = take_known(values, "reach")
    known = reach[np.isfinite(reach)]
    if not len(known):
        return []
    far = float(np.quantile(known, _FAR))
    beyond = int((known > 1).sum())
    if beyond >= max(FEWEST / 2, SHARE * len(known)):
        says = (
            f"keypoints of {beyond:,} of {len(known):,} people leave their photo, up to {far:.2f} times its"
            " width "
            f"or height: the numbers are of photos about {far:.1f} times as large, and the photos have about "
            f"{1 / far:.2f} of that size."
        )
        return [Cause("photos of another size", beyond, len(known), None, says, _ADVICE)]
    if 0 < far <= NEAR_CORNER and len(known) >= FEWEST:
        says = (
            f"no keypoints of {len(known):,} people reach beyond {far:.2f} of the width or height of their "
            "photo: "
            f"the photos are about {1 / far:.1f} times as large as those that the numbers are of."
        )
        return [Cause("photos of another size", len(known), len(known), None, says, _ADVICE)]
    return []
