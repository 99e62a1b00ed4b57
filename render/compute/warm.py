"""Compiling kernels before they are launched, side by side, and in one process at a time."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager

import torch
import warp as wp

from render.compute.kept_kernels import has_machine_code, is_compiled
from render.compute.kernels import device_name, start_warp
from render.errors import list_causes

log = logging.getLogger("render")

# Each thread takes seconds for headers of its own, and some hundred megabytes.
MOST_THREADS = 8
LOCK_NAME = "compiling.lock"
# Another process that compiles for so long has been stopped, or is on a machine that has.
PATIENCE_S = 300.0
POLL_S = 0.2


def find_missing(kernels: Mapping[str, wp.Module], device: torch.device) -> dict[str, wp.Module]:
    """Those of the modules that must still be compiled.

    Args:
        kernels: Modules by what they are called.
        device: Where their kernels are to run.
    """
    start_warp()
    name = device_name(device)
    return {called: module for called, module in kernels.items() if not is_compiled(module, name)}


def compile_side_by_side(
    kernels: Mapping[str, wp.Module], device: torch.device, threads: int, advance: Callable[[], None]
) -> dict[str, str]:
    """Compiles modules.

    Warp writes Python code of one module at a time; its compilers, which take nearly all of the time, work
    side by side. An interrupt waits for those that are under way.

    Args:
        kernels: Modules by what they are called.
        device: Where their kernels are to run.
        threads: How many may work at the same time.
        advance: Called after each of them.

    Returns:
        Why some could not be compiled, by what they are called.
    """
    name = device_name(device)
    return _work_side_by_side(kernels, lambda module: wp.load_module(module, name), threads, advance)


def find_missing_for(kernels: Mapping[str, wp.Module], architecture: int) -> dict[str, wp.Module]:
    """Those of the modules that must still be compiled for GPUs of an architecture; see `compile_ahead`."""
    start_warp()
    return {name: module for name, module in kernels.items() if not has_machine_code(module, architecture)}


def compile_ahead(
    kernels: Mapping[str, wp.Module], architecture: int, threads: int, advance: Callable[[], None]
) -> dict[str, str]:
    """Compiles modules for GPUs that need not be there, into the place where runs find them.

    Args:
        kernels: Modules by what they are called.
        architecture: The GPUs' compute capability without its dot, such as 90 for H100 and H200; one of
            `list_architectures`.
        threads: How many may work at the same time.
        advance: Called after each of them.

    Returns:
        Why some could not be compiled, by what they are called.
    """
    start_warp()

    def compile_one(module: wp.Module) -> None:
        wp.compile_aot_module(module, arch=[architecture], use_ptx=False)

    return _work_side_by_side(kernels, compile_one, threads, advance)


def list_architectures() -> list[int]:
    """The architectures of GPUs that Warp's compiler, which comes with it, makes machine code for."""
    start_warp()
    return sorted(wp.get_cuda_supported_archs())


def _work_side_by_side(
    kernels: Mapping[str, wp.Module],
    work: Callable[[wp.Module], object],
    threads: int,
    advance: Callable[[], None],
) -> dict[str, str]:
    faults: dict[str, str] = {}
    pool = ThreadPoolExecutor(max(min(threads, MOST_THREADS, len(kernels)), 1), "compile")
    try:
        tasks = {pool.submit(work, module): called for called, module in kernels.items()}
        for task in as_completed(tasks):
            error = task.exception()
            if error is not None:
                faults[tasks[task]] = list_causes(error)
            advance()
    finally:
        pool.shutdown(cancel_futures=True)
    return faults


@contextmanager
def wait_for_others() -> Iterator[None]:
    """Lets other processes that compile for the same place end, for what they compile need not be compiled
    again; then keeps them waiting.

    It is of no harm if two compile the same: Warp makes a module in a folder of the process, and moves it.
    """
    start_warp()
    try:
        lock = open(f"{wp.config.kernel_cache_dir}/{LOCK_NAME}", "a", opener=_open_at_once)  # noqa: SIM115
    # Others own that place, and have compiled what is there.
    except OSError:
        yield
        return
    with lock:
        end_s = time.monotonic() + PATIENCE_S
        is_said = False
        while time.monotonic() < end_s:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not is_said:
                    log.info("another process is compiling kernels; waiting for it")
                is_said = True
                time.sleep(POLL_S)
                continue
            # A file system without locks.
            except OSError:
                pass
            break
        yield


def _open_at_once(path: str, flags: int) -> int:
    # A pipe of that name is refused, where it would be waited for.
    return os.open(path, flags | os.O_NONBLOCK, 0o666)
