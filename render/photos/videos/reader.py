"""A video whose frames are asked for by number, from any thread."""

from __future__ import annotations

import os
import threading
from functools import cached_property
from pathlib import Path

import av
import numpy as np

from render.errors import PhotoError
from render.files.digest import FileId, hash_file
from render.photos.decode import Decoded
from render.photos.videos.colours import convert_to_rgb, turn
from render.photos.videos.decoder import DamagedFrameError, Decoder, HeldFrame
from render.photos.videos.info import read_info
from render.types.sheets import VideoFrame

# More make decoding no quicker beside the drawing; of each the decoder holds a frame.
DECODER_THREADS = 4


class VideoReader:
    """A video that is open.

    Frames are decoded forward as they are asked for, and the last ones are held. The pixels of a frame are
    the same whatever was asked for before, and from however many threads.

    Args:
        path: Of the file.
        threads: Of the decoder.

    Attributes:
        info: What is known of it.
        modified_ns: The time of its last change.

    Raises:
        MissingPhotoError: There is no such file.
        PhotoError: It is no video, encrypted, damaged so that no frame is left, or beyond the limits.
    """

    def __init__(self, path: Path, threads: int = DECODER_THREADS) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._hash_lock = threading.Lock()
        self._status = self.look()
        self.modified_ns = self._status[1]
        self.info, packets = read_info(path)
        self._strict = Decoder(path, packets, is_strict=True, threads=threads)
        # For what is left of damaged frames.
        self._lenient = Decoder(path, packets, is_strict=False, threads=1)

    def look(self) -> tuple[int, int]:
        """Its length and the time of its last change, as they are now; -1 where it is gone.

        Raises:
            PhotoError: It cannot be looked at.
        """
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            # Opening it says so.
            return -1, -1
        except OSError as error:
            raise self._unreadable(error) from error
        return status.st_size, status.st_mtime_ns

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._strict.close()
            self._lenient.close()

    def identify(self) -> FileId:
        """What the video is known by. It is hashed once.

        Raises:
            PhotoError: It has changed since it was opened, or cannot be read.
        """
        with self._hash_lock:
            found = self._file_id
        self._check_unchanged()
        return found

    def read(self, number: int) -> np.ndarray:
        """A frame that is whole.

        Args:
            number: From 0 on, in the order in which they are shown.

        Returns:
            (H, W, 3) uint8 RGB, upright.

        Raises:
            PhotoError: There is no such frame, or it is damaged.
        """
        decoded = self.decode(number)
        decoded.check_whole()
        return decoded.pixels

    def decode(self, number: int) -> Decoded:
        """A frame, and what is wrong with it although there are pixels.

        Args:
            number: From 0 on, in the order in which they are shown.

        Raises:
            PhotoError: There is no such frame, or there are no pixels.
        """
        self.check(number)
        self._check_unchanged()
        damage, called = None, VideoFrame(self._path, number)
        with self._lock:
            try:
                held = self._strict.decode(number)
            except DamagedFrameError as error:
                damage = (
                    f"{called}: the frame is damaged, or one that it builds on ({error}). Download the video "
                    f"again."
                )
                held = self._patch(number, damage)
        try:
            with held.lock:
                pixels = turn(convert_to_rgb(held.frame), self.info.turn)
        except av.FFmpegError as error:
            if isinstance(error, MemoryError):
                raise
            raise PhotoError(
                f"{called}: colours of the kind {held.frame.format.name} are not read ({error.strerror}). "
                f"Convert the video to yuv420p."
            ) from error
        height, width = pixels.shape[:2]
        if (height, width) != (self.info.height, self.info.width):
            raise PhotoError(
                f"{called}: expected {self.info.width} x {self.info.height} pixels, as the first frame has, "
                f"found {width} x {height}. Save the video with frames of one size."
            )
        return Decoded(pixels, damage)

    def check(self, number: int) -> None:
        """Raises PhotoError unless there is a frame of this number."""
        count, claimed = self.info.frame_count, self.info.claimed_frames
        if 0 <= number < count:
            return
        cut = ""
        if number < claimed:
            cut = f"; its header says {claimed}, so it is cut off: download it again"
        raise PhotoError(
            f"{VideoFrame(self._path, number)}: there is no such frame, the video has {count}, from 0 to "
            f"{count - 1}{cut}"
        )

    def _patch(self, number: int, damage: str) -> HeldFrame:
        try:
            return self._lenient.decode(number)
        except DamagedFrameError as error:
            raise PhotoError(damage) from error

    @cached_property
    def _file_id(self) -> FileId:
        try:
            return FileId(self._status[0], hash_file(self._path))
        except OSError as error:
            raise self._unreadable(error) from error

    def _check_unchanged(self) -> None:
        if self.look() != self._status:
            raise PhotoError(f"{self._path}: the file changed during the run; run again")

    def _unreadable(self, error: OSError) -> PhotoError:
        return PhotoError(f"{self._path}: the video cannot be read ({error.strerror}). Check the disk.")


def open_video(path: Path) -> VideoReader:
    """A video, open: `info` has its size and the times of its frames, `read(number)` a frame's pixels.

    Args:
        path: Of the file.

    Raises:
        MissingPhotoError: There is no such file.
        PhotoError: It is no video, encrypted, damaged so that no frame is left, or beyond the limits.
    """
    return VideoReader(path)
