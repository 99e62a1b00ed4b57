"""The bodies of a batch, posed and brought to the CPU; nothing is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from render.body.fit_bodies import FitBodies, PosingGroup, list_posing
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue
from render.types.fits import Fits


@dataclass(frozen=True)
class PosedBody:
    """A person's body.

    Attributes:
        verts: (V, 3) m, float32, in the axes that the fits are turned to.
        normals: (V, 3) unit vertex normals, float32.
        faces: (F, 3) int32.
    """

    verts: np.ndarray
    normals: np.ndarray
    faces: np.ndarray


def pose_bodies(bodies: FitBodies, fits: Fits, queue: DeviceQueue) -> Steps[list[PosedBody]]:
    """Steps that pose people, each with the vertices and the faces of his own model.

    Args:
        bodies: What poses them.
        fits: The people.
        queue: Of the device.

    Returns:
        Their bodies, in the same order.
    """
    groups = bodies.prepare(fits, queue)
    tasks = list_posing(groups, is_one_task=bodies.device.type == "cuda")
    yield Step("pose", [partial(queue.call, task) for task in tasks])
    (found,) = yield Step("download", [partial(_fetch, groups, len(fits), queue)])
    return found


def _fetch(groups: list[PosingGroup], count: int, queue: DeviceQueue) -> list[PosedBody]:
    of_groups = [
        [queue.download(part) for part in (group.bodies.verts, group.bodies.normals, group.bodies.faces)]
        for group in groups
    ]
    # Once, when all copies are under way.
    queue.wait()
    found: dict[int, PosedBody] = {}
    for group, (verts, normals, faces) in zip(groups, of_groups, strict=True):
        for k, place in enumerate(group.index.tolist()):
            found[place] = PosedBody(verts[k].numpy(), normals[k].numpy(), faces.numpy())
    return [found[k] for k in range(count)]
