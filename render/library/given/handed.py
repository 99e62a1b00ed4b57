"""What users hand from one stage to the next, which they may have altered, as kernels take it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from render.body.charts import PART_COUNT
from render.fits.checks import value_checks
from render.library.given.arrays import check_faces, check_finite, check_tensor
from render.types.bodies import Bodies, Charts
from render.types.fits import Fits, Unit
from render.types.fragments import Fragments
from render.types.placements import Cameras
from render.types.shape_checked import ShapeChecked
from render.types.sources import FitSource, Marks, Meshes, Poses

Handed = TypeVar("Handed")


# Columns of whole numbers.
_WHOLE = ("row", "person", "frame", "identity", "annot_id", "source", "place", "unit", "faces")


def check_kind(name: str, value: object, kind: type[Handed]) -> Handed:
    """The value; raises TypeError, which begins with `name`, unless it is of that kind."""
    if not isinstance(value, kind):
        raise TypeError(f"{name}: expected {kind.__name__}, found a {type(value).__name__}")
    return value


def is_real(value: object) -> bool:
    """Whether it is a real number."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool | np.complexfloating)


def check_path(name: str, value: object) -> Path:
    """The path; raises TypeError or ValueError, which begins with `name`, for what is none."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name}: expected a path, found a {type(value).__name__}")
    if "\0" in str(value):
        raise ValueError(f"{name}: expected a path, found one with a null character: {str(value)!r}")
    return Path(value)


def check_model(name: str, body: object) -> None:
    """Raises TypeError, which begins with `name`, unless it is a body model."""
    if isinstance(body, type) or not all(hasattr(body, has) for has in ("pose", "faces", "vert_count")):
        raise TypeError(
            f"{name}: expected a body model, such as load_body gives, found a {type(body).__name__}"
        )


def check_fields(name: str, value: ShapeChecked) -> None:
    """Raises TypeError or ValueError, which begins with `name`, unless its arrays are sound."""
    # What is frozen can still be resized in place.
    value.__post_init__()
    fields = {field: getattr(value, field) for field in value.SHAPES}
    # What may be left out.
    fields = {field: one for field, one in fields.items() if one is not None}
    devices = {str(one.device) for one in fields.values() if isinstance(one, torch.Tensor)}
    if len(devices) > 1:
        raise ValueError(f"{name}: expected all arrays on one device, found {', '.join(sorted(devices))}")
    for field, one in fields.items():
        check_tensor(f"{name}.{field}", one)


def take_bodies(bodies: Bodies, name: str = "bodies") -> Bodies:
    """The bodies as kernels take them, whatever was done to them since they were made.

    Args:
        bodies: As they are handed in.
        name: What messages call them.

    Raises:
        TypeError: They are no Bodies, or hold what are no tensors of real numbers.
        ValueError: There are none, they are on several devices, they hold numbers that are not finite, or
            faces have vertices that there are not.
    """
    check_fields(name, check_kind(name, bodies, Bodies))
    if not bodies.verts.numel() or not bodies.faces.numel():
        raise ValueError(f"{name}: expected some with vertices and faces, found {bodies}")
    # Kernels take float32, without gaps and without gradients.
    arrays = {field: getattr(bodies, field).detach().float() for field in ("verts", "normals", "joints")}
    for field, array in arrays.items():
        broken = torch.nonzero(~array.isfinite().flatten(1).all(1))[:, 0].tolist()
        if broken:
            raise ValueError(f"{name}: body {broken[0]} has {field} that are not finite numbers")
    colors = bodies.colors
    if colors is not None and colors.dtype != torch.uint8:
        raise TypeError(f"{name}.colors: expected bytes (uint8), found {colors.dtype}")
    values = bodies.values
    if values is not None and values.dtype != torch.float32:
        raise TypeError(f"{name}.values: expected float32, found {values.dtype}")
    return Bodies(
        **{field: array.contiguous() for field, array in arrays.items()},
        colors=None if colors is None else colors.contiguous(),
        values=None if values is None else values.detach().contiguous(),
        # A copy: faces that change later would lead kernels out of their memory.
        faces=check_faces(bodies.faces, bodies.verts.shape[1]).clone(),
    )


def take_charts(charts: Charts, bodies: Bodies) -> Charts:
    """The charts as kernels take them: a copy, for parts that change later would lead out of the palette.

    Raises:
        TypeError: They are no Charts, or hold what are no tensors of real numbers.
        ValueError: They are of another topology, or numbers are out of range.
    """
    check_fields("charts", check_kind("charts", charts, Charts))
    found = (len(charts.part), len(charts.corner_count), charts.part.device)
    expected = (len(bodies.faces), bodies.verts.shape[1], bodies.verts.device)
    if found != expected:
        says = "{} faces and {} vertices on {}"
        raise ValueError(f"charts: expected those of {says.format(*expected)}, found {says.format(*found)}")
    part, uv, count = charts.part.long(), charts.uv.detach().float(), charts.corner_count.detach().double()
    low, high = int(part.min()), int(part.max())
    if charts.part.is_floating_point() or low < 0 or high > PART_COUNT:
        raise ValueError(
            f"charts.part: expected whole numbers from 0 to {PART_COUNT}, found {low} to {high}, "
            f"{charts.part.dtype}"
        )
    # Written so that NaN is out of range.
    if not ((uv >= 0) & (uv <= 1)).all():
        raise ValueError("charts.uv: expected numbers from 0 to 1, found others")
    check_finite("charts.corner_count", count)
    if (count < 0).any() or not (count > 0).any():
        raise ValueError("charts.corner_count: expected counts, some above 0, found others")
    return Charts(part=part.int(), uv=uv.clone().contiguous(), corner_count=count.clone().contiguous())


def take_cameras(cameras: Cameras) -> Cameras:
    """The cameras as kernels take them.

    Raises:
        TypeError: They are no Cameras, or hold what are no tensors of real numbers.
        ValueError: Numbers are not finite, or focal lengths below 0.
    """
    # `cull` is not read: both sides of a face are drawn.
    focal_px = check_tensor("cameras.focal_px", check_kind("cameras", cameras, Cameras).focal_px)
    plain = replace(cameras, cull=torch.zeros_like(focal_px))
    check_fields("cameras", plain)
    arrays = {name: getattr(plain, name).detach().float().contiguous() for name in Cameras.SHAPES}
    for name, array in arrays.items():
        check_finite(f"cameras.{name}", array)
    if (arrays["focal_px"] < 0).any():
        raise ValueError(f"cameras.focal_px: expected 0 or more, found {float(arrays['focal_px'].min())}")
    return Cameras(**arrays | {"cull": arrays["cull"].int()})


def check_fits(fits: Fits) -> None:
    """Checks fits that may have been altered since they were read or made.

    Raises:
        TypeError: They are no Fits, or hold what are no arrays of real numbers.
        ValueError: Numbers are out of range, or names leave their folder.
    """
    check_kind("fits", fits, Fits).__post_init__()
    if not isinstance(fits.sources, tuple) or not fits.sources:
        raise TypeError("fits.sources: expected a tuple of sources")
    columns = {f"fits.{name}": (getattr(fits, name), name) for name in Fits.SHAPES}
    for i, source in enumerate(fits.sources):
        where = f"fits.sources[{i}]"
        check_kind(where, source, FitSource).__post_init__()
        bodies = source.bodies
        if not isinstance(bodies, Poses | Meshes):
            raise TypeError(f"{where}.bodies: expected poses or meshes, found a {type(bodies).__name__}")
        for part in (bodies, check_kind(f"{where}.marks", source.marks, Marks)):
            part.__post_init__()
            arrays = {name: getattr(part, name) for name in part.SHAPES}
            # Most meshes have no colours.
            columns |= {f"{where}.{name}": (one, name) for name, one in arrays.items() if one is not None}
    for where, (array, name) in columns.items():
        # Vertices and their colours may be read when they are drawn.
        if not isinstance(array, np.ndarray) and name not in ("verts", "colors"):
            raise TypeError(f"{where}: expected a NumPy array, found a {type(array).__name__}")
        kinds = "iu" if name in _WHOLE else "O" if name in ("image_name", "sequence") else "biuf"
        if isinstance(array, np.ndarray) and array.dtype.kind not in kinds:
            raise TypeError(f"{where}: expected real numbers, found {array.dtype}")
        if name == "is_metric" and array.dtype != bool:
            raise TypeError(f"{where}: expected True and False, found {array.dtype}")
    count = len(fits.sources)
    if len(fits) and not (fits.source.min() >= 0 and fits.source.max() < count):
        raise ValueError(
            f"fits.source: expected 0 to {count - 1}, found {fits.source.min()} to {fits.source.max()}"
        )
    for i, most in enumerate(map(len, fits.sources)):
        place = fits.place[fits.source == i]
        if not ((place >= 0) & (place < most)).all():
            raise ValueError(f"fits.place: expected rows of fits.sources[{i}], 0 to {most - 1}, found others")
    if not np.isin(fits.unit, list(Unit)).all():
        raise ValueError("fits.unit: expected numbers of Unit, found others")
    for passes, fault_of in value_checks(fits):
        if not passes.all():
            raise ValueError(f"fits: row {fits.row[~passes][0]}: {fault_of(int(np.argmin(passes)))}")
    if not ((fits.row >= 0) & (fits.row < 2**31)).all():
        raise ValueError("fits.row: expected numbers of rows in 31 bits, found others")
    if not ((fits.identity >= -1) & (fits.identity < 2**31)).all():
        raise ValueError("fits.identity: expected numbers of people in 31 bits, or -1, found others")


def check_fragments(fragments: Fragments) -> None:
    """Raises TypeError or ValueError for what are no fragments, whichever sheets they are of."""
    check_fields("fragments", check_kind("fragments", fragments, Fragments))
    if isinstance(fragments.face_count, bool) or not isinstance(fragments.face_count, int):
        raise TypeError(f"fragments.face_count: expected a whole number, found {fragments.face_count!r}")
