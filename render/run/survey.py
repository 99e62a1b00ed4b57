"""What a run has to do: for each image the sheets that are to be drawn, and those that are done already."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from render.config.checks import parse_size
from render.config.schema import Config
from render.errors import FitFileError, MissingPhotoError, PhotoError
from render.files.sheet_names import sheet_name
from render.library.surface.reference import Reference
from render.photos.sources.no_photos import BLANK_HW
from render.photos.sources.source import PhotoSource
from render.record.earlier import Earlier
from render.record.fingerprint import Fingerprint
from render.record.records import Record
from render.record.resume import Resume
from render.run.layouts import needs_photos, open_layout
from render.run.stop import Stop
from render.sheet.layout import group_people, have_cameras, shows_photo
from render.sheet.photo_cameras import has_lens, need_picture_size
from render.sheet.view import VIEWS
from render.types.fits import Fits
from render.types.sheets import Sheet

# Where sheets of earlier runs are to be read, images are looked at on more threads than there are cores: they
# wait for the disk, or longer for a network.
TOGETHER = 256
THREADS, REMOTE_THREADS = 8, 32

People = tuple[int, ...]


@dataclass
class Found:
    """What there is to do for one image.

    Attributes:
        sheets: To be drawn.
        done: The people of sheets that are there, and what is noted of them.
        failed: The people of sheets that cannot be drawn, and why.
    """

    sheets: list[Sheet] = field(default_factory=list)
    done: list[tuple[People, Record]] = field(default_factory=list)
    failed: list[tuple[People, str]] = field(default_factory=list)


class Survey:
    """Looks at the images of the fits in the order of the file.

    Args:
        config: The settings.
        fits: The people of the run.
        photo_dir: Where the photos are.
        earlier: What earlier runs have noted.
        fingerprint: Of this run.
        reference: What people are compared with; None where no panel shows errors.

    Attributes:
        photo_dir: As given.
        sheets: How many there are in all.
    """

    def __init__(
        self,
        config: Config,
        fits: Fits,
        photo_dir: PhotoSource,
        earlier: Earlier,
        fingerprint: Fingerprint,
        reference: Reference | None = None,
    ) -> None:
        self._specs = config.panel_specs()
        free_hw = parse_size(config.size)
        self._lay_out = open_layout(config)
        self._config = config
        self._needs_photo = needs_photos(config)
        self._is_drawn = config.job.product != "meshes"
        self._writes_cameras = config.writes_cameras
        self._shows_crop = any(VIEWS.load(spec.viewpoint.name).is_crop for spec in self._specs)
        self._shows_photo = photo_dir.has_photos and shows_photo(self._specs)
        self._blank_hw = free_hw if isinstance(free_hw, tuple) else BLANK_HW
        self._reference = reference
        self._fits = fits
        self.photo_dir = photo_dir
        self._images = group_people(fits, config.people)
        self.sheets = sum(map(len, self._images))
        self._is_new = earlier.is_new
        self._resume = Resume(
            earlier, fingerprint, fits, photo_dir, self._shows_photo, config.damaged_photos == "draw"
        )

    def list_products(self) -> Iterator[tuple[int, str]]:
        """Of all products the row of the first person, and the name, in the order in which they are made."""
        for groups in self._images:
            for people in groups:
                yield int(self._fits.row[people[0]]), self._config.name_product(self._name(people))

    def look(self, stop: Stop) -> Iterator[Found]:
        """Image by image, until the end or a signal.

        Args:
            stop: The signal.

        Yields:
            What there is to do for an image.
        """
        # Nothing is there to be hashed, so one thread is enough.
        if self._is_new and not self.photo_dir.is_remote:
            for groups in self._images:
                if stop.number:
                    return
                yield self._look_at(groups)
            return
        with ThreadPoolExecutor(REMOTE_THREADS if self.photo_dir.is_remote else THREADS) as pool:
            # So many at a time: the pool would take all images at once, far ahead of the drawing.
            for first in range(0, len(self._images), TOGETHER):
                if stop.number:
                    return
                yield from pool.map(self._look_at, self._images[first : first + TOGETHER])

    def _look_at(self, groups: list[People]) -> Found:
        """groups: the people of each sheet of one image."""
        found, left = Found(), list(groups)
        for people in groups:
            lack = self._find_lack(people)
            if lack is not None:
                found.failed.append((people, lack))
                left.remove(people)
        image_name = self._fits.image_name[groups[0][0]]
        names = {people: self._name(people) for people in left}
        photo, photo_hw, size = None, (0, 0), None
        try:
            if self._needs_photo or any(map(self._need_size, groups)):
                photo = self.photo_dir.find(image_name)
                if photo is None:
                    photo_hw = self._blank_hw
                elif not self._shows_photo:
                    # That is all that these sheets take from it; of others its content tells what changed.
                    photo_hw = size = self.photo_dir.read_size(photo)
            for people in list(left):
                product = self._config.name_product(names[people])
                record = self._resume.find(product, people, photo, size)
                if record is not None:
                    found.done.append((people, record))
                    left.remove(people)
            if left and self._shows_photo and photo is not None:
                photo_hw = self.photo_dir.read_size(photo)
        # The latter where a file that is read when its body is drawn is gone.
        except (PhotoError, FitFileError) as error:
            reason = str(error)
            if isinstance(error, MissingPhotoError) and (advice := self.photo_dir.advise(image_name)):
                reason = f"{photo}: there is no such photo, {advice}"
            found.failed += [(people, reason) for people in left]
            return found
        for people in left:
            try:
                found.sheets.append(
                    self._lay_out(
                        names[people],
                        photo,
                        photo_hw,
                        fits=people,
                        has_cameras=self.photo_dir.has_photos or have_cameras(self._fits, people),
                    )
                )
            except PhotoError as error:
                found.failed.append((people, str(error)))
        return found

    def _find_lack(self, people: People) -> str | None:
        """Why somebody on a sheet cannot be compared; None if all can, or need not be."""
        if self._reference is None:
            return None
        lacks = (self._reference.find_lack(self._fits, person) for person in people)
        return next((lack for lack in lacks if lack is not None), None)

    def _need_size(self, people: People) -> bool:
        if self._is_drawn:
            return need_picture_size(self._fits, people, self._shows_crop)
        return self._writes_cameras and has_lens(self._fits, people)

    def _name(self, people: People) -> str:
        return sheet_name(self._fits.image_name[people[0]], int(self._fits.row[people[0]]))
