"""What 10^9 frames cost, from what a thousand cost here: python -m benchmarks.scale

Measures one frame (overlay and side view, photos of 640x480, JPEG): seconds of a core by stage, bytes in and
out, bytes of its fit, of its lines in the manifest, and what merging and reading take for each. The rest is
arithmetic, with prices that are only examples; docs/scale.md says what follows from it.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import run_child
from benchmarks.coco_like import CocoLike, make_coco_like
from benchmarks.end_to_end import SHEET_BYTES, overlay_settings
from benchmarks.results import print_table, write_json
from benchmarks.workspace import open_workspace
from render.record.manifest import format_manifest
from render.record.records import parse_record

SHEETS = 2000
MERGED = 20_000


@dataclass(frozen=True)
class Frame:
    """What one frame takes.

    stage_s: seconds of a core, by stage. wall_s: the same of a run on one thread. in_bytes, out_bytes: its
    photo and its sheet. fit_bytes: of its fit in memory. manifest_bytes: of its record. merge_s: to read,
    sort and write its record. merge_bytes: of the record in memory, and of its line. peak_mb: of the process.
    """

    stage_s: dict[str, float]
    wall_s: float
    in_bytes: float
    out_bytes: float
    fit_bytes: float
    manifest_bytes: float
    merge_s: float
    merge_bytes: float
    peak_mb: float

    @property
    def core_s(self) -> float:
        """Seconds of a core."""
        return max(self.wall_s, sum(self.stage_s.values()))


def measure_frame(folder: Path, sheets: int) -> Frame:
    """One run on one thread."""
    data = make_coco_like(folder / "set", sheets)
    output_dir = folder / "sheets"
    # What is missing of kernels is compiled by the first, which is not measured.
    run_child("render", overlay_settings(data, folder / "first", "samples=:2", "threads=1"))
    run = run_child("render", overlay_settings(data, output_dir, "threads=1"))
    made = list(output_dir.glob("*.jpg"))
    manifest = output_dir / "manifest.jsonl"
    merge_s, merge_bytes = measure_merge(manifest)
    return Frame(
        stage_s={stage: s / sheets for stage, s in run["stage_seconds"].items()},
        wall_s=run["seconds"] / sheets,
        in_bytes=data.photo_bytes,
        out_bytes=sum(path.stat().st_size for path in made) / len(made),
        fit_bytes=measure_fit(data),
        manifest_bytes=manifest.stat().st_size / sheets,
        merge_s=merge_s,
        merge_bytes=merge_bytes,
        peak_mb=run["peak_mb"],
    )


def measure_merge(manifest: Path) -> tuple[float, float]:
    """Seconds and bytes that a record takes when manifests are joined: read, held, sorted and written."""
    lines = manifest.read_bytes().splitlines(keepends=True)
    times = -(-MERGED // len(lines))
    before = read_held_bytes()
    started = time.monotonic()
    records = [parse_record(line) for _ in range(times) for line in lines]
    content = format_manifest([record for record in records if record is not None], is_finished=True)
    seconds = time.monotonic() - started
    held = read_held_bytes() - before
    assert content.count(b"\n") == len(records)
    return seconds / len(records), held / len(records)


def read_held_bytes() -> int:
    """Of this process, now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def measure_fit(data: CocoLike) -> float:
    """Bytes that a person's fit takes in memory, in a worker that has read the whole file."""
    from render.fits.read import read_fits

    fits, _ = read_fits("eft", data.fit_file)
    columns = [value for value in vars(fits).values() if hasattr(value, "nbytes")]
    held = sum(column.nbytes for column in columns)
    for source in fits.sources:
        held += sum(value.nbytes for value in vars(source.bodies).values() if hasattr(value, "nbytes"))
    # Names are objects of their own.
    held += sum(len(name) + 49 for name in set(fits.image_name.tolist()))
    return held / len(fits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=SHEETS)
    parser.add_argument("--frames", type=float, default=1e9)
    parser.add_argument("--cores", type=int, default=64, help="of a machine")
    parser.add_argument("--core-hour", type=float, default=0.015, help="price of a core, in dollars an hour")
    parser.add_argument("--gpu-hour", type=float, default=3.0, help="price of a GPU machine, an hour")
    parser.add_argument("--thousand-puts", type=float, default=0.005, help="price of 1,000 writes to a store")
    parser.add_argument("--in-tar", type=int, default=1000, help="sheets in a tar")
    options = parser.parse_args()
    with open_workspace(options.sheets * SHEET_BYTES) as folder:
        frame = measure_frame(folder, options.sheets)
    frames, day_s = options.frames, 86_400
    print_table(
        "a frame, on one core",
        ["stage", "ms"],
        [
            *(
                [name, f"{1000 * s:.2f}"]
                for name, s in sorted(frame.stage_s.items(), key=lambda one: -one[1])
            ),
            ["all of it", f"{1000 * frame.core_s:.2f}"],
        ],
    )
    core_hours = frames * frame.core_s / 3600
    machines = core_hours / 24 / options.cores
    gigabits = 8 * frames / day_s / 1e9
    cost = core_hours * options.core_hour
    print_table(
        f"{frames:.0e} frames",
        ["", "value"],
        [
            ["hours of a core", f"{core_hours:,.0f}"],
            [f"machines of {options.cores} cores, to end in a day", f"{machines:,.0f}"],
            [f"their price at {options.core_hour} $ for a core and hour", f"{cost:,.0f} $"],
            ["read", f"{frames * frame.in_bytes / 1e12:,.0f} TB, {gigabits * frame.in_bytes:,.0f} Gbit/s"],
            [
                "written",
                f"{frames * frame.out_bytes / 1e12:,.0f} TB, {gigabits * frame.out_bytes:,.0f} Gbit/s",
            ],
            [
                "read and written by a machine",
                f"{gigabits * (frame.in_bytes + frame.out_bytes) / machines:.2f} Gbit/s",
            ],
            [
                "writes to a store, a sheet each",
                f"{frames / day_s:,.0f} a second, {frames / 1000 * options.thousand_puts:,.0f} $",
            ],
            [
                f"the same in tars of {options.in_tar:,}",
                f"{frames / options.in_tar / day_s:,.1f} a second, "
                f"{frames / options.in_tar / 1000 * options.thousand_puts:,.0f} $",
            ],
            ["fits in memory, in one table", f"{frames * frame.fit_bytes / 1e12:.2f} TB"],
            ["manifests", f"{frames * frame.manifest_bytes / 1e9:,.0f} GB"],
            [
                "one merge: hours, and memory",
                f"{frames * frame.merge_s / 3600:.1f} h, {frames * frame.merge_bytes / 1e12:.2f} TB",
            ],
            [
                f"frames a second of a GPU machine at {options.gpu_hour} $ that costs the same",
                f"{options.gpu_hour / options.core_hour / frame.core_s:,.0f}",
            ],
        ],
    )
    path = write_json("scale", vars(frame) | {"core_s": frame.core_s} | vars(options))
    print(f"\n{path}")


if __name__ == "__main__":
    main()
