"""Which of two fits is nearer to the photo: both against the same keypoints, and the same masks."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from render.fits.joint_orders import COCO_17
from render.review.image import Keypoints, ReviewedImage, ReviewedPerson
from render.review.keypoints import find_pairs, measure_misses_px, take_coco
from render.review.lsp import SCORED, name_counts
from render.review.measure import MEASURES, Column, Measure

# Of all columns of an audit those that tell of one fit beside another.
_CHOSEN = (
    *("reprojection", "reprojection_px", "pck5", "pck10", "mask_iou", "box_iou", "outside"),
    *("betas_norm", "limits_deg", "penetration_l"),
    *("fg_accuracy", "fg_f1", "parts_accuracy", "parts_f1"),
)
# Pixels that are summed over the whole set, where means say nothing.
SUMMED = tuple(name for prefix, classes in SCORED.items() for name in name_counts(prefix, classes))
A, B, TIE = "a", "b", "tie"
WINNERS = (A, B, TIE)
# What decides, and whether more of it is better; the first that is known of both.
_JUDGES = (("reprojection", False), ("mask_iou", True))
SIDES = (A, B)


def list_chosen() -> dict[str, Column]:
    """The columns of measures that there are and that are found of both, by their names."""
    found = {column.name: column for _, measure in _list_measures() for column in measure.columns}
    return {name: found[name] for name in (*_CHOSEN, *SUMMED) if name in found}


@cache
def list_columns() -> tuple[Column, ...]:
    """The columns of `compare_with_photo`, which asks for them with each person."""
    of_both = [
        replace(column, name=f"{side}_{column.name}", about=f"Of {side}: {column.about}")
        for column in list_chosen().values()
        for side in SIDES
    ]
    misses = [
        Column(
            f"{side}_{name}",
            f"How far {name.replace('_', ' ')} of {side} is from its keypoint, as a share of the longer side "
            f"of the box around the keypoints.",
            worst="high",
            digits=4,
        )
        for name in COCO_17
        for side in SIDES
    ]
    return (
        Column("keypoints", "How many joints of both are compared with keypoints.", digits=0),
        Column(
            "size_px",
            "The longer side of the box around the keypoints, or without them of the bodies' on the photo.",
            "px",
            digits=1,
        ),
        Column("winner", "Which fit is nearer to the photo.", digits=0, choices=WINNERS),
        Column(
            "winner_by",
            "By which number: the mean distance from the keypoints, or without them the masks' overlap.",
            digits=0,
            choices=tuple(name for name, _ in _JUDGES),
        ),
        Column("gain", "By how much of that number the winner is better.", worst="high", digits=4),
        *of_both,
        *misses,
    )


def compare_with_photo(a: ReviewedImage, b: ReviewedImage) -> np.ndarray:
    """(C,) of `list_columns`, NaN for what is not known.

    Args:
        a: The image with the one fit of the person alone.
        b: The same with the other.
    """
    keypoints = choose_keypoints(a.people[0], b.people[0])
    images = [replace(one, people=(replace(one.people[0], keypoints=keypoints),)) for one in (a, b)]
    pairs = find_pairs(images[0].people[0], keypoints)
    found: dict[str, float] = {"keypoints": len(pairs), "size_px": pairs.size_px}
    if not len(pairs):
        found["size_px"] = float(np.mean([_measure_size(image.people[0]) for image in images]))
    for side, image in zip(SIDES, images, strict=True):
        for columns, measure in _list_measures():
            if columns:
                values = dict(zip((c.name for c in measure.columns), measure.measure(image)[0], strict=True))
                found |= {f"{side}_{name}": float(values[name]) for name in columns}
        found |= _find_misses(side, image.people[0], keypoints)
    found |= _find_winner(found)
    return np.array([found.get(column.name, np.nan) for column in list_columns()])


def choose_keypoints(a: ReviewedPerson, b: ReviewedPerson) -> Keypoints | None:
    """What both are compared with: the keypoints of a's file, else of b's, else COCO's; None without any.

    Joints that only one of the bodies has lose their names, so that both are judged by the same.
    """
    for keypoints in (a.keypoints, b.keypoints, take_coco(a)):
        if keypoints is None:
            continue
        shared = {*a.joint_names} & {*b.joint_names}
        names = tuple(name if name in shared else "" for name in keypoints.names)
        told = replace(keypoints, names=names)
        if len(find_pairs(a, told)):
            return told
    return None


def _list_measures() -> list[tuple[list[str], Measure]]:
    """Each measure with those of its columns that are chosen."""
    measures = [MEASURES.load(name) for name in MEASURES.names]
    return [([c.name for c in one.columns if c.name in _CHOSEN + SUMMED], one) for one in measures]


def _measure_size(person: ReviewedPerson) -> float:
    left, top, right, bottom = person.drawn_box_px.tolist()
    return max(right - left, bottom - top)


def _find_misses(side: str, person: ReviewedPerson, keypoints: Keypoints | None) -> dict[str, float]:
    pairs = find_pairs(person, keypoints)
    if not len(pairs):
        return {}
    shares = measure_misses_px(pairs, person.joints_px) / pairs.size_px
    names = (person.joint_names[joint] for joint in pairs.joints.tolist())
    return {f"{side}_{name}": float(share) for name, share in zip(names, shares, strict=True)}


def _find_winner(found: dict[str, float]) -> dict[str, float]:
    for place, (name, is_more_better) in enumerate(_JUDGES):
        of_both = [found.get(f"{side}_{name}", np.nan) for side in SIDES]
        if not np.isfinite(of_both).all():
            continue
        # As the table rounds them, so that nobody wins by what it does not show.
        digits = list_chosen()[name].digits
        gain = round(round(of_both[0], digits) - round(of_both[1], digits), digits)
        gain = gain if is_more_better else -gain
        winner = TIE if not gain else A if gain > 0 else B
        return {"winner": WINNERS.index(winner), "winner_by": place, "gain": abs(gain)}
    return {}
