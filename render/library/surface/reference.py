"""What the people of a run are compared with: other fits of them, posed beside theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from render.body.fit_bodies import FitBodies, PosingGroup, list_posing
from render.body.model import BodyModel
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue, upload
from render.errors import BodyModelError
from render.fits.join import Joined
from render.metrics.errors import vertex_errors_mm
from render.types.fits import Fits

# Of the joint that all others hang on.
ROOT = 0


class Reference:
    """Errors of posed bodies against those of other fits of the same people.

    Args:
        fits: The other fits.
        bodies: Theirs.
        joined: Who is who, by the rows of those who are compared.
        align: none, root or procrustes; see `render.metrics.align`.
        origins: Of each source of the other fits where its model came from, for fingerprints.

    Attributes:
        fits: As given.
        bodies: As given.
        origins: As given.
        joined: As given.
    """

    def __init__(
        self,
        fits: Fits,
        bodies: FitBodies,
        joined: Joined,
        align: str,
        origins: tuple[Path | str | None, ...] = (),
    ) -> None:
        self.fits = fits
        self.origins = origins
        self.joined = joined
        self.bodies = bodies
        self._align = align

    def check(self, fits: Fits, bodies: FitBodies) -> None:
        """Checks once that the people of a run can be compared.

        Args:
            fits: Of the run.
            bodies: Theirs.

        Raises:
            BodyModelError: Two bodies of one person have other topologies, or lack the root that they are to
                be laid over each other by.
        """
        places = self.find_places(fits)
        pairs = np.unique(np.column_stack([fits.source, self.fits.source[places]])[places >= 0], axis=0)
        for source, other in pairs.tolist():
            here, there = bodies.models[source], self.bodies.models[other]
            if here.vert_count != there.vert_count or not torch.equal(here.faces, there.faces):
                raise BodyModelError(
                    f"reference: {here.name} has {here.vert_count} vertices and {len(here.faces)} faces, and "
                    f"{there.name} of the reference {there.vert_count} and {len(there.faces)}, or others; "
                    f"expected bodies of one topology."
                )
            has_root = _has_roots(here, there) or find_root_weights(here, there) is not None
            if self._align == "root" and not has_root:
                raise BodyModelError(
                    f"align: {here.name} and {there.name} of the reference have no joint in common to be "
                    f"laid over each other by; use align=procrustes or align=none."
                )

    def find_lack(self, fits: Fits, person: int) -> str | None:
        """Why a person cannot be compared; None if he can.

        Args:
            fits: Of the run.
            person: His place there.
        """
        row = int(fits.row[person])
        place = self.joined.partner.get(row)
        if place is None:
            return self.joined.reasons[row]
        if self._align == "none" and (fits.focal[person, 1] > 0) != (self.fits.focal[place, 1] > 0):
            return (
                "align: none compares places before a camera, and only one of the two fits has one; use "
                "align=root"
            )
        return None

    def measure(self, fits: Fits, groups: list[PosingGroup], queue: DeviceQueue) -> Steps[list[PosingGroup]]:
        """Steps that find the errors of posed bodies.

        Args:
            fits: The people of the batch.
            groups: Of these people, posed.
            queue: The batch's.

        Returns:
            The groups, with values in mm; NaN of people who have nobody to be compared with.
        """
        found: list[PosingGroup] = []
        posing: list[PosingGroup] = []
        tasks: list[Callable[[], None]] = []
        for group in groups:
            people = fits.take(group.index)
            places = self.find_places(people)
            there = np.flatnonzero(places >= 0)
            others = self.fits.take(places[there])
            shape = group.bodies.verts.shape[:2]
            values = queue.call(torch.full, shape, torch.nan, dtype=torch.float32, device=self.bodies.device)
            valued = replace(group, bodies=replace(group.bodies, values=values))
            found.append(valued)
            for other in self.bodies.prepare(others, queue):
                posing.append(other)
                tasks.append(
                    partial(queue.call, self._compare, valued, people, there[other.index], other, others)
                )
        # On a GPU they follow one another in the queue.
        in_turn = self.bodies.device.type == "cuda"
        yield Step("pose", [partial(queue.call, task) for task in list_posing(posing, is_one_task=in_turn)])
        yield Step("compare", tasks)
        return found

    def find_places(self, fits: Fits) -> np.ndarray:
        """(M,) of their partners, -1 where there is none."""
        return np.array([self.joined.partner.get(row, -1) for row in fits.row.tolist()], np.int64)

    def _compare(
        self, group: PosingGroup, people: Fits, index: np.ndarray, other: PosingGroup, others: Fits
    ) -> None:
        """Fills in the values of some people of a group, whose partners one model has posed."""
        assert group.bodies.values is not None
        at = upload(index, self.bodies.device)
        verts, target = group.bodies.verts[at], other.bodies.verts
        if self._align == "none":
            moved = people.transl_m[index] - others.transl_m[other.index]
            verts = verts + upload(moved, self.bodies.device)[:, None]
        # A person at a time, so that who else is in the batch changes no bit.
        for k, place in enumerate(at.tolist()):
            one = slice(k, k + 1)
            roots = _find_roots(group, place, other, k) if self._align == "root" else None
            group.bodies.values[place] = vertex_errors_mm(verts[one], target[one], self._align, roots)[0]


def _has_roots(here: BodyModel, there: BodyModel) -> bool:
    """Whether both have joints, of which the first is the same."""
    names = here.joint_names[:1], there.joint_names[:1]
    has_joints = all(model.allocate(0).joints.shape[1] > 0 for model in (here, there))
    return has_joints and names[0] == names[1]


def find_root_weights(here: BodyModel, there: BodyModel) -> torch.Tensor | None:
    """(V,) how much vertices follow the root, in the first of two models that knows."""
    for model in (here, there):
        if model.weights.shape[1]:
            return model.weights[:, ROOT]
    return None


def _find_roots(
    group: PosingGroup, place: int, other: PosingGroup, k: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of two people (1, 3), m: the root joint, or where one has none the middle of what follows it."""
    here, there = slice(place, place + 1), slice(k, k + 1)
    if _has_roots(group.model, other.model):
        return group.bodies.joints[here, ROOT], other.bodies.joints[there, ROOT]
    weights = find_root_weights(group.model, other.model)
    assert weights is not None
    share = (weights / weights.sum()).double()[None, :, None]
    return (share * group.bodies.verts[here]).sum(1), (share * other.bodies.verts[there]).sum(1)
