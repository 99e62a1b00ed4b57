"""Pickles read as data: nothing is imported, called or built, whatever the file asks for.

Loading a pickle runs what it names. Here the opcodes of protocols 0 to 5 are interpreted over plain data: a
name is checked against a list and kept as text, and what pickle would call becomes a `Node` that records the
call. The opcode table is that of the standard library's `pickletools`, which says what each opcode does.

It is ours although `pickle.Unpickler.find_class` exists: that refuses names, but calls those which it lets
pass, with whatever arguments the file gives, and so allocates whatever it claims; and it needs the classes
that a model names, of which chumpy's cannot be installed any more.
"""

from __future__ import annotations

import codecs
import io
import pickletools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# An SMPL model takes a few thousand; the limit bounds memory and time for a file made to waste them.
MOST_OPCODES = 1_000_000
# Of the memo: four bytes have room for it. Among longer numbers are many that share a place in Python's
# dictionaries, where each would be compared with all before it.
LARGEST_PLACE = 1 << 32

_OPCODES = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}
_TEXTS = {
    "STRING",
    "BINSTRING",
    "SHORT_BINSTRING",
    "UNICODE",
    "BINUNICODE",
    "SHORT_BINUNICODE",
    "BINUNICODE8",
}
_BYTES = {"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"}
_NUMBERS = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"}
_LITERALS = _TEXTS | _BYTES | _NUMBERS
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


class ForbiddenNameError(Exception):
    """A pickle asks for a name that is not allowed; the message is that name. Nothing of it was run."""


@dataclass(frozen=True, slots=True)
class Name:
    """A class or function that a pickle names.

    Attributes:
        text: What stands for it.
    """

    text: str


@dataclass(eq=False, repr=False, slots=True)
class Node:
    """An object that a pickle would make.

    Attributes:
        name: What would make it.
        args: From which arguments.
        state: What would be put into it afterwards.
    """

    name: str
    args: tuple
    state: Any = None


def read_pickle(data: bytes, allowed: Mapping[str, str]) -> Any:
    """Reads a pickle as data; strings of Python 2 are read as latin-1.

    Args:
        data: The pickle.
        allowed: The text that stands for each name a pickle may hold ("module.name").

    Returns:
        Its value, with a Node for each object in it.

    Raises:
        ForbiddenNameError: It holds any other name.
        ValueError: It is damaged or needs an opcode that a model does not.
    """
    stream = io.BytesIO(data)
    machine = _Machine(allowed)
    for _ in range(MOST_OPCODES):
        code = stream.read(1)
        if not code:
            raise ValueError("the pickle ends before its stop mark")
        opcode = _OPCODES.get(code)
        if opcode is None:
            raise ValueError(f"{code!r} at byte {stream.tell() - 1} is not a pickle opcode")
        if opcode.name == "STOP":
            return machine.pop()
        machine.step(opcode.name, _argument(opcode, stream))
    raise ValueError(f"the pickle takes more than {MOST_OPCODES} opcodes")


def _argument(opcode: pickletools.OpcodeInfo, stream: io.BytesIO) -> Any:
    if opcode.name == "STRING":
        # pickletools reads these as ASCII; Python 2 puts the bytes of arrays into them.
        quoted = stream.readline().rstrip(b"\n")
        if len(quoted) < 2 or quoted[:1] not in (b"'", b'"') or quoted[:1] != quoted[-1:]:
            raise ValueError("a string without its quotes")
        # Not documented, but it is what pickle reads these strings with.
        return codecs.escape_decode(quoted[1:-1])[0].decode("latin-1")
    return opcode.arg.reader(stream) if opcode.arg else None


class _Machine:
    """The stack, marks and memo of pickle's machine."""

    def __init__(self, allowed: Mapping[str, str]) -> None:
        self.allowed = allowed
        self.stack: list[Any] = []
        self.marks: list[int] = []
        # Not a list: a pickle may store under a large number first.
        self.memo: dict[int, Any] = {}

    def step(self, opcode: str, arg: Any) -> None:
        """Does on data what `opcode` does in pickle."""
        match opcode:
            # They change nothing of what the other opcodes mean.
            case "PROTO" | "FRAME":
                pass
            case _ if opcode in _LITERALS:
                self.stack.append(arg)
            case _ if opcode in _CONSTANTS:
                self.stack.append(_CONSTANTS[opcode])
            case "MARK":
                self.marks.append(len(self.stack))
            case "POP":
                self.pop()
            case "POP_MARK":
                self.pop_marked()
            case "PUT" | "BINPUT" | "LONG_BINPUT" | "MEMOIZE":
                place = len(self.memo) if opcode == "MEMOIZE" else arg
                if not 0 <= place < LARGEST_PLACE:
                    raise ValueError("the pickle stores a value under a number that no pickle uses")
                self.memo[place] = self.top()
            case "GET" | "BINGET" | "LONG_BINGET":
                if arg not in self.memo:
                    raise ValueError(f"the pickle asks for value {arg}, which it did not store")
                self.stack.append(self.memo[arg])
            case "TUPLE":
                self.stack.append(tuple(self.pop_marked()))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                items = [self.pop() for _ in range(int(opcode[-1]))]
                self.stack.append(tuple(reversed(items)))
            case "LIST":
                self.stack.append(self.pop_marked())
            # A set is kept as a list, whose members are not hashed.
            case "EMPTY_LIST" | "EMPTY_SET":
                self.stack.append([])
            case "APPEND" | "APPENDS" | "ADDITEMS":
                items = [self.pop()] if opcode == "APPEND" else self.pop_marked()
                self.top(list).extend(items)
            case "DICT":
                items = self.pop_marked()
                self.stack.append({})
                self.set_items(items)
            case "EMPTY_DICT":
                self.stack.append({})
            case "SETITEM":
                value, key = self.pop(), self.pop()
                self.set_items([key, value])
            case "SETITEMS":
                self.set_items(self.pop_marked())
            case "GLOBAL":
                self.stack.append(self.name(*arg.split(" ", 1)))
            case "STACK_GLOBAL":
                name, module = self.pop(), self.pop()
                self.stack.append(self.name(module, name))
            case "INST":
                maker = self.name(*arg.split(" ", 1))
                self.stack.append(Node(maker.text, tuple(self.pop_marked())))
            case "REDUCE" | "NEWOBJ":
                args = self.pop_kind(tuple)
                self.stack.append(Node(self.pop_kind(Name).text, args))
            case "BUILD":
                state = self.pop()
                self.top(Node).state = state
            case _:
                raise ValueError(f"the pickle holds the opcode {opcode}, which no model needs")

    def name(self, module: Any, name: Any) -> Name:
        if type(module) is not str or type(name) is not str:
            raise ValueError("the pickle holds a name that is not text")
        text = f"{module}.{name}"
        if text not in self.allowed:
            # The name comes from the file, and is printed.
            raise ForbiddenNameError(ascii(text[:200])[1:-1][:200])
        return Name(self.allowed[text])

    def set_items(self, items: list[Any]) -> None:
        if len(items) % 2:
            raise ValueError("the pickle holds a dictionary with a key without value")
        # Chumpy's caches are keyed by tuples: not needed, and hashing them can be made to take for ever.
        pairs = zip(items[0::2], items[1::2], strict=True)
        self.top(dict).update((key, value) for key, value in pairs if type(key) is str)

    def top(self, kind: type | None = None) -> Any:
        """The value on top of the stack, which stays there; exactly a `kind` where one is given."""
        value = self.pop() if kind is None else self.pop_kind(kind)
        self.stack.append(value)
        return value

    def pop_kind(self, kind: type) -> Any:
        value = self.pop()
        if type(value) is not kind:
            raise ValueError(f"the pickle uses a {type(value).__name__} as a {kind.__name__}")
        return value

    def pop(self) -> Any:
        # What lies below a mark belongs to whoever set it.
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise ValueError("the pickle takes from an empty stack")
        return self.stack.pop()

    def pop_marked(self) -> list[Any]:
        if not self.marks:
            raise ValueError("the pickle takes up to a mark that it did not set")
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items
