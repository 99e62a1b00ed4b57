"""Pixels on edges: which they are, and what is in front at 16 samples of each."""
