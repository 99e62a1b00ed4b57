"""What may be painted over the people of each shot, in its pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from render.annotate.joint_orders import openpose18_from_marks, pick_joints
from render.annotate.marks import PersonMarks
from render.annotate.multibox import multiboxes
from render.body.anatomy import Anatomy
from render.fits.coco import CocoPerson
from render.rasterize.project import project_points
from render.shade.palettes import PEOPLE_RGB
from render.sheet.framing import Batch
from render.sheet.photo_cameras import project_to_photo
from render.sheet.shots import Shot
from render.sheet.staging import StagedBatch
from render.types.bodies import Bodies


@dataclass(frozen=True)
class Annotations:
    """What is to be painted over people.

    Attributes:
        names: Which annotations, of ANNOTATIONS.
        coco: COCO's own of the people who have them, by annotId.
    """

    names: tuple[str, ...] = ()
    coco: Mapping[int, CocoPerson] | None = None


@dataclass(frozen=True)
class _PhotoMarks:
    """The marks of one person that are known in pixels of the photo."""

    box: np.ndarray | None
    multiboxes: np.ndarray | None
    ground_truth: np.ndarray
    coco: CocoPerson | None


def mark_people(
    staged: StagedBatch, anatomies: Sequence[Anatomy], annotations: Annotations
) -> list[list[PersonMarks]]:
    """The marks of the people in each shot.

    Args:
        staged: The sheets and their people.
        anatomies: Of each person of the batch.
        annotations: Of which COCO's own are taken over.

    Returns:
        For each shot the marks of its people, in its pixels. Marks in the photo are None in views that do
        not lie over it.
    """
    batch, placements = staged.batch, staged.placement_list
    joints = staged.bodies.joints[staged.body_index.long()]
    projected = project_points(joints, staged.cameras).cpu().numpy()
    in_photo = _mark_photos(batch, staged.bodies, anatomies, annotations)
    shots: list[list[PersonMarks]] = [[] for _ in batch.shots]
    for d, (m, k) in enumerate(zip(placements.body.tolist(), placements.shot.tolist(), strict=True)):
        shot = batch.shots[k]
        row = int(batch.fits.row[m])
        # The people of one sheet are all from the same image, so its name would tell nothing apart.
        is_alone = len(batch.sheets[shot.sheet].fits) == 1
        # By the row, so that a person has this colour in every view and in every run.
        red, green, blue = PEOPLE_RGB[row % len(PEOPLE_RGB)]
        person = PersonMarks(
            colour_rgb=(round(255 * red), round(255 * green), round(255 * blue)),
            joints_px=pick_joints(projected[d], anatomies[m].openpose18),
            joint_validity=batch.fits.sources[batch.fits.source[m]].marks.validity[batch.fits.place[m]],
            # The row first, for long names are shortened at their end.
            label=f"#{row} {batch.fits.image_name[m]}" if is_alone else f"#{row}",
            **_to_shot(batch, shot, in_photo[m]) if shot.view.over_photo else {},
        )
        shots[k].append(person)
    return shots


def _mark_photos(
    batch: Batch, bodies: Bodies, anatomies: Sequence[Anatomy], annotations: Annotations
) -> list[_PhotoMarks]:
    found = []
    for m in range(len(batch.fits)):
        left, top, side = batch.fits.box_px[m]
        box, nested = None, None
        if np.isfinite(side):
            box = np.array([left, top, left + side, top + side])
            head_m = bodies.verts[m, anatomies[m].head].cpu().numpy()
            if len(head_m):
                nested = multiboxes(project_to_photo(batch.cameras, m, head_m), box)
        source = batch.fits.sources[batch.fits.source[m]]
        marks = source.marks.points_px[batch.fits.place[m]]
        coco = (annotations.coco or {}).get(int(batch.fits.annot_id[m]))
        found.append(_PhotoMarks(box, nested, openpose18_from_marks(marks, source.marks.order), coco))
    return found


def _to_shot(batch: Batch, shot: Shot, marks: _PhotoMarks) -> dict[str, np.ndarray | None]:
    """The marks in the photo, as fields of PersonMarks."""
    zoom, offset = batch.photo_to_shot(shot)

    def boxes(box: np.ndarray | None) -> np.ndarray | None:
        return None if box is None else zoom * box + np.tile(offset, 2)

    def points(xyc: np.ndarray) -> np.ndarray:
        return np.concatenate([zoom * xyc[:, :2] + offset, xyc[:, 2:]], 1)

    fields = {
        "box_px": boxes(marks.box),
        "multiboxes_px": boxes(marks.multiboxes),
        "gt_px": points(marks.ground_truth),
    }
    if marks.coco is not None:
        fields |= {
            "coco_keypoints_px": points(marks.coco.keypoints_px),
            "coco_box_px": boxes(marks.coco.box_px),
        }
    return fields
