"""JPEG photos decoded on the GPU through nvImageCodec, straight into its memory."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from types import ModuleType

import numpy as np
import simplejpeg
import torch

from render.compute.nvimgcodec import (
    ADVICE,
    describe_fault,
    find_stream,
    keep_freed,
    list_gpu_backends,
    open_nvimgcodec,
)
from render.errors import ConfigError
from render.photos.files import PhotoFile
from render.photos.gpu.checked_jpeg import CheckedJpeg

log = logging.getLogger("render")

# Chroma of fewer samples is interpolated, as libjpeg-turbo does it; otherwise edges of colours are blocky.
OPTIONS = ":fancy_upsampling=1"
# Sides of the picture that is decoded to see whether that works, and what its values may differ by.
TRIAL_PX, TRIAL_LEVELS = 256, 4


class DeviceDecoder:
    """Decodes photos into device memory. It is used by one thread at a time; others wait.

    Args:
        nvimgcodec: The module of nvImageCodec 0.7 or later.
        device: Where the pixels are wanted.

    Raises:
        RuntimeError: The GPU has no decoder that works.
    """

    def __init__(self, nvimgcodec: ModuleType, device: torch.device) -> None:
        self._nv = nvimgcodec
        self._device = device
        self._lock = threading.Lock()
        self._has_said_fault = False
        self._decoder = nvimgcodec.Decoder(
            device_id=device.index or 0, backends=list_gpu_backends(nvimgcodec), options=OPTIONS
        )

    def decode(self, photos: list[CheckedJpeg]) -> list[torch.Tensor | None]:
        """Decodes photos, in the order of torch's current stream.

        Args:
            photos: That are whole.

        Returns:
            (H, W, 3) uint8 RGB each, on the device, of memory of nvImageCodec's: it must be kept until the
            device has done what is queued with it. None where the GPU cannot decode it, which the log says
            once.
        """
        if not photos:
            return []
        pixels, fault = self._decode(photos)
        if fault is not None and not self._has_said_fault:
            self._has_said_fault = True
            log.warning(
                "photos: the GPU could not decode %d of %d (%s), the first is %s; the CPU decodes these, and "
                "later ones without a further word",
                sum(one is None for one in pixels),
                len(photos),
                fault,
                next(photo.file.path for photo, one in zip(photos, pixels, strict=True) if one is None),
            )
        return pixels

    def find_fault(self) -> str | None:
        """Why it does not work here, None if it does: its pixels are compared with the CPU's."""
        along, down = np.meshgrid(*[np.linspace(0, 255, TRIAL_PX)] * 2)
        picture = np.dstack([along, down, 255 - along]).astype(np.uint8)
        content = simplejpeg.encode_jpeg(picture, quality=95)
        trial = CheckedJpeg(PhotoFile(Path("trial.jpg"), content, 0), picture.shape[:2])
        (pixels,), fault = self._decode([trial])
        if pixels is None:
            return fault
        off = np.abs(pixels.cpu().numpy().astype(int) - trial.decode())
        return f"its colours are off by {off.max()} of 255" if off.max() > TRIAL_LEVELS else None

    def _decode(self, photos: list[CheckedJpeg]) -> tuple[list[torch.Tensor | None], str | None]:
        """The pixels, and why some are missing."""
        nv = self._nv
        with self._lock:
            try:
                params = nv.DecodeParams(apply_exif_orientation=False, color_spec=nv.ColorSpec.SRGB)
                streams = [nv.CodeStream(photo.file.content) for photo in photos]
                images = self._decoder.decode(streams, params=params, cuda_stream=find_stream(self._device))
            # Too little memory, among others. The CPU decodes such photos.
            except RuntimeError as error:
                return [None] * len(photos), describe_fault(error)
        found = [None if image is None else torch.from_dlpack(image) for image in images]
        fits = [
            pixels is not None and pixels.dtype == torch.uint8 and tuple(pixels.shape) == (*photo.hw, 3)
            for pixels, photo in zip(found, photos, strict=True)
        ]
        kept = [pixels if fit else None for pixels, fit in zip(found, fits, strict=True)]
        return kept, None if all(fits) else "it gives no picture of that size"


def open_device_decoder(device: torch.device) -> DeviceDecoder:
    """The decoder of a CUDA device.

    Args:
        device: A GPU.

    Raises:
        ConfigError: It is none, or its decoder cannot be used: photos would have other pixels without a word.
    """
    if device.type != "cuda":
        raise ConfigError(f"decoder: gpu is for device=cuda, found {device}; use decoder=cpu")
    try:
        decoder = DeviceDecoder(open_nvimgcodec(), device)
        fault = decoder.find_fault()
    # Whatever is wrong with it, it is for the user to choose what decodes.
    except Exception as error:
        fault = describe_fault(error)
    if fault is not None:
        raise ConfigError(
            f"decoder: gpu cannot decode photos here ({fault}); it takes {ADVICE}. Use decoder=cpu."
        )
    keep_freed(device)
    log.info("photos: decoded on the GPU, through nvImageCodec; checked by the CPU")
    return decoder
