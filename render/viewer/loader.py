"""From what a run reads to stages: people are posed and placed when somebody is to see them."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from render.compute.steps import Step, Steps, run_steps
from render.errors import SheetError
from render.library.poser import BatchPoser
from render.library.surface.reference import Reference
from render.photos.sources.no_photos import BLANK_HW
from render.photos.sources.source import PhotoSource
from render.run.layouts import lay_out_nothing
from render.run.meshes.pose import PosedBody, fetch_bodies
from render.sheet.framing import Batch, make_batch
from render.sheet.photo_cameras import PixelCameras
from render.types.fits import Fits
from render.types.sheets import Photo, Sheet
from render.viewer.scenes.writer import shrink_photo
from render.viewer.stages.place import place_bodies
from render.viewer.stages.stage import Stage, StagePerson

# Shots that are posed together, and how many of such pieces are kept: a few hundred megabytes of a crowd.
SHOTS_TOGETHER, MOST_PIECES = 16, 4
# So many frames tell where a sequence happens.
REACH_SHOTS = 9


@dataclass(frozen=True)
class Shot:
    """What is to be seen at a time.

    Attributes:
        picture: Name of its picture: of an image as in the fit file, of a frame as `PhotoSource.list_frames`
            has it; empty where there is none.
        people: Their places in the fits.
        is_frame: Whether it is a frame of a sequence.
    """

    picture: str
    people: tuple[int, ...]
    is_frame: bool = False


class StageLoader:
    """Makes stages of people.

    Args:
        fits: All that there are.
        poser: Of their bodies.
        photos: Where their photos are.
        takes_damaged: Whether damaged photos are shown.
        reference: What they are compared with; None where they are not.
    """

    def __init__(
        self,
        fits: Fits,
        poser: BatchPoser,
        photos: PhotoSource,
        takes_damaged: bool,
        reference: Reference | None = None,
    ) -> None:
        self._fits = fits
        self._poser = poser
        self._photos = photos
        self._takes_damaged = takes_damaged
        self._reference = reference
        self._pieces: OrderedDict[tuple[Shot, ...], list[Stage | SheetError]] = OrderedDict()

    def load(self, shots: Sequence[Shot], number: int, photo_px: int) -> Stage:
        """The stage of one of several shots that follow one another.

        Those near it are posed with it, and kept.

        Args:
            shots: The frames of a sequence, or the one of a photo.
            number: Which of them.
            photo_px: Longer side of the photo, at most.

        Raises:
            RenderError: It cannot be shown.
        """
        first = number // SHOTS_TOGETHER * SHOTS_TOGETHER
        key = tuple(shots[first : first + SHOTS_TOGETHER])
        if key not in self._pieces:
            self._pieces[key] = run_steps(self._make(key))
            while len(self._pieces) > MOST_PIECES:
                self._pieces.popitem(last=False)
        self._pieces.move_to_end(key)
        found = self._pieces[key][number - first]
        if isinstance(found, SheetError):
            raise found
        return replace(found, photo=self._read_photo(shots[number], photo_px))

    def find_reach(self, shots: Sequence[Shot]) -> np.ndarray | None:
        """Where a sequence without a camera happens, as some of its frames tell it.

        Args:
            shots: The frames.

        Returns:
            (2, 3) least and greatest corner; None for a photo, and where people are seen by a camera.

        Raises:
            RenderError: One of them cannot be shown.
        """
        if len(shots) == 1:
            return None
        ends = []
        for number in np.unique(np.linspace(0, len(shots) - 1, REACH_SHOTS).astype(int)).tolist():
            stage = self.load(shots, number, 1)
            if stage.lens is not None:
                return None
            if stage.people:
                ends.append(np.stack(stage.bounds_m))
        return None if not ends else np.stack([np.min(ends, 0)[0], np.max(ends, 0)[1]])

    def _find_photo(self, shot: Shot) -> Photo | None:
        if not shot.picture:
            return None
        return self._photos.find_file(shot.picture) if shot.is_frame else self._photos.find(shot.picture)

    def _read_photo(self, shot: Shot, most_px: int) -> np.ndarray | None:
        photo = self._find_photo(shot)
        if photo is None:
            return None
        decoded, *_ = self._photos.read(photo)
        if not self._takes_damaged:
            decoded.check_whole()
        return shrink_photo(decoded.pixels, most_px)

    def _make(self, shots: Sequence[Shot]) -> Steps[list[Stage | SheetError]]:
        batch = make_batch(self._fits, [self._lay_out(shot) for shot in shots])
        queue = self._poser.open_queue()
        groups = yield from self._poser.pose(batch, queue)
        values: dict[int, np.ndarray] = {}
        if self._reference is not None:
            groups = yield from self._reference.measure(batch.fits, groups, queue)
            for group in groups:
                assert group.bodies.values is not None
                found = queue.download(group.bodies.values)
                queue.wait()
                values.update(zip(group.index.tolist(), found.numpy(), strict=True))
        (posed,) = yield Step("download", [partial(fetch_bodies, groups, len(batch.fits), queue)])
        return [self._place(batch, k, shot, posed, values) for k, shot in enumerate(shots)]

    def _lay_out(self, shot: Shot) -> Sheet:
        photo = self._find_photo(shot)
        photo_hw = BLANK_HW if photo is None else self._photos.read_size(photo)
        return lay_out_nothing(shot.picture, photo, photo_hw, fits=shot.people, has_cameras=True)

    def _place(
        self, batch: Batch, sheet: int, shot: Shot, posed: list[PosedBody], values: dict[int, np.ndarray]
    ) -> Stage | SheetError:
        people = range(int(batch.first[sheet]), int(batch.first[sheet + 1]))
        fits, is_closed = batch.fits, self._poser.bodies.are_closed(batch.fits)
        name = shot.picture or (str(fits.image_name[people.start]) if len(people) else "")
        cameras = PixelCameras(*(column[people.start : people.stop] for column in batch.cameras))
        verts = [posed[k].verts for k in people]
        turns = np.tile(np.eye(3), (len(people), 1, 1))
        if cameras.is_framed.all():
            verts, turns = _stand_in_world(fits, people, verts, turns)
        try:
            placed = place_bodies(cameras, verts, [int(fits.row[k]) for k in people])
        except SheetError as error:
            return error
        keys = _name_people(fits, people)
        return Stage(
            name,
            tuple(
                StagePerson(
                    key=keys[i],
                    label=keys[i].replace("_annotation", ", annotation").replace("_", " "),
                    colour=int(fits.identity[k] if fits.identity[k] >= 0 else fits.row[k]),
                    verts=placed.verts[i].astype(np.float32),
                    normals=(posed[k].normals @ turns[i].T).astype(np.float32),
                    faces=posed[k].faces,
                    is_closed=bool(is_closed[k]),
                    colors=posed[k].colors,
                    values=values.get(k),
                )
                for i, k in enumerate(people)
            ),
            placed.lens,
        )


def _stand_in_world(
    fits: Fits, people: range, verts: list[np.ndarray], turns: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """Bodies without a camera in the world of their sequence, where all of them know it.

    Returns:
        The vertices, and (M, 3, 3) how they are turned.
    """
    who = np.array(people, np.int64)
    rotation, origin_m = fits.world_rotation[who], fits.world_m[who]
    if not (np.isfinite(rotation).all() and np.isfinite(origin_m).all()):
        return verts, turns
    moved = [one @ rotation[i].T + origin_m[i] for i, one in enumerate(verts)]
    return moved, rotation


def _name_people(fits: Fits, people: range) -> list[str]:
    """What each is called: in a sequence by who it is, else by the row."""
    found: list[str] = []
    counts: Counter[str] = Counter()
    for k in people:
        identity, annot_id = int(fits.identity[k]), int(fits.annot_id[k])
        name = f"person_{identity}" if identity >= 0 else f"row_{int(fits.row[k])}"
        if identity < 0 and annot_id > 0:
            name += f"_annotation_{annot_id}"
        # Files may say of two people of a picture that they are one.
        counts[name] += 1
        found.append(name if counts[name] == 1 else f"{name}_again_{counts[name]}")
    return found
