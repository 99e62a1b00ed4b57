"""Which device a run draws on."""

from __future__ import annotations

import torch

from render.compute.device_name import check_device_name
from render.compute.kernels import start_warp
from render.errors import ConfigError


def open_device(name: str | torch.device) -> torch.device:
    """The device of that name.

    Args:
        name: auto, cpu, cuda or cuda:1; `auto` takes the first GPU, or the CPU where there is none.

    Raises:
        ConfigError: The device that was asked for is not there.
    """
    name = str(name)
    check_device_name(name)
    start_warp()
    # A GPU that torch counts may still be one that it cannot use.
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "cpu" or (name == "auto" and count == 0):
        return torch.device("cpu")
    # Torch takes "cuda" to be the current device and gives it no index.
    device = torch.device("cuda:0" if name in ("auto", "cuda") else name)
    if device.index >= count:
        found = f"{count} CUDA device(s)" if count else "no CUDA device that this build of torch can use"
        raise ConfigError(f"device: {name!r} is not there, found {found}; use device=cpu or device=auto")
    return device


def describe_device(device: torch.device) -> str:
    """Its name as the log says it."""
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else "cpu"
