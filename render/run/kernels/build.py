"""Compiles kernels ahead: for a device that is there, or for GPUs that are not."""

from __future__ import annotations

from contextlib import closing

import warp as wp

from render.compute.device import describe_device, open_device
from render.compute.threads import count_cores
from render.compute.warm import compile_ahead, find_missing_for, list_architectures, wait_for_others
from render.config.schema import Config
from render.library.kernels import list_every_kernel
from render.run.kernels.architectures import check_architectures
from render.run.kernels.drawn import list_run_kernels
from render.run.opening.warm import make_modules, warm_listed
from render.run.progress import open_progress


def build_kernels(config: Config, architectures: list[int], has_all: bool) -> dict[str, str]:
    """Compiles kernels and prints what became of them.

    Args:
        config: The settings of the run that they are for.
        architectures: Of GPUs, as numbers such as 90; none for the device of the settings.
        has_all: Whether all are compiled that any run may need, instead of those of this one.

    Returns:
        Why some could not be compiled, by what they are called.

    Raises:
        RenderError: There is no such device or architecture, or no place for kernels.
    """
    threads = config.threads or count_cores()
    makes = list_every_kernel(config.rasterizer) if has_all else list_run_kernels(config)
    if not architectures:
        device = open_device(config.device)
        warmed = warm_listed(makes, device, threads)
        _say(warmed.count - len(warmed.faults), describe_device(device), warmed.compiled)
        return warmed.faults
    check_architectures(architectures, list_architectures())
    modules, faults = make_modules(makes)
    for number in architectures:
        with wait_for_others():
            missing = find_missing_for(modules, number)
            with closing(open_progress(len(missing), "kernel")) as progress:
                failed = compile_ahead(missing, number, threads, progress.advance)
        _say(len(modules) - len(failed), f"sm_{number}", len(missing) - len(failed))
        faults |= {f"{called} (sm_{number})": fault for called, fault in failed.items()}
    return faults


def _say(count: int, where: str, compiled: int) -> None:
    print(f"{count} kernels for {where}, {compiled} of them compiled now, in {wp.config.kernel_cache_dir}")
