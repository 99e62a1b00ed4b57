"""Running Warp kernels on torch tensors."""

from __future__ import annotations

import torch
import warp as wp

from render.errors import RenderError

# Every kernel module is compiled with these. Without fused multiply-add the CPU and CUDA round alike, so both
# see the same pixels; nothing here is differentiated.
MODULE_OPTIONS = {"enable_backward": False, "fuse_fp": False}


def start_warp() -> None:
    """Starts Warp's runtime; a second call does nothing. Raises RenderError if it can keep no kernels.

    Warp itself says on standard error where there is no CUDA driver.
    """
    wp.config.log_level = wp.LOG_ERROR
    try:
        wp.init()
    except OSError as error:
        raise RenderError(
            f"the compiled kernels cannot be kept ({error}); set WARP_CACHE_PATH to a folder of yours"
        ) from error


def launch(kernel: wp.Kernel, dim: int | tuple[int, ...], inputs: list, device: torch.device) -> None:
    """Launches `kernel` on `dim` threads; tensors among `inputs` are passed without a copy.

    On the CPU the launch is one serial loop that releases the interpreter lock; on CUDA it is queued on
    torch's current stream.
    """
    start_warp()
    arguments = [
        wp.from_torch(value, dtype=argument.type.dtype) if isinstance(value, torch.Tensor) else value
        for value, argument in zip(inputs, kernel.adj.args, strict=True)
    ]
    if device.type == "cuda":
        wp.launch(kernel, dim, arguments, stream=wp.stream_from_torch(torch.cuda.current_stream(device)))
    else:
        wp.launch(kernel, dim, arguments, device="cpu")
