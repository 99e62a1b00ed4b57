"""Rasterizers: what is in front at each sample, and where it lies in the visibility buffer."""

# Each is a module of this package with a class `Rasterizer`. `auto` takes the first that works: the fastest
# one on every device that was measured comes first.
RASTERIZERS = ("warp", "pytorch3d")
