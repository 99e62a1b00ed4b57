"""Whether the GPU itself encodes and decodes JPEG, how fast, and how far its pixels are from the CPU's."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import cv2
import numpy as np
import simplejpeg
import torch

from benchmarks.pink_photos import make_photo
from benchmarks.rest_pose import now
from render.compute.device import open_device
from render.write.device_encoder import open_device_encoder
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words

COUNT, DRY_COUNT = 512, 2
BACKENDS = ("HW_GPU_ONLY", "HYBRID_CPU_GPU", "GPU_ONLY")


def differ(ours: np.ndarray, theirs: np.ndarray) -> dict:
    """How far pictures are apart, of 255: mean, most, and the share that differs."""
    error = np.abs(ours.astype(int) - theirs)
    return {"mean": float(error.mean()), "most": int(error.max()), "share": float((error > 0).mean())}


def measure_encoding(notes: Notes, device: torch.device, count: int, size_px: tuple[int, int]) -> None:
    """Notes sheets a second of the program's encoder on the device."""
    encoder = open_device_encoder(device)
    if encoder is None:
        notes.add("encoder", None, "no encoder of the GPU: sheets are encoded on the CPU")
        return
    photo = np.ascontiguousarray(make_photo(np.random.default_rng(0), *size_px)[:, :, ::-1])
    sheets = [torch.from_numpy(photo).to(device) for _ in range(count)]
    encoder.encode(sheets[:8], "jpeg", 95)
    began = now(device)
    files = encoder.encode(sheets, "jpeg", 95)
    rate, refused = count / (now(device) - began), sum(file is None for file in files)
    found: dict[str, Any] = {"sheets_per_s": rate, "refused": refused}
    if files[0] is not None:
        found["from_the_source"] = differ(simplejpeg.decode_jpeg(files[0], colorspace="RGB"), photo)
    notes.add("encoder", found, f"the GPU encodes {rate:.0f} sheets/s, and refuses {refused} of {count}")


def measure_decoding(notes: Notes, device: torch.device, count: int, size_px: tuple[int, int]) -> None:
    """Notes photos a second of libjpeg-turbo on one core, and of each kind of decoder of the GPU."""
    picture = make_photo(np.random.default_rng(1), *size_px)
    content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    began = perf_counter()
    for _ in range(count):
        right = simplejpeg.decode_jpeg(content, colorspace="RGB")
    rate = count / (perf_counter() - began)
    notes.add("decoder of the CPU", rate, f"one core decodes {rate:.0f} photos/s")
    if device.type != "cuda":
        return
    import nvidia.nvimgcodec as nv

    for name in BACKENDS:
        try:
            backend = nv.Backend(getattr(nv.BackendKind, name))
            decoder = nv.Decoder(
                device_id=device.index or 0, backends=[backend], options=":fancy_upsampling=1"
            )
            decoder.decode([content] * count)
            began = now(device)
            pictures = decoder.decode([content] * count)
            rate = count / (now(device) - began)
            if pictures[0] is None:
                notes.add(name, None, f"{name}: decodes no photo")
                continue
            apart = differ(np.asarray(pictures[0].cpu()), right)
            half = str(decoder.decode([content[: len(content) // 2]]))[:200]
            line = f"{name} decodes {rate:.0f} photos/s, at most {apart['most']} from the CPU's"
            notes.add(name, {"photos_per_s": rate, "apart": apart, "half_a_file": half}, line)
        # Whatever one kind cannot do, the next is tried.
        except Exception as error:
            notes.add(name, {"failed": str(error)[:500]}, f"{name}: {str(error)[:80]}")


def main(words: list[str] | None = None) -> None:
    """Measures encoding, then decoding."""
    given = read_words(words=words)
    notes, device = Notes(given.notes), open_device(given.device)
    count = DRY_COUNT if given.dry_run else COUNT
    measure_encoding(notes, device, count, (64, 48) if given.dry_run else (1280, 480))
    measure_decoding(notes, device, count, (64, 48) if given.dry_run else (640, 480))


if __name__ == "__main__":
    main()
