"""Fixtures of the small set and of the demo set's people."""

from tests.helpers.demo_pictures import fits
from tests.helpers.small_runs import draw, out, small

__all__ = ["draw", "fits", "out", "small"]
