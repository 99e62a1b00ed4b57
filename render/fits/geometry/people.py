"""People out of the arrays of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from render.containers.mesh_formats.color_bytes import to_color_bytes
from render.fits.build import assemble, make_marks
from render.fits.cameras import PhotoCameras, weak_perspective
from render.fits.geometry.axes import AXES, UNITS_M, Frame
from render.fits.geometry.camera_keys import make_cameras, to_numbers
from render.fits.geometry.keys import find_keys, list_names
from render.fits.geometry.presets import Preset
from render.fits.geometry.topology import read_topology
from render.fits.image_paths import ImageDir, find_images, relative_name
from render.types.fits import Fits, Unit
from render.types.sources import Meshes

# Of a picture's height, for bodies without a camera.
_FRAMED_PART = 0.8


def read_people(
    content: Mapping[Any, Any],
    stem: str,
    image_dir: ImageDir,
    preset: Preset,
    options: Mapping[str, Any],
    person: int = -1,
) -> Fits:
    """All people of a file, or of one part of it; their values are not checked.

    Args:
        content: Its values by its own keys, with vertices among them.
        stem: Of the file's name, which its picture is found by where it names none.
        image_dir: The folder of the pictures, where it is known.
        preset: What the file leaves unsaid.
        options: axes, units and fov of the user, which come before the file's.
        person: Number of the person where the file has it outside of `content`.

    Raises:
        ValueError: A key is not as it should be; the message is one sentence.
    """
    found, unknown = find_keys(content)
    # HMR and its successors: beside s, tx, ty of the crop it is of the crop, too.
    if "pred_cam" in content and found.get("cam_t") is content.get("pred_cam_t") is not None:
        raise ValueError(
            "pred_cam_t: beside pred_cam it is of the crop; save that of the whole picture as cam_t, with "
            "its focal"
        )
    frame = read_frame(found, preset.frame, options)
    verts = read_verts(found["vertices"])
    count, vert_count = verts.shape[:2]
    topology, faces = read_topology(found, vert_count)
    colors, fault = _read_colors(found, count, vert_count)
    bodies = Meshes(topology, faces, frame.turn_verts(verts), colors)
    cameras, said = _find_cameras(found, bodies, frame, preset, options)
    marks = None
    if "joints2d" in found:
        points_px = to_numbers(found["joints2d"], "joints2d")
        if points_px.ndim == 2:
            points_px = points_px[None]
        points_m = None
        if "joints3d" in found:
            points_m = frame.turn(to_numbers(found["joints3d"], "joints3d"))
            points_m = points_m[None] if points_m.ndim == 2 else points_m
            if points_m.shape != (count, points_px.shape[1], 3):
                raise ValueError(f"joints3d: expected as many joints as in joints2d, found {points_m.shape}")
        if points_px.shape[0] != count or points_px.shape[2:] not in ((2,), (3,)):
            raise ValueError(f"joints2d: expected ({count}, K, 2 or 3), found {points_px.shape}")
        marks = make_marks("file", points_px, points_m)
    names = find_names(found, stem, image_dir, count)
    identity = {"person": np.full(count, person)}
    identity |= {key: _integers(found, key, count) for key in ("person", "frame") if key in found}
    notes = [f"axes {frame.axes}, units {frame.units}", said]
    notes.append(f"faces of {topology}" if topology else f"{len(faces)} faces of the file")
    if fault is not None:
        notes.append(fault)
    if unknown:
        notes.append(f"not used: {list_names(unknown)}")
    return assemble(
        "meshes",
        names,
        bodies,
        cameras,
        marks=marks,
        notes=tuple(notes),
        person=identity["person"],
        frame=identity.get("frame"),
    )


def read_frame(found: Mapping[str, Any], unsaid: Frame, options: Mapping[str, Any]) -> Frame:
    """Axes and units: the user's, else the file's.

    Args:
        found: Values of the file, by our names.
        unsaid: What it is where neither says it.
        options: Of the user.

    Raises:
        ValueError: The file names others than there are.
    """
    words = []
    for key, known in (("axes", AXES), ("units", UNITS_M)):
        word = options.get(key)
        if word is None:
            word = found.get(key)
            word = getattr(unsaid, key) if word is None else str(word)
        if word not in known:
            raise ValueError(f"{key}: expected {', '.join(known)}, found {word[:40]!r}")
        words.append(word)
    return Frame(*words)


def read_verts(value: Any) -> np.ndarray:
    """(N, V, 3), as the file has them."""
    verts = np.asarray(value)
    if verts.dtype.kind not in "fiu":
        raise ValueError(f"vertices: expected numbers, found {verts.dtype}")
    verts = verts[None] if verts.ndim == 2 else verts
    if verts.ndim != 3 or verts.shape[2] != 3 or not verts.size:
        raise ValueError(f"vertices: expected the shape (N, V, 3) or (V, 3), found {np.shape(value)}")
    return verts


def _read_colors(
    found: Mapping[str, Any], count: int, vert_count: int
) -> tuple[np.ndarray | None, str | None]:
    """(N, V, 3) uint8, and why there are none although the file has the key: shapes can be drawn without."""
    if "vertex_colors" not in found:
        return None, None
    try:
        colors = to_color_bytes(found["vertex_colors"], vert_count)
        return np.broadcast_to(colors, (count, vert_count, 3)), None
    # NumPy's: colours of another number of people.
    except ValueError as error:
        return None, f"vertex_colors are not used: {error}"


def with_defaults(found: Mapping[str, Any], preset: Preset, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keys of a camera: the file's, else the user's field of view, else the preset's camera."""
    if any(key in found for key in ("K", "focal", "weak", "fov")):
        return found
    if "fov" in options:
        return {**found, "fov": options["fov"]}
    return {**found, **preset.camera}


def _find_cameras(
    found: Mapping[str, Any], bodies: Meshes, frame: Frame, preset: Preset, options: Mapping[str, Any]
) -> tuple[PhotoCameras, str]:
    made = make_cameras(with_defaults(found, preset, options), len(bodies), frame)
    if made is not None:
        made[0].is_metric[:] &= preset.is_metric
        return made
    low, high = bodies.verts.min(axis=1).astype(np.float64), bodies.verts.max(axis=1).astype(np.float64)
    scale = _FRAMED_PART / np.maximum((high - low)[:, :2].max(axis=1), 1e-6)
    origin = -scale[:, None] * (high + low)[:, :2] / 2
    said = "the file has no camera: each body stands in the middle of the picture, not where its person is"
    return weak_perspective(scale, origin, Unit.HEIGHT), said


def find_names(found: Mapping[str, Any], stem: str, image_dir: ImageDir, count: int) -> list[str]:
    """The image name of each person: what the file says, else what the file's own name says.

    Raises:
        ValueError: There are names for another number of people.
    """
    if "image" not in found:
        return find_images([stem], image_dir) * count
    value = found["image"]
    names = [value] if isinstance(value, str) else np.asarray(value, object).ravel().tolist()
    names = [name.decode("utf-8", "replace") if isinstance(name, bytes) else name for name in names]
    if len(names) not in (1, count) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"image: expected a name for each of {count} people, found {len(names)}")
    relative = {name: relative_name(str(name), image_dir) for name in set(names)}
    return [relative[name] for name in names] * (count // len(names))


def _integers(found: Mapping[str, Any], key: str, count: int) -> np.ndarray:
    value = np.asarray(found[key]).ravel()
    if value.dtype.kind not in "iu" or len(value) not in (1, count):
        raise ValueError(f"{key}: expected an integer for each of {count} people, found {value.dtype}")
    return np.broadcast_to(value.astype(np.int64), (count,))


def stack_people(people: Sequence[Mapping[Any, Any]]) -> dict[Any, Any] | None:
    """Mappings of one person each as one of arrays, None where they have other keys or shapes.

    What is not known is kept of the first person alone: only its name is said.
    """
    first = people[0]
    if any(set(one) != set(first) for one in people):
        return None
    known = {id(value) for value in find_keys(first)[0].values()}
    stacked = dict(first)
    for key, value in first.items():
        values = [one[key] for one in people]
        if id(value) not in known or all(one is value for one in values):
            continue
        if key in ("faces", "topology", "axes", "units"):
            if not all(np.array_equal(one, value) for one in values):
                return None
        elif isinstance(value, str):
            stacked[key] = values
        elif len({np.shape(one) for one in values}) == 1:
            # Numbers of one person each in rows of their own: two of them are no pair.
            stacked[key] = np.stack([np.atleast_1d(np.asarray(one)) for one in values])
        else:
            return None
    return stacked
