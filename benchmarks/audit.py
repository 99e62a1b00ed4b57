"""People a second and peak memory of an audit, beside the overlay job: python -m benchmarks.audit

The demo body on 640x480 photos, sizes as in COCO, two people a photo. Each run is a process of its own; times
are from the first image that is planned to the last file, without the tables that an audit writes at its end.
"""

from __future__ import annotations

import argparse
import time

from benchmarks.child import run_child
from benchmarks.coco_like import make_coco_like
from benchmarks.end_to_end import SHEET_BYTES, overlay_settings
from benchmarks.results import print_table, write_json
from benchmarks.workspace import open_workspace

PEOPLE, SOME = 10_000, 1000


def time_run(settings: list[str]) -> dict:
    """What the run found, and the seconds of the whole process."""
    began = time.monotonic()
    found = run_child("render", settings)
    return found | {"whole_seconds": time.monotonic() - began}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=PEOPLE)
    options = parser.parse_args()
    counts = [min(SOME, options.people), options.people]
    rows, results = [], []
    with open_workspace(options.people * SHEET_BYTES) as folder:
        for count in dict.fromkeys(counts):
            data = make_coco_like(folder / f"set{count}", count, people_an_image=2)
            runs = {"audit": ["job=audit", *overlay_settings(data, folder / f"audit{count}")]}
            # Sheets of so many tell how many there are in a second.
            if count == counts[0]:
                runs["overlay"] = overlay_settings(data, folder / f"overlay{count}")
            for name, settings in runs.items():
                run = time_run(settings)
                results.append({"run": name, "people": count, **run})
                rows.append(
                    [
                        name,
                        f"{count}",
                        f"{count / run['seconds']:.1f}",
                        f"{run['seconds']:.1f}",
                        f"{run['whole_seconds']:.1f}",
                        f"{run['peak_mb']:.0f}",
                    ]
                )
    print_table(
        "audit beside overlay, two people a photo",
        ["run", "people", "people/s", "seconds", "of the whole process", "peak MB"],
        rows,
    )
    stages = next(one["stage_seconds"] for one in reversed(results) if one["run"] == "audit")
    print("\nseconds of an audit's stages, summed over its threads:")
    for stage, seconds in stages.items():
        print(f"  {stage:10} {seconds:.1f}")
    print(f"\n{write_json('audit', {'runs': results})}")


if __name__ == "__main__":
    main()
