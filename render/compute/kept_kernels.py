"""Compiled kernels that earlier processes have left: whether those of a module are among them."""

from __future__ import annotations

from pathlib import Path

import warp as wp


def is_compiled(module: wp.Module, device: str) -> bool:
    """Whether an earlier process has left the kernels of a module where this one finds them.

    Args:
        module: As it is now: other code and other options are another one.
        device: Name of the device, as Warp has it.
    """
    if device == "cpu":
        # Warp names the folder of a module by its code, its options and the block size, which is 1 there.
        return any(_find_folder(module, 1).glob("*.o"))
    gpu = wp.get_device(device)
    # Both are None for a CPU alone.
    architecture, kind = gpu.get_cuda_compile_arch(), gpu.get_cuda_output_format()
    assert architecture is not None
    assert kind is not None
    return has_machine_code(module, architecture, kind)


def has_machine_code(module: wp.Module, architecture: int, kind: str = "cubin") -> bool:
    """Whether there are the kernels of a module for GPUs of an architecture.

    Args:
        module: As for `is_compiled`.
        architecture: The compute capability without its dot, such as 90.
        kind: cubin, or ptx for GPUs that Warp's compiler has no machine code for.
    """
    # Beside the code for other architectures, and its source.
    return any(_find_folder(module).glob(f"*.sm{architecture}.{kind}"))


def _find_folder(module: wp.Module, block_size: int | None = None) -> Path:
    # Warp is started, and has a place for kernels.
    assert wp.config.kernel_cache_dir is not None
    return Path(wp.config.kernel_cache_dir, module.get_module_identifier(block_size))
