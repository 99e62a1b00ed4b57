"""Foreground and part scores of the Leeds Sports Pose set, as SPIN's eval.py finds them.

That protocol (Kolotouros et al., ICCV 2019; after Lassner et al., CVPR 2017, whose UP-3D has the labels)
counts pixels over the whole set: accuracy is the share of all pixels with the right class, and F1 the mean
of the classes' own, two of foreground and seven of parts, the background among them. Here bodies are drawn at
the size of the photo, where SPIN scales a picture of 224 x 224 pixels up; and vertices belong to the part
whose joint they follow most, where SPIN has a texture of its own, in which the torso holds the shoulders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from render.body.family.joint_names import SMPL_24
from render.review.table import Values

# In the order of UP-3D's labels; right and left are the person's own.
CLASSES = ("background", "head", "torso", "right_arm", "left_arm", "right_leg", "left_leg")
_ARM, _LEG = ("shoulder", "elbow", "wrist", "hand"), ("hip", "knee", "ankle", "foot")


def _find_class(joint: str) -> int:
    if joint == "head":
        return CLASSES.index("head")
    side, _, rest = joint.partition("_")
    limb = "arm" if rest in _ARM else "leg" if rest in _LEG else ""
    # Pelvis, spine, neck and collars.
    return CLASSES.index(f"{side}_{limb}" if limb else "torso")


# From SMPL's joint, 1 to 24, to the class; 0 is the background.
CLASS_OF_PART = np.array([0, *map(_find_class, SMPL_24)], np.uint8)


@dataclass(frozen=True)
class ClassCounts:
    """Pixels of classes, of a picture or of many.

    Attributes:
        hits: (C,) annotated and drawn as that class.
        errors: (C,) annotated or drawn as that class, but not both.
        right: Pixels of the right class, in all.
        pixels: All pixels.
    """

    hits: np.ndarray
    errors: np.ndarray
    right: float
    pixels: float

    @property
    def accuracy(self) -> float:
        """Share of the pixels that have the right class; NaN of none."""
        return self.right / self.pixels if self.pixels else np.nan

    @property
    def f1(self) -> float:
        """Mean of the classes' F1; those that nothing has do not count."""
        both = 2 * self.hits + self.errors
        return float((2 * self.hits[both > 0] / both[both > 0]).mean()) if (both > 0).any() else np.nan


def count_classes(annotated: np.ndarray, drawn: np.ndarray, classes: int) -> ClassCounts:
    """Counts the pixels of a picture.

    As SPIN has it, what is not labelled is no error of any class, and counts as background for the accuracy.

    Args:
        annotated: (H, W) of 0 to `classes` - 1, or 255 where nothing is labelled.
        drawn: (H, W) of 0 to `classes` - 1.
        classes: C.
    """
    known = np.minimum(annotated, classes).astype(np.int64)
    table = np.bincount((known * classes + drawn).ravel(), minlength=(classes + 1) * classes)
    table = table.reshape(classes + 1, classes)
    # The last row is of pixels without a label.
    labelled, hits = table[:classes], table.diagonal()
    errors = labelled.sum(0) + labelled.sum(1) - 2 * hits
    return ClassCounts(hits, errors, int(hits.sum() + table[classes, 0]), int(table.sum()))


def name_counts(prefix: str, classes: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of counts: of each class its hits, then its errors, and pixels that are right, and all."""
    return (
        *(f"{prefix}_hits_{name}" for name in classes),
        *(f"{prefix}_errors_{name}" for name in classes),
        f"{prefix}_right",
        f"{prefix}_pixels",
    )


FOREGROUND = ("background", "body")
SCORED: Mapping[str, tuple[str, ...]] = {"fg": FOREGROUND, "parts": CLASSES}


def pool_lsp(values: Values, side: str = "") -> dict[str, float]:
    """Scores of a whole set, whose pixels are counted together.

    Args:
        values: Of an audit or a comparison.
        side: What the names of the columns begin with: `a_` or `b_` in a comparison.

    Returns:
        `fg_people`, `fg_accuracy` and `fg_f1`, and the same of `parts`; without those that nobody has.
    """
    scores: dict[str, float] = {}
    for prefix, classes in SCORED.items():
        names = [f"{side}{name}" for name in name_counts(prefix, classes)]
        if not set(names) <= set(values.table.names):
            continue
        counts = np.stack([values.take(name) for name in names], axis=1)
        known = counts[np.isfinite(counts).all(1)]
        total = known.sum(0)
        hits, errors = total[: len(classes)], total[len(classes) : -2]
        pooled = ClassCounts(hits, errors, float(total[-2]), float(total[-1]))
        # Of nobody; and of a manifest that anybody may have written.
        if not np.isfinite([pooled.accuracy, pooled.f1]).all():
            continue
        scores |= {
            f"{prefix}_people": len(known),
            f"{prefix}_accuracy": pooled.accuracy,
            f"{prefix}_f1": pooled.f1,
        }
    return scores


def describe_scores(scores: Mapping[str, float]) -> list[str]:
    """What `pool_lsp` found, in words, a line each of foreground and parts; none without them."""
    return [
        f"{words}, of all pixels of {scores[f'{prefix}_people']} people: accuracy "
        f"{scores[f'{prefix}_accuracy']:.4f}, F1 {scores[f'{prefix}_f1']:.4f}"
        for prefix, words in (("fg", "foreground"), ("parts", "six parts and background"))
        if f"{prefix}_people" in scores
    ]


def to_classes(skin_parts: np.ndarray) -> np.ndarray:
    """(...) uint8 classes of SMPL's joints 1 to 24; 0 stays the background."""
    return CLASS_OF_PART[skin_parts]
