"""PyTorch3D, which is not among the requirements: what is used of it, or why it cannot be used."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from render.errors import RasterizerError, list_causes

INSTALL_PAGE = "https://github.com/facebookresearch/pytorch3d/blob/main/INSTALL.md"
TESTED = "PyTorch3D 0.7.9 with torch 2.13.0"
ADVICE = (
    f"PyTorch3D is installed as {INSTALL_PAGE} says, and must be built for the torch and the CUDA that are "
    f"there; tested here: {TESTED}"
)


class PyTorch3D(NamedTuple):
    """The classes of PyTorch3D that rasterize meshes, by the names that they have there."""

    Meshes: Any
    MeshRasterizer: Any
    RasterizationSettings: Any
    OrthographicCameras: Any
    PerspectiveCameras: Any


@cache
def load_pytorch3d() -> PyTorch3D:
    """Imports PyTorch3D.

    Raises:
        RasterizerError: That fails; with every cause.
    """
    try:
        from pytorch3d.renderer import (
            MeshRasterizer,
            OrthographicCameras,
            PerspectiveCameras,
            RasterizationSettings,
        )
        from pytorch3d.structures import Meshes
    # A build for another torch, or another CUDA, fails in many ways.
    except Exception as error:
        raise RasterizerError(f"PyTorch3D cannot be imported: {list_causes(error)}") from error
    return PyTorch3D(Meshes, MeshRasterizer, RasterizationSettings, OrthographicCameras, PerspectiveCameras)
