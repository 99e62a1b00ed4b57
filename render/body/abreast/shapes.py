"""Rest vertices of bodies: each a sum of the rows of a basis, as much of each row as a coefficient says."""

import torch
import warp as wp

from render.body.abreast.width import WIDTH, line_up
from render.compute.kernels import MODULE_OPTIONS, launch, natural

# Columns of the basis that are summed at once: with one vector each they stay in the registers of a CPU.
BLOCK = 8
# Here a product and a sum are rounded once, as libraries of matrix products do it: half of the instructions.
_FLAGS = "-march=native" if wp.config.cpu_compiler_flags is None else wp.config.cpu_compiler_flags
wp.set_module_options(
    MODULE_OPTIONS | {"fuse_fp": True, "cpu_compiler_flags": f"{_FLAGS} -ffp-contract=fast"}
)

block = wp.types.vector(length=BLOCK, dtype=wp.float32)
row = wp.types.vector(length=WIDTH["cpu"], dtype=wp.float32)


# Ranks come last, so that a block, which is the same for all of them, is read once.
@wp.kernel
def sum_rows(
    coefficients: wp.array2d(dtype=row), basis: wp.array2d(dtype=block), sums: wp.array3d(dtype=row)
):
    column, rank = wp.tid()
    a, b, c, d, e, f, g, h = row(), row(), row(), row(), row(), row(), row(), row()
    k = wp.int32(0)
    # Of a loop over a range Warp makes a third more instructions.
    while k < basis.shape[1]:
        of = basis[natural(column), natural(k)]
        share = coefficients[natural(rank), natural(k)]
        a += of[0] * share
        b += of[1] * share
        c += of[2] * share
        d += of[3] * share
        e += of[4] * share
        f += of[5] * share
        g += of[6] * share
        h += of[7] * share
        k += 1
    sums[rank, column, 0] = a
    sums[rank, column, 1] = b
    sums[rank, column, 2] = c
    sums[rank, column, 3] = d
    sums[rank, column, 4] = e
    sums[rank, column, 5] = f
    sums[rank, column, 6] = g
    sums[rank, column, 7] = h


# Of one body the columns lie side by side. Each is summed in the same order, so all bits are the same.
@wp.kernel
def sum_rows_of_one(
    coefficients: wp.array(dtype=wp.float32), basis: wp.array2d(dtype=block), sums: wp.array(dtype=block)
):
    column = wp.tid()
    total = block()
    k = wp.int32(0)
    while k < basis.shape[1]:
        total += coefficients[natural(k)] * basis[natural(column), natural(k)]
        k += 1
    sums[column] = total


class ShapeSums:
    """Weighted sums of the rows of a basis, for bodies abreast.

    On the CPU the rows are summed one after the other, in a kernel of our own: libraries of matrix products
    round differently for other numbers of bodies, so that one body would have to be reckoned as many.

    Args:
        basis: (K, N) float32.
    """

    def __init__(self, basis: torch.Tensor) -> None:
        self.row_count, self._length = basis.shape
        self._is_blocked = WIDTH[basis.device.type] > 1
        if self._is_blocked:
            # Each block of columns in one piece.
            filled = torch.nn.functional.pad(basis, (0, -self._length % BLOCK))
            basis = filled.view(self.row_count, -1, BLOCK).transpose(0, 1).contiguous()
        self._basis = basis

    @property
    def basis(self) -> torch.Tensor:
        """As the constructor takes it."""
        if not self._is_blocked:
            return self._basis
        return self._basis.transpose(0, 1).flatten(1)[:, : self._length]

    def __call__(self, coefficients: torch.Tensor, chunk_rows: int) -> torch.Tensor:
        """The sums of M bodies.

        Args:
            coefficients: (M, K) float32.
            chunk_rows: How many rows a library's product has, M or more, whatever M is.

        Returns:
            (ranks, N, width), N or a few more, of `line_up`'s order; on a GPU (chunk_rows, N, 1).
        """
        count, device = len(coefficients), coefficients.device
        if not self._is_blocked:
            filled = torch.nn.functional.pad(coefficients, (0, 0, 0, chunk_rows - count))
            return (filled @ self._basis)[:, :, None]
        if count == 1:
            alone = torch.empty(len(self._basis), BLOCK, dtype=torch.float32)
            launch(sum_rows_of_one, len(self._basis), [coefficients[0], self._basis, alone], device)
            return line_up(alone.view(1, -1))
        abreast = line_up(coefficients)
        ranks, _, width = abreast.shape
        sums = torch.empty(ranks, len(self._basis), BLOCK, width, dtype=torch.float32)
        launch(sum_rows, (len(self._basis), ranks), [abreast, self._basis, sums], device)
        return sums.flatten(1, 2)
