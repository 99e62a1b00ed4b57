"""JPEG on the GPU through nvImageCodec, where it is installed: pixels never leave the device."""

from __future__ import annotations

import logging
import threading
from importlib import import_module
from types import ModuleType

import torch

log = logging.getLogger("render")


class DeviceEncoder:
    """Encodes sheets out of device memory. It is used by one thread at a time; others wait.

    Args:
        nvimgcodec: The module of nvImageCodec 0.7 or later.
        device: Where the sheets are.
    """

    def __init__(self, nvimgcodec: ModuleType, device: torch.device) -> None:
        self._nv = nvimgcodec
        self._device = device
        self._lock = threading.Lock()
        self._encoder = nvimgcodec.Encoder(device_id=device.index or 0)

    def encode(self, sheets: list[torch.Tensor], codec: str, quality: int) -> list[bytes | None]:
        """Encodes sheets with chroma subsampling 4:2:0, after waiting for torch's current stream.

        Args:
            sheets: (H, W, 3) uint8 RGB each, on the device.
            codec: Of nvImageCodec, such as jpeg.
            quality: 1 to 100.

        Returns:
            The file of each sheet; None where that fails.
        """
        with self._lock:
            params = self._nv.EncodeParams(
                quality_type=self._nv.QualityType.QUALITY,
                quality_value=quality,
                chroma_subsampling=self._nv.ChromaSubsampling.CSS_420,
            )
            try:
                streams = self._encoder.encode(sheets, codec, params=params, cuda_stream=self._stream())
            # The caller encodes such sheets on the CPU, and so learns what is wrong with them.
            except RuntimeError:
                return [None] * len(sheets)
        return [None if stream is None else bytes(memoryview(stream)) for stream in streams]

    def _stream(self) -> int:
        return torch.cuda.current_stream(self._device).cuda_stream if self._device.type == "cuda" else 0


def open_device_encoder(device: torch.device) -> DeviceEncoder | None:
    """The encoder of a CUDA device; says in the log whether there is one.

    Args:
        device: Any; others than CUDA have none.

    Returns:
        The encoder, None where there is none or it cannot be used.
    """
    if device.type != "cuda":
        return None
    try:
        # An optional package, and so not among the imports above.
        encoder = DeviceEncoder(import_module("nvidia.nvimgcodec"), device)
        # Some installations load without the library that does the work.
        picture = torch.zeros(16, 16, 3, dtype=torch.uint8, device=device)
        works = encoder.encode([picture], "jpeg", 95)[0] is not None
        reason = "it cannot encode a JPEG here"
    # Whatever is wrong with it, OpenCV does the same.
    except Exception as error:
        works, reason = False, str(error).splitlines()[0] if str(error) else type(error).__name__
    if not works:
        log.info(
            "JPEG: encoded on the CPU; on the GPU with nvidia-nvimgcodec-cu12[nvjpeg] or -cu13 (%s)", reason
        )
        return None
    log.info("JPEG: encoded on the GPU, through nvImageCodec")
    return encoder
