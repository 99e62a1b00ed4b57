"""Small faults of the kind that people make: another operator, another number, a condition turned around."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARISONS = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_OPERATORS = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.LShift: ">>",
    ast.RShift: "<<",
    ast.BitAnd: "|",
    ast.BitOr: "&",
    ast.BitXor: "|",
}
_CALLS = {
    "min": "max",
    "max": "min",
    "floor": "ceil",
    "ceil": "floor",
    "any": "all",
    "all": "any",
    "amin": "amax",
}
# What is said to the user and to the log may be worded in many ways.
_SPEECH = {"warning", "info", "error", "debug", "print"}


@dataclass(frozen=True)
class Fault:
    """One change of the text of a file.

    Attributes:
        path: The file.
        line: Where, from 1.
        start: Index of the first character that is replaced.
        end: Index behind the last.
        old: What stands there.
        new: What is put there.
    """

    path: Path
    line: int
    start: int
    end: int
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.old!r} becomes {self.new!r}"

    def apply(self, text: str) -> str:
        """The text of the file with the fault."""
        return text[: self.start] + self.new + text[self.end :]


def list_faults(path: Path) -> list[Fault]:
    """All faults that can be made in a file."""
    text = path.read_text()
    return [*_Finder(path, text).find(ast.parse(text))]


class _Finder:
    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        # Columns of a syntax tree are counted in bytes, lines from 1.
        self._starts = [0]
        for line in text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._lines = text.splitlines(keepends=True)

    def find(self, node: ast.AST) -> Iterator[Fault]:
        if self._is_passed_over(node):
            return
        yield from self._mutate(node)
        for field, value in ast.iter_fields(node):
            # Annotations decide nothing, and decorators of ours are caches.
            if field in ("annotation", "returns", "decorator_list", "type_comment"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self.find(child)

    def _is_passed_over(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise | ast.Assert | ast.JoinedStr):
            return True
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            return True
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        return is_call and node.func.attr in _SPEECH

    def _mutate(self, node: ast.AST) -> Iterator[Fault]:
        match node:
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                yield self._between(left, right, _COMPARISONS[type(op)])
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                # Text and lists are joined by plus, and types by a bar.
                if not any(
                    isinstance(side, ast.Constant | ast.List | ast.Tuple | ast.JoinedStr)
                    and not isinstance(getattr(side, "value", 0), int | float)
                    for side in (left, right)
                ):
                    yield self._between(left, right, _OPERATORS[type(op)])
            case ast.BoolOp(op=op, values=[left, right, *_]):
                yield self._between(left, right, "or" if isinstance(op, ast.And) else "and")
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield self._replace(node, self._read(operand))
            case ast.Constant(value=bool() as value):
                yield self._replace(node, str(not value))
            case ast.Constant(value=int() as value):
                yield self._replace(node, str(value + 1))
            case ast.Constant(value=float() as value):
                yield self._replace(node, repr(value * 2 if value else 1.0))
            case ast.Call(func=ast.Name(id=name) as func) if name in _CALLS:
                yield self._replace(func, _CALLS[name])
            case ast.Call(func=ast.Attribute(attr=name) as func) if name in _CALLS:
                end = self._index(func.end_lineno, func.end_col_offset)
                yield self._fault(func.end_lineno, end - len(name), end, _CALLS[name])

    def _between(self, left: ast.expr, right: ast.expr, new: str) -> Fault:
        """Replaces the operator between two operands, which may stand in brackets."""
        start = self._index(left.end_lineno, left.end_col_offset)
        end = self._index(right.lineno, right.col_offset)
        between = self._text[start:end]
        inside = between.strip("() \\\n")
        at = start + between.index(inside)
        return self._fault(left.end_lineno, at, at + len(inside), new)

    def _replace(self, node: ast.expr, new: str) -> Fault:
        start = self._index(node.lineno, node.col_offset)
        return self._fault(node.lineno, start, self._index(node.end_lineno, node.end_col_offset), new)

    def _fault(self, line: int | None, start: int, end: int, new: str) -> Fault:
        return Fault(self._path, line or 0, start, end, self._text[start:end], new)

    def _index(self, line: int | None, column: int | None) -> int:
        assert line is not None
        assert column is not None
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def _read(self, node: ast.expr) -> str:
        return ast.get_source_segment(self._text, node) or ""
