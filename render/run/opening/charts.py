"""The charts that panels and layers of a run need."""

from __future__ import annotations

import os
from pathlib import Path

from render.body.model import BodyModel
from render.config.schema import Config
from render.errors import BodyModelError
from render.files.stores.fetch import find_input
from render.library.bodies import load_charts
from render.shade.mode import MODES
from render.types.bodies import Charts

# Of SMPL, whose charts DensePose's file has.
_CHARTED_VERTS = 6890
# What body.uv says instead of a file.
ATLAS = "densepose"


def list_users(config: Config, needs: str) -> list[str]:
    """The modes of the panels, or the layers of the label sets, that need something.

    Args:
        config: The settings.
        needs: charts, uv, texture or colors.
    """
    if config.job.product == "labels":
        return sorted({spec.name for spec in config.layer_specs() if needs in spec.layer.needs})
    flag = "needs_texture" if needs == "uv" else f"needs_{needs}"
    modes = {spec.mode for spec in config.panel_specs()}
    return sorted(mode for mode in modes if getattr(MODES.load(mode), flag))


def find_charts_file(config: Config) -> Path | None:
    """The file of the charts; None where no panel and no layer needs them.

    Raises:
        BodyModelError: They are needed, and no file is named.
    """
    users = list_charted(config)
    if not users:
        return None
    if config.body.charts is None:
        raise BodyModelError(
            f"body.charts: expected the file of charts, for {', '.join(users)}, and found none: "
            f"body={config.body.name} has no DensePose charts. {_advise(config)}"
        )
    return find_input(config.body.charts)


def open_charts(config: Config, models: list[BodyModel]) -> tuple[Charts | None, Path | None]:
    """Reads the charts of the bodies.

    Args:
        config: The settings.
        models: All that are drawn.

    Returns:
        The charts and their file, both None where no panel and no layer needs them.

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
            f"{others[0].name} has {others[0].vert_count}. {_advise(config)}"
        )
    # Those of other topologies are refused, whichever of several comes first.
    return next(iter([load_charts(path, model) for model in models]), None), path


def list_charted(config: Config) -> list[str]:
    """Who needs charts, for themselves or for the atlas that is made of them."""
    on_atlas = list_users(config, "uv") if config.body.uv == ATLAS else []
    return sorted({*list_users(config, "charts"), *on_atlas})


def _advise(config: Config) -> str:
    charted = list_users(config, "charts")
    if not charted:
        return "Set body.uv to a file with the UV map of this body."
    what = "layers" if config.job.product == "labels" else "panels"
    return f"Choose {what} without {', '.join(charted)}."
