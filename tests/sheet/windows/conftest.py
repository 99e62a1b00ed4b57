"""Fixtures that draw people of the demo set."""

from tests.helpers.demo_pictures import charts, draw_people, fits

__all__ = ["charts", "draw_people", "fits"]
