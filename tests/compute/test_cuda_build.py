"""The CUDA side builds without a GPU: every kernel, for sm_80 and sm_90, with NVRTC from Warp's wheel."""

import importlib
import pkgutil
from pathlib import Path

import pytest
import warp as wp

import render
from render.compute.kernels import start_warp
from render.rasterize.backends.warp import make_fill
from render.shade.mode import MODES, load_mode
from render.shade.resolve import make_resolve

ARCHITECTURES = [80, 90]
ROOT = Path(render.__file__).parent


def kernel_modules() -> dict[str, wp.Module]:
    """Every Warp module of the package that holds kernels, resolve kernels of all modes among them."""
    start_warp()
    modules = {}
    for info in pkgutil.walk_packages([str(ROOT)], "render."):
        if info.name == "render.__main__":
            continue
        python_module = importlib.import_module(info.name)
        for value in vars(python_module).values():
            if isinstance(value, wp.Kernel):
                modules[value.module.name] = value.module
    for mode in MODES:
        for channels in (3, 4):
            modules[f"resolve {mode} {channels}"] = make_resolve(mode, channels, False).module
        if not load_mode(mode).is_label:
            modules[f"resolve {mode} 3 supersampled"] = make_resolve(mode, 3, True).module
    modules |= {f"fill {many}": make_fill(many).module for many in (False, True)}
    return modules


def test_every_kernel_is_known():
    """A file with a kernel in it that `kernel_modules` does not find would go unbuilt."""
    sources = [path for path in ROOT.rglob("*.py") if "@wp.kernel" in path.read_text()]
    names = {f"render.{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}" for path in sources}
    assert names - {"render.shade.resolve"} == {
        name for name in kernel_modules() if name.startswith("render.")
    }


@pytest.mark.parametrize("name", sorted(kernel_modules()))
def test_builds_for_cuda(name, tmp_path):
    built = wp.compile_aot_module(
        kernel_modules()[name], arch=ARCHITECTURES, module_dir=tmp_path, use_ptx=False
    )
    cubins = [path for path in built if path.suffix == ".cubin"]
    assert len(cubins) == len(ARCHITECTURES)
    assert all(path.read_bytes().startswith(b"\x7fELF") for path in cubins)
