"""Whether two pictures show the same, whatever the versions of the codecs that wrote them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

# Of 255: what other versions of codecs, of fonts and of browsers change on average. A body that moves by a
# pixel changes more.
MOST_MEAN = 1.0


def find_difference(kept: Path, made: Path) -> str | None:
    """What is different, in words, or None."""
    if not kept.exists():
        return "is not there; run make docs-pictures"
    # Drawings are texts, and of the same numbers wherever they are made.
    if kept.suffix == ".svg":
        is_same = kept.read_text() == made.read_text()
        return None if is_same else "is not what its commands now draw; run make docs-pictures"
    with Image.open(kept) as one, Image.open(made) as other:
        if one.size != other.size:
            return (
                f"is {one.size[0]}x{one.size[1]}, and its commands now draw {other.size[0]}x{other.size[1]}"
            )
        frames = getattr(one, "n_frames", 1), getattr(other, "n_frames", 1)
        if frames[0] != frames[1]:
            return f"has {frames[0]} frames, and its commands now draw {frames[1]}"
        means = []
        for frame in range(frames[0]):
            one.seek(frame)
            other.seek(frame)
            pixels = [np.asarray(image.convert("RGB"), np.int16) for image in (one, other)]
            means.append(float(np.abs(pixels[0] - pixels[1]).mean()))
    if max(means) > MOST_MEAN:
        return f"differs from what its commands now draw by {max(means):.1f} of 255; run make docs-pictures"
    return None
