"""Warp for a device that is not there: kernels are given to streams, and run on the CPU in their turn."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, NamedTuple

import torch
import warp as wp
from warp._src.codegen import is_struct

from tests.helpers.late_streams import LateStream
from tests.helpers.late_tensors import LateTensor, LateTensors

# Not the name of a GPU: Warp's own would be told that kernels are loaded there.
ALIAS = "late:0"
from_torch, to_torch = wp.from_torch, wp.to_torch


class _Held(NamedTuple):
    """A tensor among a kernel's arguments; as in Warp, its block may be let go of before the kernel runs."""

    memory: torch.Tensor
    dtype: Any

    def read(self) -> Any:
        return from_torch(self.memory, dtype=self.dtype, return_ctype=True)


class _HeldStruct:
    """A structure among a kernel's arguments, as it is now; it, too, keeps no block."""

    def __init__(self, struct: Any) -> None:
        self._struct = struct._cls()
        source, target = struct.__ctype__(), self._struct.__ctype__()
        ctypes.memmove(ctypes.addressof(target), ctypes.addressof(source), ctypes.sizeof(source))
        self._memories = list(_list_memories(struct))

    def read(self) -> Any:
        return self._struct


def _list_memories(struct: Any) -> Iterator[torch.Tensor]:
    for name in struct._cls.vars:
        value = getattr(struct, name)
        if is_struct(value):
            yield from _list_memories(value)
        elif isinstance(getattr(value, "_tensor", None), LateTensor):
            yield value._tensor.memory


class LateLaunch:
    """A kernel that waits for its turn, with its arguments as they were."""

    def __init__(self, kernel: wp.Kernel, dim: int | tuple[int, ...], inputs: list) -> None:
        self._kernel = kernel
        self._dim = dim
        self._held = [_HeldStruct(one) if is_struct(one) else one for one in inputs]

    def __call__(self) -> None:
        arguments = [one.read() if isinstance(one, _Held | _HeldStruct) else one for one in self._held]
        wp.launch(self._kernel, self._dim, arguments, device="cpu")


class LateCommand:
    """As a recorded launch: numbers are kept by the command until the next ones, tensors are its first."""

    def __init__(self, kernel: wp.Kernel, inputs: list, launch: Callable[..., None]) -> None:
        self._kernel = kernel
        self._inputs = list(inputs)
        self._launch = launch
        self._dim = 1

    def set_param_at_index_from_ctype(self, index: int, number: int) -> None:
        """Of the next launch."""
        self._inputs[index] = number

    def set_dim(self, dim: int) -> None:
        """Of the next launch."""
        self._dim = dim

    def launch(self, stream: LateStream) -> None:
        """With what is set now."""
        self._launch(self._kernel, self._dim, self._inputs, stream=stream)


class LateMesh:
    """As `wp.Mesh`. When it is let go of, its memory is free in the order of the default stream.

    So Warp does it, and no other stream waits for that: rays that are still to be cast then meet nothing.
    """

    def __init__(self, points: wp.array, indices: wp.array, late: LateTensors) -> None:
        # Its number is asked for at once.
        late.wait()
        vertices = points._tensor.memory.clone()
        # Without Warp's own end: rays must not meet memory that is no more.
        mesh = wp.Mesh(from_torch(vertices, dtype=wp.vec3f), from_torch(indices._tensor.memory.clone()))
        late.kept.append(mesh)
        self.id = mesh.id

        stream = late.streams.current

        def lose() -> None:
            vertices.zero_()
            mesh.refit()

        def let_go() -> None:
            late.lost_meshes += any(isinstance(work, LateLaunch) for work in stream.work)
            late.streams.give(late.streams.default, lose)

        weakref.finalize(self, let_go)


class LateWarp:
    """What `render.compute.kernels` takes of Warp; all else is Warp's."""

    def __init__(self, late: LateTensors) -> None:
        self._late = late

    def __getattr__(self, name: str) -> Any:
        return getattr(wp, name)

    def device_from_torch(self, device: torch.device) -> SimpleNamespace:
        """What has the device's name."""
        return SimpleNamespace(alias=ALIAS)

    def stream_from_torch(self, stream: LateStream) -> LateStream:
        """The same."""
        return stream

    def load_module(self, module: wp.Module, device: str) -> None:
        """Where kernels run in truth."""
        wp.load_module(module, "cpu" if device == ALIAS else device)

    def from_torch(self, tensor: torch.Tensor, dtype: Any = None, return_ctype: bool = False) -> Any:
        """An array of Warp's, when it is needed."""
        if not isinstance(tensor, LateTensor):
            return from_torch(tensor, dtype=dtype, return_ctype=return_ctype)
        if return_ctype:
            return _Held(tensor.memory, dtype)
        array = from_torch(tensor.memory, dtype=dtype)
        # As Warp does, so that it lives as long.
        array._tensor = tensor
        return array

    def to_torch(self, array: wp.array) -> torch.Tensor:
        """The tensor that an array was made from."""
        return array._tensor if isinstance(getattr(array, "_tensor", None), LateTensor) else to_torch(array)

    def launch(
        self,
        kernel: wp.Kernel,
        dim: int | tuple[int, ...],
        inputs: list,
        device: str = ALIAS,
        stream: LateStream | None = None,
        record_cmd: bool = False,
    ) -> LateCommand | None:
        """Gives the kernel to the stream."""
        if device != ALIAS:
            return wp.launch(kernel, dim, inputs, device=device, record_cmd=record_cmd)
        if record_cmd:
            return LateCommand(kernel, inputs, self.launch)
        assert stream is not None, "kernels are launched on torch's current stream"
        self._late.streams.give(stream, LateLaunch(kernel, dim, inputs))
        return None

    def Mesh(self, points: wp.array, indices: wp.array) -> LateMesh | wp.Mesh:
        """A mesh, of the current stream."""
        if not isinstance(getattr(points, "_tensor", None), LateTensor):
            return wp.Mesh(points, indices)
        return LateMesh(points, indices, self._late)

    def ScopedStream(self, stream: LateStream | None, sync_enter: bool = True) -> Any:
        """Torch's current stream is this one anyway."""
        return nullcontext()
