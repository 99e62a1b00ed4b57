"""What encodes a clip frame by frame into a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from render.errors import SheetError
from render.write.clip import Clip


class ClipEncoder(ABC):
    """Takes the frames of a clip in order and writes them into a file as they come, in flat memory.

    Used as a context it is closed at the end, or given up where that is an error. Formats of other packages
    make theirs of this one, with `_encode`, `_finish` and what else they need.

    Args:
        file: Open to be written, at its start; seekable.
        clip: What will come.
        channels: Which numbers of channels the format takes.
        most_side_px: The longest side that the format takes.

    Attributes:
        clip: What will come.
        remarks: What of the clip could not be kept, though the clip itself is whole: its sound.

    Raises:
        ValueError: The format has no such channels.
        SheetError: It cannot hold such a clip.
    """

    # What encoders of the format raise for whatever they dislike.
    FAULTS: tuple[type[Exception], ...] = (OSError, ValueError)

    def __init__(self, file: BinaryIO, clip: Clip, channels: tuple[int, ...], most_side_px: int) -> None:
        if clip.channels not in channels:
            wanted = " or ".join(map(str, channels))
            raise ValueError(f"clip: expected {wanted} channels, found {clip.channels}")
        clip.check_sides(most_side_px)
        self.clip = clip
        self.remarks: list[str] = []
        self._file = file
        self._added = 0

    def add(self, frame: np.ndarray) -> None:
        """Encodes the next frame.

        Args:
            frame: (H, W, C) uint8, as the clip says.

        Raises:
            ValueError: It is another, or one too many.
            SheetError: It cannot be encoded.
            OutputError: The file cannot be written.
        """
        clip = self.clip
        expected = (clip.height, clip.width, clip.channels)
        if frame.shape != expected or frame.dtype != np.uint8:
            raise ValueError(f"frame: expected {expected} uint8, found {frame.shape} {frame.dtype}")
        if self._added == clip.count:
            raise ValueError(f"frame: expected {clip.count} frames, found one more")
        with self._tell_faults():
            self._encode(frame, self._added)
        self._added += 1

    def close(self) -> None:
        """Writes what is left; the file is whole then, and stays open.

        Raises:
            ValueError: Frames are missing.
            SheetError: They cannot be encoded.
            OutputError: The file cannot be written.
        """
        if self._added != self.clip.count:
            raise ValueError(f"frames: expected {self.clip.count}, found {self._added}")
        with self._tell_faults():
            self._finish()

    # Encoders that hold nothing but memory have nothing to let go of.
    def give_up(self) -> None:  # noqa: B027
        """Lets go of what it holds; the file is of no use then."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self.give_up()

    @abstractmethod
    def _encode(self, frame: np.ndarray, number: int) -> None:
        """Encodes the frame of that number."""

    @abstractmethod
    def _finish(self) -> None:
        """Writes what is left after the last frame."""

    @contextmanager
    def _tell_faults(self) -> Iterator[None]:
        clip = self.clip
        try:
            yield
        except self.FAULTS as error:
            raise SheetError(
                f"clip: {clip.count} frame(s) of {clip.width} x {clip.height} pixels: the encoder failed: "
                f"{error}. Draw fewer frames or smaller panels, or choose another format."
            ) from error


def encode_all(encoder: ClipEncoder, frames: Iterable[np.ndarray]) -> None:
    """Encodes all frames of a clip, which are in memory."""
    with encoder:
        for frame in frames:
            encoder.add(frame)


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
