"""Tensors from what pickles hold of them, as NumPy's arrays; torch is not needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from render.containers.errors import MOST_BYTES, Budget, ContainerError
from render.containers.pickles.numpy_values import read_shape

# Of the storage's classes; a bfloat16 is the first half of a float32.
BFLOAT16 = "bfloat16"
STORAGE_TYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "BFloat16Storage": BFLOAT16,
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
    "ComplexFloatStorage": "<c8",
    "ComplexDoubleStorage": "<c16",
    "UntypedStorage": "u1",
}
MAGIC_BYTES = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
# Stands for storages where they are only counted, see `read_legacy`.
UNREAD = object()
MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001


class Storage:
    """The numbers that tensors are views of.

    Args:
        content: Bytes.
        kind: A value of STORAGE_TYPES.
    """

    def __init__(self, content: bytes | memoryview, kind: str) -> None:
        if kind == BFLOAT16:
            halves = np.frombuffer(content, "<u2").astype("<u4")
            self.numbers = (halves << np.uint32(16)).view("<f4")
        else:
            self.numbers = np.frombuffer(content, kind)


class Machine(Protocol):
    """What is needed of the machine that reads the pickle."""

    budget: Budget
    data: bytes
    pos: int

    def nest(
        self, data: bytes, pos: int, find_storage: Callable[[tuple], object] | None = None
    ) -> Machine: ...

    def run(self) -> Any: ...


def make_tensor(machine: Machine, args: tuple) -> np.ndarray | None:
    """`torch._utils._rebuild_tensor_v2`: a view of a storage, with the strides of the tensor.

    None where storages are only counted, see `read_legacy`.
    """
    storage, offset, size, stride = args[:4]
    if storage is UNREAD:
        return None
    shape, strides = read_shape(size), read_shape(stride)
    if type(storage) is not Storage or type(offset) is not int or len(shape) != len(strides):
        raise ContainerError("it holds a tensor without its numbers")
    numbers = storage.numbers
    if 0 in shape:
        return np.zeros(shape, numbers.dtype)
    last = offset + sum((length - 1) * step for length, step in zip(shape, strides, strict=True))
    if offset < 0 or last >= len(numbers):
        raise ContainerError(f"it claims a tensor of shape {shape} in {len(numbers)} numbers")
    item_bytes = numbers.itemsize
    tensor = np.lib.stride_tricks.as_strided(
        numbers[offset:], shape, [step * item_bytes for step in strides], writeable=False
    )
    # Expanded ones have more numbers than there are.
    machine.budget.spend(max(0, tensor.nbytes - numbers.nbytes))
    return tensor


def make_parameter(machine: Machine, args: tuple) -> Any:
    """`torch._utils._rebuild_parameter`, of which only the tensor counts."""
    return args[0]


def load_from_bytes(machine: Machine, args: tuple) -> Any:
    """`torch.storage._load_from_bytes`, in which a pickle holds each storage as a file of its own."""
    (content,) = args
    if type(content) is not bytes:
        raise ContainerError("it holds a tensor without its numbers")
    # The same bytes may be asked for again and again.
    machine.budget.spend(len(content))
    return read_legacy(machine, content)


def read_legacy(machine: Machine, data: bytes, pos: int = 0) -> Any:
    """What torch.save wrote before it wrote zip archives, and writes into pickles to this day.

    The pickles of a mark, a version, the machine and the object, the list of the storages' keys, then
    the storages, each behind its length.

    Args:
        machine: Any; those that read the parts are made of it.
        data: That holds the file.
        pos: Where in it the file begins.
    """
    opening = []
    for _ in range(3):
        part = machine.nest(data, pos)
        opening.append(part.run())
        pos = part.pos
    magic, version, system = opening
    if (magic, version) != (MAGIC, _VERSION) or type(system) is not dict or not system.get("little_endian"):
        raise ContainerError("it holds a torch file of another kind than that of version 1001")
    # The object comes before its storages, so it is read twice.
    kinds: dict[str, tuple[str, int]] = {}
    start = pos
    skim = machine.nest(data, pos, lambda key: _note(kinds, key))
    skim.run()
    keys_part = machine.nest(data, skim.pos)
    keys = keys_part.run()
    storages = _read_storages(data, keys_part.pos, keys, kinds, machine.budget)
    return machine.nest(data, start, lambda key: storages[key[2]]).run()


def _note(kinds: dict[str, tuple[str, int]], key: tuple) -> object:
    kind, name, count = read_storage_key(key)
    if len(key) > 5 and key[5] is not None:
        raise ContainerError("it holds a view of a storage, as torch wrote before version 0.4")
    kinds[name] = kind, count
    return UNREAD


def _read_storages(
    data: bytes, pos: int, keys: Any, kinds: dict[str, tuple[str, int]], budget: Budget
) -> dict[str, Storage]:
    if type(keys) is not list or any(type(key) is not str or key not in kinds for key in keys):
        raise ContainerError("it holds a torch file with storages of an unknown type")
    storages = {}
    for key in keys:
        kind, count = kinds[key]
        size_bytes = count * item_bytes(kind)
        if int.from_bytes(data[pos : pos + 8], "little") != count or pos + 8 + size_bytes > len(data):
            raise ContainerError("it holds a torch file that is cut short or damaged")
        budget.spend(size_bytes)
        storages[key] = Storage(memoryview(data)[pos + 8 : pos + 8 + size_bytes], kind)
        pos += 8 + size_bytes
    return storages


def read_storage_key(key: Any) -> tuple[str, str, int]:
    """What a persistent id of torch says of a storage.

    Returns:
        Its value of STORAGE_TYPES, its name in the file and how many numbers it has.
    """
    if type(key) is not tuple or len(key) < 5 or key[0] != "storage":
        raise ContainerError("it refers to something outside of it that is no storage of torch")
    _, kind, name, _, count = key[:5]
    if type(kind) is not StorageType or type(name) is not str or type(count) is not int:
        raise ContainerError("it refers to a storage of torch of an unknown type")
    if not 0 <= count <= MOST_BYTES:
        raise ContainerError("it claims a storage of torch that is too large")
    return kind.kind, name, count


class StorageType:
    """A class of storages.

    Args:
        kind: A value of STORAGE_TYPES.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind


def item_bytes(kind: str) -> int:
    """Of a number in a storage."""
    return 2 if kind == BFLOAT16 else np.dtype(kind).itemsize


STORAGE_NAMES = {
    f"{module}.{name}": StorageType(kind)
    for name, kind in STORAGE_TYPES.items()
    for module in ("torch", "torch.cuda", "torch.storage")
}
