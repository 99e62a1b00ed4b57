"""Stages in the scenes of the library that browsers show: bodies, light, the photo and the page."""
