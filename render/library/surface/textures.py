"""Textures: a body's UV map and the picture that is on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from render.body.model import BodyModel
from render.body.surface.atlas import make_atlas
from render.body.surface.uv_map import read_uv_map
from render.errors import BodyModelError, MissingPhotoError, PhotoError
from render.library.given.handed import check_fields, check_kind, check_model, check_path
from render.photos.decode import read_photo
from render.types.bodies import Bodies, Charts, TextureMap

LONGEST_SIDE_PX = 16_384


def load_texture(
    uv: str | Path | Charts,
    body: BodyModel | Bodies,
    picture: str | Path | np.ndarray | None = None,
) -> TextureMap:
    """A picture on the UV map of a body, for the mode texture.

    Args:
        uv: The file of the map: an OBJ with vt, such as smpl_uv.obj, or an npz with vt and ft, such as
            SMPLX_NEUTRAL.npz. Or the body's charts, for a picture in the squares of DensePose's atlas.
        body: Whose faces the map is on.
        picture: A file, PNG or JPEG, or (H, W, 3) uint8 RGB, the upper row first; up to 16384 px a side. Left
            out, there is only the map.

    Returns:
        The texture, for `build_sheets(texture=...)`, on the body's device.

    Raises:
        TypeError: `uv` or `picture` is no path, or `body` no body.
        ValueError: The charts are of other faces, or the picture is no (H, W, 3) uint8.
        BodyModelError: A file cannot be used, or the map is of another topology.

    Examples:
        >>> from render import load_body, load_charts, load_texture
        >>> from render.resources import DEMO_BODY_FILE
        >>> import numpy as np
        >>> body = load_body()
        >>> charts = load_charts(DEMO_BODY_FILE.with_name("demo_charts.mat"), body)
        >>> load_texture(charts, body, np.zeros((1200, 800, 3), np.uint8))
        TextureMap(uv[13776, 3, 2], texels[1200, 800, 3])
    """
    if not isinstance(body, Bodies):
        check_model("body", body)
    texels = None
    if isinstance(picture, np.ndarray):
        texels = torch.tensor(_check_picture("picture", picture), device=body.faces.device)
    elif picture is not None:
        texels = read_texels(check_path("picture", picture), body.faces.device)
    if isinstance(uv, Charts):
        check_fields("uv", uv)
        if len(uv.part) != len(body.faces):
            raise ValueError(f"uv: expected charts of {len(body.faces)} faces, found {len(uv.part)}")
        return TextureMap(make_atlas(uv, body.faces), texels)
    return TextureMap(read_uv_map(check_path("uv", uv), body.faces), texels)


def read_texels(path: Path, device: torch.device) -> torch.Tensor:
    """The pixels of a texture.

    Args:
        path: Of the picture. It is taken as it is stored, whatever its EXIF data say: so are UV maps.
        device: Where they are to be.

    Returns:
        (H, W, 3), uint8 RGB, the upper row first.

    Raises:
        BodyModelError: The picture is missing or damaged, or too large.
    """
    try:
        pixels = read_photo(path, ignores_exif=True)
    except MissingPhotoError:
        raise BodyModelError(
            f"{path}: there is no such texture. Set body.texture to a PNG or JPEG."
        ) from None
    except PhotoError as error:
        raise BodyModelError(f"{error} It is the texture that body.texture names.") from error
    return torch.from_numpy(_check_picture(str(path), pixels)).to(device)


def take_texture(texture: TextureMap, bodies: Bodies) -> TextureMap:
    """The texture as kernels take it, with a copy of its map.

    Raises:
        TypeError: It is no TextureMap, or holds what are no tensors of real numbers.
        ValueError: It is of another topology or on another device, or numbers are not finite.
    """
    check_fields("texture", check_kind("texture", texture, TextureMap))
    found, expected = ((len(one), one.device) for one in (texture.uv, bodies.faces))
    if found != expected:
        says = "{} faces on {}"
        raise ValueError(f"texture: expected that of {says.format(*expected)}, found {says.format(*found)}")
    uv = texture.uv.detach().float()
    if not uv.isfinite().all():
        raise ValueError("texture.uv: expected finite numbers, found others")
    texels = texture.texels
    if texels is not None:
        if texels.dtype != torch.uint8 or not texels.numel():
            raise ValueError(f"texture.texels: expected pixels, uint8, found {texels.dtype} {texels.shape}")
        if max(texels.shape) > LONGEST_SIDE_PX:
            raise ValueError(f"texture.texels: expected up to {LONGEST_SIDE_PX} px a side")
        texels = texels.contiguous()
    return TextureMap(uv.clamp(-1e6, 1e6).contiguous(), texels)


def _check_picture(name: str, pixels: np.ndarray) -> np.ndarray:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise ValueError(f"{name}: expected (H, W, 3) uint8 pixels, found {pixels.dtype} {pixels.shape}")
    if max(pixels.shape) > LONGEST_SIDE_PX:
        height, width = pixels.shape[:2]
        raise BodyModelError(
            f"{name}: expected a texture of at most {LONGEST_SIDE_PX} px a side, found {width} x {height}. "
            f"Scale it down."
        )
    return pixels
