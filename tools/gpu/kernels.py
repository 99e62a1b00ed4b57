"""The kernels that the kit's tests and benchmarks launch: compiled ahead for a GPU, without one."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import warp as wp

# What a GPU's compiler is given takes some hundred megabytes a thread.
MOST_THREADS = 8


def list_modules() -> dict[str, wp.Module]:
    """The modules of kernels by what messages call them: all modes in RGB, with hard and smooth edges and with
    samples, light by depth maps, the ground, its shadows, and the layers of label sets as they are shipped.
    """
    from render.doctor.checks import USUAL_LAYERS
    from render.labels.layer import parse_layers
    from render.library.kernels import list_all_shadings, list_kernels
    from render.library.label_renderer import list_drawn

    shadings = [one for one in list_all_shadings() if one.channels == 3 and not one.has_rays]
    layers = list_drawn(parse_layers(USUAL_LAYERS))
    return {called: make() for called, make in list_kernels(shadings, "warp", True, layers, True).items()}


def build(architecture: int, advance: Callable[[str], None], modules: dict | None = None) -> list[Path]:
    """Compiles kernels to the machine code of a GPU, into the folder that WARP_CACHE_PATH names.

    Args:
        architecture: The GPU's compute capability without the dot, such as 90 for H100 and H200.
        advance: Called with the name of each module that is there.
        modules: As `list_modules` gives them, which is what is taken if nothing is said.

    Returns:
        The files of machine code.
    """
    import warp as wp

    from render.compute.kernels import start_warp

    start_warp()
    modules = list_modules() if modules is None else modules
    files: list[Path] = []
    threads = min(len(os.sched_getaffinity(0)), MOST_THREADS)
    with ThreadPoolExecutor(threads) as pool:
        tasks = {
            pool.submit(wp.compile_aot_module, module, arch=[architecture], use_ptx=False): called
            for called, module in modules.items()
        }
        for task in as_completed(tasks):
            files += task.result()
            advance(tasks[task])
    return files


def main() -> None:
    """Compiles for the architecture that the command line names, and says how far it is."""
    began = time.monotonic()
    files = build(
        int(sys.argv[1]), lambda called: print(f"{time.monotonic() - began:6.1f} s  {called}", flush=True)
    )
    print(f"{len(files)} modules, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
