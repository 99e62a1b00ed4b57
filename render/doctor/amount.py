"""How much a run makes that is not there yet: sheets, or clips and their frames."""

from __future__ import annotations

from dataclasses import dataclass

from render.config.schema import Config
from render.doctor.finding import Examined
from render.errors import PhotoError
from render.files.output import Readable
from render.files.sheet_names import sheet_name
from render.files.stores.output import open_readable
from render.labels.people import SIDECAR
from render.record.earlier import list_notes, read_all_records
from render.run.clips.run import find_clips
from render.run.clips.survey import ClipSurvey
from render.run.dry.room import format_bytes
from render.sheet.layout import group_people


@dataclass(frozen=True)
class Amount:
    """How much there is to make.

    Attributes:
        count: Sheets, or frames.
        clips: How many clips the frames are of; None where they are sheets.
        of_one: What one sheet is called: an audit makes none, and goes image by image.
    """

    count: int
    clips: int | None = None
    of_one: str = "sheet"

    @property
    def unit(self) -> str:
        """One of what is counted."""
        return self.of_one if self.clips is None else "frame"

    def describe(self, each_bytes: float | None = None) -> str:
        """As findings have it.

        Args:
            each_bytes: How large one is; left out or 0, nothing is said of it.
        """
        size = "" if not each_bytes else f" of {format_bytes(each_bytes)}"
        clips = "" if self.clips is None else f" in {self.clips:,} clip{'s' * (self.clips != 1)}"
        return f"{self.count:,} {self.unit}{'s' * (self.clips is None or self.count != 1)}{size}{clips}"


def find_absent(config: Config, examined: Examined) -> Amount:
    """What has no file, or no numbers, from an earlier run, which are kept or replaced.

    Args:
        config: Of the run.
        examined: What earlier checks found, the fits above all.
    """
    place = open_readable(config.output.dir)
    known = _list_products_without_files(place)

    def is_absent(name: str) -> bool:
        product = config.name_product(name)
        # Sets of files have no file of their name; labels have a sidecar, meshes a first person.
        files = (product, name + SIDECAR, f"{name}.1.{config.output.format}")
        return product not in known and all(place.measure(file) is None for file in files)

    dataset, selected, fits = examined.dataset, examined.selected, examined.fits
    assert dataset is not None
    assert selected is not None
    assert fits is not None
    if config.motion != "sequence":
        # A sheet has the name of its first person.
        people = (sheet[0] for image in group_people(fits, config.people) for sheet in image)
        names = (sheet_name(fits.image_name[first], int(fits.row[first])) for first in people)
        of_one = "image" if config.job.product == "audit" else "sheet"
        return Amount(sum(map(is_absent, names)), of_one=of_one)
    clips = [clip for clip in find_clips(selected, fits, config.people) if is_absent(clip.name)]
    photos = dataset.open_photos(selected)
    try:
        survey = ClipSurvey(config, fits, clips, photos)
        count = 0
        for clip in clips:
            try:
                count += survey.plan(clip).count
            # The trial says what becomes of such clips.
            except PhotoError:
                continue
    finally:
        photos.close()
    return Amount(count, len(clips))


def _list_products_without_files(place: Readable) -> set[str]:
    """Those that are in tars, and those that are numbers alone."""
    found = read_all_records(place, list_notes(place))
    return {
        product
        for product, records in found.items()
        if any(one.tar is not None or not one.files for one in records)
    }
