"""The photos behind sheets, as a run reads them: pixels, and what is noted of their files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.errors import PhotoError
from render.files.digest import FileId
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
        if decoded.pixels.shape[:2] != sheet.photo_hw:
            if self._are_alike:
                (height, width), (found_height, found_width) = sheet.photo_hw, decoded.pixels.shape[:2]
                raise PhotoError(
                    f"{sheet.photo}: expected {width} x {height} pixels, as those before it have, found "
                    f"{found_width} x {found_height}."
                )
            raise PhotoError(f"{sheet.photo}: the file changed during the run; run again")
        return decoded.pixels, Shown(file, modified_ns, decoded.damage)

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
