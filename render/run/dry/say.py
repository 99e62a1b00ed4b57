"""What is said of what a run would make, line by line."""

from __future__ import annotations

import math
from dataclasses import dataclass

from render.config.schema import Config
from render.run.dry.count import Counted
from render.run.dry.room import describe_place, format_bytes

MOST_SIZES = 8
# What is made, one of it and several.
_NOUNS = {
    "sheets": ("sheet", "sheets"),
    "labels": ("label set", "label sets"),
    "meshes": ("mesh file", "mesh files"),
    "audit": ("image", "images"),
    "compare": ("sheet", "sheets"),
}


@dataclass(frozen=True)
class Answer:
    """What is said of a run.

    Attributes:
        lines: What each is of, and what is said of it.
        loses: Whether some people would be on nothing that is made.
        stops: Whether the run would end at the first of them, or of the entries that are no fits.
    """

    lines: list[tuple[str, str]]
    loses: bool = False
    stops: bool = False


def list_lines(config: Config, counted: Counted, work: str) -> list[tuple[str, str]]:
    """What is said of what would be made, and where.

    Args:
        config: The settings.
        counted: What would be made.
        work: What is said of who makes it.
    """
    is_clip = config.motion == "sequence"
    one, many = ("clip", "clips") if is_clip else _NOUNS[config.job.product]
    done = "measured" if config.job.product == "audit" else "made"
    frames = f" ({counted.frames:,} frames)" if counted.frames != counted.to_make else ""
    said = f"{counted.total:,}: {counted.to_make:,} to be {done}{frames}, {counted.kept:,} there already"
    lines = [(many, f"{said}, {counted.lost:,} cannot be {done}")]
    for problem in counted.problems:
        lines.append(("fails", f"row {problem.row} ({problem.image_name}): {problem.reason}"))
    if counted.lost_rows > len(counted.problems):
        lines.append(("fails", f"and {counted.lost_rows - len(counted.problems):,} more rows"))
    if counted.missing:
        lines.append(("photos", f"{len(counted.missing):,} are missing or empty"))
    if counted.sizes_px and config.job.product != "audit":
        lines.append(("sizes", _list_sizes(counted)))
    if counted.to_make and config.job.product != "audit":
        lines.append(("bytes", _estimate_bytes(counted, one, many)))
    if config.output.tar:
        tars = math.ceil(counted.total / config.output.tar)
        lines.append(("tars", f"{tars:,} of up to {config.output.tar:,} {many}"))
    lines.append(("work", work))
    lines.append(("output", describe_place(config.output.dir)))
    return lines


def _list_sizes(counted: Counted) -> str:
    found = sorted(counted.sizes_px.items(), key=lambda item: (-item[1], item[0]))
    said = [f"{number:,} of {width}x{height}" for (width, height), number in found[:MOST_SIZES]]
    more = len(found) - MOST_SIZES
    return ", ".join([*said, *([f"and {more:,} other sizes"] if more > 0 else [])])


def _estimate_bytes(counted: Counted, one: str, many: str) -> str:
    if not counted.kept:
        return f"not known before some {many} are there; smpl-render doctor draws a few to tell"
    mean = counted.kept_bytes / counted.kept
    there = f"the {counted.kept:,} {many} that are" if counted.kept > 1 else f"the one {one} that is"
    return f"about {format_bytes(mean * counted.to_make)}, by the mean of {there} there"
