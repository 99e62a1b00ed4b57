"""Rasterizing: what is in front at each sample, and where it lies in the visibility buffer."""
