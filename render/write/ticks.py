"""Times of formats that count them in whole hundredths or thousandths of a second."""

from __future__ import annotations

import numpy as np

from render.errors import SheetError
from render.write.clip import Clip


def split_duration(count: int, fps: float, ticks_per_s: int) -> np.ndarray:
    """When each frame begins and the last one ends, in whole ticks: (count + 1,) int64.

    Each is the tick nearest to the true time, so the rounding is spread over the clip and the whole lasts
    count / fps to within half a tick.

    Args:
        count: How many frames there are.
        fps: Their rate.
        ticks_per_s: The unit in which a format counts time.
    """
    return np.floor(np.arange(count + 1) * (ticks_per_s / fps) + 0.5).astype(np.int64)


def round_times(clip: Clip, ticks_per_s: int, least: int, most: int) -> list[int]:
    """How many whole ticks each frame of a clip is shown.

    Each ends on the tick nearest to its true end; one that would be too short takes of the time of those
    after it, and the last one of none.

    Args:
        clip: With any times.
        ticks_per_s: The unit in which a format counts time.
        least: How short a frame may be, in ticks, for players to show it as it is meant.
        most: How long one may be, in ticks.

    Raises:
        SheetError: Its frames are too short or one is too long.
    """
    unit = clip.time_base * ticks_per_s
    # Python's integers: times of a file may be large.
    begin, ends = int(clip.times[0]), clip.times[1:].tolist()
    durations, before = [], 0
    for true_end in ends:
        # Halves upwards.
        end = (2 * (true_end - begin) * unit.numerator + unit.denominator) // (2 * unit.denominator)
        end = max(end, before + least)
        durations.append(end - before)
        before = end
    if clip.count * least >= clip.duration_s * ticks_per_s + 1:
        raise SheetError(
            f"clip: expected at most {ticks_per_s / least:g} frames per second, the most that players show "
            f"of this format, found {float(clip.count / clip.duration_s):g}. Set output.fps to a lower rate, "
            f"or use output=mp4."
        )
    if max(durations) > most:
        raise SheetError(
            f"clip: expected frames of at most {most / ticks_per_s:g} s, the most that this format can hold, "
            f"found one of {max(durations) / ticks_per_s:g} s. Use output=mp4."
        )
    return durations
