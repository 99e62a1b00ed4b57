"""The cards of docs/data/coordinates.md: a scene with its axes, and photos that were read right and wrong."""
