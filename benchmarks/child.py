"""One run in a process of its own, for a benchmark that asks for its time and its memory.

    python -m benchmarks.child render '["dataset=eft", ...]'   settings as on the command line
    python -m benchmarks.child floor '{"image_dir": ..., "sheet_dir": ..., "count": ..., "threads": ...}'
    python -m benchmarks.child labels_floor '{"label_dir": ..., "layers": ..., "count": ..., "threads": ...}'
    python -m benchmarks.child transcode '{"video": ..., "clip": ..., "count": ..., "copy": ...}'
    python -m benchmarks.child ingest '{"fit_file": ...}'

Prints a line of JSON: what the run found, and peak_mb.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

from benchmarks.results import REPOSITORY

# Sheets to encode again and again: enough that what they show is like what all show.
SHEETS = 64


def start_child(
    kind: str, settings: list | dict, environment: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """Starts the child with what `environment` adds to ours; its output waits in pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.child", kind, json.dumps(settings)],
        cwd=REPOSITORY,
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_result(child: subprocess.Popen[str], output: str, errors: str) -> dict:
    """What a child that has ended printed. Raises RuntimeError with what it said if it failed."""
    if child.returncode != 0:
        raise RuntimeError(f"the {child.args[3]} run failed:\n{errors[-3000:]}")
    return json.loads(output.splitlines()[-1])


def run_child(kind: str, settings: list | dict, environment: dict[str, str] | None = None) -> dict:
    """What the child prints. Raises RuntimeError with what it said if it fails."""
    with start_child(kind, settings, environment) as child:
        return read_result(child, *child.communicate())


def render(overrides: list[str]) -> dict:
    """Renders with the shipped configuration; time from the first sheet that is planned to the last file."""
    from hydra import compose, initialize_config_dir

    from render.config.load import load_config, register_schemas
    from render.run.render_dataset import render_dataset

    register_schemas()
    open_before = list_open_files()
    with initialize_config_dir(str(REPOSITORY / "conf"), version_base="1.3"):
        report = render_dataset(load_config(compose("config", overrides=overrides)))
    if report.failed or report.skipped:
        raise RuntimeError(report.summarize())
    return {
        "pictures": report.rendered,
        "frames": report.frames,
        "seconds": report.seconds,
        "stage_seconds": report.stage_seconds,
        "open_files": len(list_open_files() - open_before),
    }


def copy_through_codecs(image_dir: str, sheet_dir: str, count: int, threads: int) -> dict:
    """The floor: decodes `count` photos and encodes as many sheets, with nothing drawn and nothing written.

    image_dir: of the photos. sheet_dir: of JPEG sheets that a run has made, decoded before the time starts.
    Both codecs are those of the program, and so are the threads: each decodes a photo and encodes a sheet.
    """
    from render.compute.threads import one_thread_each
    from render.photos.decode import read_photo
    from render.write.formats.jpg import encode

    photos = islice(cycle(sorted(Path(image_dir).iterdir())), count)
    sheets = [read_photo(path) for path in sorted(Path(sheet_dir).rglob("*.jpg"))[:SHEETS]]

    def copy(job: tuple) -> None:
        photo, sheet = job
        read_photo(photo)
        encode(sheet, 95)

    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        started = time.monotonic()
        for _ in pool.map(copy, zip(photos, cycle(sheets), strict=False)):
            pass
        seconds = time.monotonic() - started
    return {"pictures": count, "seconds": seconds}


def encode_labels(label_dir: str, layers: list[str], count: int, threads: int) -> dict:
    """The floor of label sets: encodes `count` of them as PNG, with nothing drawn and nothing written.

    label_dir: of sets that a run with output=png has made, decoded before the time starts. layers: of each.
    """
    from benchmarks.label_encoding import encode_on_threads, read_label_sets

    return encode_on_threads(read_label_sets(Path(label_dir), layers), "png", threads, count)


def transcode(video: str, clip: str, count: int, copy: str) -> dict:
    """The floor of clips: decodes frames of a video and encodes as many pictures, and draws nothing.

    video: whose frames are decoded, by a thread of their own, and thrown away. clip: of a run over it, whose
    pictures are encoded again and again. copy: where they go.
    """
    import av
    import numpy as np

    from render.photos.videos.reader import open_video
    from render.write.clip import Clip, SoundSource
    from render.write.mp4_encoder import Mp4Encoder

    with av.open(clip) as made:
        pictures = [frame.to_ndarray(format="rgb24") for frame in islice(made.decode(video=0), SHEETS)]
    reader = open_video(Path(video))
    times, base = np.append(reader.info.pts, reader.info.end_pts)[: count + 1], reader.info.time_base
    duration = int(times[-1] - times[0]) * base
    sound = SoundSource(Path(video), Fraction(0), duration, int(times[0]) * base)
    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool, Path(copy).open("w+b") as file:
        # Threads of a run are no further ahead of its encoder either.
        coming = deque(pool.submit(reader.read, k) for k in range(SHEETS))
        with Mp4Encoder(file, Clip(*pictures[0].shape, times, base, sound)) as encoder:
            for k in range(count):
                coming.popleft().result()
                if k + SHEETS < count:
                    coming.append(pool.submit(reader.read, k + SHEETS))
                encoder.add(pictures[k % len(pictures)])
    return {"frames": count, "seconds": time.monotonic() - started}


def ingest(fit_file: str) -> dict:
    """Reads a fit file; time of the reading alone."""
    from render.fits.read import read_fits

    started = time.monotonic()
    fits, problems = read_fits("eft", Path(fit_file))
    seconds = time.monotonic() - started
    if problems:
        raise RuntimeError(f"{len(problems)} rows are refused, the first: {problems[0]}")
    return {"people": len(fits), "seconds": seconds}


def list_open_files() -> set[str]:
    """The regular files that this process holds open."""
    return {os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.is_file()}


def read_peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process has held, in MiB, files that it maps included.

    Raises ProcessLookupError where it has ended.
    """
    # getrusage's peak is also that of the process that started this one.
    found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    if found is None:
        raise ProcessLookupError(f"process {pid} has ended")
    return int(found[1]) / 1024


def main() -> None:
    kind, settings = sys.argv[1], json.loads(sys.argv[2])
    match kind:
        case "render":
            found = render(settings)
        case "floor":
            found = copy_through_codecs(**settings)
        case "labels_floor":
            found = encode_labels(**settings)
        case "transcode":
            found = transcode(**settings)
        case "ingest":
            found = ingest(**settings)
    print(json.dumps(found | {"peak_mb": read_peak_mb()}))


if __name__ == "__main__":
    main()
