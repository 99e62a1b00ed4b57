"""Pickles read as data: nothing is imported, called or built, whatever the file asks for.

Loading a pickle runs what it names. Here the opcodes of protocols 0 to 5 are interpreted over plain data:
what a name and its call stand for is up to a subclass, which has a list of names and makes nothing else.

It is ours although `pickle.Unpickler.find_class` exists: that refuses names, but allocates whatever a file
claims (a place of the memo, a length), and hashes whatever keys it is given; and it cannot read arrays that
stand between its opcodes, as joblib's do.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from typing import Any, NoReturn

from render.containers.errors import ContainerError
from render.containers.pickles.literals import FLOAT, LiteralStack
from render.containers.pickles.steps import STEPS

# Beyond what files hold (a thousand numbers take some two thousand); it bounds memory and time.
MOST_OPCODES = 50_000_000
# Of the memo: four bytes have room for it. Among longer numbers are many that share a place in Python's
# dictionaries, where each would be compared with all before it.
LARGEST_PLACE = 1 << 32
# An empty one takes a hundred times the byte that it has in the file.
MOST_SETS = 1_000_000

_INTEGER = struct.Struct("<I").unpack_from
_BINGET, _LONG_BINGET = pickle.BINGET[0], pickle.LONG_BINGET[0]
_MEMOIZE, _BINPUT = pickle.MEMOIZE[0], pickle.BINPUT[0]
_BINFLOAT, _BININT1, _SHORT_TEXT = pickle.BINFLOAT[0], pickle.BININT1[0], pickle.SHORT_BINUNICODE[0]
_STOP = pickle.STOP[0]


class PickleMachine(LiteralStack):
    """Pickle's machine: a stack, marks and a memo.

    A subclass says what names, calls and states stand for.

    Args:
        data: That holds the pickle.
        pos: Where in it the pickle begins.
        most_opcodes: How many of them are read.
    """

    def __init__(self, data: bytes, pos: int = 0, most_opcodes: int = MOST_OPCODES) -> None:
        super().__init__(data, pos)
        # Not a list: a pickle may store under a large number first.
        self.memo: dict[int, Any] = {}
        self._most_opcodes = most_opcodes
        self._sets = 0
        self._steps: list[Callable[[], None] | None] = [None] * 256
        for code, step in STEPS.items():
            self._steps[code[0]] = getattr(self, step)

    def name(self, text: str) -> Any:
        """What stands for a class or function.

        Args:
            text: "module.name".

        Raises:
            ForbiddenNameError: It is not on the list.
        """
        raise NotImplementedError

    def make(self, maker: Any, args: tuple) -> Any:
        """What stands for the call of a `maker`, which is whatever the pickle has in its place."""
        raise NotImplementedError

    def fill(self, value: Any, state: Any) -> Any:
        """What stands for `value` once a state was put into it."""
        raise NotImplementedError

    def find_outside(self, key: Any) -> Any:
        """What a persistent id stands for."""
        raise ContainerError("the pickle refers to something outside of it")

    def set_items(self, target: dict, keys: list, values: list) -> None:
        """Puts items into a dictionary of the pickle."""
        raise NotImplementedError

    def add_members(self, target: Any, members: list) -> None:
        """Puts members into what `make_set` made."""
        raise NotImplementedError

    def make_set(self) -> Any:
        """An empty set."""
        raise NotImplementedError

    def put(self, place: int, value: Any) -> None:
        """Stores a value in the memo."""
        self.memo[place] = value

    def run(self) -> Any:
        """Reads the pickle up to its stop mark, behind which `pos` is then.

        Raises:
            ForbiddenNameError: It holds a name that is not allowed.
            ContainerError: It is damaged, or holds what data does not need.
        """
        try:
            return self._run()
        # Of the file's end.
        except (IndexError, struct.error) as error:
            raise ContainerError("the pickle is cut short or damaged") from error

    def _run(self) -> Any:
        # What files are made of for the most part is done here: a call of a method for each opcode takes
        # three times as long.
        data, steps, memo, stack, put = self.data, self._steps, self.memo, self.stack, self.put
        append = stack.append
        pos, size = self.pos, len(data)
        for _ in range(self._most_opcodes):
            code = data[pos]
            pos += 1
            if code in (_BINGET, _LONG_BINGET):
                place = data[pos] if code == _BINGET else _INTEGER(data, pos)[0]
                pos += 1 if code == _BINGET else 4
                if place not in memo:
                    self._refuse_place(place)
                append(memo[place])
            elif code == _MEMOIZE:
                put(len(memo), stack[-1])
            elif code == _BINPUT:
                put(data[pos], stack[-1])
                pos += 1
            elif code == _BINFLOAT:
                append(FLOAT(data, pos)[0])
                pos += 8
            elif code == _SHORT_TEXT:
                end = pos + 1 + data[pos]
                if end > size:
                    raise IndexError
                append(str(data[pos + 1 : end], "utf-8", "surrogatepass"))
                pos = end
            elif code == _BININT1:
                append(data[pos])
                pos += 1
            elif code == _STOP:
                self.pos = pos
                return self.pop()
            else:
                step = steps[code]
                self.pos = pos
                if step is None:
                    self._refuse_opcode(code)
                step()
                pos = self.pos
        raise ContainerError(f"the pickle takes more than {self._most_opcodes} opcodes")

    def _refuse_opcode(self, code: int) -> NoReturn:
        raise ContainerError(f"byte {self.pos - 1} of the pickle, {bytes([code])!r}, is no opcode of data")

    # The steps, a method each; pickletools of the standard library says what each opcode does.

    def _pass(self) -> None:
        """PROTO: it changes nothing of what the other opcodes mean."""
        self.take(1)

    def _pass_frame(self) -> None:
        self.take(8)

    def _mark(self) -> None:
        self.marks.append(len(self.stack))

    def _pop_mark(self) -> None:
        self.pop_marked()

    def _put(self) -> None:
        self._store(int(self._line()))

    def _long_binput(self) -> None:
        self._store(self._number(4))

    def _store(self, place: int) -> None:
        if not 0 <= place < LARGEST_PLACE:
            raise ContainerError("the pickle stores a value under a number that no pickle uses")
        self.put(place, self._top())

    def _get(self) -> None:
        place = int(self._line())
        if place not in self.memo:
            self._refuse_place(place)
        self.stack.append(self.memo[place])

    def _refuse_place(self, place: int) -> NoReturn:
        raise ContainerError(f"the pickle asks for value {str(place)[:20]}, which it did not store")

    def _tuple(self) -> None:
        self.stack.append(tuple(self.pop_marked()))

    def _tuple1(self) -> None:
        self.stack.append((self.pop(),))

    def _tuple2(self) -> None:
        second, first = self.pop(), self.pop()
        self.stack.append((first, second))

    def _tuple3(self) -> None:
        third, second, first = self.pop(), self.pop(), self.pop()
        self.stack.append((first, second, third))

    def _empty_list(self) -> None:
        self.stack.append([])

    def _list(self) -> None:
        self.stack.append(self.pop_marked())

    def _append(self) -> None:
        value = self.pop()
        self._top_kind(list).append(value)

    def _appends(self) -> None:
        values = self.pop_marked()
        self._top_kind(list).extend(values)

    def _empty_dict(self) -> None:
        self.stack.append({})

    def _dict(self) -> None:
        items = self.pop_marked()
        self.stack.append({})
        self._set(items)

    def _setitem(self) -> None:
        value, key = self.pop(), self.pop()
        self._set([key, value])

    def _setitems(self) -> None:
        self._set(self.pop_marked())

    def _set(self, items: list) -> None:
        if len(items) % 2:
            raise ContainerError("the pickle holds a dictionary with a key without value")
        self.set_items(self._top_kind(dict), items[0::2], items[1::2])

    def _empty_set(self) -> None:
        self._sets += 1
        if self._sets > MOST_SETS:
            raise ContainerError(f"the pickle holds more than {MOST_SETS} sets")
        self.stack.append(self.make_set())

    def _additems(self) -> None:
        members = self.pop_marked()
        self.add_members(self._top(), members)

    def _frozenset(self) -> None:
        members = self.pop_marked()
        self._empty_set()
        self.add_members(self._top(), members)

    def _global(self) -> None:
        module, name = self._line(), self._line()
        self.stack.append(self.name(f"{module.decode('utf-8')}.{name.decode('utf-8')}"))

    def _stack_global(self) -> None:
        name, module = self.pop(), self.pop()
        if type(module) is not str or type(name) is not str:
            raise ContainerError("the pickle holds a name that is not text")
        self.stack.append(self.name(f"{module}.{name}"))

    def _inst(self) -> None:
        self._global()
        maker = self.stack.pop()
        self.stack.append(self.make(maker, tuple(self.pop_marked())))

    def _obj(self) -> None:
        items = self.pop_marked()
        if not items:
            raise ContainerError("the pickle makes an object of no class")
        self.stack.append(self.make(items[0], tuple(items[1:])))

    def _reduce(self) -> None:
        args = self.pop_kind(tuple)
        self.stack.append(self.make(self.pop(), args))

    def _newobj_ex(self) -> None:
        if self.pop_kind(dict):
            raise ContainerError("the pickle makes an object from named arguments, which no data needs")
        self._reduce()

    def _build(self) -> None:
        state = self.pop()
        value = self.pop()
        self.stack.append(self.fill(value, state))

    def _persid(self) -> None:
        self.stack.append(self.find_outside(self._line().decode("latin-1")))

    def _binpersid(self) -> None:
        self.stack.append(self.find_outside(self.pop()))
