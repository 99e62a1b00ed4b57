"""Whether clips of any length take the same memory, and how fast they are: python -m benchmarks.video

Job video over made videos of 640x360 pixels with sound, in each frame two people of the demo body, as VIBE
has them. Each length is a run in a process of its own. The floor decodes the longest video from its beginning
and encodes as many pictures of its clip with the same encoder and sound, one thread for each, and draws
nothing. Fails if the
peak of memory grows by more than a tenth from the shortest to the longest.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from benchmarks.child import run_child
from benchmarks.results import print_table, write_json
from benchmarks.workspace import open_workspace

FRAMES = (1000, 5000, 10_000)
HEIGHT, WIDTH, FPS, SOUND_RATE = 360, 640, 30, 48_000
# Enough for a speed.
FLOOR_FRAMES = 1000
MOST_GROWTH = 1.1
# Of a video and its clip, with room.
FRAME_BYTES = 100_000


def make_video(path: Path, count: int, seed: int = 0) -> None:
    """A camera that moves over a rough wall, and a tone that swells and fades."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 216, (HEIGHT // 8, WIDTH // 4, 3)).repeat(8, 0).repeat(8, 1)
    wall = np.clip(coarse + rng.normal(0, 6, coarse.shape), 0, 255).astype(np.uint8)
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "g": "60"})
        pictures.width, pictures.height, pictures.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        begin, step = 0, 1024
        for k in range(count):
            x = int((wall.shape[1] - WIDTH) * (0.5 - 0.5 * np.cos(k / 100)))
            container.mux(
                pictures.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(wall[:, x : x + WIDTH])))
            )
            while (begin + step) * FPS <= (k + 1) * SOUND_RATE:
                times_s = (begin + np.arange(step, dtype=np.float32)) / SOUND_RATE
                tone = 0.5 * np.sin(times_s * 440 * 2 * np.pi) * np.sin(times_s)
                heard = av.AudioFrame.from_ndarray(tone[None].astype(np.float32), "fltp", "mono")
                heard.sample_rate, heard.pts, heard.time_base = SOUND_RATE, begin, Fraction(1, SOUND_RATE)
                container.mux(sound.encode(heard))
                begin += step
        container.mux(pictures.encode())
        container.mux(sound.encode())


def write_fits(path: Path, count: int) -> None:
    """Two people who walk on the spot and sway, with a row for each frame."""
    people = {}
    for person in (0, 1):
        times_s = np.arange(count) / FPS + person
        pose = np.zeros((count, 72), np.float32)
        # Upside down in axes with y down; hips, knees and shoulders swing.
        pose[:, 0] = np.pi
        swing = np.sin(times_s * 6)
        pose[:, 3], pose[:, 6] = 0.5 * swing, -0.5 * swing
        pose[:, 12] = pose[:, 15] = 0.4
        pose[:, 50], pose[:, 53] = -1.2, 1.2
        camera = np.tile(np.array([0.45, 0.8, 0.0, 0.3], np.float32), (count, 1))
        camera[:, 2] = (person - 0.5) * 1.8 + 0.2 * np.sin(times_s)
        people[person] = {
            "orig_cam": camera,
            "pose": pose,
            "betas": np.full((count, 10), person - 0.5, np.float32),
            "frame_ids": np.arange(count),
        }
    path.write_bytes(pickle.dumps(people))


def run_length(folder: Path, count: int, threads: int, device: str) -> tuple[dict, dict[str, str | int]]:
    """One run, and what its floor is to be told."""
    video, fit_file, output_dir = folder / f"{count}.mp4", folder / f"{count}.pkl", folder / f"clips{count}"
    make_video(video, count)
    write_fits(fit_file, count)
    settings = [
        "job=video",
        "dataset=vibe",
        f"dataset.fit_file={fit_file}",
        f"dataset.image_dir={video}",
        "body=demo",
        f"output.dir={output_dir}",
        f"threads={threads}",
        f"device={device}",
    ]
    run = run_child("render", settings)
    (clip,) = output_dir.glob("*.mp4")
    return run, {
        "video": str(video),
        "clip": str(clip),
        "count": min(count, FLOOR_FRAMES),
        "copy": str(folder / "copy.mp4"),
    }


def main() -> int:
    """Measures, prints a table and writes a JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, nargs="+", default=FRAMES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    runs, floor = {}, {}
    with open_workspace(3 * sum(given.frames) * FRAME_BYTES) as folder:
        for count in given.frames:
            runs[count], told = run_length(folder, count, given.threads, given.device)
        # Beside the longest, whose run it follows.
        floor = run_child("transcode", told)
    rows = [
        [f"{count}", f"{run['frames'] / run['seconds']:.1f}", f"{run['peak_mb']:.0f}"]
        for count, run in runs.items()
    ]
    count = given.frames[-1]
    speed, floor_speed = (found["frames"] / found["seconds"] for found in (runs[count], floor))
    rows.append([f"floor of {floor['frames']}", f"{floor_speed:.1f}", f"{floor['peak_mb']:.0f}"])
    growth = runs[count]["peak_mb"] / runs[given.frames[0]]["peak_mb"]
    title = (
        f"job video, {given.threads} threads on {given.device}, ratio to the floor {speed / floor_speed:.2f}"
    )
    print_table(title, ["frames", "frames/s", "peak MB"], rows)
    found = {
        "device": given.device,
        "threads": given.threads,
        "runs": {str(count): run for count, run in runs.items()},
        "floor": floor,
        "ratio": speed / floor_speed,
        "growth": growth,
    }
    print(f"\npeak of {count} frames over that of {given.frames[0]}: {growth:.3f}")
    print(f"\nwritten to {write_json('video', found)}")
    if growth > MOST_GROWTH:
        print("fault: memory grows with the length of clips", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
