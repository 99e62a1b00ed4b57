"""EFT fit files (JSON), as released with facebookresearch/eft."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from render.fits.eft_rows import EftRow, parse_row, value_checks
from render.fits.image_name import image_name_fault
from render.fits.json_file import JsonFile
from render.fits.json_values import RowFault, shown
from render.types import FitTable, RowProblem

SERVED_FROM = (
    "EFT fits are served from https://dl.fbaipublicfiles.com/eft/ (COCO2014-Val, LSPet, OCHuman) and "
    "https://dl.fbaipublicfiles.com/eft/eft_fit_ver01/ (COCO2014-All, COCO2014-Part, MPII, PoseTrack, "
    "LSPet_ver01)"
)

# Values are checked in float64, and kept in float64 where pixels are computed from them.
_READ_DTYPES = {"image_name": object, "annot_id": np.int64}
_KEPT_DTYPES = {
    **_READ_DTYPES,
    "pose_rotmat": np.float32,
    "betas": np.float32,
    "joint_validity": bool,
    "keypoints_px": np.float32,
}


def read(path: Path) -> tuple[FitTable, list[RowProblem]]:
    """The valid rows of the EFT file at `path`, in file order, and the rejected ones with their reasons.

    Numbers are those of the file, rounded to float32 where FitTable holds float32 (camera and box keep
    float64). Raises FitFileError where the file is missing, is not an EFT file, or holds no valid row.
    """
    file = JsonFile(
        path,
        kind="an EFT fit file",
        layout='JSON with one entry a person in the list "data"',
        entries_key="data",
        content="fits",
        setting="dataset.fit_file",
        served_from=SERVED_FROM,
    )
    entries = file.read_entries()
    faults: dict[int, str] = {}
    parsed: dict[int, EftRow] = {}
    for row, entry in enumerate(entries):
        try:
            parsed[row] = parse_row(entry)
        except RowFault as fault:
            faults[row] = str(fault)
    kept = np.array(list(parsed), dtype=np.int64)
    columns = {
        name: np.array(
            [getattr(fit, name) for fit in parsed.values()], dtype=_READ_DTYPES.get(name, np.float64)
        )
        for name in EftRow._fields
    }
    valid = np.ones(len(kept), dtype=bool)
    for passes, fault_of in value_checks(columns) if parsed else ():
        for k in np.flatnonzero(valid & ~passes):
            faults[int(kept[k])] = str(fault_of(k))
        valid &= passes
    if not valid.any():
        reasons = "; ".join(f"row {row}: {faults[row]}" for row in sorted(faults)[:3])
        file.refuse(f"none of its {len(entries)} rows is valid ({reasons})", "Mend or replace the file")

    columns = {name: c[valid].astype(_KEPT_DTYPES.get(name, np.float64)) for name, c in columns.items()}
    rejected = [RowProblem(row, _name_of(entries[row]), faults[row]) for row in sorted(faults)]
    return FitTable(row=kept[valid], **columns), rejected


def _name_of(entry: Any) -> str:
    name = entry.get("imageName") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        return ""
    return shown(name) if image_name_fault(name) else name
