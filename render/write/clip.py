"""What a clip is, as its encoder is told before the first frame."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from render.errors import SheetError

# A frame of 100 s is a mistake, not a clip.
LEAST_FPS = 0.01
# Tells 30000/1001 from 30 and from 29.97.
LARGEST_FPS_DENOMINATOR = 1001


@dataclass(frozen=True)
class SoundSource:
    """A part of a video whose sound a clip takes.

    Attributes:
        path: The video's file.
        start: Where the clip begins, in seconds after the first picture of the video.
        end: Where it ends, likewise.
        origin: When the first picture is shown by the clock of the file, in seconds, which that of the sound
            is too; None where the file's header says it.
    """

    path: Path
    start: Fraction
    end: Fraction
    origin: Fraction | None = None

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"sound: expected an end after the start {self.start}, found {self.end}")


@dataclass(frozen=True)
class Clip:
    """The pictures of a moving picture: how large they are, and when each is shown.

    Attributes:
        height: In pixels.
        width: In pixels.
        channels: 3 for RGB, 4 for RGBA with straight alpha.
        times: (N + 1,) int64: when each frame begins, and when the last one ends, in units of `time_base`.
            Only what lies between them counts: a clip begins with its first frame.
        time_base: Seconds.
        sound: What formats with sound take; None for silence.
    """

    height: int
    width: int
    channels: int
    times: np.ndarray
    time_base: Fraction
    sound: SoundSource | None = None

    def __post_init__(self) -> None:
        if min(self.height, self.width) < 1 or self.channels not in (3, 4):
            size = (self.height, self.width, self.channels)
            raise ValueError(f"clip: expected at least one pixel of 3 or 4 channels, found {size}")
        if self.times.ndim != 1 or self.times.dtype != np.int64 or len(self.times) < 2:
            found = f"{self.times.shape} {self.times.dtype}"
            raise ValueError(f"times: expected (N + 1,) int64 of at least one frame, found {found}")
        if self.time_base <= 0 or (np.diff(self.times) <= 0).any():
            raise ValueError("times: expected each frame to begin after the one before, found others")

    @classmethod
    def at_rate(cls, hwc: tuple[int, int, int], count: int, fps: float | Fraction) -> Clip:
        """A clip of equally long frames.

        Args:
            hwc: Height, width and channels.
            count: How many frames there are.
            fps: Their rate; what is nearest to it with a denominator of at most 1001 is taken.
        """
        rate = Fraction(fps).limit_denominator(LARGEST_FPS_DENOMINATOR)
        return cls(*hwc, np.arange(count + 1), 1 / rate)

    @property
    def count(self) -> int:
        """How many frames it has."""
        return len(self.times) - 1

    @property
    def duration_s(self) -> Fraction:
        """How long it lasts."""
        return int(self.times[-1] - self.times[0]) * self.time_base

    def reduce_times(self) -> tuple[np.ndarray, Fraction]:
        """Its times from 0 on in the largest unit in which all are whole: 0, 1, 2, ... at a constant rate."""
        times = self.times - self.times[0]
        step = int(np.gcd.reduce(times))
        return times // step, self.time_base * step

    def check_sides(self, most_side_px: int) -> None:
        """Raises SheetError where a side is longer than a format's longest."""
        if max(self.height, self.width) > most_side_px:
            raise SheetError(
                f"clip: expected sides of at most {most_side_px} pixels, the most that this format can hold, "
                f"found {self.width} x {self.height}. Draw fewer or smaller panels, or choose another format."
            )


def check_frames(frames: np.ndarray, fps: float, *, channels: tuple[int, ...], most_fps: float) -> None:
    """Checks that frames are those of a clip in memory, at a rate that a format can hold.

    Args:
        frames: (N, H, W, C) uint8, not empty.
        fps: From LEAST_FPS on.
        channels: Which C the format takes.
        most_fps: The highest rate that it takes.

    Raises:
        ValueError: Frames or rate are others.
    """
    if frames.ndim != 4 or frames.shape[3] not in channels or frames.dtype != np.uint8 or frames.size == 0:
        wanted = " or ".join(map(str, channels))
        raise ValueError(
            f"frames: expected (N, H, W, {wanted}) uint8 with at least one frame and one pixel, "
            f"found {frames.shape} {frames.dtype}"
        )
    if not LEAST_FPS <= fps <= most_fps:
        raise ValueError(f"fps: expected {LEAST_FPS:g} to {most_fps:g} frames per second, found {fps}")
