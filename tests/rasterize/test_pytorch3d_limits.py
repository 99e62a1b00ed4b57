"""PyTorch3D as a rasterizer: the same picture however its batches are split, within all limits."""

import weakref
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from render.rasterize.backends import pytorch3d
from render.rasterize.whole import rasterize_shots
from tests.helpers.compare_rasterizers import ZOO_SIZES, draw_both, scaled
from tests.helpers.drawing import make_placements
from tests.helpers.slow_pytorch3d import STAND_IN, Call

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


@pytest.fixture
def undivided(watched, zoo) -> torch.Tensor:
    """The keys of the zoo without any limit that matters."""
    _, visibility = rasterize_shots(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert len(watched.calls) == 4, "one for each kind of placement"
    watched.calls.clear()
    return visibility.keys


PIXELS = 32 * 32


# What PyTorch3D makes of each pixel: a face, a depth, three coordinates and a distance. The coordinates are
# the largest of these tensors.
PIXEL_NUMBERS, PIXEL_BYTES = 3, 8 + 4 + 12 + 4


# Of each face, if no vertices are shared: corners.
FACE_NUMBERS = 9


# Those of all meshes of a batch are padded to as many as the largest has: corners, and the indices of three.
# While a camera projects them there are also the corners as it sees them, ones, the four coordinates that
# these make, what a matrix makes of them, and that divided.
PADDED_FACE_BYTES = 3 * (12 + 8 + 12 + 4 + 16 + 16 + 12)


@pytest.mark.parametrize("most", [1, 3])
def test_most_squares(watched, zoo, undivided, monkeypatch, most):
    monkeypatch.setitem(pytorch3d.MOST_SQUARES, "cpu", most)
    _, visibility = rasterize_shots(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert torch.equal(visibility.keys, undivided)
    assert max(len(call.faces) for call in watched.calls) == most


@pytest.mark.parametrize("squares", [1, 4])
def test_no_more_pixels_than_pytorch3d_can_count(watched, zoo, undivided, monkeypatch, squares):
    """A limit of so many squares, and almost one more."""
    most = (squares + 1) * PIXELS * PIXEL_NUMBERS - 1
    monkeypatch.setattr(pytorch3d, "MOST_INDICES", most)
    _, visibility = rasterize_shots(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert torch.equal(visibility.keys, undivided)
    assert max(len(call.faces) for call in watched.calls) == squares
    assert all(len(call.faces) * PIXELS * PIXEL_NUMBERS <= most for call in watched.calls)


def test_no_more_faces_than_pytorch3d_can_count(watched, bodies, monkeypatch):
    """Of bodies 100 px tall, with some hundred faces in each square."""
    verts, faces = bodies
    drawn = np.stack([scaled(verts[i], 100, (60, 60)) for i in range(2)])
    most = 3000 * FACE_NUMBERS
    monkeypatch.setattr(pytorch3d, "MOST_INDICES", most)
    assert draw_both(make_placements(drawn, faces, shot=[0, 1]), [(120, 120)] * 2) > 2000
    counts = [[len(own) for own in call.faces] for call in watched.calls]
    assert all(sum(own) * FACE_NUMBERS <= most or len(own) == 1 for own in counts)
    # Half of what there is room for: the limit is neared.
    assert max(sum(own) for own in counts if len(own) > 1) > 1500


def least_bytes(call: Call) -> int:
    return len(call.faces) * (PIXELS * PIXEL_BYTES + call.most_faces * PADDED_FACE_BYTES)


def test_no_more_bytes_than_there_may_be(watched, zoo, undivided, monkeypatch):
    most = 6 * PIXELS * PIXEL_BYTES
    monkeypatch.setattr(pytorch3d, "MOST_BYTES", most)
    _, visibility = rasterize_shots(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert torch.equal(visibility.keys, undivided)
    assert max(len(call.faces) for call in watched.calls) > 1
    assert all(least_bytes(call) <= most or len(call.faces) == 1 for call in watched.calls)


class HeldBytes:
    """How many bytes the tensors hold at most that are made meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._held: dict[int, int] = {}

    def _count(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata not in self._held:
                    self._held[storage._cdata] = storage.nbytes()
                    weakref.finalize(storage, self._held.pop, storage._cdata)
                    self.most = max(self.most, sum(self._held.values()))
        return result


class HeldByAll(HeldBytes, TorchDispatchMode):
    """Also by what a library's own code makes. To begin with it takes torch seconds."""

    __torch_dispatch__ = HeldBytes._count


class HeldByPython(HeldBytes, TorchFunctionMode):
    """By what Python code makes, as the stand-in is."""

    __torch_function__ = HeldBytes._count


@pytest.mark.parametrize("tall_px", [14, 250])
def test_bytes_that_are_held_at_once(watched, bodies, monkeypatch, tall_px):
    """Beside a body of many squares another such, or one with all its faces in one square."""
    verts, faces = bodies
    drawn = np.stack([scaled(verts[0], tall_px, (128, 128)), scaled(verts[1], 250, (128, 128))])
    placements, most = make_placements(drawn, faces, shot=[0, 1]), 1 << 24
    monkeypatch.setattr(pytorch3d, "MOST_BYTES", most)
    is_stand_in = watched.library.Meshes is STAND_IN.Meshes
    with (HeldByPython if is_stand_in else HeldByAll)() as held:
        _, visibility = rasterize_shots(placements, [(256, 256)] * 2, 0, pytorch3d.Rasterizer)
    assert len(watched.calls) > 1
    assert all(least_bytes(call) <= most or len(call.faces) == 1 for call in watched.calls)
    # The visibility buffer is counted elsewhere.
    assert most / 8 < held.most - visibility.keys.nbytes <= most


@pytest.mark.parametrize("room", [1, 2, 5])
def test_memory_that_runs_out_halves_the_batch(watched, zoo, undivided, room):
    watched.room = room
    _, visibility = rasterize_shots(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert torch.equal(visibility.keys, undivided)
    assert max(len(call.faces) for call in watched.calls) <= room
    # Each is half of the one before, and what was learnt is kept for the rest of the batch.
    tries = watched.refused
    assert tries
    assert all(later <= before // 2 for before, later in pairwise(tries))


@pytest.mark.parametrize("squares", [4, 1])
def test_what_limits_left_of_a_batch_is_halved(stand_in, zoo, monkeypatch, squares):
    """What did not fit is not tried again as it was, and one square alone not at all."""
    monkeypatch.setattr(pytorch3d, "MOST_INDICES", squares * PIXELS * PIXEL_NUMBERS)
    stand_in.room = squares // 2
    if squares == 1:
        with pytest.raises(torch.OutOfMemoryError):
            draw_both(zoo, ZOO_SIZES)
    else:
        assert draw_both(zoo, ZOO_SIZES) > 4000
    assert stand_in.refused == [squares]


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_a_square_that_does_not_fit_alone_raises(stand_in, zoo, monkeypatch, error):
    tries = []

    def rasterize(meshes):
        tries.append(len(meshes.faces_list()))
        raise error

    monkeypatch.setattr(
        pytorch3d, "load_pytorch3d", lambda: STAND_IN._replace(MeshRasterizer=lambda *_: rasterize)
    )
    with pytest.raises(type(error)) as raised:
        rasterize_shots(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert raised.value is error
    assert tries[-1] == 1
    assert tries == sorted(set(tries), reverse=True)


def test_other_errors_are_not_tried_again(stand_in, zoo, monkeypatch):
    tries = []

    def rasterize(meshes):
        tries.append(meshes)
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(
        pytorch3d, "load_pytorch3d", lambda: STAND_IN._replace(MeshRasterizer=lambda *_: rasterize)
    )
    with pytest.raises(RuntimeError, match="illegal memory access"):
        rasterize_shots(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert len(tries) == 1


def test_what_pytorch3d_is_told(watched, zoo):
    """One face a pixel, nothing blurred, and bins that hold all faces of each mesh."""
    draw_both(zoo, ZOO_SIZES)
    assert {call.settings.cull_backfaces for call in watched.calls} == {True, False}
    for call in watched.calls:
        assert call.settings.max_faces_per_bin >= call.most_faces
        assert (call.settings.blur_radius, call.settings.faces_per_pixel) == (0.0, 1)
        # Its own choice: bins on CUDA, none on the CPU.
        assert call.settings.bin_size is None


def test_a_mesh_that_is_too_large_for_bins_is_drawn_without(watched, bodies, monkeypatch):
    """On CUDA each of 256 bins has room for all faces of the largest mesh, four bytes each."""
    verts, faces = bodies
    placements = make_placements(scaled(verts[:1], 20, (16, 16)), faces)
    monkeypatch.setattr(pytorch3d, "MOST_BYTES", 256 * len(faces) * 4 - 1)
    assert draw_both(placements, [(32, 32)]) > 50
    assert {call.settings.bin_size for call in watched.calls} == {0}
