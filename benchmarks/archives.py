"""Photos a second out of a folder, a zip and a tar, and whole runs over each: python -m benchmarks.archives

All hold the same photos, of COCO's sizes. They are read in turns, so that what else the machine does meets
all of them. A photo is asked for its size and then decoded, as a run does; a run draws sheets of one panel.
"""

from __future__ import annotations

import argparse
import tarfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.child import run_child
from benchmarks.coco_like import make_coco_like
from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace
from render.photos.sources.source import open_photo_source
from render.photos.stored.open import open_image_dir

PEOPLE, REPEATS, THREADS = 1000, 5, 2
# Of a photo and of a sheet, and that three times.
PHOTO_BYTES = 600_000


def pack(image_dir: Path, folder: Path) -> dict[str, Path]:
    """The same photos in each way, without links; where they are by what it is called."""
    names = sorted(path.name for path in image_dir.iterdir())
    stored, tarred = folder / "train2014.zip", folder / "train2014.tar"
    with zipfile.ZipFile(stored, "w") as archive:
        for name in names:
            archive.write(image_dir / name, f"train2014/{name}")
    with tarfile.open(tarred, "w", dereference=True) as tar:
        for name in names:
            tar.add(image_dir / name, f"train2014/{name}")
    return {"folder": image_dir, "zip": stored, "tar": tarred}


def read_all(place: Path, names: list[str]) -> dict[str, float]:
    """Seconds until a place is open, and photos a second."""
    started = time.perf_counter()
    source = open_photo_source(open_image_dir(str(place)))
    opened = time.perf_counter()

    def read(name: str) -> None:
        photo = source.find(name)
        assert photo is not None
        source.read_size(photo)
        source.read(photo)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(read, names))
    return {"open_ms": 1000 * (opened - started), "photos_s": len(names) / (time.perf_counter() - opened)}


def draw_all(place: Path, fit_file: Path, folder: Path, number: int) -> dict[str, float]:
    """Sheets a second of a run."""
    settings = ["dataset=eft", "body=demo", f"dataset.fit_file={fit_file}", f"dataset.image_dir={place}"]
    out = folder / f"out_{place.name}_{number}"
    found = run_child("render", [*settings, f"output.dir={out}", "panels=[camera/geo]", f"threads={THREADS}"])
    return {"sheets_s": found["pictures"] / found["seconds"]}


def repeat(places: dict[str, Path], measure: Callable[[Path, int], dict[str, float]], count: int) -> dict:
    """The spread of each number for each place, measured in turns."""
    found: dict[str, dict[str, list[float]]] = {name: {} for name in places}
    for number in range(count):
        for name, place in places.items():
            for key, value in measure(place, number).items():
                found[name].setdefault(key, []).append(value)
    return {name: {key: spread(values) for key, values in of.items()} for name, of in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    with open_workspace(options.people * PHOTO_BYTES * 3) as folder:
        made = make_coco_like(folder / "set", options.people)
        places = pack(made.image_dir, folder)
        names = sorted(path.name for path in made.image_dir.iterdir())
        reads = repeat(places, lambda place, _: read_all(place, names), options.repeats)
        runs = repeat(places, lambda place, k: draw_all(place, made.fit_file, folder, k), options.repeats)
    results = {name: {**reads[name], **runs[name]} for name in places}
    base = results["folder"]
    for found in results.values():
        for key in ("photos_s", "sheets_s"):
            found[f"{key}_ratio"] = found[key]["median"] / base[key]["median"]
    print_table(
        f"{options.people} photos of {made.photo_bytes / 1000:.0f} kB, {THREADS} threads",
        ["place", "open ms", "photos/s", "beside folder", "sheets/s", "beside folder"],
        [
            [
                name,
                show_spread(found["open_ms"], 1),
                show_spread(found["photos_s"], 0),
                f"{found['photos_s_ratio']:.3f}",
                show_spread(found["sheets_s"], 1),
                f"{found['sheets_s_ratio']:.3f}",
            ]
            for name, found in results.items()
        ],
    )
    print(f"\n{write_json('archives', {'people': options.people, **results})}")


if __name__ == "__main__":
    main()
