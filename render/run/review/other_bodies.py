"""Some people of a batch posed with other body models, to find out whether those fit better."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from render.body.fit_bodies import FitBodies, list_posing
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue
from render.review.other_bodies import is_tried
from render.run.meshes.pose import fetch_bodies
from render.run.opening.other_bodies import OpenedOthers
from render.sheet.framing import Batch


class OtherBodies:
    """Poses people with other bodies.

    Args:
        bodies: Their own.
        others: Those that they are tried with.
    """

    def __init__(self, bodies: FitBodies, others: OpenedOthers) -> None:
        self._bodies = bodies
        self._others = others

    def pose(self, batch: Batch, queue: DeviceQueue) -> Steps[list[dict[str, np.ndarray]]]:
        """Steps that pose those of the batch who are tried, with one body after the other.

        Returns:
            Of each person of the batch the joints by the names of the bodies, as `ReviewedPerson.others` has
            them; nothing of those who are not tried.
        """
        found: list[dict[str, np.ndarray]] = [{} for _ in range(len(batch.fits))]
        sources = batch.fits.source.tolist()
        tried = np.flatnonzero(is_tried(batch.fits.row)).tolist()
        for name, bodies in self._others.bodies.items():
            who = [person for person in tried if name in self._others.files[sources[person]]]
            if not who:
                continue
            fits = batch.fits.take(np.array(who))
            groups = bodies.prepare(fits, queue)
            tasks = list_posing(groups, is_one_task=bodies.device.type == "cuda")
            yield Step("pose", [partial(queue.call, task) for task in tasks])
            (posed,) = yield Step("download", [partial(fetch_bodies, groups, len(fits), queue)])
            for person, body in zip(who, posed, strict=True):
                own, other = (of.models[sources[person]].joint_names for of in (self._bodies, bodies))
                found[person][name] = _sort_joints(body.joints, other, own)
        return found


def _sort_joints(joints_m: np.ndarray, names: tuple[str, ...], wanted: tuple[str, ...]) -> np.ndarray:
    """(J, 3) joints in the order of other names; NaN for those that are not there."""
    places: Mapping[str, int] = {name: place for place, name in reversed(list(enumerate(names)))}
    padded = np.vstack([joints_m, np.full((1, 3), np.nan)])
    return padded[[places.get(name, -1) for name in wanted]]
