"""nvImageCodec, where it is installed, kept to what a GPU does."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

import torch
import warp as wp

from render.compute.kernels import device_name

# Of a GPU's memory, how much of what pictures have left stays for the next ones.
KEPT_SHARE = 0.05
# The packages to install, for messages.
ADVICE = "nvidia-nvimgcodec-cu12[nvjpeg] or -cu13[nvjpeg]"


def open_nvimgcodec() -> ModuleType:
    """The module of nvImageCodec 0.7 or later.

    Raises:
        ImportError: It is not installed, or one of its libraries is not.
    """
    # An optional package, and so not among the imports above.
    return import_module("nvidia.nvimgcodec")


def list_gpu_backends(nvimgcodec: ModuleType) -> list[Any]:
    """The backends of a GPU: its circuits for JPEG, its kernels, and those with help of the CPU.

    Without a list nvImageCodec may also take the CPU's codecs, and does so without a word where nvJPEG is
    missing or a GPU cannot be used. With this one it fails then, and whoever asked can say so.
    """
    kinds = nvimgcodec.BackendKind
    return [nvimgcodec.Backend(kind) for kind in (kinds.HW_GPU_ONLY, kinds.GPU_ONLY, kinds.HYBRID_CPU_GPU)]


def find_stream(device: torch.device) -> int:
    """The address of torch's current stream, which nvImageCodec waits for; 0 on the CPU."""
    return torch.cuda.current_stream(device).cuda_stream if device.type == "cuda" else 0


def keep_freed(device: torch.device) -> None:
    """Has a GPU's driver keep memory that pictures have left, up to a share of it all, for the next ones.

    By itself it takes all of it back as soon as somebody waits for the GPU, and finds new memory for each
    picture of the next batch.
    """
    name = device_name(device)
    # nvImageCodec has no setting for it, and takes memory of the same pool as Warp does.
    if wp.is_mempool_supported(name):
        wp.set_mempool_release_threshold(name, KEPT_SHARE)


def describe_fault(error: Exception) -> str:
    """The first line of what is wrong, for the log; what follows speaks of nvImageCodec's own files."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
