"""The rasterizers, one a module: its class is `Rasterizer`."""
