"""The photos behind sheets, as a run reads them: pixels, and what is noted of their files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.errors import PhotoError
from render.files.digest import FileId, identify
from render.photos.decode import decode_photo
from render.photos.gpu.checked_jpeg import CheckedJpeg, check_jpeg
from render.photos.sources.source import PhotoSource
from render.types.sheets import Sheet, VideoFrame


@dataclass(frozen=True)
class Shown:
    """The photo behind sheets, as it was read.

    Attributes:
        file: Its length and hash; of a frame of a video those of the video.
        modified_ns: The time of its last change.
        damage: What is wrong with it, None where it is whole.
    """

    file: FileId
    modified_ns: int
    damage: str | None


class PhotoReader:
    """Reads the photos behind sheets.

    Args:
        is_shown: Whether a panel shows them; else none is opened.
        takes_damaged: Damaged ones are read for what is left of them, instead of being refused.
        source: Where they come from.
        are_alike: Whether those of several sheets are to have the same size, as the frames of a clip.
    """

    def __init__(
        self, is_shown: bool, takes_damaged: bool, source: PhotoSource, are_alike: bool = False
    ) -> None:
        self._is_shown = is_shown
        self._takes_damaged = takes_damaged
        self._source = source
        self._are_alike = are_alike

    def read(self, sheet: Sheet) -> tuple[np.ndarray, Shown] | None:
        """Reads a sheet's photo.

        Returns:
            Its pixels, (H, W, 3) uint8 RGB, and what is known of it; None where they are not needed.

        Raises:
            PhotoError: It cannot be read, is damaged and refused, or has changed since it was laid out.
        """
        if not self._is_shown or sheet.photo is None:
            return None
        decoded, file, modified_ns = self._source.read(sheet.photo)
        if not self._takes_damaged:
            decoded.check_whole()
        self._check_size(sheet, decoded.pixels.shape[:2])
        return decoded.pixels, Shown(file, modified_ns, decoded.damage)

    def read_for_gpu(self, sheet: Sheet) -> tuple[np.ndarray | CheckedJpeg, Shown] | None:
        """Reads a sheet's photo, and leaves it to a GPU to decode it where that may.

        Returns:
            As `read` does; instead of its pixels the photo that is yet to be decoded.

        Raises:
            PhotoError: As for `read`.
        """
        if not self._is_shown or sheet.photo is None:
            return None
        file = self._source.read_file(sheet.photo)
        if file is None:
            return self.read(sheet)
        checked = check_jpeg(file)
        if checked is not None:
            self._check_size(sheet, checked.hw)
            return checked, Shown(identify(file.content), file.modified_ns, None)
        decoded = decode_photo(file)
        if not self._takes_damaged:
            decoded.check_whole()
        self._check_size(sheet, decoded.pixels.shape[:2])
        return decoded.pixels, Shown(identify(file.content), file.modified_ns, decoded.damage)

    def _check_size(self, sheet: Sheet, found_hw: tuple[int, ...]) -> None:
        if found_hw == sheet.photo_hw:
            return
        if self._are_alike:
            (height, width), (found_height, found_width) = sheet.photo_hw, found_hw
            raise PhotoError(
                f"{sheet.photo}: expected {width} x {height} pixels, as those before it have, found "
                f"{found_width} x {found_height}."
            )
        raise PhotoError(f"{sheet.photo}: the file changed during the run; run again")

    def identify(self, sheet: Sheet, damage: str) -> Shown | None:
        """What a photo is known by that cannot be read.

        Args:
            sheet: Whose photo it is.
            damage: Why it cannot be read.

        Returns:
            None where it is not there, and of frames of a video, which are known by that.
        """
        if sheet.photo is None or isinstance(sheet.photo, VideoFrame):
            return None
        try:
            length, modified_ns = self._source.look(sheet.photo)
            return Shown(FileId(length, self._source.hash(sheet.photo)), modified_ns, damage)
        except PhotoError:
            return None
