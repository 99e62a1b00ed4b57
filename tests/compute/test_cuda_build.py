"""The CUDA side builds without a GPU: every kernel, with NVRTC from Warp's wheel."""

import re
from collections.abc import Callable
from functools import partial, reduce
from importlib import import_module
from pathlib import Path

import pytest
import warp as wp

import render
from render.body import normals, skinning
from render.compute.kernels import MODULE_OPTIONS, start_warp
from render.labels.coverage import make_write_coverage
from render.labels.layer import DTYPES, LAYERS
from render.labels.layer_kernels import MOST_AT_ONCE, make_write_layers
from render.rasterize.backends.warp import make_fill
from render.rasterize.edge_pixels.fill import make_fill_edge_pixels
from render.shade.mode import MODES
from render.shade.resolve import make_resolve
from render.shade.resolve_edges import make_resolve_edges
from render.shade.surface_point import SurfacePoint

ROOT = Path(render.__file__).parent
SOURCES = sorted(path for path in ROOT.rglob("*.py") if "@wp.kernel" in path.read_text())
# The architectures of A100 and H100; what their compilers make of a kernel differs little.
BOTH, OLDER = (80, 90), (80,)


def list_kernels(path: Path) -> list[wp.Kernel]:
    """Those that a file of the package makes when it is imported."""
    name = ".".join(("render", *path.relative_to(ROOT).with_suffix("").parts))
    kernels = [value for value in vars(import_module(name)).values() if isinstance(value, wp.Kernel)]
    return [kernel for kernel in kernels if kernel.module.name == name]


def build(module: wp.Module, architectures: tuple[int, ...], folder: Path) -> list[bytes]:
    """The machine code for each architecture."""
    start_warp()
    built = wp.compile_aot_module(module, arch=list(architectures), module_dir=folder, use_ptx=False)
    cubins = [path.read_bytes() for path in built if path.suffix == ".cubin"]
    assert len(cubins) == len(architectures)
    assert all(cubin.startswith(b"\x7fELF") for cubin in cubins)
    return cubins


# These make their kernels only when they are asked for, as the tests below do.
MAKERS = (
    *("coverage.py", "resolve.py", "resolve_edges.py", "warp.py", "fill.py", "layer_kernels.py"),
    *("skinning.py", "normals.py", "width.py"),
)


@pytest.mark.slow
def test_the_kernels_of_all_files_build_for_cuda(tmp_path):
    """In one module: NVRTC would read the same headers once more for each file."""
    joined = wp.get_module("kernels_of_all_files")
    joined.options.update(MODULE_OPTIONS)
    for path in SOURCES:
        kernels = list_kernels(path)
        assert kernels or path.name in MAKERS, path
        for kernel in kernels:
            wp.Kernel(kernel.func, f"{path.stem}_{kernel.key}", joined)
    build(joined, OLDER, tmp_path)


def add(first: wp.Function, second: wp.Function) -> wp.Function:
    """The sum of what they make of a point."""

    @wp.func
    def add_both(point: SurfacePoint) -> wp.vec4f:
        return first(point) + second(point)

    return add_both


def make_call_all() -> wp.Kernel:
    """What all modes make of a point, in one kernel."""
    shade_all = reduce(add, [MODES.load(name).make_shade() for name in MODES.names])

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def call_all(points: wp.array(dtype=SurfacePoint), values: wp.array(dtype=wp.vec4f)):
        values[wp.tid()] = shade_all(points[wp.tid()])

    return call_all


def make_layers(first: int) -> wp.Kernel:
    """Of as many layers from that one on as a kernel takes; together in all types."""
    layers = []
    for k, name in enumerate(LAYERS.names[first : first + MOST_AT_ONCE], first):
        stores = list(LAYERS.load(name).stores)
        layers.append((name, DTYPES[stores[k % len(stores)]]))
    return make_write_layers(tuple(layers))


# Those that are made when they are asked for.
MADE = {
    "fill": lambda: make_fill(False, "cuda"),
    "fill_edge_pixels": lambda: make_fill_edge_pixels("cuda"),
    "points_of_all_modes": make_call_all,
    # One of a point with edges, one with charts, and one that is painted.
    "wireframe": lambda: make_resolve("wireframe", 4, True, False, False, "cuda"),
    "uv": lambda: make_resolve("uv", 3, True, False, False, "cuda"),
    "texture": lambda: make_resolve("texture", 3, False, False, False, "cuda"),
    "smooth": lambda: make_resolve("geo", 3, False, True, False, "cuda"),
    "smooth_edges": lambda: make_resolve_edges("wireframe", 4),
    "rays": lambda: make_resolve("studio", 3, True, False, True, "cuda"),
    "coverage_uint8": lambda: make_write_coverage("uint8"),
    "coverage_float16": lambda: make_write_coverage("float16"),
} | {
    # Each layer once.
    f"layers_from_{first}": partial(make_layers, first)
    for first in range(0, len(LAYERS.names), MOST_AT_ONCE)
}


@pytest.fixture(scope="module")
def joined_cubin(tmp_path_factory) -> bytes:
    """All of them in one module: for each, NVRTC would read the same headers, which takes longer."""
    joined = wp.get_module("kernels_that_are_made")
    joined.options.update(MODULE_OPTIONS)
    for name, make in MADE.items():
        wp.Kernel(make().func, f"made_{name}", joined)
    (cubin,) = build(joined, OLDER, tmp_path_factory.mktemp("joined"))
    return cubin


@pytest.mark.slow
@pytest.mark.parametrize("name", MADE)
def test_a_kernel_that_is_made_builds_for_cuda(joined_cubin, name):
    # Its name there ends with a digest of its code.
    assert re.search(rf"made_{name}_[0-9a-f]+_cuda_kernel_forward\0".encode(), joined_cubin)


@pytest.mark.slow
def test_the_kernel_that_fills_builds_for_both(tmp_path):
    build(make_fill(True, "cuda").module, BOTH, tmp_path)


@pytest.mark.slow
def test_the_kernels_that_pose_build_for_cuda(tmp_path):
    joined = wp.get_module("kernels_that_pose")
    joined.options.update(MODULE_OPTIONS)
    for kernel in (*skinning.make_kernels(1), *normals.make_kernels(1)):
        wp.Kernel(kernel.func, kernel.key, joined)
    build(joined, BOTH, tmp_path)


@pytest.mark.parametrize("make", [make_fill, make_resolve])
def test_a_kernel_is_made_once(make: Callable[..., wp.Kernel]):
    """To make one again would compile it again."""
    arguments = (False,) if make is make_fill else ("geo", 3, False)
    assert make(*arguments) is make(*arguments)
