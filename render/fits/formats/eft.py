"""EFT fit files (JSON), as released with facebookresearch/eft."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from render.containers.json_file import JsonFile
from render.containers.json_values import RowFault, shown
from render.files.image_names import image_name_fault
from render.fits.eft_rows import EftRow, make_eft_fits, parse_row, value_checks
from render.fits.fit_file import FitFile
from render.fits.reader import FitFormat
from render.types.fits import Fits, RowProblem

SERVED_FROM = (
    "EFT fits are served from https://dl.fbaipublicfiles.com/eft/ (COCO2014-Val, LSPet, OCHuman) and "
    "https://dl.fbaipublicfiles.com/eft/eft_fit_ver01/ (COCO2014-All, COCO2014-Part, MPII, PoseTrack, "
    "LSPet_ver01), and smpl-render download eft NAME fetches those of a dataset"
)

# Checked together, in float64.
ROWS_AT_ONCE = 2048
# Values are checked in float64, and kept in float64 where pixels are computed from them.
_READ_DTYPES = {"image_name": object, "annot_id": np.int64}
_KEPT_DTYPES = {
    **_READ_DTYPES,
    "pose_rotmat": np.float32,
    "betas": np.float32,
    "joint_validity": bool,
    "keypoints_px": np.float32,
}


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads an EFT file.

    Numbers are those of the file, rounded to float32 where Fits hold float32 (camera and box keep float64).

    Args:
        file: The file.

    Returns:
        The valid rows, in file order, and the rejected ones with their reasons.

    Raises:
        FitFileError: The file is missing, is not an EFT file, or holds no valid row.
    """
    json_file = JsonFile(
        file.path,
        kind="an EFT fit file",
        layout='JSON with one entry a person in the list "data"',
        entries_key="data",
        content="fits",
        setting="dataset.fit_file",
        served_from=SERVED_FROM,
    )
    parts: list[dict[str, np.ndarray]] = []
    rejected: list[RowProblem] = []
    parsed: dict[int, EftRow] = {}
    for row, entry in enumerate(json_file.read_entries()):
        # No entry is held longer than this: its objects take ten times the memory of its numbers.
        try:
            parsed[row] = parse_row(entry)
        except RowFault as fault:
            # A file may have two million rows with one fault: each text is held once.
            rejected.append(RowProblem(row, _name_of(entry), sys.intern(str(fault))))
        if len(parsed) == ROWS_AT_ONCE:
            parts.append(_check_rows(parsed, rejected))
            parsed.clear()
    if parsed:
        parts.append(_check_rows(parsed, rejected))
    # Entries that are rejected for their types come before those that are rejected for their values.
    rejected.sort(key=lambda problem: problem.row)
    if not any(len(part["row"]) for part in parts):
        reasons = "; ".join(f"row {problem.row}: {problem.reason}" for problem in rejected[:3])
        json_file.refuse(f"none of its {len(rejected)} rows is valid ({reasons})", "Mend or replace the file")
    # A column at a time, or all of them would be there twice.
    columns = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
    return make_eft_fits(columns), rejected


def recognises(file: FitFile) -> bool:
    """Whether the file is of this format."""
    return file.kind == "json" and "data" in file.keys


FORMAT = FitFormat(read, recognises)


def _check_rows(parsed: dict[int, EftRow], rejected: list[RowProblem]) -> dict[str, np.ndarray]:
    """The columns of those rows whose values pass; the others are added to `rejected`."""
    rows = np.array(list(parsed), dtype=np.int64)
    columns = {
        name: np.array(
            [getattr(fit, name) for fit in parsed.values()], dtype=_READ_DTYPES.get(name, np.float64)
        )
        for name in EftRow._fields
    }
    valid = np.ones(len(rows), dtype=bool)
    for passes, fault_of in value_checks(columns):
        # Only the first fault of a row is named.
        for k in np.flatnonzero(valid & ~passes).tolist():
            rejected.append(RowProblem(int(rows[k]), columns["image_name"][k], str(fault_of(k))))
        valid &= passes
    columns = {name: c[valid].astype(_KEPT_DTYPES.get(name, np.float64)) for name, c in columns.items()}
    return {"row": rows[valid], **columns}


def _name_of(entry: Any) -> str:
    name = entry.get("imageName") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        return ""
    return shown(name) if image_name_fault(name) else name
