"""The CUDA side builds without a GPU: every kernel, with NVRTC from Warp's wheel."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
import warp as wp

import render
from render.compute.kernels import start_warp
from render.labels.coverage import make_write_coverage
from render.labels.layer import DTYPES, LAYERS
from render.labels.layer_kernels import make_write_layers
from render.rasterize.backends.warp import make_fill
from render.shade.mode import MODES
from render.shade.resolve import make_resolve
from render.shade.resolve_edges import make_resolve_edges

ROOT = Path(render.__file__).parent
SOURCES = sorted(path for path in ROOT.rglob("*.py") if "@wp.kernel" in path.read_text())
# The architectures of A100 and H100; what their compilers make of a kernel differs little.
BOTH, OLDER = (80, 90), (80,)


def kernel_modules(path: Path) -> Iterator[wp.Module]:
    """The Warp modules that a file of the package makes when it is imported."""
    name = ".".join(("render", *path.relative_to(ROOT).with_suffix("").parts))
    kernels = [value for value in vars(import_module(name)).values() if isinstance(value, wp.Kernel)]
    yield from {kernel.module for kernel in kernels if kernel.module.name == name}


def build(module: wp.Module, architectures: tuple[int, ...], folder: Path) -> None:
    start_warp()
    built = wp.compile_aot_module(module, arch=list(architectures), module_dir=folder, use_ptx=False)
    cubins = [path for path in built if path.suffix == ".cubin"]
    assert len(cubins) == len(architectures)
    assert all(path.read_bytes().startswith(b"\x7fELF") for path in cubins)


# These make their kernels only when they are asked for, as the tests below do.
MAKERS = ("coverage.py", "resolve.py", "resolve_edges.py", "warp.py", "layer_kernels.py")


@pytest.mark.slow
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_kernels_of_a_file_build_for_cuda(path, tmp_path):
    modules = list(kernel_modules(path))
    assert modules or path.name in MAKERS
    for module in modules:
        build(module, BOTH, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("is_supersampled", [False, True])
def test_the_kernel_that_fills_builds_for_cuda(is_supersampled, tmp_path):
    build(make_fill(is_supersampled).module, BOTH, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "channels", "is_supersampled", "architectures"),
    [
        *((mode, 3 + k % 2, False, OLDER) for k, mode in enumerate(MODES.names)),
        # A pixel of many samples, of a point with edges and of one with charts.
        ("wireframe", 4, True, BOTH),
        ("uv", 3, True, OLDER),
    ],
)
def test_the_kernels_of_the_modes_build_for_cuda(
    mode, channels, is_supersampled, architectures, tmp_path: Path
):
    build(make_resolve(mode, channels, is_supersampled).module, architectures, tmp_path)


@pytest.mark.slow
def test_the_kernels_of_smooth_edges_build_for_cuda(tmp_path):
    build(make_resolve("geo", 3, False, True).module, OLDER, tmp_path)
    build(make_resolve_edges("wireframe", 4).module, BOTH, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS.names)
def test_the_kernels_of_layers_build_for_cuda(name, tmp_path):
    """Each layer once, and together in all types."""
    stores = list(LAYERS.load(name).stores)
    store = stores[LAYERS.names.index(name) % len(stores)]
    build(make_write_layers(((name, DTYPES[store]),)).module, OLDER, tmp_path)


@pytest.mark.slow
def test_the_kernels_of_coverage_build_for_cuda(tmp_path):
    build(make_write_coverage("uint8").module, BOTH, tmp_path)
    build(make_write_coverage("float16").module, OLDER, tmp_path)


@pytest.mark.parametrize("make", [make_fill, make_resolve])
def test_a_kernel_is_made_once(make: Callable[..., wp.Kernel]):
    """To make one again would compile it again."""
    arguments = (False,) if make is make_fill else ("geo", 3, False)
    assert make(*arguments) is make(*arguments)
