"""Tensors of a device that is not there: torch says that they are on cuda:0, they lie in the host's memory.

What torch is asked to do with them is given to the current stream, see `late_streams`, and done there by
torch's own code for the CPU. What CUDA waits for, such as copies to pageable memory, waits here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

from tests.helpers.late_memory import Block, LateMemory, poison
from tests.helpers.late_streams import LateStreams

aten = torch.ops.aten
CPU, CUDA = torch.device("cpu"), torch.device("cuda:0")
EMPTY = {
    aten.empty.memory_format,
    aten.empty_like.default,
    aten.empty_strided.default,
    aten.new_empty.default,
    aten.new_empty_strided.default,
}


class LateTensor(torch.Tensor):
    """A tensor on the device.

    Args:
        late: The device.
        memory: Its numbers.
        block: What they are part of.
    """

    late: LateTensors
    memory: torch.Tensor
    block: Block

    @staticmethod
    def __new__(cls, late: LateTensors, memory: torch.Tensor, block: Block) -> LateTensor:
        made = torch.Tensor._make_wrapper_subclass(
            cls, memory.shape, strides=memory.stride(), dtype=memory.dtype, device=CUDA
        )
        made.late, made.memory, made.block = late, memory, block
        return made

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        one = next(a for a in tree_flatten((args, kwargs))[0] if isinstance(a, LateTensor))
        return one.late.dispatch(func, args, kwargs or {})

    # Torch's own would ask for the guard of a device that a build for the CPU does not have.
    def __getitem__(self, index: Any) -> LateTensor:
        return self.late.get_item(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        memory, read = self.memory, self.late.read((index, value))
        self.late.give(lambda: memory.__setitem__(*read))

    def contiguous(self) -> torch.Tensor:
        return self if self.is_contiguous() else self.clone(memory_format=torch.contiguous_format)

    def __invert__(self) -> torch.Tensor:
        return self.bitwise_not()

    def tolist(self) -> Any:
        return self.cpu().tolist()

    def __bool__(self) -> bool:
        return bool(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __index__(self) -> int:
        return self.item().__index__()


class LateTensors:
    """What makes tensors of the device, and does what torch is asked to do with them.

    Attributes:
        streams: Of the device.
        memory: Of the device.
        lost_meshes: How many were let go of while their stream had kernels to run.
    """

    def __init__(self) -> None:
        self.streams = LateStreams()
        self.memory = LateMemory(self.streams)
        # What must be there as long as the device is.
        self.kept: list[Any] = []
        self.lost_meshes = 0

    def give(self, work: Callable[[], object]) -> None:
        """To the current stream."""
        self.streams.give(self.streams.current, work)

    def wait(self) -> None:
        """For the current stream."""
        self.streams.current.synchronize()

    def read(self, arguments: Any) -> Any:
        """The arguments of work that is done later: numbers on the CPU as they are now."""
        return tree_map(_read_one, arguments)

    def allocate_like(self, tensor: torch.Tensor) -> LateTensor:
        """Room for a tensor of that shape, those strides and that type."""
        return LateTensor(self, *self.memory.allocate(tensor.shape, tensor.stride(), tensor.dtype))

    def dispatch(self, func: Any, args: tuple, kwargs: Mapping[str, Any]) -> Any:
        """What a function of torch gives, some of whose tensors are on the device or are to be."""
        if func is aten._local_scalar_dense.default:
            self.wait()
            return args[0].memory.item()
        if func is aten._to_copy.default:
            return self._copy_to(*args, **kwargs)
        if func is aten.copy_.default:
            return self._copy(*args, **kwargs)
        if func is aten.is_pinned.default:
            return False
        returns = func._schema.returns
        if any(of.alias_info is not None and not of.alias_info.is_write for of in returns):
            block = next(a for a in tree_flatten(args)[0] if isinstance(a, LateTensor)).block
            found = func(*_memories(args), **_memories(kwargs))
            return tree_map(lambda one: LateTensor(self, one, block), found)
        if func._schema.is_mutable:
            return self._change(func, args, kwargs)
        return self._compute(func, args, kwargs)

    def get_item(self, tensor: LateTensor, index: Any) -> LateTensor:
        """A view, or a copy where an index is a tensor or a list."""
        if all(isinstance(i, int | slice | type(None) | type(...)) for i in _listed(index)):
            return LateTensor(self, tensor.memory[index], tensor.block)
        return self._compute(torch.Tensor.__getitem__, (tensor, index), {})

    def _change(self, func: Any, args: tuple, kwargs: Mapping[str, Any]) -> Any:
        assert torch.Tag.inplace_view not in func.tags, f"{func} is not among what is done late"
        late_args, late_kwargs = self.read(args), self.read(kwargs)
        self.give(lambda: func(*late_args, **late_kwargs))
        written = [
            kwargs[of.name] if of.name in kwargs else args[i]
            for i, of in enumerate(func._schema.arguments)
            if of.alias_info is not None and of.alias_info.is_write
        ]
        return written[0] if len(func._schema.returns) == 1 else tuple(written)

    def _compute(self, func: Any, args: tuple, kwargs: Mapping[str, Any]) -> Any:
        kwargs = dict(kwargs, **({"device": CPU} if "device" in kwargs else {}))
        kwargs.pop("pin_memory", None)
        try:
            shapes = func(
                *_metas(args), **dict(_metas(kwargs), **({"device": "meta"} if "device" in kwargs else {}))
            )
            are_tensors = all(isinstance(one, torch.Tensor) for one in tree_flatten(shapes)[0])
        # What comes out, or how much of it, depends on the numbers: so CUDA waits for them too.
        except (NotImplementedError, RuntimeError):
            are_tensors = False
        if not are_tensors:
            self.wait()
            found = func(*self.read(args), **self.read(kwargs))
            return tree_map(lambda one: self.move(one) if isinstance(one, torch.Tensor) else one, found)
        made = tree_map(self.allocate_like, shapes)
        if func in EMPTY:
            return made
        late_args, late_kwargs = self.read(args), self.read(kwargs)
        memories = [one.memory for one in tree_flatten(made)[0]]

        def work() -> None:
            for memory, one in zip(memories, tree_flatten(func(*late_args, **late_kwargs))[0], strict=True):
                memory.copy_(one)

        self.give(work)
        return made

    def move(self, found: torch.Tensor) -> LateTensor:
        """A tensor on the device with these numbers, once the current stream is there."""
        made = self.allocate_like(found)
        memory = made.memory
        self.give(lambda: memory.copy_(found))
        return made

    def _copy_to(self, source: torch.Tensor, **kwargs: Any) -> torch.Tensor:
        device = torch.device(kwargs.pop("device", source.device) or source.device)
        non_blocking = kwargs.pop("non_blocking", False)
        kwargs.pop("pin_memory", None)
        like = _meta(source)
        like = aten._to_copy.default(like, **kwargs)
        if device.type == "cuda":
            made = self.allocate_like(like)
        elif non_blocking:
            made = self.memory.pin(like.shape, like.dtype)
        else:
            made = torch.empty_strided(like.shape, like.stride(), dtype=like.dtype)
        return self._copy(made, source, non_blocking)

    def _copy(self, target: torch.Tensor, source: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
        ends = (target, source)
        on_host = [one for one in ends if not isinstance(one, LateTensor)]
        is_late = all(self.memory.is_pinned(one) for one in on_host) and non_blocking
        # Of memory that is not pinned CUDA takes a copy at once.
        written, read = (_memory(one) for one in ends) if is_late else (_memory(target), self.read(source))
        if on_host and on_host[0] is target and not is_late:
            poison(target)
        self.give(lambda: written.copy_(read))
        if on_host and not is_late:
            self.wait()
        return target


class LateMode(TorchDispatchMode):
    """Of a thread: tensors that are made for cuda:0 are made on the device, and memory is pinned for it."""

    def __init__(self, late: LateTensors) -> None:
        super().__init__()
        self._late = late

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        is_late = any(isinstance(one, LateTensor) for one in tree_flatten((args, kwargs))[0])
        if is_late or torch.device(kwargs.get("device") or "cpu").type == "cuda":
            return self._late.dispatch(func, args, kwargs)
        if func is aten.is_pinned.default:
            return self._late.memory.is_pinned(args[0])
        if func is aten._pin_memory.default:
            return self._late.memory.pin(args[0].shape, args[0].dtype).copy_(args[0])
        if kwargs.get("pin_memory"):
            assert func is aten.empty.memory_format
            return self._late.memory.pin(tuple(args[0]), kwargs.get("dtype") or torch.get_default_dtype())
        return func(*args, **kwargs)


def _listed(index: Any) -> tuple:
    return index if isinstance(index, tuple) else (index,)


def _memory(one: Any) -> Any:
    return one.memory if isinstance(one, LateTensor) else one


def _read_one(one: Any) -> Any:
    return one.clone() if isinstance(one, torch.Tensor) and not isinstance(one, LateTensor) else _memory(one)


def _memories(arguments: Any) -> Any:
    return tree_map(_memory, arguments)


def _meta(one: Any) -> Any:
    if not isinstance(one, torch.Tensor):
        return one
    return torch.empty_strided(one.shape, one.stride(), dtype=one.dtype, device="meta")


def _metas(arguments: Any) -> Any:
    return tree_map(_meta, arguments)
