"""Whether the values of settings are in their ranges, each for itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from render.compute.device_name import check_device_name
from render.config.checks import check_choice, check_is_folder, check_range, parse_size
from render.config.executors import check_executor
from render.config.groups import MAX_COLUMNS
from render.errors import ConfigError
from render.fits.rows.shards import Shard, parse_shard
from render.fits.rows.split import parse_samples
from render.metrics.align import ALIGNMENTS
from render.rasterize.rasterizer import RASTERIZERS
from render.shade.mode import MODES
from render.sheet.backgrounds import check_outside, parse_background
from render.sheet.panels import MAX_GAP
from render.sheet.titles.names import TITLES
from render.sheet.transition.course import MOST_FRAMES
from render.types.rays import RAYS
from render.types.sheets import FITS, MARGINS, UPS, ZOOMS
from render.watch.watcher import WATCHERS

MAX_BATCH = 4096
MAX_THREADS = 256
MAX_FRAMES = 3600
MOST_ERROR_MM = 10_000.0
SUPERSAMPLES = (1, 2, 4)
EDGES = ("smooth", "hard")


def check_values(settings: Mapping[str, Any]) -> None:
    """Raises ConfigError, naming the key, for a value out of its range.

    Args:
        settings: All of them, by their keys.
    """
    check_range("batch", settings["batch"], 0, MAX_BATCH)
    check_range("threads", settings["threads"], 0, MAX_THREADS)
    check_device_name(settings["device"])
    check_choice("decoder", settings["decoder"], ("cpu", "gpu"))
    check_choice("rasterizer", settings["rasterizer"], ("auto", *RASTERIZERS.names))
    check_range("columns", settings["columns"], 1, MAX_COLUMNS)
    check_range("frames", settings["frames"], 1, MAX_FRAMES)
    check_range("transition", settings["transition"], 0, MOST_FRAMES)
    check_choice("supersample", settings["supersample"], SUPERSAMPLES)
    check_choice("edges", settings["edges"], EDGES)
    check_choice("rays", settings["rays"], (0, *RAYS))
    check_choice("people", settings["people"], ("alone", "together"))
    check_choice("motion", settings["motion"], ("turn", "sequence"))
    check_choice("frame", settings["frame"], ("camera", "model"))
    check_choice("track", settings["track"], ("follow", "fixed"))
    check_choice("up", settings["up"], UPS)
    check_choice("fit", settings["fit"], FITS)
    check_range("zoom", settings["zoom"], *ZOOMS)
    check_range("margin", settings["margin"], *MARGINS)
    # Not a range that `check_range` knows: 0 is out, and NaN with it.
    if not 0 < settings["opacity"] <= 1:
        raise ConfigError(f"opacity: expected above 0 and up to 1, found {settings['opacity']}")
    check_choice("align", settings["align"], ALIGNMENTS)
    if not 0 < settings["error_mm"] <= MOST_ERROR_MM:
        raise ConfigError(
            f"error_mm: expected above 0 and up to {MOST_ERROR_MM:g}, found {settings['error_mm']}"
        )
    parse_background("background", settings["background"])
    MODES.check("look", settings["look"])
    MODES.check("crowd_look", settings["crowd_look"])
    # Read again where they are used; here only for the errors, before anything is opened.
    parse_samples(settings["samples"])
    shard = parse_shard(settings["shard"])
    if settings["page"]:
        _check_page(settings["job"].product, bool(settings["panels"]), shard)
        what = (
            "pages are made beside sheets on a disk; leave page=true out, copy the sheets, and name them to "
        )
        check_is_folder("output.dir", settings["output"].dir, f"{what}smpl-render page")
    check_executor(settings)
    check_choice("on_error", settings["on_error"], ("skip", "stop"))
    check_choice("damaged_photos", settings["damaged_photos"], ("fail", "draw"))
    parse_size(settings["size"])
    check_range("gap", settings["gap"], 0, MAX_GAP)
    check_outside("outside", settings["outside"])
    check_choice("titles", settings["titles"], TITLES)
    for name in settings["progress"]:
        WATCHERS.check("progress", name)


def _check_page(product: str, has_panels: bool, shard: Shard) -> None:
    """Raises ConfigError where a run has no sheets for a page to show, or not all of them."""
    is_bare = product == "compare" and not has_panels
    if product in ("figure", "audit") or is_bare:
        what = f"job={product} panels=[]" if is_bare else f"job={product}"
        raise ConfigError(
            f"page: {what} makes no sheets to look through; expected false, found true; leave it out"
        )
    if shard.count > 1:
        raise ConfigError(
            f"page: a shard has not all of the sheets; leave it out with shard={shard.number}/{shard.count}, "
            f"and write the page of all of them with smpl-render page after they are merged"
        )
