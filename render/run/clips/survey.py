"""What there is to do for each clip of a run, or that it is there already, or why it cannot be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from render.config.checks import parse_size
from render.config.schema import Config
from render.errors import FitFileError, MissingPhotoError, PhotoError
from render.files.sheet_names import sheet_file
from render.photos.sources.no_photos import BLANK_HW
from render.photos.sources.source import PhotoSource
from render.photos.sources.video_frames import VideoFrames
from render.record.records import Record
from render.record.resume import Resume
from render.run.clips.group import ClipPeople
from render.run.clips.timeline import ClipPlan, Pictures, plan_clip
from render.run.layouts import open_layout
from render.run.stop import Stop
from render.sheet.layout import have_cameras, needs_photo_size, shows_photo
from render.sheet.photo_cameras import has_lens, need_picture_size
from render.sheet.view import VIEWS
from render.types.fits import Fits
from render.types.sheets import Photo, Sheet


@dataclass
class FoundClip:
    """What there is to do for a clip.

    Attributes:
        people: Whose it is.
        plan: Its frames; None where they cannot be planned.
        photo_hw: Of all of its frames.
        has_cameras: As `lay_out_sheet` takes it.
        record: What is noted of it, where it is there already.
        failure: Why it cannot be made, where it cannot.
    """

    people: ClipPeople
    plan: ClipPlan | None = None
    photo_hw: tuple[int, int] = (0, 0)
    has_cameras: bool = True
    record: Record | None = None
    failure: str | None = None


class ClipSurvey:
    """Looks at the clips of the fits in the order of the file.

    Args:
        config: The settings.
        fits: The people of the run.
        clips: Who is in each clip, as positions in `fits`.
        photos: Where the photos are.
        resume: Knows what is done already; None where nobody asks for it.
    """

    def __init__(
        self,
        config: Config,
        fits: Fits,
        clips: list[ClipPeople],
        photos: PhotoSource,
        resume: Resume | None = None,
    ) -> None:
        specs, free_hw = config.panel_specs(), parse_size(config.size)
        self._lay_out = open_layout(config)
        self._format = config.output.format
        self._fps = float(config.output.options().get("fps", 0.0))
        self._needs_size = needs_photo_size(specs, free_hw)
        self._is_drawn = config.job.product != "meshes"
        self._writes_cameras = config.writes_cameras
        self._shows_crop = any(VIEWS.load(spec.viewpoint.name).is_crop for spec in specs)
        self._shows_photo = photos.has_photos and shows_photo(specs)
        self._blank_hw = free_hw if isinstance(free_hw, tuple) else BLANK_HW
        self._is_whole = config.samples == "all"
        self._fits = fits
        self._clips = clips
        self._photos = photos
        self._resume = resume

    def look(self, stop: Stop) -> Iterator[FoundClip]:
        """Clip by clip, until the end or a signal.

        Args:
            stop: The signal.

        Yields:
            What there is to do for a clip.
        """
        for people in self._clips:
            if stop.number:
                return
            has_cameras = self._photos.has_photos or have_cameras(self._fits, people.rows)
            found = FoundClip(people, has_cameras=has_cameras)
            try:
                found.plan = self.plan(people)
                found.photo_hw = self._find_size(found.plan)
                self.lay_out(found, _find_fullest(found.plan))
                if self._resume is not None:
                    found.record = self._resume.find_clip(
                        sheet_file(people.name, self._format),
                        tuple(people.rows.tolist()),
                        found.plan.tell(found.photo_hw),
                        self._list_photos(found.plan),
                    )
            # The latter where a file that is read when its body is drawn is gone.
            except (PhotoError, FitFileError) as error:
                found.failure = str(error)
            yield found

    def plan(self, people: ClipPeople) -> ClipPlan:
        """The frames of a clip.

        Args:
            people: Whose clip it is.

        Raises:
            PhotoError: Its frames do not follow one another, or a name is none of a photo.
        """
        return plan_clip(self._fits, people, self._find_pictures(people), self._fps, self._is_whole)

    def lay_out(self, found: FoundClip, number: int) -> Sheet:
        """The sheet of a frame.

        Args:
            found: The clip, which has a plan.
            number: Of the frame.

        Raises:
            PhotoError: It is larger than a batch can hold, or has more people than can be told apart.
        """
        plan = found.plan
        assert plan is not None
        name = plan.names[number]
        photo = self._photos.find_file(name) if name and self._shows_photo else None
        return self._lay_out(
            f"{plan.people.name}/{number:06d}",
            photo,
            found.photo_hw,
            fits=plan.fits[number],
            has_cameras=found.has_cameras,
        )

    def _find_pictures(self, people: ClipPeople) -> Pictures | None:
        photos = self._photos
        if not photos.has_photos:
            return None
        of_rows = [photos.name_file(name) for name in self._fits.image_name[people.rows]]
        if isinstance(photos, VideoFrames):
            info = photos.video.info
            return Pictures(
                photos.list_frames(),
                of_rows,
                np.append(info.pts, info.end_pts),
                info.time_base,
                info.path,
                info.has_audio,
            )
        folders = {name.rpartition("/")[0] for name in of_rows}
        # Frames of a sequence that lie in several folders, or beside those of others, are those that are
        # named.
        is_whole = people.owns_folder and len(folders) == 1
        return Pictures(photos.list_frames(folders.pop()) if is_whole else [], of_rows)

    def _find_size(self, plan: ClipPlan) -> tuple[int, int]:
        """The size of the first picture that can be read; the others are to have the same."""
        if not self._photos.has_photos:
            return self._blank_hw
        needs_size = self._needs_size or any(self._need_size(fits) for fits in set(plan.fits) if fits)
        if not needs_size:
            return 0, 0
        fault: PhotoError | None = None
        for name in plan.names:
            photo = self._photos.find_file(name)
            assert photo is not None
            try:
                return self._photos.read_size(photo)
            except PhotoError as error:
                fault = fault or error
        image_name = self._fits.image_name[plan.people.rows[0]]
        if isinstance(fault, MissingPhotoError) and (advice := self._photos.advise(image_name)):
            raise PhotoError(f"{self._photos.find(image_name)}: there is no such photo, {advice}")
        raise fault or PhotoError(f"{plan.people.name}: it has no pictures")

    def _need_size(self, people: tuple[int, ...]) -> bool:
        if self._is_drawn:
            return need_picture_size(self._fits, people, self._shows_crop)
        return self._writes_cameras and has_lens(self._fits, people)

    def _list_photos(self, plan: ClipPlan) -> list[Photo]:
        if not self._shows_photo:
            return []
        found = [self._photos.find_file(name) for name in plan.names]
        return [photo for photo in found if photo is not None]


def _find_fullest(plan: ClipPlan) -> int:
    """The frame with the most people: a layout that holds them holds those of all others."""
    return max(range(plan.count), key=lambda number: len(plan.fits[number]))
