"""What of a run is done already: whole, of the same inputs, under the same settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from render.errors import PhotoError
from render.fits.image_paths import name_video_frame
from render.photos.sources.source import PhotoSource
from render.record.earlier import Earlier
from render.record.fingerprint import Fingerprint
from render.record.pictures import find_change, find_changes
from render.record.records import PhotoId, Record
from render.types.fits import Fits
from render.types.sheets import Photo, VideoFrame


class Resume:
    """Compares what earlier runs have noted with what this one is to draw.

    Args:
        earlier: What earlier runs have noted.
        fingerprint: Of this run.
        fits: The people of this run.
        photos: Where their photos are.
        shows_photo: Whether a panel shows it.
        takes_damaged: Whether sheets are drawn over photos that are damaged.
    """

    def __init__(
        self,
        earlier: Earlier,
        fingerprint: Fingerprint,
        fits: Fits,
        photos: PhotoSource,
        shows_photo: bool,
        takes_damaged: bool,
    ) -> None:
        self._earlier = earlier
        self._fingerprint = fingerprint
        self._fits = fits
        self._photos = photos
        self._shows_photo = shows_photo
        self._takes_damaged = takes_damaged

    def find(
        self,
        product: str,
        people: tuple[int, ...],
        photo: Photo | None,
        photo_hw: tuple[int, int] | None,
    ) -> Record | None:
        """The record of a product that need not be made again.

        Args:
            product: Its name.
            people: Positions in the fits.
            photo: The photo; None where the product needs none.
            photo_hw: Height and width of the photo, where the product depends on its size alone.

        Returns:
            The record, of the photo as it is now; None if the product is to be made.
        """
        # Mostly there is none, and nothing need be hashed.
        records = self._earlier.list_records(product)
        if not records:
            return None
        drawn = self._fingerprint.hash_people(self._fits, people, photo_hw)

        def compare(record: Record, noted: PhotoId) -> Record | None:
            # A sheet that shows its photo is of one.
            assert photo is not None
            return self._compare_photo(record, noted, photo)

        fit = [record for record in records if record.damage is None or self._takes_damaged]
        return self._pick(fit, drawn, self._shows_photo, compare)

    def find_clip(
        self, product: str, people: tuple[int, ...], told: bytes, pictures: Sequence[Photo]
    ) -> Record | None:
        """The record of a clip that need not be drawn again.

        A clip with frames whose photo is missing or damaged is taken as it is until its photos change.

        Args:
            product: Its name, that of its file.
            people: Positions in the fits.
            told: Of its frames, as `Fingerprint.hash_clip` takes it.
            pictures: The photos that it shows; none where it shows none.

        Returns:
            The record, of the photos as they are now; None if the clip is to be drawn.
        """
        records = self._earlier.list_records(product)
        if not records:
            return None
        drawn = self._fingerprint.hash_clip(self._fits, people, told)

        def compare(record: Record, noted: PhotoId) -> Record | None:
            try:
                photo = find_changes(noted, pictures, self._photos)
            # Why it cannot be read is said when it is to be drawn.
            except PhotoError:
                return None
            return None if photo is None else replace(record, photo=photo)

        return self._pick(records, drawn, bool(pictures), compare)

    def _pick(
        self,
        records: Sequence[Record],
        drawn: str,
        shows_photo: bool,
        compare: Callable[[Record, PhotoId], Record | None],
    ) -> Record | None:
        """The first record of these settings and people whose files are whole, of its photos as they are now.

        Args:
            records: Of one product.
            drawn: Hash of its people.
            shows_photo: Whether it shows photos.
            compare: Gives a record as it would be of its photos as they are now; None where they are others.
        """
        for record in records:
            if (record.settings, record.people) != (self._fingerprint.settings, drawn):
                continue
            if (record.photo is not None) != shows_photo:
                continue
            found = record if record.photo is None else compare(record, record.photo)
            if found is not None and self._earlier.is_whole(found):
                return found
        return None

    def _compare_photo(self, record: Record, noted: PhotoId, photo: Photo) -> Record | None:
        """The record as it would be of the photo that is there now; None of another photo."""
        # The file is the same for all frames of a video.
        if isinstance(photo, VideoFrame) and noted.name != name_video_frame(photo.number):
            return None
        try:
            found = find_change(noted, photo, self._photos)
        # Why it cannot be read is said when its sheet is to be drawn.
        except PhotoError:
            return None
        if found is None:
            return None
        return record if found is noted else replace(record, photo=found)
