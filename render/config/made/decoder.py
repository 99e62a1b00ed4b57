"""Whether a GPU can decode the photos of what is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from render.errors import ConfigError
from render.sheet.panels import PanelSpec
from render.sheet.view import VIEWS
from render.write.format import FORMATS


def keeps_photo(specs: tuple[PanelSpec, ...]) -> bool:
    """Whether panels show the photo pixel for pixel: crops are scaled on the CPU, and photos fade there."""
    return not any(
        spec.leaves_photo or (spec.background == "photo" and VIEWS.load(spec.viewpoint.name).is_crop)
        for spec in specs
    )


def check_decoder(
    name: str, settings: Mapping[str, Any], list_panels: Callable[[], tuple[PanelSpec, ...]]
) -> None:
    """Refuses decoder=gpu where sheets are not made on a GPU as a whole.

    Args:
        name: Of the output format.
        settings: All of them, by their keys.
        list_panels: Gives the panels, checked.

    Raises:
        ConfigError: Names the key.
    """
    if settings["decoder"] != "gpu":
        return
    job = settings["job"]
    found = None
    if settings["device"] == "cpu":
        found = "device=cpu"
    elif job.product != "sheets" or settings["motion"] == "sequence":
        found = f"job={job.name}"
    elif FORMATS.load(name).gpu_codec is None:
        found = f"output={name}"
    elif settings["annotate"]:
        found = f"annotate=[{', '.join(settings['annotate'])}]"
    elif not keeps_photo(list_panels()):
        found = "a panel that shows a part of the photo"
    if found is not None:
        raise ConfigError(
            f"decoder: gpu is for sheets that a GPU makes as a whole, as JPEG, with photos pixel for pixel "
            f"and no annotations, found {found}; use decoder=cpu"
        )
