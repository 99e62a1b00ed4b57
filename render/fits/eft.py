"""EFT fit files (JSON), as released with facebookresearch/eft."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from render.errors import FitFileError
from render.fits.eft_rows import EftRow, RowFault, describe, parse_row, shown, value_checks
from render.fits.image_name import image_name_fault
from render.types import FitTable, RowProblem

SERVED_FROM = (
    "EFT fits are served from https://dl.fbaipublicfiles.com/eft/ (COCO2014-Val, LSPet, OCHuman) and "
    "https://dl.fbaipublicfiles.com/eft/eft_fit_ver01/ (COCO2014-All, COCO2014-Part, MPII, PoseTrack, "
    "LSPet_ver01)"
)
EXPECTED = 'an EFT fit file: JSON with one entry a person in the list "data"'

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
    entries = _read_entries(path)
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
        _refuse(path, f"none of its {len(entries)} rows is valid ({reasons})", "Mend or replace the file")

    columns = {name: c[valid].astype(_KEPT_DTYPES.get(name, np.float64)) for name, c in columns.items()}
    rejected = [RowProblem(row, _name_of(entries[row]), faults[row]) for row in sorted(faults)]
    return FitTable(row=kept[valid], **columns), rejected


def _read_entries(path: Path) -> list[Any]:
    try:
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "not a regular file"
            _refuse(path, f"found {kind}", "Set dataset.fit_file to the JSON file itself")
        text = path.read_bytes()
    except FileNotFoundError:
        _refuse(path, "there is no such file", f"{SERVED_FROM}; dataset.fit_file sets the path")
    except OSError as error:
        _refuse(path, f"it cannot be read ({error.strerror})", "Check the file's permissions and the disk")
    content = _load_json(path, text)
    entries = content.get("data") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        found = describe(content)
        if isinstance(content, dict):
            keys = ", ".join(f'"{shown(key)}"' for key in list(content)[:10])
            found = f'"data" with {describe(entries)}' if "data" in content else f"the keys {keys or 'none'}"
        _refuse(path, f"found {found}", "Set dataset.fit_file to an EFT fit file")
    if not entries:
        _refuse(path, 'the list "data" is empty', "Set dataset.fit_file to a file with fits in it")
    return entries


def _load_json(path: Path, text: bytes) -> Any:
    again = f"Download it again: {SERVED_FROM}"
    if not text.strip():
        _refuse(path, "the file is empty", again)
    if text.startswith(b"version https://git-lfs"):
        _refuse(
            path, "found a git-lfs pointer instead of the file", "Fetch the file itself with `git lfs pull`"
        )
    if text.lstrip().startswith(b"<"):
        _refuse(path, "found a web page (HTML) saved under this name", again)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        cut = " (the file ends there: it was cut short)" if error.pos >= len(error.doc.rstrip()) else ""
        _refuse(path, f"it is not JSON: {error.msg} at {where}{cut}", again)
    except UnicodeDecodeError as error:
        _refuse(path, f"it is not JSON: byte {error.start} is not {error.encoding} text", again)
    except RecursionError:
        _refuse(path, "its lists are nested too deep", again)
    except ValueError as error:
        _refuse(path, f"it is not usable JSON: {error}", again)


def _name_of(entry: Any) -> str:
    name = entry.get("imageName") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        return ""
    return shown(name) if image_name_fault(name) else name


def _refuse(path: Path, found: str, advice: str) -> NoReturn:
    raise FitFileError(f"{path}: expected {EXPECTED}; {found}. {advice}.")
