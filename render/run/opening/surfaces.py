"""What the bodies of a run are painted with: DensePose's charts, textures, and colours of vertices."""

from __future__ import annotations

import logging
import os
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
from render.library.bodies import load_charts
from render.library.surface.textures import read_texels
from render.resources import find_file
from render.shade.mode import MODES
from render.types.bodies import Charts, TextureMap
from render.types.fits import Fits
from render.types.sources import Meshes

log = logging.getLogger("render")

# Of SMPL, whose charts DensePose's file has.
_CHARTED_VERTS = 6890
# What body.uv says instead of a file.
ATLAS = "densepose"
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
    if list_users(config, "needs_texture"):
        texture, named = _open_texture(config, models, charts)
    elif needs_layer(config, "uv"):
        uv, named = open_uv(config, models, charts)
        # A label is of the map alone.
        texture = None if uv is None else TextureMap(uv, uv.new_zeros(1, 1, 3, dtype=torch.uint8))
    colors = None
    if list_users(config, "needs_colors") or _color_meshes(config, fits):
        colors = _open_colors(config, bodies, fits)
        if config.body.colors is not None:
            named["colors"] = find_file(config.body.colors)
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


def list_users(config: Config, needs: str) -> list[str]:
    """The modes of the panels that need something, a flag of `Mode`."""
    modes = {spec.mode for spec in config.panel_specs()}
    return sorted(mode for mode in modes if getattr(MODES.load(mode), needs))


def needs_layer(config: Config, needs: str) -> bool:
    """Whether a layer of the label sets needs something, one of those that `LabelLayer.needs` has."""
    return any(needs in spec.layer.needs for spec in config.layer_specs())


def find_charts_file(config: Config) -> Path | None:
    """The file of the charts; None where no panel needs them.

    Raises:
        BodyModelError: They are needed, and no file is named.
    """
    shows_uv = list_users(config, "needs_texture") or needs_layer(config, "uv")
    needs_atlas = config.body.uv == ATLAS and shows_uv
    needs_charts = list_users(config, "needs_charts") or needs_layer(config, "charts")
    if not needs_atlas and not needs_charts:
        return None
    if config.body.charts is None:
        without = (
            "another body.uv" if needs_atlas else "panels and layers without densepose, uv, iuv and parts"
        )
        raise BodyModelError(
            f"body.charts: expected the file of charts, which these panels or layers need, and found none: "
            f"body={config.body.name} has no DensePose charts. Choose {without}."
        )
    return find_file(config.body.charts)


def open_charts(config: Config, models: list[BodyModel]) -> tuple[Charts | None, Path | None]:
    """Reads the charts of the bodies.

    Args:
        config: The settings.
        models: All that are drawn.

    Returns:
        The charts and their file, both None where no panel needs them.

    Raises:
        BodyModelError: The file cannot be used, or is not of all bodies.
    """
    path = find_charts_file(config)
    if path is None:
        return None, None
    others = [model for model in models if model.vert_count != _CHARTED_VERTS]
    # Who has no file would fetch SMPL's, which is of no use here.
    if others and not os.path.lexists(path):
        raise BodyModelError(
            f"{path}: there are no charts: DensePose's are of SMPL's {_CHARTED_VERTS} vertices, and "
            f"{others[0].name} has {others[0].vert_count}. Choose panels without densepose, uv, iuv and "
            "parts."
        )
    # Those of other topologies are refused, whichever of several comes first.
    return next(iter([load_charts(path, model) for model in models]), None), path


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
    named: dict[str, Path | str] = {} if told is None else {"uv": find_file(told)}
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
    path = find_file(config.body.texture)
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
        colors = read_vertex_colors(find_file(config.body.colors), model.vert_count)
        found[source] = torch.from_numpy(colors).to(bodies.device)
    return tuple(found)
