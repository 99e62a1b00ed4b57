"""The time of a sequence while it plays."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable


class FrameClock:
    """Which frame is to be seen; slow machines skip some.

    Args:
        starts_s: When each frame begins, and when the last one ends.
        now: Tells the seconds.
    """

    def __init__(self, starts_s: tuple[float, ...], now: Callable[[], float] = time.monotonic) -> None:
        self._starts_s = starts_s
        self._now = now
        self._began_s = 0.0
        self.is_playing = False

    def play(self, number: int) -> None:
        """Goes on from a frame; from the last one it begins anew."""
        start_s = self._starts_s[number] if number < len(self._starts_s) - 2 else self._starts_s[0]
        self._began_s = self._now() - start_s
        self.is_playing = True

    def pause(self) -> None:
        """Stands still."""
        self.is_playing = False

    def find_frame(self) -> int:
        """The frame of now; after the last one comes the first again."""
        length_s = self._starts_s[-1] - self._starts_s[0]
        at_s = self._starts_s[0]
        if length_s > 0:
            at_s += (self._now() - self._began_s - at_s) % length_s
        return min(bisect_right(self._starts_s, at_s), len(self._starts_s) - 1) - 1

    def find_wait_s(self, number: int) -> float:
        """How long until the frame after a frame is due."""
        return max(self._began_s + self._starts_s[number + 1] - self._now(), 0.0)
