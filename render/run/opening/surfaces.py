"""What the bodies of a run are painted with: DensePose's charts, textures, and colours of vertices."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from render.body.fit_bodies import FitBodies
from render.body.model import BodyModel
from render.body.surface.atlas import make_atlas
from render.body.surface.uv_map import find_model_uv, read_uv_map
from render.body.surface.vertex_colors import read_vertex_colors
from render.config.schema import Config
from render.errors import BodyModelError
from render.files.stores.fetch import find_input
from render.library.surface.textures import read_texels
from render.run.opening.charts import ATLAS, list_users, open_charts
from render.types.bodies import Charts, TextureMap
from render.types.fits import Fits
from render.types.sources import Meshes

log = logging.getLogger("render")

_MOST_ROWS = 3


@dataclass(frozen=True)
class Surface:
    """What bodies are painted with; None where no panel shows it.

    Attributes:
        charts: DensePose's.
        charts_file: Their file.
        texture: The UV map with its picture.
        colors: See `FitBodies`.
        named: As `Fingerprint` takes it.
    """

    charts: Charts | None = None
    charts_file: Path | None = None
    texture: TextureMap | None = None
    colors: tuple[torch.Tensor | None, ...] | None = None
    named: dict[str, Path | str] = field(default_factory=dict)

    def paint(self, bodies: FitBodies) -> FitBodies:
        """The bodies, with colours where panels show them."""
        return bodies if self.colors is None else FitBodies(bodies.models, bodies.device, self.colors)


def open_surface(
    config: Config, bodies: FitBodies, origins: tuple[Path | str | None, ...], fits: Fits
) -> Surface:
    """Reads what the panels show of the bodies' surface.

    Args:
        config: The settings.
        bodies: Of the fits.
        origins: Of each source of the fits, see `OpenedBodies`.
        fits: Those that are drawn.

    Raises:
        BodyModelError: A file is missing or cannot be used, is not of all bodies, or none is named.
    """
    used = np.unique(fits.source).tolist()
    models = {bodies.models[source]: origins[source] for source in used}
    charts, charts_file = open_charts(config, list(models))
    texture: TextureMap | None = None
    named: dict[str, Path | str] = {}
    if list_users(config, "texture"):
        texture, named = _open_texture(config, models, charts)
    elif list_users(config, "uv"):
        uv, named = open_uv(config, models, charts)
        texture = None if uv is None else TextureMap(uv)
    colors = None
    if list_users(config, "colors") or _color_meshes(config, fits):
        colors = _open_colors(config, bodies, fits)
        if config.body.colors is not None:
            named["colors"] = find_input(config.body.colors)
    for key, value in {"charts": charts_file, **named}.items():
        if value is not None:
            log.info("%s: %s", key, value)
    return Surface(charts, charts_file, texture, colors, named)


def _color_meshes(config: Config, fits: Fits) -> bool:
    """Whether meshes are written with colours, as they are where everybody has some."""
    if config.job.product != "meshes":
        return False
    drawn = [fits.sources[source].bodies for source in np.unique(fits.source).tolist()]
    return config.body.colors is not None or all(
        isinstance(bodies, Meshes) and bodies.colors is not None for bodies in drawn
    )


def open_uv(
    config: Config, models: dict[BodyModel, Path | str | None], charts: Charts | None
) -> tuple[torch.Tensor | None, dict[str, Path | str]]:
    """The UV map of the bodies, and what a fingerprint is to know of it.

    Args:
        config: The settings.
        models: All that are drawn, with where each came from.
        charts: For body.uv=densepose.

    Returns:
        (F, 3, 2) as `TextureMap` has it, None where nobody is drawn.

    Raises:
        BodyModelError: The file cannot be used, or is not of all bodies, or there is none.
    """
    told = config.body.uv
    if told == ATLAS:
        model = next(iter(models), None)
        return (None if model is None or charts is None else make_atlas(charts, model.faces)), {"uv": ATLAS}
    named: dict[str, Path | str] = {} if told is None else {"uv": find_input(told)}
    found = [_read_uv(model, origin, named.get("uv")) for model, origin in models.items()]
    if any(not torch.equal(found[0], other) for other in found[1:]):
        names = ", ".join(model.name for model in models)
        raise BodyModelError(
            f"body.uv: {names} have UV maps of their own, which differ; set it to one, or draw them apart."
        )
    return next(iter(found), None), named


def _read_uv(model: BodyModel, origin: Path | str | None, path: Path | str | None) -> torch.Tensor:
    """The map in a file; without one that in the model's own."""
    if isinstance(path, Path):
        return read_uv_map(path, model.faces)
    own = find_model_uv(origin, model.faces) if isinstance(origin, Path) else None
    if own is None:
        raise BodyModelError(
            f"body.uv: {model.name} has no UV map of its own; set it to the OBJ with vt of its download "
            f"(smpl_uv.obj, smplx_uv.obj), or body.uv=densepose for a texture in the squares of DensePose's "
            f"atlas."
        )
    return own


def _open_texture(
    config: Config, models: dict[BodyModel, Path | str | None], charts: Charts | None
) -> tuple[TextureMap | None, dict[str, Path | str]]:
    if config.body.texture is None:
        raise BodyModelError(
            "body.texture: these panels show a texture, and no picture is named; set it to a PNG or JPEG on "
            "the body's UV map (body.uv)."
        )
    uv, named = open_uv(config, models, charts)
    path = find_input(config.body.texture)
    texels = read_texels(path, next(iter(models)).device) if models else None
    return None if uv is None else TextureMap(uv, texels), {**named, "texture": path}


def _open_colors(config: Config, bodies: FitBodies, fits: Fits) -> tuple[torch.Tensor | None, ...]:
    """Of each source that is drawn the colours of bodies that bring none."""
    found: list[torch.Tensor | None] = [None] * len(fits.sources)
    for source in np.unique(fits.source).tolist():
        told, model = fits.sources[source], bodies.models[source]
        if isinstance(told.bodies, Meshes) and told.bodies.colors is not None:
            continue
        if config.body.colors is None:
            rows = fits.row[fits.source == source]
            more = f" and {len(rows) - _MOST_ROWS} more" if len(rows) > _MOST_ROWS else ""
            raise BodyModelError(
                f"body.colors: these panels show colours of vertices, and fits of format {told.format} have "
                f"none (rows {', '.join(map(str, rows[:_MOST_ROWS].tolist()))}{more}); set it to a file with "
                f"a colour of each of the {model.vert_count} vertices of {model.name}."
            )
        colors = read_vertex_colors(find_input(config.body.colors), model.vert_count)
        found[source] = torch.from_numpy(colors).to(bodies.device)
    return tuple(found)
