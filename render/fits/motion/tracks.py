"""People of sequences without photos, each with the motion that a file holds of him, as fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from render.containers.errors import MOST_BYTES
from render.containers.json_values import RowFault
from render.fits.build import assemble, make_poses, merge_sources
from render.fits.cameras import PhotoCameras, World, join_cameras
from render.fits.rotations import joints_rotmat
from render.types.fits import Fits

JOINTS = {"smpl": 24, "smplh": 52, "smplx": 55}
# More than a file of any model has: shape, or expression.
MOST_COEFFICIENTS = 400
# Of the matrices of all frames.
MOST_FRAMES = MOST_BYTES // (max(JOINTS.values()) * 9 * 4)


@dataclass(frozen=True)
class Motion:
    """What a file holds of a person's motion, F frames.

    Attributes:
        kind: Of the body model: smpl, smplh or smplx.
        variant: Which of its files.
        angles_rad: (F, J, 3) of its joints in their order, axis times angle; hands are added to flat ones.
        betas: (B,) of the person.
        expression: (F, E) of the face; E is 0 for none.
        transl_m: (F, 3) in the file's axes; NaN where the file has none.
        rate_hz: Of frames, NaN where it is not known.
    """

    kind: str
    variant: str
    angles_rad: np.ndarray
    betas: np.ndarray
    expression: np.ndarray
    transl_m: np.ndarray
    rate_hz: float

    def __len__(self) -> int:
        return len(self.angles_rad)


@dataclass(frozen=True)
class Track:
    """A person in a sequence.

    Attributes:
        motion: His frames from the first one on.
        sequence: Its name.
        person: His number in it.
        row: Of his first frame in the file.
        first_frame: Number of his first frame in the sequence.
        cameras: Of his frames.
        world: Where he is in it.
        notes: What the user is told of him once.
    """

    motion: Motion
    sequence: str
    person: int
    row: int
    first_frame: int
    cameras: PhotoCameras
    world: World
    notes: tuple[str, ...]


def check_frames(count: int) -> None:
    """Raises RowFault where there are more frames than can be held."""
    if count > MOST_FRAMES:
        raise RowFault("frames", f"up to {MOST_FRAMES}", str(count))


def assemble_tracks(file_format: str, tracks: Sequence[Track]) -> Fits:
    """Fits of all frames of all tracks in the order of the file, unchecked.

    Args:
        file_format: The reader's name.
        tracks: One at least. Those with bodies of one file of a model and with the same notes make a source.
    """
    groups: dict[tuple, list[Track]] = {}
    for track in tracks:
        key = track.motion.kind, track.motion.variant, track.notes
        groups.setdefault(key, []).append(track)
    return merge_sources([_assemble_group(file_format, group) for group in groups.values()])


def _assemble_group(file_format: str, tracks: list[Track]) -> Fits:
    motions = [track.motion for track in tracks]
    kind, variant = motions[0].kind, motions[0].variant
    counts = [len(motion) for motion in motions]
    ends = np.cumsum(counts)
    rotmat = np.empty((ends[-1], JOINTS[kind], 3, 3), np.float32)
    betas = np.zeros((ends[-1], max(len(motion.betas) for motion in motions)), np.float32)
    expression = np.zeros((ends[-1], max(motion.expression.shape[1] for motion in motions)), np.float32)
    for motion, end in zip(motions, ends.tolist(), strict=True):
        rows = slice(end - len(motion), end)
        rotmat[rows] = joints_rotmat(motion.angles_rad, motion.angles_rad.shape[1])
        betas[rows, : len(motion.betas)] = motion.betas
        expression[rows, : motion.expression.shape[1]] = motion.expression
    frames = [track.first_frame + np.arange(len(track.motion)) for track in tracks]
    named = list(zip(tracks, frames, strict=True))
    worlds = [track.world for track in tracks]
    return assemble(
        file_format,
        [f"{track.sequence}/{frame:06d}" for track, numbers in named for frame in numbers.tolist()],
        make_poses(kind, rotmat, betas, variant=variant, expression=expression),
        join_cameras([track.cameras for track in tracks]),
        row=np.concatenate([track.row + np.arange(len(track.motion)) for track in tracks]),
        notes=tracks[0].notes,
        world=World(*(np.concatenate([getattr(w, n) for w in worlds]) for n in ("rotation", "transl_m"))),
        person=np.repeat([track.person for track in tracks], counts),
        identity=np.repeat([track.person for track in tracks], counts),
        frame=np.concatenate(frames),
        time_s=np.concatenate([numbers / track.motion.rate_hz for track, numbers in named]),
        sequence=np.repeat(np.array([track.sequence for track in tracks], object), counts),
    )
