"""The ground as the cameras of photos see it, where no photo is behind the bodies."""

from __future__ import annotations

import numpy as np

from render.compute.transfer import upload
from render.sheet.ground.homographies import see_stage
from render.sheet.staging import StagedBatch
from render.types.placements import Cameras


def see_grounds(staged: StagedBatch) -> Cameras:
    """How each shot sees the space of its sheet, for grounds.

    Views around bodies tell it. What lies over the photo and yet has a ground sees it as the camera of its
    first person does; where files have real cameras all people share one.

    Args:
        staged: The batch.

    Returns:
        A row for each shot, NaN where it has no ground.
    """
    listed, shots = staged.placement_list, staged.batch.shots
    over_photo = [
        k
        for k, shot in enumerate(shots)
        if shot.view.over_photo and any(panel.background == "ground" for panel in shot.panels)
    ]
    if not over_photo:
        return staged.shots
    first = np.searchsorted(listed.shot, over_photo)
    is_there = np.isin(over_photo, listed.shot)
    if not is_there.any():
        return staged.shots
    device = staged.body_index.device
    shot, placement = (upload(np.asarray(one)[is_there], device) for one in (over_photo, first))
    own = Cameras(**{name: getattr(staged.cameras, name)[placement] for name in Cameras.SHAPES})
    seen = see_stage(own, staged.stage, staged.body_index[placement].long())
    columns = {name: getattr(staged.shots, name).clone() for name in Cameras.SHAPES}
    for name, column in columns.items():
        column[shot] = getattr(seen, name).to(column.dtype)
    return Cameras(**columns)
