"""The frames of a sequence in glTF: each is a mesh of its own, and all but one are scaled to nothing.

A scale of zero on all axes hides a node, which the specification names as the way to animate what is seen
(Khronos, glTF 2.0, 3.5.3). Morph targets would be the other way. Viewers bound how many of those a mesh has,
three.js to about a thousand, and their weights grow with the square of the frames.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from render.errors import SheetError
from render.write.meshes.gltf_arrays import SceneArrays

_HIDDEN, _SHOWN = [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]


def add_frames(
    tree: dict[str, Any], arrays: SceneArrays, nodes: dict[int, list[int]], starts_s: np.ndarray
) -> None:
    """Adds the animation that shows frame after frame, each from its beginning to that of the next.

    Args:
        tree: The JSON of the scene.
        arrays: Of the scene.
        nodes: The nodes of each frame that has any.
        starts_s: (N + 1,) when each of the N frames begins, and when the last one ends.

    Raises:
        SheetError: Frames follow one another too fast for float32.
    """
    times = (starts_s - starts_s[0]).astype(np.float32)
    if not (np.diff(times) > 0).all():
        raise SheetError(
            "its frames follow one another too fast for the clock of glTF; choose fewer by samples"
        )
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    last = len(starts_s) - 2
    for frame, shown in sorted(nodes.items()):
        keys = [0] if frame == 0 else [0, frame]
        scales = [_SHOWN] if frame == 0 else [_HIDDEN, _SHOWN]
        # The last one stays, to the end of the animation.
        scales.append(_SHOWN if frame == last else _HIDDEN)
        sampler = {
            "input": arrays.add(times[[*keys, frame + 1], None]),
            "output": arrays.add(np.array(scales, np.float32)),
            "interpolation": "STEP",
        }
        channels += [{"sampler": len(samplers), "target": {"node": node, "path": "scale"}} for node in shown]
        samplers.append(sampler)
    first = min(nodes)
    for frame, shown in nodes.items():
        for node in shown if frame != first else ():
            tree["nodes"][node]["scale"] = _HIDDEN
    tree["animations"] = [{"name": "frames", "samplers": samplers, "channels": channels}]
