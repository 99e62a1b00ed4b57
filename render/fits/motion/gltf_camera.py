"""The camera of a glTF scene, which may move."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from render.containers.json_values import RowFault, describe
from render.fits.motion.gltf import Gltf, numbers

# From a glTF camera's axes, x right, y up, looking along -z, to OpenCV's.
_TO_OPENCV = np.diag([1.0, -1.0, -1.0])
_PATHS = {"translation": "VEC3", "rotation": "VEC4"}


class SceneCamera(NamedTuple):
    """A camera at frames of a scene.

    Attributes:
        focal: Focal length in heights of the picture, whose middle is the principal point.
        aspect: Width of the picture / height, NaN where it is not known.
        rotation: (F, 3, 3) from the scene to the camera's frame, x right, y down, z away; NaN where the file
            has no rotation.
        transl_m: (F, 3) added after it.
    """

    focal: float
    aspect: float
    rotation: np.ndarray
    transl_m: np.ndarray


class _Frames(NamedTuple):
    """Numbers of the frames that are wanted, how many there are, and their rate."""

    wanted: np.ndarray
    total: int
    rate_hz: float


def read_camera(scene: Gltf, frames: np.ndarray, count: int, rate_hz: float) -> SceneCamera | None:
    """The first camera of a scene; None where it has none.

    Args:
        scene: The scene.
        frames: (F,) numbers of those that are wanted, below `count`.
        count: How many frames the scene says that it has.
        rate_hz: Of frames, NaN where it is not known.

    Raises:
        RowFault: It is no perspective, or its motion cannot be read.
    """
    nodes = scene.tree.get("nodes", [])
    if not isinstance(nodes, list):
        raise RowFault("nodes", "a list", describe(nodes))
    place = next((i for i, node in enumerate(nodes) if isinstance(node, dict) and "camera" in node), None)
    if place is None:
        return None
    node = nodes[place]
    _check_above(nodes, place)
    focal, aspect = _read_lens(scene, node["camera"])
    where = f"nodes[{place}]"
    moved = _read_animation(scene, place, _Frames(frames, count, rate_hz))
    position = numbers(node, where, "translation", (0, 0, 0))[None]
    turn = numbers(node, where, "rotation", (0, 0, 0, 1))[None]
    position = np.broadcast_to(moved.get("translation", position), (len(frames), 3))
    # To the scene from the node, so to the node by its inverse.
    to_node = _to_rotmat(np.broadcast_to(moved.get("rotation", turn), (len(frames), 4))).transpose(0, 2, 1)
    rotation = _TO_OPENCV @ to_node
    return SceneCamera(focal, aspect, rotation, -np.einsum("fij,fj->fi", rotation, position))


def _check_above(nodes: list[Any], place: int) -> None:
    """Raises RowFault where a node above the camera's moves it, or its own matrix or scale does."""
    above: dict[int, int] = {}
    for parent, node in enumerate(nodes):
        children = node.get("children") if isinstance(node, dict) else None
        for child in children if isinstance(children, list) else []:
            if type(child) is int:
                above[child] = parent
    index: int | None = place
    seen: set[int] = set()
    while index is not None and index not in seen:
        seen.add(index)
        for key in ("matrix", "scale", *(() if index == place else _PATHS)):
            if key in nodes[index]:
                raise RowFault(f"nodes[{index}]", "a camera that its own node alone moves", f"a {key}")
        index = above.get(index)


def _read_lens(scene: Gltf, index: Any) -> tuple[float, float]:
    """Focal length in heights, and the aspect ratio."""
    lens, where = scene.item("cameras", index).get("perspective"), f"cameras[{index}]"
    if not isinstance(lens, dict):
        raise RowFault(where, "a perspective", describe(lens))
    yfov = numbers({"yfov": [lens.get("yfov")]}, where, "yfov", (0,))[0]
    if not 0 < yfov < np.pi:
        raise RowFault(f"{where}.yfov", "an angle above 0 and below pi", f"{yfov:g}")
    aspect = numbers({"aspectRatio": [lens.get("aspectRatio", np.nan)]}, where, "aspectRatio", (0,))[0]
    return 0.5 / np.tan(yfov / 2), aspect


def _read_animation(scene: Gltf, place: int, frames: _Frames) -> dict[str, np.ndarray]:
    """Of each path of a node that is animated, its values at the frames (F, K)."""
    found: dict[str, np.ndarray] = {}
    animations = scene.tree.get("animations", [])
    for which in range(len(animations) if isinstance(animations, list) else 0):
        animation, where = scene.item("animations", which), f"animations[{which}]"
        channels = animation.get("channels")
        for channel in channels if isinstance(channels, list) else []:
            target = channel.get("target") if isinstance(channel, dict) else None
            if not isinstance(target, dict) or target.get("node") != place:
                continue
            path = target.get("path")
            if not isinstance(path, str) or path not in _PATHS or path in found:
                continue
            samplers = Gltf(animation)
            sampler = samplers.item("samplers", channel.get("sampler"))
            times = scene.read_accessor(sampler.get("input"), "SCALAR")[:, 0]
            values = scene.read_accessor(sampler.get("output"), _PATHS[path])
            if len(times) != len(values) or not len(times):
                expected = f"a value of {path} for each time"
                raise RowFault(where, expected, f"{len(values)} for {len(times)}")
            way = sampler.get("interpolation", "LINEAR")
            found[path] = _sample(f"{where}: {path}", times, values, frames, way)
    return found


def _sample(where: str, times: np.ndarray, values: np.ndarray, frames: _Frames, way: Any) -> np.ndarray:
    """Values at the frames: those of the keys where there is one a frame, else between them in time."""
    if way not in ("LINEAR", "STEP"):
        raise RowFault(where, "LINEAR or STEP", describe(way))
    if len(times) == frames.total:
        return values[frames.wanted]
    if len(times) == 1:
        return values
    if not (np.diff(times) > 0).all():
        raise RowFault(where, "times that ascend", "others")
    if np.isnan(frames.rate_hz):
        raise RowFault(where, f"{frames.total} keys, one a frame, as no rate is known", f"{len(times)}")
    at = np.clip(frames.wanted / frames.rate_hz, times[0], times[-1])
    below = np.clip(np.searchsorted(times, at, "right") - 1, 0, len(times) - 2)
    if way == "STEP":
        return values[np.where(at >= times[-1], len(times) - 1, below)]
    part = ((at - times[below]) / (times[below + 1] - times[below]))[:, None]
    before, after = values[below], values[below + 1]
    if values.shape[1] == 3:
        return before + part * (after - before)
    return _slerp(before, after, part)


def _slerp(before: np.ndarray, after: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Between unit quaternions along the shorter way, as glTF has it."""
    before, after = (q / np.linalg.norm(q, axis=1, keepdims=True) for q in (before, after))
    cosine = (before * after).sum(1, keepdims=True)
    after, cosine = np.where(cosine < 0, -after, after), np.minimum(np.abs(cosine), 1)
    angle = np.arccos(cosine)
    sine = np.sin(angle)
    # Beside one another a straight line is the arc.
    is_near = sine < 1e-9
    first = np.where(is_near, 1 - part, np.sin((1 - part) * angle) / np.where(is_near, 1, sine))
    second = np.where(is_near, part, np.sin(part * angle) / np.where(is_near, 1, sine))
    return first * before + second * after


def _to_rotmat(quaternion: np.ndarray) -> np.ndarray:
    """(F, 3, 3) of quaternions x, y, z, w (F, 4), which need not be units; NaN where one is zero."""
    with np.errstate(invalid="ignore"):
        x, y, z, w = (quaternion / np.linalg.norm(quaternion, axis=1, keepdims=True)).T
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
        (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
        (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, 1) for row in rows], 1)
