"""People of a COCO annotation file as an entry of the cache holds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from render.fits.annotations.segments import map_segments
from render.fits.annotations.table import ROWS_AT_ONCE, CocoTable, check_values
from render.fits.kept.entry import Entry, save_entry

_COLUMNS = ("annot_id", "keypoints_px", "bbox_px", "segment")
_PROBLEMS = "problems.json"


def write_table(folder: Path, table: CocoTable) -> None:
    """Writes a table into the folder of an entry.

    Args:
        folder: Of the entry.
        table: With its segmentations.
    """
    # What was read of a file has them.
    assert table.segments is not None
    about = {
        "count": len(table.annot_id),
        "problems": list(table.problems.items()),
        "segment_faults": list(table.segment_faults.items()),
        **table.segments.measure(),
    }
    columns = {name: getattr(table, name) for name in _COLUMNS} | table.segments.list_columns()
    save_entry(folder, columns, {_PROBLEMS: json.dumps(about)})


def read_kept_table(folder: Path, has_segments: bool) -> CocoTable:
    """What `write_table` was given, in arrays that are mapped from files.

    Args:
        folder: Of the entry.
        has_segments: Whether its segmentations are read too.

    Raises:
        Exception: Of whatever kind; the entry is damaged, or what it holds is nothing that a file gives.
    """
    entry = Entry(folder)
    about = json.loads(entry.read_text(_PROBLEMS))
    count, pairs, faults = about["count"], about["problems"], about["segment_faults"]
    lengths = {name: about[name] for name in ("segments", "parts", "numbers")}
    annot_id = entry.map_column("annot_id", np.int64, (count,))
    table = CocoTable(
        annot_id,
        entry.map_column("keypoints_px", np.float64, (count, 17, 3)),
        entry.map_column("bbox_px", np.float64, (count, 4)),
        entry.map_column("segment", np.int64, (count,)),
        dict(pairs),
        dict(faults),
        # They take more than all else together.
        map_segments(entry.map_column, **lengths) if has_segments else None,
    )
    if not ((table.segment >= -1) & (table.segment < lengths["segments"])).all():
        raise ValueError("segment: expected places of segmentations")
    if not (np.diff(annot_id) > 0).all():
        raise ValueError("annot_id: expected each once and in order")
    for start in range(0, count, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        for passes, fault_of in check_values(table.keypoints_px[part], table.bbox_px[part]):
            if not passes.all():
                raise ValueError(str(fault_of(int(np.argmin(passes)))))
    if not (_are_reasons(pairs) and table.problems.keys().isdisjoint(annot_id.tolist())):
        raise ValueError("problems: expected a reason for each id that has no person")
    if not _are_reasons(faults):
        raise ValueError("segment_faults: expected a reason for each id")
    return table


def _are_reasons(pairs: list[Any]) -> bool:
    """Whether these are ids, each once, with texts that can be printed."""
    told = dict(pairs)
    are_texts = all(type(reason) is str and reason.isprintable() for reason in told.values())
    return are_texts and len(told) == len(pairs) and all(type(annot_id) is int for annot_id in told)
