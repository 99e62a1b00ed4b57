"""Pickles made into plain values: what Python has for data, and NumPy's arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from render.containers.errors import Budget, ContainerError, ForbiddenNameError
from render.containers.pickles import numpy_values, torch_values
from render.containers.pickles.joblib_arrays import read_raw_array
from render.containers.pickles.makers import MAKERS, NAMES, Name, Unfilled
from render.containers.pickles.plain import check_plain
from render.containers.pickles.safe_pickle import PickleMachine

# Beside what a file holds four times: latin-1 text made into bytes, and tensors that are expanded.
MADE_BYTES = 256 << 20
# Of files in files: torch's in pickles, and pickles of objects in joblib's.
DEEPEST_NESTED = 8
# Integers hash to themselves, so a file can choose such that meet in Python's dictionaries; in so few, no
# choice takes more than seconds. Those beyond 2^53 could all be made to hash to one number.
MOST_INTEGER_KEYS = 1 << 17
LARGEST_KEY = 1 << 53
# Tuples and floats, in the whole file.
MOST_RARE_KEYS = 4096
LONGEST_TUPLE_KEY = 8

FindStorage = Callable[[tuple], object]


def read_data(data: bytes, pos: int = 0, find_storage: FindStorage | None = None) -> Any:
    """Reads a pickle, a joblib dump or an old file of torch.

    Args:
        data: That holds it.
        pos: Where in it the pickle begins.
        find_storage: What stands for torch's persistent ids, in the pickle of a zip archive.

    Returns:
        Dictionaries, lists, tuples, sets, texts, bytes, numbers and None, with NumPy's arrays.

    Raises:
        ForbiddenNameError: It asks for a name that is not on the list.
        ContainerError: It is damaged, or claims too much.
    """
    machine = DataMachine(data, pos, Budget(4 * len(data) + MADE_BYTES), find_storage)
    is_legacy = data.startswith(torch_values.MAGIC_BYTES, pos)
    value = torch_values.read_legacy(machine, data, pos) if is_legacy else machine.run()
    check_plain(value)
    return value


class DataMachine(PickleMachine):
    """Pickle's machine over plain values.

    Args:
        data: That holds the pickle.
        pos: Where in it the pickle begins.
        budget: For what is made beside what the file holds.
        find_storage: What stands for torch's persistent ids.
        depth: How many files it is in.
    """

    def __init__(
        self,
        data: bytes,
        pos: int,
        budget: Budget,
        find_storage: FindStorage | None = None,
        depth: int = 0,
    ) -> None:
        super().__init__(data, pos)
        self.budget = budget
        self._find_storage = find_storage
        self._depth = depth
        self._rare_keys = 0
        if depth > DEEPEST_NESTED:
            raise ContainerError(f"it holds pickles in pickles, more than {DEEPEST_NESTED} deep")

    def nest(self, data: bytes, pos: int, find_storage: FindStorage | None = None) -> DataMachine:
        """A machine for a pickle that this one holds."""
        return DataMachine(data, pos, self.budget, find_storage, self._depth + 1)

    def name(self, text: str) -> Any:
        if (found := NAMES.get(text)) is None:
            raise ForbiddenNameError(text)
        return found

    def make(self, maker: Any, args: tuple) -> Any:
        if type(maker) is not Name:
            raise ContainerError(f"the pickle uses a {type(maker).__name__} as a class or function")
        return MAKERS[maker.key](self, args)

    def put(self, place: int, value: Any) -> None:
        if type(value) is Unfilled:
            value.places.append(place)
        self.memo[place] = value

    def fill(self, value: Any, state: Any) -> Any:
        # What torch and others put beside the items of a dictionary is no data.
        if type(value) is dict:
            return value
        if type(value) is not Unfilled:
            raise ContainerError(f"the pickle puts a state into a {type(value).__name__}")
        filled = self._fill(value, state)
        for place in value.places:
            self.memo[place] = filled
        return filled

    def _fill(self, value: Unfilled, state: Any) -> Any:
        if value.kind == "dtype":
            return numpy_values.fill_dtype(numpy_values.read_dtype(value.args[0]), state)
        if value.kind == "array":
            # Version, shape, dtype, whether in Fortran order, content.
            if type(state) is not tuple or len(state) != 5:
                raise ContainerError("it holds an array without its contents")
            _, shape, dtype, is_fortran, content = state
            return numpy_values.make_array(content, dtype, shape, "F" if is_fortran else "C", self.budget)
        return read_raw_array(self, state)

    def find_outside(self, key: Any) -> Any:
        if self._find_storage is None:
            return super().find_outside(key)
        torch_values.read_storage_key(key)
        return self._find_storage(key)

    def set_items(self, target: dict, keys: list, values: list) -> None:
        for key in keys:
            if type(key) is not str:
                self._check_key(key, len(target) + len(keys))
        target.update(zip(keys, values, strict=True))

    def make_set(self) -> set:
        return set()

    def add_members(self, target: Any, members: list) -> None:
        if type(target) is not set:
            raise ContainerError(f"the pickle uses a {type(target).__name__} as a set")
        for member in members:
            self._check_key(member, len(target) + len(members))
        target.update(members)

    def _check_key(self, key: Any, count: int) -> None:
        """Refuses keys that could be chosen so that they meet; Python salts the hashes of texts and bytes."""
        kind = type(key)
        if kind in (str, bytes, bool, type(None)):
            return
        if kind is int:
            if abs(key) >= LARGEST_KEY or count > MOST_INTEGER_KEYS:
                raise ContainerError(
                    f"it holds a dictionary or a set with an integer beyond 2^53, or with more than "
                    f"{MOST_INTEGER_KEYS} of them"
                )
            return
        if kind is tuple:
            if len(key) > LONGEST_TUPLE_KEY or not {type(part) for part in key} <= {str, int, float, bool}:
                raise ContainerError("it holds a dictionary or a set with a tuple of tuples as a key")
        elif kind is not float:
            raise ContainerError(f"it holds a dictionary or a set with a {kind.__name__} as a key")
        self._rare_keys += 1
        if self._rare_keys > MOST_RARE_KEYS:
            raise ContainerError(f"it holds more than {MOST_RARE_KEYS} tuples or floats as keys")

    def _long4(self) -> None:
        # The next four bytes are the length; no number needs more than one byte of length, and Python
        # refuses to write numbers of thousands of digits.
        if any(self.data[self.pos + 1 : self.pos + 4]):
            raise ContainerError("it holds an integer of more than 255 bytes")
        super()._long4()
