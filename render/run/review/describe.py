"""The images of a batch as measures see them: what fits say of their people, and what is posed and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from render.body.fit_bodies import FitBodies
from render.fits.coco import CocoPerson
from render.fits.joint_orders import ORDERS
from render.library.label_renderer import LabelSet
from render.library.poser import Undrawable
from render.photos.sources.segmentations import SegmentationDir
from render.review.image import Keypoints, Pose, ReviewedImage, ReviewedPerson
from render.run.meshes.pose import PosedBody
from render.run.review.layers import SKIN_PARTS
from render.sheet.framing import Batch
from render.sheet.photo_cameras import take_camera
from render.types.sources import Poses


@dataclass(frozen=True)
class Describer:
    """Describes the images of batches; threads may do so at the same time.

    Attributes:
        bodies: Of the people.
        coco: COCO's annotations by annotation id.
        segmentations: Those of photos; None where nothing is compared with them.
    """

    bodies: FitBodies
    coco: Mapping[int, CocoPerson] = field(default_factory=dict)
    segmentations: SegmentationDir | None = None

    def describe(
        self,
        batch: Batch,
        sheet: int,
        posed: Sequence[PosedBody],
        drawn: LabelSet | Undrawable,
        others: Sequence[Mapping[str, np.ndarray]] = (),
    ) -> ReviewedImage:
        """The image of a sheet.

        Args:
            batch: Whose sheet it is.
            sheet: Its index there.
            posed: The bodies of all people of the batch.
            drawn: The masks of its people, or why there are none.
            others: Of all people of the batch joints of other bodies; left out, of nobody.

        Raises:
            PhotoError: A segmentation of the photo cannot be used.
        """
        people = range(int(batch.first[sheet]), int(batch.first[sheet + 1]))
        of_sheet = batch.sheets[sheet]
        has_photo = of_sheet.photo is not None
        masks = drawn.amodal if isinstance(drawn, LabelSet) and has_photo else None
        name = str(batch.fits.image_name[people.start])
        segments = skin_parts = None
        if self.segmentations is not None and has_photo:
            segments = self.segmentations.read(name, of_sheet.photo_hw)
            skin_parts = find_parts(drawn) if isinstance(drawn, LabelSet) else None
        return ReviewedImage(
            name=name,
            photo_hw=of_sheet.photo_hw if has_photo else None,
            people=tuple(
                self._describe_person(batch, person, posed[person], others[person] if others else {})
                for person in people
            ),
            masks=masks,
            skin_parts=skin_parts,
            segments=segments,
        )

    def _describe_person(
        self, batch: Batch, person: int, body: PosedBody, others: Mapping[str, np.ndarray]
    ) -> ReviewedPerson:
        fits, source = batch.fits, int(batch.fits.source[person])
        model, place = self.bodies.models[source], int(fits.place[person])
        bodies, marks = fits.sources[source].bodies, fits.sources[source].marks
        names, joints_m, pose = model.joint_names[: len(body.joints)], body.joints, None
        order = ORDERS.get(marks.order, ())
        if isinstance(bodies, Poses):
            pose = Pose(bodies.kind, np.asarray(bodies.rotmat[place]), np.asarray(bodies.betas[place]))
        elif marks.points_m.shape[1] and len(order) == marks.points_m.shape[1]:
            # Vertices have no joints but those of their file.
            names, joints_m = order, np.asarray(marks.points_m[place])
        keypoints = None
        if order and len(order) == marks.points_px.shape[1]:
            keypoints = Keypoints(order, np.asarray(marks.points_px[place]))
        return ReviewedPerson(
            row=int(fits.row[person]),
            annot_id=int(fits.annot_id[person]),
            number=int(fits.person[person]),
            box_px=fits.box_px[person],
            camera=take_camera(batch.cameras, person),
            verts_m=body.verts,
            faces=body.faces,
            is_closed=model.is_closed,
            joint_names=names,
            joints_m=joints_m,
            pose=pose,
            keypoints=keypoints,
            coco=self.coco.get(int(fits.annot_id[person])),
            others=others,
        )


def find_parts(drawn: LabelSet) -> np.ndarray | None:
    """(P, H, W) SMPL's joints of each person; None where they were not drawn."""
    planes = [plane.values[..., 0] for plane in drawn.planes if plane.name == SKIN_PARTS.name]
    if not planes or drawn.amodal is None:
        return None
    whose = np.arange(1, len(drawn.amodal) + 1)[:, None, None]
    return np.where(drawn.instance == whose, planes[0], 0)
