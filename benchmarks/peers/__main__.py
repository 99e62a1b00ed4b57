"""Sheets a second beside what people would pick: make bench-peers, or python -m benchmarks.peers

The demo body over 640x480 photos of COCO's entropy and from the side, from photo files to JPEG files: by us
with preset=eft, by the original viewer's way of work, pyrender, PyTorch3D and nvdiffrast, those that are
there. They draw the same people, take turns, and use a GPU where there is one and they can. With several
threads ours is one process with so many; the others, which have no threads of their own for this, are so many
processes that share the people. Fits are read and all is compiled before the time starts; processor time
of ours has reading the fits too.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack, closing

import torch

from benchmarks.coco_like import make_coco_like
from benchmarks.end_to_end import SHEET_BYTES
from benchmarks.peers.compare import Contest
from benchmarks.peers.crew import Crew
from benchmarks.peers.peer import OURS, PEERS, MissingPeerError
from benchmarks.peers.plot import draw_plot
from benchmarks.peers.report import show
from benchmarks.results import machine, write_json
from benchmarks.workspace import open_workspace

SHEETS, ROUNDS, CHECKED, BUDGET_S = 1000, 5, 16, 20.0
SIZE_PX = (640, 480)


def main() -> None:
    """Measures, prints the table, writes peers.json and draws the plot of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=SHEETS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--budget", type=float, default=BUDGET_S, help="seconds of a turn; slow peers draw fewer sheets"
    )
    parser.add_argument(
        "--peers", nargs="*", default=[*PEERS], choices=[*PEERS], help=f"{OURS} is always among them"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    found: dict = {"size_px": SIZE_PX, "device": given.device, "peers": {}, "threads": {}}
    with open_workspace(2 * given.sheets * SHEET_BYTES) as folder:
        data = make_coco_like(folder / "set", given.sheets)
        settings = {
            "fit_file": str(data.fit_file),
            "image_dir": str(data.image_dir),
            "size_px": SIZE_PX,
            "device": given.device,
        }
        for threads in sorted({1, cores}):
            contest = Contest(given.sheets, given.budget, threads)
            with ExitStack() as stack:
                for name in dict.fromkeys([OURS, *given.peers]):
                    peer = found["peers"].setdefault(name, {})
                    try:
                        crew = stack.enter_context(closing(Crew(name, settings, threads, folder)))
                        iou = contest.enter(name, crew, 0 if "iou" in peer else CHECKED)
                    except (MissingPeerError, RuntimeError) as error:
                        if name == OURS:
                            raise
                        print(f"{name}: {error}", file=sys.stderr)
                        # Of a process that failed, the end of what it printed.
                        peer["missing"] = str(error).strip().splitlines()[-1]
                    else:
                        peer |= {"about": crew.about} | ({} if iou is None else {"iou": iou})
                contest.run(given.rounds)
            found["threads"][str(threads)] = contest.summarize()
    show(found)
    print(f"\n{write_json('peers', found)}\n{draw_plot(found, machine())}")


if __name__ == "__main__":
    main()
