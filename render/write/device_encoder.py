"""JPEG on the GPU through nvImageCodec, where it is installed: pixels never leave the device."""

from __future__ import annotations

import logging
import threading
from types import ModuleType

import torch

from render.compute.nvimgcodec import (
    ADVICE,
    describe_fault,
    find_stream,
    list_gpu_backends,
    open_nvimgcodec,
)

log = logging.getLogger("render")

# Sides of the picture that is encoded to see whether that works.
TRIAL_PX = 256


class DeviceEncoder:
    """Encodes sheets out of device memory. It is used by one thread at a time; others wait.

    Args:
        nvimgcodec: The module of nvImageCodec 0.7 or later.
        device: Where the sheets are.

    Raises:
        RuntimeError: The GPU has no encoder that works.
    """

    def __init__(self, nvimgcodec: ModuleType, device: torch.device) -> None:
        self._nv = nvimgcodec
        self._device = device
        self._lock = threading.Lock()
        self._has_said_fault = False
        self._encoder = nvimgcodec.Encoder(
            device_id=device.index or 0, backends=list_gpu_backends(nvimgcodec)
        )

    def encode(self, sheets: list[torch.Tensor], codec: str, quality: int) -> list[bytes | None]:
        """Encodes sheets with chroma subsampling 4:2:0, after waiting for torch's current stream.

        Args:
            sheets: (H, W, 3) uint8 RGB each, on the device.
            codec: Of nvImageCodec, such as jpeg.
            quality: 1 to 100.

        Returns:
            The file of each sheet; None where the GPU cannot encode it, which the log says once.
        """
        files, fault = self._encode(sheets, codec, quality)
        if fault is not None and not self._has_said_fault:
            self._has_said_fault = True
            log.warning(
                "JPEG: the GPU could not encode %d of %d sheets (%s); the CPU encodes these, and later "
                "ones without a further word",
                files.count(None),
                len(files),
                fault,
            )
        return files

    def find_fault(self) -> str | None:
        """Why it does not work here, None if it does: some installations lack what does the work."""
        # Of very small pictures nvJPEG refuses some (NVIDIA/nvImageCodec, issue 30).
        picture = torch.zeros(TRIAL_PX, TRIAL_PX, 3, dtype=torch.uint8, device=self._device)
        return self._encode([picture], "jpeg", 95)[1]

    def _encode(
        self, sheets: list[torch.Tensor], codec: str, quality: int
    ) -> tuple[list[bytes | None], str | None]:
        """The files, and why some are missing."""
        with self._lock:
            params = self._nv.EncodeParams(
                quality_type=self._nv.QualityType.QUALITY,
                quality_value=quality,
                chroma_subsampling=self._nv.ChromaSubsampling.CSS_420,
            )
            try:
                streams = self._encoder.encode(
                    sheets, codec, params=params, cuda_stream=find_stream(self._device)
                )
            # The caller encodes such sheets on the CPU, and so learns what is wrong with them.
            except RuntimeError as error:
                return [None] * len(sheets), describe_fault(error)
            files = [None if stream is None else bytes(memoryview(stream)) for stream in streams]
        return files, "it gives no file" if None in files else None


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
        encoder = DeviceEncoder(open_nvimgcodec(), device)
        fault = encoder.find_fault()
    # Whatever is wrong with it, OpenCV does the same.
    except Exception as error:
        fault = describe_fault(error)
    if fault is not None:
        log.info("JPEG: encoded on the CPU; on the GPU with %s (%s)", ADVICE, fault)
        return None
    log.info("JPEG: encoded on the GPU, through nvImageCodec")
    return encoder
