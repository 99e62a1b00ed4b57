"""Running Warp kernels on torch tensors."""

from __future__ import annotations

import ctypes
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any

import torch
import warp as wp

from render.compute.kept_kernels import is_compiled
from render.errors import RenderError
from render.resources import find_cache_dir, has_empty_home, may_keep

# Every kernel module is compiled with these. Without fused multiply-add the CPU and CUDA round alike, so both
# see the same pixels; nothing here is differentiated.
MODULE_OPTIONS = {"enable_backward": False, "fuse_fp": False, "optimization_level": 3}

# Four of the GPU's warps: enough to fill it from some hundred bodies on, few enough to end in one reduction.
CUDA_LANES = 128
# One warp a row of pixels, so that neighbouring threads read neighbouring pixels.
CUDA_ROW_LANES = 32


log = logging.getLogger("render")

# What this process has loaded, and for which devices it has said that it compiles.
_loaded: set[tuple[wp.Module, str]] = set()
_said: set[str] = set()
_streams: dict[tuple[int | None, int], wp.Stream] = {}
_lock = threading.RLock()

# Of the process, whatever Python's own is at the time: Warp's library writes there.
STDERR = 2
_NO_DRIVER = b"Could not find or load the NVIDIA CUDA driver"
_is_started = False


@wp.func
def natural(index: wp.int32) -> wp.int32:
    """The index, for a compiler that is to know that it is not negative.

    Warp counts negative ones from the array's end. Without that, shading takes a twentieth less time.
    """
    return index & wp.int32(0x7FFFFFFF)


def start_warp() -> None:
    """Starts Warp's runtime; a second call does nothing, nor does one where nothing may be kept.

    Raises:
        RenderError: It can keep no kernels.
    """
    # It would make its folder of kernels at once; who only looks launches none.
    if not may_keep():
        return
    # Otherwise Warp lists its version, the devices and each module that it loads.
    wp.config.log_level = wp.LOG_ERROR
    # Machine code for the very GPU, as `smpl-render kernels` builds it ahead. Where the driver is new enough
    # Warp would make PTX for old GPUs, which the driver compiles once more when it is loaded.
    if wp.config.cuda_output is None:
        wp.config.cuda_output = "cubin"
    try:
        # Whoever has set it, or has started Warp already, has chosen.
        if wp.config.kernel_cache_dir is None:
            wp.config.kernel_cache_dir = choose_kernel_dir()
        with _pass_over_driver_line():
            wp.init()
    except OSError as error:
        raise RenderError(
            f"the compiled kernels cannot be kept ({error}); set WARP_CACHE_PATH to a folder of yours"
        ) from error


def choose_kernel_dir() -> str | None:
    """Where compiled kernels are kept; None for Warp's own place, below the user's home.

    Warp takes a `~` that nobody has spelled out, and what is not absolute, for folders of the current one.

    Raises:
        OSError: There is no place for them.
    """
    named = os.path.expanduser(os.environ.get("WARP_CACHE_PATH", ""))
    if named and not named.startswith("~"):
        return named
    own = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    # An empty variable is none, but to Warp it is the current folder.
    if os.path.isabs(own) and not has_empty_home() and "WARP_CACHE_PATH" not in os.environ:
        return None
    return str(find_cache_dir() / "kernels")


@contextmanager
def _pass_over_driver_line() -> Iterator[None]:
    """Keeps from standard error what Warp's library writes there where it finds no CUDA driver.

    All else passes. Warp has no setting for it, and a machine without a GPU is nothing to warn of.
    """
    global _is_started
    with _lock:
        if _is_started:
            yield
            return
        try:
            kept = os.dup(STDERR)
        # It is closed, so nothing can be written there.
        except OSError:
            yield
            return
        with tempfile.TemporaryFile() as written:
            os.dup2(written.fileno(), STDERR)
            try:
                yield
                _is_started = True
            finally:
                os.dup2(kept, STDERR)
                os.close(kept)
                written.seek(0)
                for line in written:
                    if _NO_DRIVER not in line:
                        os.write(STDERR, line)


def loop_lanes(device: torch.device, count: int) -> int:
    """Over how many threads a kernel spreads a loop, each taking every lanes-th step.

    On the CPU the threads of a launch follow one another, so one takes the whole loop and does once what is
    the same for all steps.

    Args:
        device: Where the kernel runs.
        count: Steps of the loop.
    """
    return min(count, CUDA_LANES) if device.type == "cuda" else 1


def launch(kernel: wp.Kernel, dim: int | tuple[int, ...], inputs: list, device: torch.device) -> None:
    """Launches a kernel.

    On the CPU the launch is one serial loop that releases the interpreter lock; on CUDA it is queued on
    torch's current stream.

    Args:
        kernel: A Warp kernel.
        dim: Threads, along each axis of the launch.
        inputs: The kernel's arguments; tensors among them are passed without a copy.
        device: Where it runs, and where the tensors are.
    """
    wp.launch(
        kernel, dim, _prepare(kernel, inputs, device), device=device_name(device), stream=_stream(device)
    )


class Relaunch:
    """A kernel that one thread launches again and again: only its first arguments change, which are numbers.

    A second launch takes a seventh of the time of the first.

    Args:
        kernel: A Warp kernel.
        changing: How many of its first arguments change.
        inputs: As `launch` takes them, all but those.
        device: Where it runs, and where the tensors are.
    """

    def __init__(self, kernel: wp.Kernel, changing: int, inputs: list, device: torch.device) -> None:
        self._device = device
        # The command has only the addresses of tensors.
        self._inputs = inputs
        # Zeros hold the places of the numbers until there are any.
        arguments = _prepare(kernel, [0] * changing + inputs, device)
        self._command = wp.launch(kernel, 1, arguments, device=device_name(device), record_cmd=True)
        # On the CPU Warp would fill the same structure with all arguments at each launch.
        self._filled = _fill_arguments(self._command.params) if device.type == "cpu" else None

    def __call__(self, dim: int, *numbers: int) -> None:
        if self._filled is None:
            for i, number in enumerate(numbers):
                self._command.set_param_at_index_from_ctype(i, number)
            self._command.set_dim(dim)
            self._command.launch(_stream(self._device))
            return
        for i, number in enumerate(numbers):
            setattr(self._filled, f"argument_{i}", number)
        bounds = self._command.bounds
        bounds.shape[0] = bounds.size = dim
        self._command.hooks.forward(ctypes.byref(bounds), ctypes.byref(self._filled))


def _fill_arguments(params: list) -> ctypes.Structure:
    """What a kernel on the CPU takes beside its bounds: all arguments in one structure.

    Args:
        params: The bounds and the arguments, as a command of Warp's has them.
    """
    made = _make_structure(tuple(type(param) for param in params[1:]))
    return made(*params[1:])


@cache
def _make_structure(kinds: tuple[type, ...]) -> type[ctypes.Structure]:
    fields = [(f"argument_{i}", kind) for i, kind in enumerate(kinds)]
    return type("Arguments", (ctypes.Structure,), {"_fields_": fields})


def _prepare(kernel: wp.Kernel, inputs: list, device: torch.device) -> list:
    # Warp would load it at the launch, in several threads at a time.
    _load(kernel.module, device_name(device))
    # What a kernel reads of a tensor: to make an array of Warp's first would take twice as long.
    return [
        wp.from_torch(value, dtype=argument.type.dtype, return_ctype=True)
        if isinstance(value, torch.Tensor)
        else value
        for value, argument in zip(inputs, kernel.adj.args, strict=True)
    ]


def device_name(device: torch.device) -> str:
    """What Warp calls the device."""
    return "cpu" if device.type == "cpu" else wp.device_from_torch(device).alias


def _stream(device: torch.device) -> wp.Stream | None:
    """Torch's current stream as Warp knows it, the same object each time: to make and to drop one is not
    safe while other threads do so.
    """
    if device.type != "cuda":
        return None
    current = torch.cuda.current_stream(device)
    # The default stream has the same number on each device.
    key = (current.device.index, current.cuda_stream)
    with _lock:
        if key not in _streams:
            _streams[key] = wp.stream_from_torch(current)
        return _streams[key]


def build_mesh(points: torch.Tensor, corners: torch.Tensor) -> wp.Mesh:
    """A mesh that rays of kernels can meet.

    Args:
        points: (K, 3) float32, finite.
        corners: (3 F,) int32 indices of them, at least three.

    Returns:
        The mesh, over the tensors themselves; it must live as long as kernels that have its id.
    """
    start_warp()
    with wp.ScopedStream(_stream(points.device), sync_enter=False):
        return wp.Mesh(wp.from_torch(points, dtype=wp.vec3f), wp.from_torch(corners))


def build_once(make: Callable[..., wp.Kernel]) -> Callable[..., wp.Kernel]:
    """Keeps the kernels that `make` builds, and has one thread build or load at a time."""
    kept = cache(make)

    @wraps(make)
    def build(*args: Any) -> wp.Kernel:
        with _lock:
            return kept(*args)

    return build


def _load(module: wp.Module, device: str) -> None:
    """Loads the kernels of a module, by one thread, and says so once if they must be compiled first."""
    # First without the lock, for every launch comes by here.
    if (module, device) in _loaded:
        return
    with _lock:
        # Another thread may have loaded it while this one waited.
        if (module, device) in _loaded:
            return
        start_warp()
        if device not in _said and not is_compiled(module, device):
            _said.add(device)
            log.info(
                "compiling kernels for %s, once: the next run finds them in %s",
                device,
                wp.config.kernel_cache_dir,
            )
        wp.load_module(module, device)
        _loaded.add((module, device))
