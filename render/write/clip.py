"""What GIF, MP4 and animated WebP share: a clip's check, its timing, and the part that a frame changes."""

from __future__ import annotations

import numpy as np

from render.errors import SheetError

# A frame of 100 s is a mistake, not a clip.
LEAST_FPS = 0.01


def check_clip(
    frames: np.ndarray, fps: float, *, channels: tuple[int, ...], most_fps: float, most_side_px: int
) -> None:
    """Checks that a format can hold a clip, and at that rate.

    Args:
        frames: (N, H, W, C) uint8, not empty.
        fps: From LEAST_FPS on.
        channels: Which C the format takes.
        most_fps: The highest rate that it takes.
        most_side_px: The longest side that it takes.

    Raises:
        ValueError: Frames or rate are others.
        SheetError: A side is too long.
    """
    if frames.ndim != 4 or frames.shape[3] not in channels or frames.dtype != np.uint8 or frames.size == 0:
        wanted = " or ".join(map(str, channels))
        raise ValueError(
            f"frames: expected (N, H, W, {wanted}) uint8 with at least one frame and one pixel, "
            f"found {frames.shape} {frames.dtype}"
        )
    if not LEAST_FPS <= fps <= most_fps:
        raise ValueError(f"fps: expected {LEAST_FPS:g} to {most_fps:g} frames per second, found {fps}")
    height, width = frames.shape[1:3]
    if max(height, width) > most_side_px:
        raise SheetError(
            f"clip: expected sides of at most {most_side_px} pixels, the most that this format can hold, "
            f"found {width} x {height}. Draw fewer or smaller panels, or choose another format."
        )


def split_duration(count: int, fps: float, ticks_per_s: int) -> list[int]:
    """How many whole ticks each frame is shown.

    Each frame ends on the tick nearest to its true end, so the rounding is spread over the clip and the whole
    lasts count / fps to within half a tick.

    Args:
        count: How many frames there are.
        fps: Their rate.
        ticks_per_s: The unit in which a format counts time.
    """
    ends = np.floor(np.arange(count + 1) * (ticks_per_s / fps) + 0.5)
    return np.diff(ends).astype(int).tolist()


def bound(mask: np.ndarray) -> tuple[int, int, int, int]:
    """The least rectangle that holds all that is set in a mask.

    Args:
        mask: (H, W, ...) bool.

    Returns:
        Top, bottom, left, right; bottom and right are exclusive. Where nothing is set it is the upper left
        pixel: a frame cannot be empty.
    """
    rows = np.flatnonzero(mask.reshape(len(mask), -1).any(1))
    columns = np.flatnonzero(mask.any(0).reshape(mask.shape[1], -1).any(1))
    if not len(rows):
        return 0, 1, 0, 1
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def encoder_failed(frames: np.ndarray, error: Exception) -> SheetError:
    """The error to raise where an encoder gives up, for whatever reason.

    Args:
        frames: That were to be encoded.
        error: The encoder's own.
    """
    count, height, width = frames.shape[:3]
    return SheetError(
        f"clip: {count} frame(s) of {width} x {height} pixels: the encoder failed: {error}. "
        f"Draw fewer frames or smaller panels, or choose another format."
    )
