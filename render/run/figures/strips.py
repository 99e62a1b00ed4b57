"""Strips: a motion as one picture, a body every few frames side by side on the ground."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from render.run.figures.looks import Observer, View
from render.run.figures.pictures import Cell
from render.run.figures.regions import Region, enclose, widen
from render.sheet.panels import PanelSpec
from render.types.figure.spec import Strip
from render.types.fits import Fits

# Width over height of a strip.
NARROWEST, WIDEST = 2.5, 12.0
# What its view is framed for before it is known how large it becomes.
_VIEW_PX = (2400, 800)


def find_frames(fits: Fits, person: int, strip: Strip) -> tuple[int, ...] | str:
    """The frames of a strip, as positions in the fits, or why there are none.

    Args:
        fits: Where the motion is.
        person: Position of who is in the first frame.
        strip: Which frames follow.
    """
    sequence, who = fits.sequence[person], (fits.person[person], fits.identity[person])
    if not sequence and fits.frame[person] < 0:
        return "its person is of no sequence; a strip shows frames of one"
    is_same = fits.sequence == sequence
    is_same &= (fits.person == who[0]) & (fits.identity == who[1]) & (fits.source == fits.source[person])
    same = np.flatnonzero(is_same)
    frames = fits.frame[same]
    first = int(fits.frame[person])
    places = {int(frame): int(position) for position, frame in zip(same[::-1], frames[::-1], strict=True)}
    wanted = [first + i * strip.every for i in range(strip.count)]
    found = [places[frame] for frame in wanted if frame in places]
    if len(found) < strip.count:
        lost = next(frame for frame in wanted if frame not in places)
        return (
            f"a strip of {strip.count} bodies, {strip.every} frames apart from frame {first}, needs frame "
            f"{lost}, and its sequence has no valid fit of that; it ends with frame {int(frames.max())}"
        )
    return tuple(found)


def stand_in_line(fits: Fits, people: tuple[int, ...], strip: Strip, observer: Observer) -> Fits:
    """Fits whose people of a strip stand beside each other; as they are where they keep their places.

    Heights above the ground stay as their world has them. Where that is not known the picture's vertical is
    up, and each stands on the ground.

    Args:
        fits: Of all pictures.
        people: Positions of the strip's frames, which no other picture shows.
        strip: How far apart they stand.
        observer: Poses them.
    """
    is_known = bool(np.isfinite(fits.world_m[list(people)]).all())
    if strip.spacing_m is None and is_known:
        return fits
    verts, roots = observer.pose(people)
    rotation, world_m = fits.world_rotation.copy(), fits.world_m.copy()
    for i, person in enumerate(people):
        if not is_known:
            rotation[person], world_m[person] = np.eye(3), 0.0
        root = rotation[person] @ roots[i]
        world_m[person, 0] = i * (1.0 if strip.spacing_m is None else strip.spacing_m) - root[0]
        world_m[person, 2] = -root[2]
        if not is_known:
            world_m[person, 1] = -float(verts[i, :, 1].max())
    return replace(fits, world_rotation=rotation, world_m=world_m)


def plan_strip(people: tuple[int, ...], panel: PanelSpec, observer: Observer) -> tuple[float, Cell]:
    """A strip's width over height, and what it shows.

    Args:
        people: Positions of its frames in the fits.
        panel: What it shows of them.
        observer: Finds where they are.
    """
    view = View(people, panel.viewpoint, _VIEW_PX, (_VIEW_PX[1], _VIEW_PX[0]))
    low, high = observer.look(view).corners
    region: Region = enclose(low, high, margin=0.1 * float((high - low).min()))
    aspect = min(max(region.aspect, NARROWEST), WIDEST)
    shown = widen(region, aspect)
    return aspect, Cell(view, panel.mode, panel.background, None, shown, panel.has_shadow)
