"""How many bodies kernels take abreast: the same number of each of them lies side by side, in one vector."""

from typing import NamedTuple

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once, launch, loop_lanes, natural

# On the CPU what a register of AVX2 holds, so that one body costs no more than it must. On a GPU each thread
# has a vertex of one body, and vectors have one number.
WIDTH = {"cpu": 8, "cuda": 1}


def count_ranks(count: int, device: torch.device) -> int:
    """How many ranks of bodies abreast `count` bodies are; the last may have empty places."""
    return -(-count // WIDTH[device.type])


def open_module(name: str, width: int) -> wp.Module:
    """The module of kernels of a file that are made for a width."""
    module = wp.get_module(f"{name}.x{width}")
    module.options.update(MODULE_OPTIONS)
    return module


class Moves(NamedTuple):
    """Kernels that put numbers of bodies side by side, and back."""

    line_up: wp.Kernel
    file_out: wp.Kernel


@build_once
def make_moves(width: int) -> Moves:
    """The kernels for a width."""
    row = wp.types.vector(length=width, dtype=wp.float32)
    module = open_module(__name__, width)

    @wp.kernel(module=module)
    def line_up(numbers: wp.array2d(dtype=wp.float32), lanes: wp.int32, abreast: wp.array2d(dtype=row)):
        rank, lane = wp.tid()
        last = numbers.shape[0] - 1
        for i in range(lane, numbers.shape[1], lanes):
            side_by_side = row()
            for place in range(width):
                # Empty places have the last body too: whatever else is there could be slow to reckon with.
                body = wp.min(rank * width + place, last)
                side_by_side[place] = numbers[natural(body), natural(i)]
            abreast[natural(rank), natural(i)] = side_by_side

    @wp.kernel(module=module)
    def file_out(abreast: wp.array2d(dtype=row), lanes: wp.int32, numbers: wp.array2d(dtype=wp.float32)):
        rank, lane = wp.tid()
        first = natural(rank * width)
        taken = wp.min(width, numbers.shape[0] - first)
        for i in range(lane, numbers.shape[1], lanes):
            side_by_side = abreast[natural(rank), natural(i)]
            # The length of this loop is known ahead, and a vector stays in its register.
            for place in range(width):
                if place < taken:
                    numbers[natural(first + place), natural(i)] = side_by_side[place]

    return Moves(line_up, file_out)


def line_up(numbers: torch.Tensor) -> torch.Tensor:
    """Numbers of bodies side by side, in ranks of a width.

    Args:
        numbers: (M, N) float32.

    Returns:
        (ranks, N, width) float32; where the width is 1, without a copy.
    """
    (count, length), device = numbers.shape, numbers.device
    width = WIDTH[device.type]
    if width == 1:
        return numbers.view(count, length, 1)
    ranks = count_ranks(count, device)
    abreast = torch.empty(ranks, length, width, dtype=torch.float32, device=device)
    lanes = loop_lanes(device, length)
    launch(make_moves(width).line_up, (ranks, lanes), [numbers, lanes, abreast], device)
    return abreast


def file_out(abreast: torch.Tensor, numbers: torch.Tensor) -> None:
    """The way back: writes each body's numbers behind each other.

    Args:
        abreast: (ranks, N, width) float32.
        numbers: (M, N), written to.
    """
    (ranks, length, width), device = abreast.shape, abreast.device
    lanes = loop_lanes(device, length)
    launch(make_moves(width).file_out, (ranks, lanes), [abreast, lanes, numbers], device)
