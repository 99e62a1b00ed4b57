"""The bodies of a batch, posed and brought to the CPU; nothing is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from render.body.fit_bodies import PosingGroup
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue
from render.library.poser import BatchPoser
from render.sheet.framing import Batch


@dataclass(frozen=True)
class PosedBody:
    """A person's body.

    Attributes:
        verts: (V, 3) m, float32, in the axes of the frame that is asked for.
        normals: (V, 3) unit vertex normals, float32.
        joints: (J, 3) m, float32, in the same axes.
        faces: (F, 3) int32.
        colors: (V, 3) RGB of each vertex, uint8; None where there are none.
    """

    verts: np.ndarray
    normals: np.ndarray
    joints: np.ndarray
    faces: np.ndarray
    colors: np.ndarray | None


def pose_bodies(poser: BatchPoser, batch: Batch, frame: str) -> Steps[list[PosedBody]]:
    """Steps that pose the people of a batch, each with the vertices and the faces of his own model.

    Args:
        poser: Of their bodies.
        batch: Whose people they are.
        frame: `camera` for the axes of their cameras, `model` for those of their body models.

    Returns:
        Their bodies, in the same order.
    """
    queue = poser.open_queue()
    if frame == "model":
        still = np.tile(np.eye(3), (len(batch.fits), 1, 1))
        batch = replace(batch, fits=replace(batch.fits, rotation=still))
    groups = yield from poser.pose(batch, queue)
    (found,) = yield Step("download", [partial(fetch_bodies, groups, len(batch.fits), queue)])
    return found


def fetch_bodies(groups: list[PosingGroup], count: int, queue: DeviceQueue) -> list[PosedBody]:
    """Waits for the device; the bodies of a batch in the order of its people.

    Args:
        groups: They are posed.
        count: How many people they are.
        queue: In which they are.
    """
    of_groups = []
    for group in groups:
        made = group.bodies
        parts = [made.verts, made.normals, made.joints, made.faces]
        parts += [] if made.colors is None else [made.colors]
        of_groups.append([queue.download(part) for part in parts])
    # Once, when all copies are under way.
    queue.wait()
    found: dict[int, PosedBody] = {}
    for group, (verts, normals, joints, faces, *colors) in zip(groups, of_groups, strict=True):
        for k, place in enumerate(group.index.tolist()):
            own = colors[0][k].numpy() if colors else None
            found[place] = PosedBody(
                verts[k].numpy(), normals[k].numpy(), joints[k].numpy(), faces.numpy(), own
            )
    return [found[k] for k in range(count)]
