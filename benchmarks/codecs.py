"""JPEG codecs beside one another, on what a run reads and writes: python -m benchmarks.codecs

Photos of 640x480 with COCO's entropy are decoded, and sheets of 1280x480 (the photo with a body over it, and
a body on white) encoded at quality 95, on one thread, by all that are there; `pip install imagecodecs` adds
one. Times are of the processor, since others may use the machine.
"""

from __future__ import annotations

import argparse
import importlib
import io
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from PIL import Image

from benchmarks.child import run_child
from benchmarks.coco_like import make_coco_like
from benchmarks.end_to_end import overlay_settings
from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace

SHEETS, REPEATS, QUALITY = 100, 9, 95


def list_codecs() -> dict[str, tuple[Callable[[bytes], np.ndarray], Callable[[np.ndarray], object]]]:
    """Decoder and encoder by name; pixels are RGB, and 4:2:0 is kept of colours, as OpenCV does."""

    def decode_pillow(data: bytes) -> np.ndarray:
        with Image.open(io.BytesIO(data)) as image:
            return np.asarray(image.convert("RGB"))

    def encode_pillow(pixels: np.ndarray) -> None:
        Image.fromarray(pixels).save(io.BytesIO(), "JPEG", quality=QUALITY, subsampling="4:2:0")

    found = {
        "simplejpeg": (
            lambda data: simplejpeg.decode_jpeg(data, strict=True),
            lambda pixels: simplejpeg.encode_jpeg(pixels, quality=QUALITY, colorsubsampling="420"),
        ),
        "OpenCV": (
            lambda data: cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), 1), cv2.COLOR_BGR2RGB),
            lambda pixels: cv2.imencode(
                ".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
            ),
        ),
        "Pillow": (decode_pillow, encode_pillow),
    }
    try:
        imagecodecs = importlib.import_module("imagecodecs")
    except ImportError:
        print("imagecodecs is not installed, and left out")
    else:
        found["imagecodecs"] = (
            imagecodecs.jpeg8_decode,
            lambda pixels: imagecodecs.jpeg8_encode(pixels, level=QUALITY, subsampling="420"),
        )
    return found


def measure_ms(work: Callable, items: list) -> float:
    """Milliseconds of the processor for each item."""
    began = time.thread_time()
    for item in items:
        work(item)
    return (time.thread_time() - began) * 1000 / len(items)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=REPEATS)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    with open_workspace(SHEETS * 400_000) as folder:
        data = make_coco_like(folder / "set", SHEETS)
        run_child("render", overlay_settings(data, folder / "sheets", "output=jpg"))
        photos = [path.read_bytes() for path in list_files(data.image_dir)]
        sheets = [simplejpeg.decode_jpeg(path.read_bytes()) for path in list_files(folder / "sheets")]
    codecs = list_codecs()
    times: dict[str, dict[str, list[float]]] = {name: {"decode": [], "encode": []} for name in codecs}
    # They take turns.
    for _ in range(given.repeats):
        for name, (decode, encode) in codecs.items():
            times[name]["decode"].append(measure_ms(decode, photos))
            times[name]["encode"].append(measure_ms(encode, sheets))
    found = {name: {way: spread(ms) for way, ms in ways.items()} for name, ways in times.items()}
    rows = [[name, show_spread(f["decode"], 2), show_spread(f["encode"], 2)] for name, f in found.items()]
    print_table("JPEG, one thread", ["codec", "decode 640x480, ms", "encode 1280x480, ms"], rows)
    print(f"\n{write_json('codecs', found)}")


def list_files(folder: Path) -> list[Path]:
    """The JPEG files of a folder."""
    return sorted(folder.rglob("*.jpg"))[:SHEETS]


if __name__ == "__main__":
    main()
