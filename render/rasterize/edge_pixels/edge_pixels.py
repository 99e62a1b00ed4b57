"""The edge pixels of a batch, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import warp as wp

from render.compute.kernels import CUDA_ROW_LANES, Relaunch
from render.rasterize.backends.warp import snap_placements
from render.rasterize.buffer_layout import ShotRows
from render.rasterize.edge_pixels.fill import make_fill_edge_pixels
from render.rasterize.edge_pixels.find import find_edge_pixels, mark_edge_pixels
from render.rasterize.edge_pixels.samples import SAMPLES
from render.rasterize.faces.blocks import make_room
from render.rasterize.kernel_views import view_placements, view_shots
from render.types.buffer import Chunk, Layout, Visibility
from render.types.placements import Cameras, Placements

# Edge pixels whose samples are found at once. On the CPU they stay in the cache of a core, 2 MB, and are
# more than most shots have; on CUDA they are 128 MB. What has more is gone through several times.
MOST_SLOTS = {"cpu": 1 << 14, "cuda": 1 << 20}
# Edge pixels that a chunk is first taken to have, 8 bytes each.
FIRST_PLACES = {"cpu": 1 << 16, "cuda": 1 << 22}


class EdgePixels:
    """Finds and fills the edge pixels of one batch, whatever has filled its keys.

    Args:
        placements: All of the batch.
        layout: Of their shots.
        rows: The same, on the host.
        cameras: Of the placements.
    """

    def __init__(self, placements: Placements, layout: Layout, rows: ShotRows, cameras: Cameras) -> None:
        self.device = placements.verts.device
        self.scene = view_placements(placements)
        self.shots = view_shots(layout)
        self.cull = wp.from_torch(placements.cull)
        self.grid = snap_placements(placements)
        self.focal = wp.from_torch(cameras.focal_px.contiguous())
        self.shift = wp.from_torch(cameras.depth_shift.contiguous())
        # What must be filled, for the edge pixels of a chunk to be found.
        self.widen = rows.widen

    def open(self, keys: torch.Tensor) -> Slots:
        """What finds and fills the edge pixels of one chunk after the other; one thread may use it.

        Args:
            keys: int64, one for each pixel of a chunk or more.
        """
        return Slots(self, keys)


class Slots:
    """The edge pixels of one chunk after the other and the keys of their samples; made by `EdgePixels`.

    Attributes:
        focal, shift: Of each placement's camera: its focal length in pixels, 0 without perspective, and its
            depth shift.
        places: (P, 2) int32, the row, counted through all shots, and the column of each edge pixel of a
            chunk. Another tensor where a chunk has more of them than any before.
        samples: (S * 16,) int64, the keys of S of them at a time, as those of `Visibility`; EMPTY before they
            are filled.
        bits: int32, a bit for each key, of those that are marked; nothing else is read for most faces.
    """

    def __init__(self, of: EdgePixels, keys: torch.Tensor) -> None:
        self._of = of
        self._keys = keys
        device = self._device = of.device
        self.samples = torch.full((MOST_SLOTS[device.type] * SAMPLES,), Visibility.EMPTY, device=device)
        self.focal, self.shift = of.focal, of.shift
        # Two words are read at a time.
        self.bits = torch.zeros(len(keys) // 32 + 2, dtype=torch.int32, device=device)
        self._count = torch.zeros(1, dtype=torch.int32, device=device)
        # On CUDA a thread a face; on the CPU one takes all faces of a placement.
        face_count = of.scene.faces.shape[0]
        lane_faces = 1 if device.type == "cuda" else face_count
        self._face_lanes = -(-face_count // lane_faces)
        self._row_lanes = CUDA_ROW_LANES if device.type == "cuda" else 1
        inputs = [
            lane_faces,
            self._face_lanes,
            of.scene,
            of.grid,
            of.cull,
            of.shots,
            make_room(device),
            keys,
            self.bits,
            self.samples,
        ]
        self._fill = Relaunch(make_fill_edge_pixels(device.type), 4, inputs, device)
        self._hold(FIRST_PLACES[device.type])

    def _hold(self, count: int) -> None:
        """Makes room for so many edge pixels of a chunk."""
        of = self._of
        places = self.places = torch.empty(count, 2, dtype=torch.int32, device=self._device)
        inputs = [self._row_lanes, self._keys, of.shots, of.scene, of.focal, of.shift, self._count, places]
        self._find = Relaunch(find_edge_pixels, 2, inputs, self._device)
        self._mark = Relaunch(mark_edge_pixels, 2, [places, of.shots, self._keys, self.bits], self._device)

    def fill(self, chunk: Chunk) -> Iterator[range]:
        """Finds the edge pixels of a chunk, marks them in the keys and fills their samples.

        The host waits for their number.

        Args:
            chunk: As `EdgePixels.widen` has made it wider, and filled; its `rows` are those whose pixels are
                wanted, its `samples` are those that are filled.

        Yields:
            Which of the `places` are filled, in turn, with slots from 0 on. They must be shaded, their
            samples and keys EMPTY, before the next are asked for.
        """
        count = self._find_all(chunk)
        most = len(self.samples) // SAMPLES
        rows, origin = chunk.rows, chunk.samples.start
        for first in range(0, count, most):
            part = range(first, min(first + most, count))
            self._mark(len(part), first, origin)
            dim = len(chunk.placements) * self._face_lanes
            self._fill(dim, chunk.placements.start, rows.start, rows.stop, origin)
            yield part

    def _find_all(self, chunk: Chunk) -> int:
        while True:
            self._count.zero_()
            self._find(len(chunk.rows) * self._row_lanes, chunk.rows.start, chunk.samples.start)
            count = int(self._count)
            if count <= len(self.places):
                return count
            # All are found before any is marked: a mark has no depth.
            self._hold(count)
