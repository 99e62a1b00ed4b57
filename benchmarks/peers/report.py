"""What was measured as a table, and what was not with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.peers.peer import PEERS
from benchmarks.results import print_table, show_spread

DRAWN = "overlay and side view, {}x{} each, demo body, photo file to JPEG file"
HEADERS = ["", "threads", "sheets/s", "ours is faster by", "processor, ms a sheet", "sheets", "IoU"]


def list_rows(found: Mapping[str, Any]) -> list[list[str]]:
    """A row for each peer and number of threads.

    Args:
        found: What `benchmarks.peers` writes to peers.json.
    """
    return [
        [
            PEERS[name].title,
            threads,
            show_spread(case["sheets_per_s"], 1 if case["sheets_per_s"]["median"] >= 10 else 3),
            show_spread(case["ours_is_faster"], 2),
            show_spread(case["processor_ms"], 1),
            str(case["sheets"]),
            f"{found['peers'][name]['iou']:.4f}",
        ]
        for threads, cases in found["threads"].items()
        for name, case in cases.items()
    ]


def list_notes(found: Mapping[str, Any]) -> list[str]:
    """A sentence for each peer: what drew, or why nothing did and what to do."""
    notes = []
    for name, found_of in found["peers"].items():
        peer = PEERS[name]
        if "about" in found_of:
            notes.append(f"{peer.title}: {found_of['about']}")
        if "missing" in found_of:
            notes.append(f"{peer.title}: not measured: {found_of['missing']}. {peer.install}".rstrip())
    return notes


def show(found: Mapping[str, Any]) -> None:
    """Prints the table and the notes."""
    print_table(DRAWN.format(*found["size_px"]), HEADERS, list_rows(found))
    print()
    print("\n".join(list_notes(found)))
