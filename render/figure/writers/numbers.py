"""Numbers as all writers write them."""

from __future__ import annotations


def write_number(value: float) -> str:
    """A number with at most three decimals: a thousandth of a millimetre is finer than any printer.

    Example:
        >>> write_number(12.50004), write_number(-0.0001)
        ('12.5', '0')
    """
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
