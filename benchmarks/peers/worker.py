"""A process in which one peer draws, when it is told to: python -m benchmarks.peers.worker

Reads a line of JSON that says who draws what, and answers whether the peer is there; then a line for each
task. Answers are lines on standard output; what libraries print goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.coco_like import CocoLike
from benchmarks.peers.peer import PEERS, MissingPeerError, Opened
from benchmarks.peers.people import People

BODIES = "bodies.npy"


def open_peer(
    name: str, fit_file: str, image_dir: str, size_px: list[int], device: str, threads: int
) -> Opened:
    """The peer of that name for a set. Raises MissingPeerError where it cannot be had."""
    data = CocoLike(Path(fit_file), Path(image_dir), 0.0)
    people = People(data, (size_px[0], size_px[1]), torch.device(device))
    return PEERS[name].open(people, threads)


def do_task(peer: Opened, kind: str, rows: list[int], folder: str) -> dict[str, Any]:
    """Draws rows (start, stop, step), or finds where their sheets show bodies and saves that as BODIES."""
    if kind == "find_bodies":
        np.save(Path(folder) / BODIES, peer.find_bodies(range(*rows), Path(folder)))
        return {}
    began = time.process_time()
    seconds = peer.draw(range(*rows), Path(folder))
    return {"seconds": seconds, "processor_seconds": time.process_time() - began}


def main() -> None:
    # Libraries greet on standard output, also from C.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        peer = open_peer(**json.loads(sys.stdin.readline()))
    except MissingPeerError as error:
        print(json.dumps({"missing": str(error)}), file=answers, flush=True)
        return
    print(json.dumps({"about": peer.about}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(do_task(peer, **json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
