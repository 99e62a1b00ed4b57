"""PyTorch3D's rasterizer, filling the visibility buffer that our own fills.

It rasterizes meshes on pictures of one size. So what placements may cover is cut into squares of one size,
and the faces that touch a square are the mesh on it: shots of any sizes are done at once, squares without
faces are left out, and on the CPU, where PyTorch3D tries each face of a mesh at each pixel, there are few to
try. A pixel centre exactly on the edge between two faces belongs to neither, unlike in our own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

import torch

from render.compute.memory import is_out_of_memory
from render.rasterize.buffer import index_samples, lay_into, pack_keys
from render.rasterize.edges import GUARD_PX
from render.rasterize.load_pytorch3d import ADVICE, load_pytorch3d
from render.types.buffer import Chunk, Layout
from render.types.placements import Placements

# Side in samples: on the CPU so that few faces touch a square, on CUDA so that there is much to do in each.
SQUARE = {"cpu": 32, "cuda": 256}
# At once. On CUDA the work of PyTorch3D's coarse pass grows with the square of their number.
MOST_SQUARES = {"cpu": 1024, "cuda": 64}
# PyTorch3D counts what its tensors hold in 32 bits.
MOST_INDICES = 2**31 - 1
# Of tensors at once: as much again as the visibility buffer of a chunk takes on CUDA.
MOST_BYTES = 1 << 29
# For each square and face: whether one touches the other, and the corners of all that may.
_TOUCH_BYTES = 170
# Face, depth, barycentric coordinates, distance; of them the coordinates are the most numbers.
_PIXEL_BYTES, _PIXEL_INDICES = 28, 3
# Corners as they are found, given and packed, and their indices; corners are the most numbers.
_FACE_BYTES, _FACE_INDICES = 300, 9
# Of a square that is padded to the faces of the fullest one: corners as given, in the view and projected, in
# four coordinates between, and their indices.
_PADDED_BYTES = 3 * (3 * 12 + 4 + 2 * 16) + 24
# Its coarse pass has at most so many bins in a square of 256, and room for the most faces in each.
_BINS = 16 * 16


class _Squares(NamedTuple):
    """One row a square, int64.

    placement, shot: which. x, y: left and top sample. right, bottom: the first samples beyond the placement.
    """

    placement: torch.Tensor
    shot: torch.Tensor
    x: torch.Tensor
    y: torch.Tensor
    right: torch.Tensor
    bottom: torch.Tensor

    def take(self, index: torch.Tensor | slice) -> _Squares:
        return _Squares(*(column[index] for column in self))


class _Soup(NamedTuple):
    """The faces that touch squares, in the order of the squares.

    square, face: (T,) int64. corners: (T, 3, 4), as in `Placements`. face_counts: (S,) of each square.
    """

    square: torch.Tensor
    face: torch.Tensor
    corners: torch.Tensor
    face_counts: torch.Tensor


class Rasterizer:
    """Rasterizes the placements of one batch, chunk by chunk.

    On the CPU PyTorch3D holds the interpreter's lock, so that threads take turns.

    Attributes:
        ADVICE: What to do where it does not work.
    """

    ADVICE: ClassVar[str] = ADVICE

    def __init__(self, placements: Placements, layout: Layout) -> None:
        self._library = load_pytorch3d()
        self._placements = placements
        self._layout = layout
        self._device = placements.verts.device
        self._side = SQUARE[self._device.type]
        touched = MOST_BYTES // (_TOUCH_BYTES * max(len(placements.faces), 1))
        self._most = max(1, min(MOST_SQUARES[self._device.type], touched))
        # 1/w is 1 throughout in orthographic placements.
        self._is_perspective = (placements.verts[:, :, 3] != 1).any(1)

    def open(self, is_supersampled: bool, keys: torch.Tensor) -> Callable[[Chunk], None]:
        """What rasterizes a chunk.

        Args:
            is_supersampled: Not used: the layout says it of each shot.
            keys: int64, one for each sample of the chunk or more, EMPTY or of other placements of it.

        Returns:
            A function that takes one chunk after the other.
        """

        def fill(chunk: Chunk) -> None:
            squares = self._cut(chunk)
            # PyTorch3D has one kind of camera and one kind of culling for all meshes that it takes at once.
            kind = 2 * self._is_perspective[squares.placement].int() + (
                self._placements.cull[squares.placement] != 0
            )
            for k in kind.unique().tolist():
                self._rasterize_squares(squares.take(kind == k), k >= 2, k % 2 == 1, chunk, keys)

        return fill

    def _cut(self, chunk: Chunk) -> _Squares:
        """The squares that hold all samples that the chunk's placements may cover."""
        placements, layout = self._placements, self._layout
        placement = torch.arange(chunk.placements.start, chunk.placements.stop, device=self._device)
        shot = placements.shot[placement].long()
        bits = layout.sample_bits[shot]
        left, top, width, height = layout.rect[shot].T
        first, end = (row - layout.first_row[shot] for row in (chunk.rows.start, chunk.rows.stop))
        right, bottom = left + width, torch.minimum(top + height, end)
        top = torch.minimum(torch.maximum(top, first), bottom)
        left, top, right, bottom = ((edge << bits).double() for edge in (left, top, right, bottom))
        # Infinities of placements all of whose vertices are left out are clamped before they become integers.
        low, high = (
            edge[placement].double().nan_to_num(0.0, torch.inf, -torch.inf).T
            for edge in (placements.low, placements.high)
        )
        x, y = low[0].floor().clamp(left, right), low[1].floor().clamp(top, bottom)
        right, bottom = high[0].ceil().clamp(x, right), high[1].ceil().clamp(y, bottom)
        columns = ((right - x) / self._side).ceil().long()
        count = columns * ((bottom - y) / self._side).ceil().long()
        # `of` is the placement of each square, and `place` the square's number within it.
        of = torch.repeat_interleave(count)
        place = torch.arange(len(of), device=self._device) - (count.cumsum(0) - count)[of]
        return _Squares(
            placement=placement[of],
            shot=shot[of],
            x=x.long()[of] + place % columns[of] * self._side,
            y=y.long()[of] + place // columns[of] * self._side,
            right=right.long()[of],
            bottom=bottom.long()[of],
        )

    @torch.no_grad()
    def _rasterize_squares(
        self, squares: _Squares, is_perspective: bool, culls: bool, chunk: Chunk, keys: torch.Tensor
    ) -> None:
        """As many at once as PyTorch3D can count and memory can hold; what memory cannot hold is halved."""
        while len(squares.placement):
            fitting, soup = squares.take(slice(self._most)), None
            try:
                fitting, soup = self._find_fitting(fitting)
                if len(soup.face):
                    self._rasterize_fitting(fitting, soup, is_perspective, culls, chunk, keys)
            except Exception as error:
                if not is_out_of_memory(error) or len(fitting.placement) == 1:
                    raise
                self._most = len(fitting.placement) // 2
            else:
                squares = squares.take(slice(len(fitting.placement), None))

    def _find_fitting(self, squares: _Squares) -> tuple[_Squares, _Soup]:
        """As many of the first squares as can be rasterized at once, and their faces."""
        soup = self._find_faces(squares)
        count = self._count_fitting(soup.face_counts)
        return squares.take(slice(count)), _cut_soup(soup, count)

    def _find_faces(self, squares: _Squares) -> _Soup:
        placement, own = squares.placement.unique_consecutive(return_inverse=True)
        verts = self._placements.verts[placement]
        # As our own kernel has it: a face with a vertex that cannot be placed is dropped whole.
        xy, z, inv_w = verts[..., :2], verts[..., 2], verts[..., 3]
        drawable = (inv_w > 0) & (xy.abs() <= GUARD_PX).all(2) & z.isfinite()
        faces = self._placements.faces.long()
        corners = verts[:, faces]
        low, high = corners[..., :2].amin(2), corners[..., :2].amax(2)
        touches = drawable[:, faces].all(2)[own]
        # By the faces' boxes: a face too many costs little and covers nothing.
        for axis, begin in enumerate((squares.x, squares.y)):
            touches &= high[own, :, axis] >= begin[:, None]
            touches &= low[own, :, axis] <= begin[:, None] + self._side
        square, face = touches.nonzero(as_tuple=True)
        return _Soup(square, face, corners[own[square], face], touches.sum(1))

    def _count_fitting(self, faces: torch.Tensor) -> int:
        """How many of the first squares, which have so many faces, fit at once; one at least."""
        squares = torch.arange(1, len(faces) + 1, device=self._device)
        pixels, total = squares * self._side**2, faces.cumsum(0)
        padded = squares * faces.cummax(0).values
        bins = padded * (_BINS if self._device.type == "cuda" else 0)
        fits = (pixels * _PIXEL_INDICES <= MOST_INDICES) & (total * _FACE_INDICES <= MOST_INDICES)
        held = pixels * _PIXEL_BYTES + total * _FACE_BYTES + padded * _PADDED_BYTES + bins * 4
        fits &= held <= MOST_BYTES
        return max(1, int(fits.sum()))

    def _rasterize_fitting(
        self,
        squares: _Squares,
        soup: _Soup,
        is_perspective: bool,
        culls: bool,
        chunk: Chunk,
        keys: torch.Tensor,
    ) -> None:
        found, bary = self._rasterize(squares, soup, is_perspective, culls)
        of, row, column = (found >= 0).nonzero(as_tuple=True)
        x, y = squares.x[of] + column, squares.y[of] + row
        # The last squares of a placement reach beyond it.
        within = ((x < squares.right[of]) & (y < squares.bottom[of])).nonzero()[:, 0]
        of, x, y = of[within], x[within], y[within]
        at = (of, row[within], column[within])
        nearest = found[at]
        z, weight = soup.corners[nearest, :, 2], bary[at]
        # They add up to area / (area + 1e-8), which would bring small faces nearer.
        depth = (z * weight).sum(1) / weight.sum(1)
        depth = depth.clamp(z.amin(1), z.amax(1))
        nearer = pack_keys(depth, squares.placement[of], soup.face[nearest], len(self._placements.faces))
        index = index_samples(self._layout, squares.shot[of], x, y) - chunk.samples.start
        lay_into(keys, index, nearer)

    def _rasterize(
        self, squares: _Squares, soup: _Soup, is_perspective: bool, culls: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The face of the soup at each pixel of each square (S, H, W), -1 for none, and its coordinates."""
        lib, device, side = self._library, self._device, self._side
        corner = torch.stack([squares.x, squares.y], 1)[soup.square, None]
        z = soup.corners[..., 2:3]
        if not is_perspective:
            # PyTorch3D drops what is not in front of the eye, so a square's nearest corner comes to depth 1.
            least = torch.full((len(squares.x),), torch.inf, dtype=torch.float32, device=device)
            least.scatter_reduce_(0, soup.square, z.amin((1, 2)), "amin")
            z = z - least[soup.square, None, None] + 1
        # In PyTorch3D's view x is left and y is up; its cameras bring pixels back to where they were.
        xy = side / 2 - (soup.corners[..., :2] - corner)
        verts = torch.cat([xy * z if is_perspective else xy, z], 2).view(-1, 3)
        counts = soup.face_counts.tolist()
        # Faces share no vertices here: the corners of a face follow one another.
        each = torch.arange(3 * max(counts), device=device).view(-1, 3)
        meshes = lib.Meshes(list(verts.split([3 * n for n in counts])), [each[:n] for n in counts])
        cameras = lib.PerspectiveCameras if is_perspective else lib.OrthographicCameras
        rasterizer = lib.MeshRasterizer(
            cameras(
                focal_length=1.0,
                principal_point=((side / 2, side / 2),),
                in_ndc=False,
                image_size=((side, side),),
                device=device,
            ),
            lib.RasterizationSettings(
                image_size=side,
                blur_radius=0.0,
                faces_per_pixel=1,
                # Without bins where they would be too many; on the CPU there are none.
                bin_size=0 if len(counts) * max(counts) * _BINS * 4 > MOST_BYTES else None,
                # Whatever the number of bins, none can hold more; the default drops faces beyond 10,000.
                max_faces_per_bin=max(counts),
                cull_backfaces=culls,
            ),
        )
        fragments = rasterizer(meshes)
        return fragments.pix_to_face[..., 0], fragments.bary_coords[..., 0, :]


def _cut_soup(soup: _Soup, squares: int) -> _Soup:
    """The faces of the first squares."""
    count = soup.face_counts[:squares]
    total = int(count.sum())
    return _Soup(soup.square[:total], soup.face[:total], soup.corners[:total], count)
