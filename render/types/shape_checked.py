"""The base of types that check the shapes of their arrays and print shapes, never data."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar, cast


class ShapeChecked:
    """Checks every array field against `SHAPES`, where a letter stands for one length, the same throughout.

    Attributes:
        SHAPES: The shape of each array field, by its name. A field whose default is None may be None.

    Raises:
        TypeError: A field is no array.
        ValueError: A shape is another; names the type, the field, the shape expected and the shape found.
    """

    SHAPES: ClassVar[dict[str, tuple[str | int, ...]]] = {}

    def __post_init__(self) -> None:
        lengths: dict[str, int] = {}
        for name, expected in self.SHAPES.items():
            value = getattr(self, name)
            if value is None and self._may_lack(name):
                continue
            try:
                found = tuple(value.shape)
            # Nested tensors have an attribute that raises.
            except (AttributeError, RuntimeError, TypeError) as error:
                where, kind = f"{type(self).__name__}.{name}", type(value).__name__
                raise TypeError(f"{where}: expected an array, found a {kind} without a shape") from error
            # A letter that is still there has no length yet, and stands for any.
            wanted = tuple([lengths.get(n, n) if isinstance(n, str) else n for n in expected])
            if found == wanted:
                continue
            fits = len(found) == len(wanted) and all(
                isinstance(w, str) or w == f for w, f in zip(wanted, found, strict=True)
            )
            if not fits:
                raise ValueError(f"{type(self).__name__}.{name}: expected shape {wanted}, found {found}")
            lengths |= {n: f for n, f in zip(expected, found, strict=True) if isinstance(n, str)}

    def __repr__(self) -> str:
        texts = []
        # Only dataclasses are made of it.
        for field in fields(cast(Any, self)):
            value = getattr(self, field.name)
            if value is None and self._may_lack(field.name):
                continue
            shape = getattr(value, "shape", None)
            texts.append(f"{field.name}={value!r}" if shape is None else f"{field.name}{list(shape)}")
        return f"{type(self).__name__}({', '.join(texts)})"

    @classmethod
    def _may_lack(cls, name: str) -> bool:
        # A dataclass has the defaults of its fields as attributes of the class.
        return getattr(cls, name, cls) is None
