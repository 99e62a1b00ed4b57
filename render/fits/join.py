"""Each person of one fit file in another: two fits of one person, to be compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from render.errors import FitFileError
from render.types.fits import Fits

# Of two boxes of one person, intersection over union; as detections are matched since PASCAL VOC.
LEAST_OVERLAP = 0.5
# Around the origin of a body, the side of the box that its camera makes of it where the file has none.
_SIDE_M = 2.0


@dataclass(frozen=True)
class Joined:
    """Who is who.

    Attributes:
        partner: By the row of a person his position in the other fits.
        reasons: By the row of a person who is not among them, why.
    """

    partner: dict[int, int]
    reasons: dict[int, str]


def join_people(fits: Fits, other: Fits, called: str = "reference") -> Joined:
    """Finds each person of fits among others.

    By the annotation id, where both have one; else in the same image, as the only person there in both, or
    by boxes that overlap by half: those of the files, or where one has none, squares of 2 m where the cameras
    of both have the bodies. An image has the same name in both, or the same without its folders.

    Args:
        fits: Whose people are looked for: all of a file, for it counts who else is in an image.
        other: Where they are looked for.
        called: What messages call the others.

    Raises:
        FitFileError: Nobody is found.
    """
    partner = _join_ids(fits, other)
    reasons: dict[int, str] = {}
    taken = set(partner.values())
    people, others = _group(fits), _group(other)
    folders = _find_files(others)
    for image, group in people.items():
        left = [i for i in group if int(fits.row[i]) not in partner]
        if not left:
            continue
        found = [image] if image in others else folders.get(PurePosixPath(image).name, [])
        if len(found) != 1:
            reason = _explain_images(image, found, called)
            reasons |= {int(fits.row[i]): reason for i in left}
            continue
        there = others[found[0]]
        free = [j for j in there if j not in taken]
        if len(group) == 1 and len(there) == 1:
            pairs = dict(zip(left, free, strict=False))
        else:
            pairs = _join_boxes(_overlap_people(fits, other, left, free), left, free)
        partner |= {int(fits.row[i]): j for i, j in pairs.items()}
        taken |= set(pairs.values())
        for i in left:
            if i not in pairs:
                reasons[int(fits.row[i])] = _explain_person(fits, other, i, group, there, called)
    if len(fits) and not partner:
        first = next(iter(reasons.values()))
        raise FitFileError(
            f"{called}: none of the {len(fits)} people of the fits is among its {len(other)}; expected fits "
            f"of the same images. Of row {next(iter(reasons))}: {first}"
        )
    return Joined(partner, reasons)


def _join_ids(fits: Fits, other: Fits) -> dict[int, int]:
    """Those whom one annotation id names in both; an id that names several tells nobody apart."""
    counts, others = Counter(fits.annot_id.tolist()), Counter(other.annot_id.tolist())
    places = {annot_id: j for j, annot_id in enumerate(other.annot_id.tolist())}
    return {
        int(row): places[annot_id]
        for row, annot_id in zip(fits.row.tolist(), fits.annot_id.tolist(), strict=True)
        # 0 and -1 stand for no annotation.
        if annot_id > 0 and counts[annot_id] == 1 and others[annot_id] == 1
    }


def _group(fits: Fits) -> dict[str, list[int]]:
    """The positions of the people of each image."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(fits.image_name.tolist()):
        groups[name].append(i)
    return groups


def _find_files(groups: dict[str, list[int]]) -> dict[str, list[str]]:
    """By the names of their files the images."""
    files: dict[str, list[str]] = defaultdict(list)
    for image in groups:
        files[PurePosixPath(image).name].append(image)
    return files


def _join_boxes(overlaps: np.ndarray, left: list[int], free: list[int]) -> dict[int, int]:
    """Pairs whose boxes overlap enough, those that overlap most first."""
    pairs: dict[int, int] = {}
    # Sorted whole, so that equal overlaps are taken in the order of the files.
    order = sorted(zip(*np.nonzero(overlaps >= LEAST_OVERLAP), strict=True), key=lambda at: -overlaps[at])
    for a, b in order:
        if left[a] not in pairs and free[b] not in pairs.values():
            pairs[left[a]] = free[b]
    return pairs


def _overlap_people(fits: Fits, other: Fits, left: list[int], free: list[int]) -> np.ndarray:
    """(A, B) how far people's boxes overlap; NaN where neither files nor cameras tell."""
    boxes, others = fits.box_px[left], other.box_px[free]
    if np.isfinite(boxes).all() and np.isfinite(others).all():
        return _overlap(boxes, others)
    boxes, others = _estimate_boxes(fits, left), _estimate_boxes(other, free)
    # Of cameras in different units only the size of the photo says what is where.
    is_known = fits.unit[left][:, None] == other.unit[free][None]
    is_known &= np.isfinite(boxes).all(1)[:, None] & np.isfinite(others).all(1)[None]
    return np.where(is_known, _overlap(boxes, others), np.nan)


def _estimate_boxes(fits: Fits, index: list[int]) -> np.ndarray:
    """(n, 3) left, top and side in the units of the cameras; NaN where there is none, or it is behind it."""
    depth, focal, scale = fits.transl_m[index, 2:], fits.focal[index], fits.scale[index][:, None]
    is_before = (depth > 0) & (focal > 0).all(1, keepdims=True)
    focal_m = np.where(is_before, focal / np.where(is_before, depth, 1), np.nan)
    middle = np.where(scale > 0, fits.origin[index], fits.center[index] + focal_m * fits.transl_m[index, :2])
    side = _SIDE_M * np.where(scale > 0, scale, focal_m[:, 1:])
    return np.hstack([middle - side / 2, side])


def _overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(A, B) intersection over union of squares, as `Fits.box_px` has them; 0 where one is not known."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, :2] + boxes[:, None, 2:], others[None, :, :2] + others[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(2)
    either = boxes[:, None, 2] ** 2 + others[None, :, 2] ** 2 - both
    return np.nan_to_num(both / np.where(either > 0, either, np.nan))


def _explain_images(image: str, found: Sequence[str], called: str) -> str:
    if not found:
        return f"{called}: expected fits of {image}, found none"
    return f"{called}: expected one image {PurePosixPath(image).name}, found {len(found)}, such as {found[0]}"


def _explain_person(
    fits: Fits, other: Fits, person: int, group: list[int], there: list[int], called: str
) -> str:
    here = "people" if len(there) > 1 else "person"
    overlaps = _overlap_people(fits, other, [person], there)
    if np.isnan(overlaps).all():
        whose = "the fits" if np.isnan(fits.box_px[person]).any() else "its fits"
        return (
            f"{called}: {len(there)} {here} on this image, and {len(group)} in the fits; {whose} have no "
            f"boxes to tell them apart"
        )
    most = np.nanmax(overlaps)
    return (
        f"{called}: expected a person whose box overlaps by {LEAST_OVERLAP:g}, found {len(there)} {here} on "
        f"this image, who overlap by {most:.2f} at most or belong to others"
    )
