"""How time a sheet and memory grow with a set, threads, crowds, photos, panels and samples.

    python -m benchmarks.scaling [--groups panels samples]

Overlay and side view of the demo body from warm files to files, as in benchmarks.end_to_end, each run in a
process of its own. The cases of a group take turns, so each is compared with its neighbours in time.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import run_child
from benchmarks.coco_like import make_coco_like
from benchmarks.end_to_end import SHEET_BYTES, overlay_settings
from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace

PEOPLE = 1000
REPEATS = 3
THREADS = 2
USUAL_PX = (640, 480)
PHOTO_SIZES_PX = ((320, 240), USUAL_PX, (1024, 768), (2048, 1536))
# Photos of more pixels than this are drawn for fewer people.
MANY_PX = 1024 * 768
# The first so many of these are a sheet.
PANELS = tuple(
    f"{view}/clay" for view in ("camera", "side", *(f"orbit:{angle}:15" for angle in range(30, 300, 45)))
)


@dataclass(frozen=True)
class Case:
    """A run of the program. together: all people of an image on one sheet, else one sheet a person. words:
    more settings."""

    name: str
    people: int
    threads: int
    people_an_image: int = 1
    together: bool = False
    photo_px: tuple[int, int] = USUAL_PX
    words: tuple[str, ...] = ()

    def set_name(self) -> str:
        """Cases of the same set share it."""
        width, height = self.photo_px
        return f"{self.people}_{self.people_an_image}_{width}x{height}"

    def most_bytes(self) -> int:
        """Of the sheets, photos and fits."""
        width, height = self.photo_px
        return SHEET_BYTES * self.people * width * height // (USUAL_PX[0] * USUAL_PX[1])


def list_groups(people: int, threads: int) -> dict[str, list[Case]]:
    """Cases to compare, by what they differ in. people: of the usual set."""
    counts = (max(people // 10, 1), people, people * 10)
    return {
        "sheets": [Case(f"{count} sheets", count, threads) for count in counts],
        "threads": [Case(f"{n} thread(s)", people, n) for n in sorted({1, threads})],
        "crowds": [
            Case(f"{n} an image, {'together' if is_one else 'alone'}", people, threads, n, is_one)
            for n, is_one in ((1, False), (3, False), (8, False), (3, True), (8, True))
        ],
        "photos": [
            Case(f"{w}x{h}", people if w * h <= MANY_PX else max(people // 5, 1), threads, photo_px=(w, h))
            for w, h in PHOTO_SIZES_PX
        ],
        "panels": [
            Case(f"{n} panel(s)", people, threads, words=(f"panels=[{', '.join(PANELS[:n])}]",))
            for n in (1, 2, 4, 8)
        ],
        "samples": [
            Case(" ".join(words), people, threads, words=words)
            for words in (("edges=hard",), ("edges=smooth",), ("supersample=2",), ("supersample=4",))
        ],
    }


def run_case(case: Case, folder: Path, device: str) -> dict:
    """What the run tells, and ms a sheet and a person. Its sheets are gone afterwards."""
    data = make_coco_like(
        folder / case.set_name(),
        case.people,
        people_an_image=case.people_an_image,
        width_px=case.photo_px[0],
        height_px=case.photo_px[1],
    )
    output_dir = folder / "sheets"
    more = [
        f"threads={case.threads}",
        f"device={device}",
        f"people={'together' if case.together else 'alone'}",
        *case.words,
    ]
    try:
        run = run_child("render", overlay_settings(data, output_dir, *more))
    finally:
        shutil.rmtree(output_dir, ignore_errors=True)
    spent_ms = 1000 * run["seconds"]
    return run | {"ms_per_sheet": spent_ms / run["pictures"], "ms_per_person": spent_ms / case.people}


def measure_group(cases: list[Case], repeats: int, device: str) -> dict[str, list[dict]]:
    """The runs of each case by its name, in rounds of all cases."""
    runs: dict[str, list[dict]] = {case.name: [] for case in cases}
    # The sets stay for all rounds, the sheets of one run only for its own.
    with open_workspace(sum(case.most_bytes() for case in cases)) as folder:
        for _ in range(repeats):
            for case in cases:
                runs[case.name].append(run_case(case, folder, device))
    return runs


def summarize(runs: list[dict]) -> dict:
    """Spreads over the runs of a case."""
    keys = ("ms_per_sheet", "ms_per_person", "peak_mb")
    return {"sheets": runs[0]["pictures"]} | {key: spread([run[key] for run in runs]) for key in keys}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sheets", type=int, default=PEOPLE, help="of the usual set; the largest has tenfold"
    )
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--groups", nargs="*", help="of the tables; left out, all")
    options = parser.parse_args()
    groups = list_groups(options.sheets, options.threads)
    smallest, usual, largest = groups["sheets"]
    groups = {name: groups[name] for name in options.groups or groups}
    # Compiles what kernels are missing.
    measure_group([smallest], 1, options.device)
    results = {}
    for group, cases in groups.items():
        runs = measure_group(cases, options.repeats, options.device)
        results[group] = {name: summarize(of_case) for name, of_case in runs.items()}
        print_table(
            f"overlay + side, by {group}",
            ["", "sheets", "ms a sheet", "ms a person", "peak MB"],
            [
                [
                    name,
                    str(found["sheets"]),
                    show_spread(found["ms_per_sheet"], 2),
                    show_spread(found["ms_per_person"], 2),
                    show_spread(found["peak_mb"], 0),
                ]
                for name, found in results[group].items()
            ],
        )
        if group == "sheets":
            pairs = zip(runs[largest.name], runs[usual.name], strict=True)
            ratio = spread([many["ms_per_sheet"] / few["ms_per_sheet"] for many, few in pairs])
            results["largest_over_usual"] = ratio
            print(f"\nms a sheet, {largest.name} over {usual.name}: {show_spread(ratio)}")
    print(f"\n{write_json('scaling', {'threads': options.threads, **results})}")


if __name__ == "__main__":
    main()
