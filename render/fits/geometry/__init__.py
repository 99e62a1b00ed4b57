"""Vertices as they are, from whatever made them: names of keys, axes, units, cameras and pictures."""
