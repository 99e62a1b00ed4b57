"""When each frame of a clip is shown, over which picture, and who is on it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from render.errors import PhotoError
from render.run.clips.group import ClipPeople
from render.types.fits import Fits
from render.write.clip import LARGEST_FPS_DENOMINATOR, SoundSource

# Where nothing says how fast frames follow one another.
DEFAULT_FPS = 25
# A number of a frame that is far from all others is damaged: between two of them nobody is for so long.
MOST_EMPTY_A_FRAME = 100
# Times that say another rate are damaged, or in another unit.
LEAST_TOLD_FPS, MOST_TOLD_FPS = 0.01, 1000.0
LEAST_FRAMES = 10_000


@dataclass(frozen=True)
class Pictures:
    """The pictures of a sequence, whether or not anybody is on them.

    Attributes:
        names: Image names, in their order.
        of_rows: (M,) of each row of the clip the name of its picture, which need not be there.
        times: (N + 1,) int64: when each is shown, and when the last one ends; None where that is not known.
        time_base: Seconds, of `times`.
        video: The file that they are frames of, where they are.
        has_sound: Whether that has sound.
    """

    names: list[str]
    of_rows: list[str]
    times: np.ndarray | None = None
    time_base: Fraction = Fraction(1)
    video: Path | None = None
    has_sound: bool = False


@dataclass(frozen=True)
class ClipPlan:
    """The frames of a clip.

    Attributes:
        people: Whose clip it is.
        names: Image name of each frame, whether or not there is a picture; empty where nobody has said one.
        fits: The people of each frame, as positions in the fits.
        times: (N + 1,) int64: when each frame begins, and when the last one ends.
        time_base: Seconds, of `times`.
        video: The file that its pictures are frames of, where they are.
        sound: What it takes of a video's sound.
        lost: Rows whose frame is not there, and why.
    """

    people: ClipPeople
    names: list[str]
    fits: list[tuple[int, ...]]
    times: np.ndarray
    time_base: Fraction
    video: Path | None
    sound: SoundSource | None
    lost: list[tuple[int, str]]

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self.fits)

    def tell(self, photo_hw: tuple[int, int]) -> bytes:
        """All of it that its people do not say, for a hash.

        Args:
            photo_hw: Height and width of its pictures.
        """
        # A shard counts its people anew.
        frame_of = {row: k for k, people in enumerate(self.fits) for row in people}
        frames = [frame_of.get(row) for row in self.people.rows.tolist()]
        told = repr((self.names, frames, str(self.time_base), self.sound, photo_hw))
        return told.encode() + self.times.tobytes()

    @property
    def starts_s(self) -> np.ndarray:
        """(N + 1,) when each frame begins, and when the last one ends, in seconds."""
        return (self.times - self.times[0]) * float(self.time_base)


def order_frames(fits: Fits, rows: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The place of each row among the frames of its sequence, and the names of all frames.

    Frames that nobody is on have their places, too.

    Args:
        fits: The people.
        rows: (M,) of a clip.

    Raises:
        PhotoError: Frames are so far from one another that a number must be wrong.
    """
    frames = fits.frame[rows]
    if (frames < 0).any():
        names = sorted(set(fits.image_name[rows]))
        place_of = {name: i for i, name in enumerate(names)}
        return np.array([place_of[name] for name in fits.image_name[rows]]), names
    known = np.unique(frames)
    # Every second or every fifth frame may have been fitted.
    step = max(1, int(np.gcd.reduce(np.diff(known)))) if len(known) > 1 else 1
    count = int(known[-1] - known[0]) // step + 1
    if count > max(MOST_EMPTY_A_FRAME * len(known), LEAST_FRAMES):
        raise PhotoError(
            f"frames {known[0]} to {known[-1]}: expected frames that follow one another, found {len(known)} "
            f"of {count}; mend the numbers of frames, or choose others by samples"
        )
    place = (frames - known[0]) // step
    names = [""] * count
    for i, row in zip(place.tolist(), rows.tolist(), strict=True):
        names[i] = str(fits.image_name[row])
    return place, names


def plan_clip(
    fits: Fits, people: ClipPeople, pictures: Pictures | None, fps: float, is_whole: bool
) -> ClipPlan:
    """Plans a clip; the pictures themselves are not looked at.

    Args:
        fits: The people.
        people: Of the clip.
        pictures: Of its sequence, and which of them each row is on; None for one without.
        fps: The rate that is asked for; 0 for the sequence's own.
        is_whole: Whether frames before the first of the people, and after the last, are shown.

    Raises:
        PhotoError: Their frames do not follow one another.
    """
    rows = people.rows
    lost: list[tuple[int, str]] = []
    if pictures is None:
        place, names = order_frames(fits, rows)
    else:
        names = pictures.names
        if pictures.video is None:
            # What is missing has its place between the others.
            names = sorted({*names, *pictures.of_rows})
        place_of = {name: i for i, name in enumerate(names)}
        found = np.array([place_of.get(name, -1) for name in pictures.of_rows])
        for row in rows[found < 0].tolist():
            lost.append((row, f"{pictures.video}: it has {len(names)} frames, and none for this row"))
        rows, place = rows[found >= 0], found[found >= 0]
        if not len(rows):
            raise PhotoError(f"{pictures.video}: it has {len(names)} frames, and none of this sequence's")
    first, end = (0, len(names)) if is_whole else (int(place.min()), int(place.max()) + 1)
    on_frame: list[list[int]] = [[] for _ in range(end - first)]
    for row, i in zip(rows.tolist(), place.tolist(), strict=True):
        on_frame[i - first].append(row)
    times, time_base, sound = _find_times(fits, rows, place, pictures, fps, first, end)
    return ClipPlan(
        people=people,
        names=names[first:end],
        fits=[tuple(one) for one in on_frame],
        times=times,
        time_base=time_base,
        sound=sound,
        lost=lost,
        video=None if pictures is None else pictures.video,
    )


def _find_times(
    fits: Fits,
    rows: np.ndarray,
    place: np.ndarray,
    pictures: Pictures | None,
    fps: float,
    first: int,
    end: int,
) -> tuple[np.ndarray, Fraction, SoundSource | None]:
    count = end - first
    if not fps and pictures is not None and pictures.times is not None:
        times, base = pictures.times[first : end + 1], pictures.time_base
        sound = None
        if pictures.has_sound and pictures.video is not None:
            begin = int(pictures.times[0])
            starts, ends = ((int(time) - begin) * base for time in (times[0], times[-1]))
            sound = SoundSource(pictures.video, starts, ends, begin * base)
        return times, base, sound
    rate = Fraction(fps) if fps else find_rate(fits.time_s[rows], place) or Fraction(DEFAULT_FPS)
    return np.arange(count + 1), 1 / rate.limit_denominator(LARGEST_FPS_DENOMINATOR), None


def find_rate(time_s: np.ndarray, place: np.ndarray) -> Fraction | None:
    """How many frames a second there are.

    Args:
        time_s: (M,) times of rows, NaN where they are not known.
        place: (M,) places of their frames.

    Returns:
        The rate, None where it cannot be told.
    """
    known = np.isfinite(time_s)
    if not known.any():
        return None
    early, late = (pick(np.where(known, time_s, np.nan)) for pick in (np.nanargmin, np.nanargmax))
    frames, seconds = int(place[late] - place[early]), float(time_s[late]) - float(time_s[early])
    if frames <= 0 or not LEAST_TOLD_FPS * seconds <= frames <= MOST_TOLD_FPS * seconds:
        return None
    return Fraction(frames / seconds).limit_denominator(LARGEST_FPS_DENOMINATOR)
