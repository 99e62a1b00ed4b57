"""Packs what a GPU machine without a network lacks: packages, and kernels compiled for its GPU."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from benchmarks.results import REPOSITORY, machine
from tools.gpu.parts import pack
from tools.gpu.slim import keep_architecture
from tools.gpu.wheels import fetch, list_codecs, list_pins, list_sanitizers, unpack_wheels

# Libraries with code for many GPUs, of which one is needed.
FAT_LIBRARIES = ("warp/bin/warp.so",)


def prepare(
    to: Path, architecture: int, python: str, cuda: str, there: Collection[str], part_mb: float
) -> dict:
    """Writes a pack, in place of an earlier one.

    Args:
        to: Folder for the parts and their index.
        architecture: Compute capability of the GPU without the dot.
        python: Version of the GPU machine's Python, such as 3.12.
        cuda: Version of CUDA that its torch is built for, such as 13.
        there: Packages that it has.
        part_mb: The most that a part may have, in MB (1e6 bytes).

    Returns:
        What the index of the pack says.
    """
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

    with tempfile.TemporaryDirectory(prefix="gpu_kit_") as name:
        workshop = Path(name)
        wheels, site, kernels = workshop / "wheels", workshop / "site", workshop / "kernels"
        wheels.mkdir()
        pins = list_pins(python, there)
        fetch(pins, python, wheels)
        fetch([*list_codecs(cuda), *list_sanitizers(cuda)], python, wheels, with_needs=True)
        packed = sorted(path.name for path in wheels.glob("*.whl"))
        say(f"{len(packed)} packages for Python {python}")
        unpack_wheels(wheels, site, python)
        for library in FAT_LIBRARIES:
            if (site / library).is_file():
                kept, gone = keep_architecture(site / library, architecture)
                say(f"{library}: kept {kept / 1e6:.0f} MB for {architecture}, emptied {gone / 1e6:.0f} MB")
        _compile(architecture, kernels)
        # Of a kernel's files only what the driver loads is needed, and what Warp reads of it.
        for source in kernels.rglob("*.cu"):
            source.unlink()
        say(f"{len(list(kernels.rglob('*.cubin')))} modules of kernels compiled for {architecture}")
        info = {
            "commit": machine()["commit"],
            "architecture": architecture,
            "python": python,
            "cuda": cuda,
            "packages": packed,
        }
        index = pack(workshop, ["site", "kernels"], to, int(part_mb * 1e6), info)
    sizes = ", ".join(f"{part['name']} {part['bytes'] / 1e6:.1f} MB" for part in index["parts"])
    say(f"{to}: {sizes}")
    return index


def _compile(architecture: int, to: Path) -> None:
    """In a process of its own, for Warp takes its folder of kernels when it starts."""
    command = [sys.executable, "-m", "render", "kernels", "all", f"arch=sm_{architecture}"]
    environment = os.environ | {"WARP_CACHE_PATH": str(to)}
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True, stdout=subprocess.DEVNULL)
