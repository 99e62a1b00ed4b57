"""Each job: whether formats and settings hold what it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from render.config.figure.settings import check_figure_settings
from render.config.made.decoder import check_decoder
from render.config.made.formats import (
    check_label_settings,
    check_layers,
    check_meshes,
    check_pictures,
    check_products,
    check_reference,
)
from render.config.made.reviews import check_audit, check_compare
from render.errors import ConfigError
from render.labels.layer import LayerSpec
from render.sheet.panels import PanelSpec, check_paper


def check_made(
    settings: Mapping[str, Any],
    list_panels: Callable[[], tuple[PanelSpec, ...]],
    list_layers: Callable[[], tuple[LayerSpec, ...]],
) -> None:
    """Refuses formats that do not hold what is made, or would lose what the panels show.

    Args:
        settings: All of them, by their keys.
        list_panels: Gives the panels, checked.
        list_layers: Gives the layers of a label set, checked.

    Raises:
        ConfigError: Names the key.
    """
    job, name = settings["job"], settings["output"].format
    if settings["motion"] == "sequence" and settings["output"].tar:
        raise ConfigError(
            f"output.tar: clips are files of their own; expected 0 with motion=sequence, found "
            f"{settings['output'].tar}"
        )
    check_products(settings)
    check_decoder(name, settings, list_panels)
    if job.product == "labels":
        check_layers(name, job.name, list_layers())
        # For its errors.
        list_panels()
        check_label_settings(settings)
        return
    if job.product == "meshes":
        check_meshes(name, settings)
        return
    if job.product == "audit":
        check_audit(name, settings)
        return
    specs = list_panels()
    if job.product == "figure":
        check_figure_settings(name, settings)
        return
    if job.product == "compare":
        check_compare(settings, specs)
        if not specs:
            return
    else:
        check_reference(settings, specs)
    check_paper(settings["paper"], specs)
    check_pictures(name, job.name, settings, specs)
