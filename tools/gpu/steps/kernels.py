"""Loads the GPU's kernels, of which none should be compiled here, and compiles the CPU's."""

from __future__ import annotations

import os
import time

from render.compute.device import open_device
from render.compute.warm import compile_side_by_side, find_missing
from render.library.kernels import list_every_kernel
from render.run.opening.warm import make_modules
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words

# Of which a dry run loads so many modules.
DRY_MODULES = 3
# How the names of kernels end that only other settings need.
CPU_UNUSED = ("with alpha", "with alpha supersampled", "with alpha beside smooth edges", "by rays")


def main(words: list[str] | None = None) -> None:
    """Notes of each device how many modules were missing, and the seconds until all were there."""
    given = read_words(words=words)
    notes = Notes(given.notes)
    for name in dict.fromkeys([given.device, "cpu"]):
        device = open_device(name)
        makes = list_every_kernel("warp", device.type)
        if device.type == "cpu":
            # Here nothing is compiled ahead, and no step needs these.
            makes = {called: make for called, make in makes.items() if not called.endswith(CPU_UNUSED)}
        if given.dry_run:
            makes = dict(list(makes.items())[-DRY_MODULES:])
        modules, faults = make_modules(makes)
        began = time.monotonic()
        missing = find_missing(modules, device)
        threads = len(os.sched_getaffinity(0))
        faults |= compile_side_by_side(modules, device, threads, lambda: None)
        seconds = time.monotonic() - began
        found = {"modules": len(modules), "compiled": sorted(missing), "seconds": seconds, "faults": faults}
        notes.add(
            name, found, f"{name}: {len(modules)} modules in {seconds:.1f} s, {len(missing)} compiled here"
        )
        if faults:
            raise SystemExit(f"{len(faults)} modules cannot be loaded on {name}: {faults}")


if __name__ == "__main__":
    main()
