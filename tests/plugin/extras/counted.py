"""Warp's rasterizer, which tells the log how much bodies cover."""

import logging

from render.rasterize.backends.warp import Rasterizer as WarpRasterizer
from render.types.buffer import Visibility


class Rasterizer(WarpRasterizer):
    ADVICE = "It needs what rasterizer=warp needs"

    def open(self, is_supersampled, keys):
        fill = super().open(is_supersampled, keys)

        def fill_and_count(chunk):
            fill(chunk)
            covered = keys[: len(chunk.samples)] != Visibility.EMPTY
            logging.getLogger("render").info("%d samples covered", int(covered.sum()))

        return fill_and_count
