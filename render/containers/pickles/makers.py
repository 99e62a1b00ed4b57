"""The names that a pickle of data may hold, and what is made where it calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from render.containers.errors import ContainerError
from render.containers.pickles import numpy_values, torch_values
from render.containers.pickles.torch_values import STORAGE_NAMES


class Machine(torch_values.Machine, Protocol):
    """What is needed of the machine that reads the pickle."""

    def set_items(self, target: dict, keys: list, values: list) -> None: ...

    def add_members(self, target: Any, members: list) -> None: ...


class Name:
    """A class or function on the list.

    Args:
        key: What it stands for.
    """

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key


class Unfilled:
    """An object whose state comes later in the pickle.

    Args:
        kind: "array", "dtype" or "wrapper".
        args: From which it is made.
    """

    __slots__ = ("args", "kind", "places")

    def __init__(self, kind: str, args: tuple = ()) -> None:
        self.kind, self.args = kind, args
        # In the memo, where the object itself is to stand once it is there.
        self.places: list[int] = []


def _make_scalar(machine: Machine, args: tuple) -> Any:
    dtype, content = args
    return numpy_values.make_scalar(dtype, content, machine.budget)


def _make_from_buffer(machine: Machine, args: tuple) -> Any:
    content, dtype, shape, order = args
    return numpy_values.make_array(content, dtype, shape, order, machine.budget)


def _encode(machine: Machine, args: tuple) -> bytes:
    text, encoding = args
    if type(text) is not str or encoding not in ("latin1", "latin-1"):
        raise ContainerError("it encodes text otherwise than as latin-1")
    machine.budget.spend(len(text))
    return text.encode("latin-1")


def _make_bytes(machine: Machine, args: tuple) -> bytes:
    if len(args) == 2:
        return _encode(machine, args)
    (content,) = args or (b"",)
    if type(content) is not bytes:
        raise ContainerError("it makes bytes of something else")
    return content


def _make_set(machine: Machine, args: tuple) -> set:
    (members,) = args or ([],)
    if type(members) is not list:
        raise ContainerError("it makes a set of something else than a list")
    machine.budget.spend(64 * len(members))
    made: set = set()
    machine.add_members(made, members)
    return made


def _make_ordered(machine: Machine, args: tuple) -> dict:
    (items,) = args or ([],)
    if type(items) is not list or any(type(item) not in (list, tuple) or len(item) != 2 for item in items):
        raise ContainerError("it makes a dictionary of something else than items")
    machine.budget.spend(64 * len(items))
    made: dict = {}
    machine.set_items(made, [item[0] for item in items], [item[1] for item in items])
    return made


def _make_default(machine: Machine, args: tuple) -> dict:
    # Only what is missing in it would come from its factory.
    return {}


def _make_complex(machine: Machine, args: tuple) -> complex:
    real, imag = args
    if type(real) is not float or type(imag) is not float:
        raise ContainerError("it makes a complex number of something else than two numbers")
    return complex(real, imag)


def _make_path(machine: Machine, args: tuple) -> str:
    if any(type(part) is not str for part in args):
        raise ContainerError("it makes a path of something else than names")
    return "/".join(args).replace("//", "/")


def _make_size(machine: Machine, args: tuple) -> tuple[int, ...]:
    return numpy_values.read_shape(args[0])


def _make_device(machine: Machine, args: tuple) -> str:
    if any(type(part) not in (str, int) for part in args):
        raise ContainerError("it makes a device of torch of something else than its name")
    return ":".join(map(str, args))


def _refuse_class(machine: Machine, args: tuple) -> None:
    raise ContainerError("it makes a plain value in a way that no pickle of data does")


def _reconstruct(machine: Machine, args: tuple) -> Any:
    """Of copyreg, and of NumPy for arrays: an empty object of a class."""
    maker = args[0]
    if type(maker) is not Name or maker.key not in ("array", "wrapper"):
        raise ContainerError("it makes an object of a class that is none of arrays")
    return Unfilled(maker.key)


MAKERS: dict[str, Callable[[Machine, tuple], Any]] = {
    "array": lambda machine, args: Unfilled("array"),
    "wrapper": lambda machine, args: Unfilled("wrapper"),
    "dtype": lambda machine, args: Unfilled("dtype", args),
    "reconstruct": _reconstruct,
    "scalar": _make_scalar,
    "from buffer": _make_from_buffer,
    "encode": _encode,
    "bytes": _make_bytes,
    "set": _make_set,
    "ordered": _make_ordered,
    "default": _make_default,
    "complex": _make_complex,
    "path": _make_path,
    "tensor": torch_values.make_tensor,
    "parameter": torch_values.make_parameter,
    "torch file": torch_values.load_from_bytes,
    "size": _make_size,
    "device": _make_device,
    "class": _refuse_class,
}

# What each of them makes, by its names: modules of numpy, pathlib and Python itself have had several.
_NAMES_BY_KEY = {
    "array": (
        "numpy.ndarray",
        "numpy.matrix",
        "numpy.memmap",
        "numpy.matrixlib.defmatrix.matrix",
        "numpy.core.memmap.memmap",
        "numpy._core.memmap.memmap",
    ),
    "reconstruct": (
        "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray._reconstruct",
        "copy_reg._reconstructor",
        "copyreg._reconstructor",
    ),
    "dtype": ("numpy.dtype",),
    "scalar": ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"),
    "from buffer": ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"),
    "wrapper": (
        "joblib.numpy_pickle.NumpyArrayWrapper",
        "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper",
    ),
    "encode": ("_codecs.encode",),
    "bytes": ("__builtin__.bytes", "builtins.bytes", "__builtin__.bytearray", "builtins.bytearray"),
    "set": ("__builtin__.set", "builtins.set", "__builtin__.frozenset", "builtins.frozenset"),
    "complex": ("__builtin__.complex", "builtins.complex"),
    # Not called: factories of defaultdict, and the base class that copyreg names.
    "class": tuple(
        f"{module}.{name}"
        for module in ("__builtin__", "builtins")
        for name in ("object", "list", "dict", "tuple", "int", "float", "str", "bool")
    ),
    "ordered": ("collections.OrderedDict",),
    "default": ("collections.defaultdict",),
    "path": tuple(
        f"{module}.{name}"
        for module in ("pathlib", "pathlib._local")
        for name in ("PosixPath", "PurePosixPath", "Path", "PurePath", "WindowsPath", "PureWindowsPath")
    ),
    "tensor": ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"),
    "parameter": ("torch._utils._rebuild_parameter",),
    "torch file": ("torch.storage._load_from_bytes",),
    "size": ("torch.Size",),
    "device": ("torch.device",),
}
# Types of torch are values by themselves, and come out as text.
_TORCH_TYPES = (
    *("float16", "bfloat16", "float32", "float64", "complex64", "complex128", "bool"),
    *("uint8", "int8", "int16", "int32", "int64"),
)
NAMES: dict[str, Any] = (
    STORAGE_NAMES
    | {name: Name(key) for key, names in _NAMES_BY_KEY.items() for name in names}
    | {f"torch.{name}": f"torch.{name}" for name in _TORCH_TYPES}
)
