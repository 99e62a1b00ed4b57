"""JPEG on the GPU through nvImageCodec, where it is installed: pixels never leave the device."""

from __future__ import annotations

import contextlib
import io
import logging
import threading
from importlib import import_module
from types import ModuleType

import torch
from PIL import Image

log = logging.getLogger("render")

_START, _END = b"\xff\xd8\xff", b"\xff\xd9"
# After the end some cameras and web sites leave a few bytes of their own.
_TAIL_BYTES = 64


class DeviceCodec:
    """Decodes photos into device memory and encodes sheets out of it.

    nvimgcodec: the module of nvImageCodec 0.7 or later. Used by one thread at a time; others wait.
    """

    def __init__(self, nvimgcodec: ModuleType, device: torch.device) -> None:
        self._nv = nvimgcodec
        self._device = device
        self._lock = threading.Lock()
        # Not the decoder engine of some GPUs, which starts before what the stream has queued is done; and not
        # its decoders on the CPU: what the GPU cannot decode is left to OpenCV.
        kinds = (nvimgcodec.BackendKind.GPU_ONLY, nvimgcodec.BackendKind.HYBRID_CPU_GPU)
        self._decoder = nvimgcodec.Decoder(
            device_id=device.index or 0,
            backends=[nvimgcodec.Backend(kind) for kind in kinds],
            # As libjpeg-turbo, and so OpenCV, upsamples chroma.
            options=":fancy_upsampling=1",
        )
        self._encoder = nvimgcodec.Encoder(device_id=device.index or 0)

    def decode(self, contents: list[bytes]) -> list[torch.Tensor | None]:
        """(H, W, 3) uint8 RGB on the device, turned by EXIF, of each JPEG file; None where that fails.

        Queued on torch's current stream.
        """
        photos: list[torch.Tensor | None] = [None] * len(contents)
        streams = {}
        for i, content in enumerate(contents):
            # Its constructor raises for what it cannot read.
            with contextlib.suppress(RuntimeError):
                if is_whole_jpeg(content) and not is_cmyk(content):
                    streams[i] = self._nv.CodeStream(content)
        with self._lock, contextlib.suppress(RuntimeError):
            params = self._nv.DecodeParams(apply_exif_orientation=True, color_spec=self._nv.ColorSpec.SRGB)
            images = self._decoder.decode(list(streams.values()), params=params, cuda_stream=self._stream())
            streams = dict(zip(streams, images, strict=True))
        for i, image in streams.items():
            # If the whole call has failed, what is left are the streams.
            if image is not None and hasattr(image, "__dlpack__"):
                photo = torch.from_dlpack(image)
                photos[i] = photo if photo.ndim == 3 and photo.shape[2] == 3 else None
        return photos

    def encode(self, sheets: list[torch.Tensor], quality: int) -> list[bytes | None]:
        """A JPEG file, 4:2:0, of each sheet, (H, W, 3) uint8 RGB on the device; None where that fails.

        quality: 1 to 100. Waits for torch's current stream.
        """
        with self._lock:
            params = self._nv.EncodeParams(
                quality_type=self._nv.QualityType.QUALITY,
                quality_value=quality,
                chroma_subsampling=self._nv.ChromaSubsampling.CSS_420,
            )
            try:
                streams = self._encoder.encode(sheets, "jpeg", params=params, cuda_stream=self._stream())
            except RuntimeError:
                return [None] * len(sheets)
        return [None if stream is None else bytes(memoryview(stream)) for stream in streams]

    def _stream(self) -> int:
        return torch.cuda.current_stream(self._device).cuda_stream if self._device.type == "cuda" else 0


def is_whole_jpeg(content: bytes) -> bool:
    """Whether it begins and ends as a JPEG file: the GPU may decode a cut one without saying so."""
    return content.startswith(_START) and _END in content[-_TAIL_BYTES:]


def is_cmyk(content: bytes) -> bool:
    """Whether it has four channels, which decoders turn into RGB in different ways; True without a header."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
            return image.mode == "CMYK"
    # Pillow raises almost anything for a damaged header.
    except Exception:
        return True


def open_device_codec(device: torch.device) -> DeviceCodec | None:
    """The codec of a CUDA device, None where there is none or it cannot be used; says which in the log."""
    if device.type != "cuda":
        return None
    try:
        codec = DeviceCodec(import_module("nvidia.nvimgcodec"), device)
        # Some installations load without the library that does the work.
        picture = torch.zeros(16, 16, 3, dtype=torch.uint8, device=device)
        (file,) = codec.encode([picture], 95)
        works = file is not None and codec.decode([file])[0] is not None
        reason = "it cannot encode and decode a JPEG here"
    # Whatever is wrong with it, OpenCV does the same.
    except Exception as error:
        works, reason = False, str(error).splitlines()[0] if str(error) else type(error).__name__
    if not works:
        log.info("JPEG: on the CPU; on the GPU with nvidia-nvimgcodec-cu12[nvjpeg] or -cu13 (%s)", reason)
        return None
    log.info("JPEG: on the GPU, through nvImageCodec")
    return codec
