"""Meshcapade's `.smpl` files: the motion, or a single pose, of one person, in a world whose y axis is up."""

from __future__ import annotations

from typing import Any

from render.containers.contents.npz_members import read_npz_keys
from render.containers.errors import ContainerError
from render.containers.json_values import RowFault
from render.fits.checks import check_rows
from render.fits.fit_file import FitFile
from render.fits.motion.codec import KEYS, UP, note_codec, read_codec
from render.fits.motion.tracks import Track, assemble_tracks
from render.fits.motion.worlds import stand
from render.fits.reader import FitFormat
from render.types.fits import Fits, RowProblem

EXPECTED = "a .smpl file, an npz with smplVersion and bodyPose"
_NOTES = (
    "axes: x right, y up, in metres; turned to x right, y down, z away",
    "camera: there is none, and bodies are shown whole",
)


def recognises(file: FitFile) -> bool:
    """Whether a file is an npz with the number of a body model, as only the codec has it."""
    return file.kind == "npz" and "smplVersion" in file.keys


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a .smpl file; see `render.fits.reader.Read`. Rows are its frames, or one where it has none."""
    try:
        held = _read_arrays(file)
        motion = read_codec(held)
    except (RowFault, ContainerError) as fault:
        file.refuse(str(fault), EXPECTED)
    cameras, world = stand(UP, motion.transl_m)
    notes = (*_NOTES, *note_codec(held))
    return check_rows(
        assemble_tracks("smpl", [Track(motion, file.path.stem, 0, 0, 0, cameras, world, notes)])
    )


def _read_arrays(file: FitFile) -> dict[str, Any]:
    if not recognises(file):
        file.refuse(f"found {file.kind} content without smplVersion", EXPECTED)
    try:
        return read_npz_keys(file.path, KEYS, only_numbers=True)
    except OSError as error:
        file.refuse(f"it cannot be read ({error.strerror})", EXPECTED)


FORMAT = FitFormat(read=read, recognises=recognises)
