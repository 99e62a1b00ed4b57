"""From sheets to fragments, pictures and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from render.files.output_dir import OutputDir
from render.files.sheet_names import sheet_file
from render.library.sheets import SheetBatch
from render.rasterize.buffer import allocate_keys
from render.rasterize.choose import choose_rasterizer
from render.rasterize.fragments import FragmentKeys, read_fragments
from render.shade.resolve import Resolver
from render.sheet.canvas import count_channels, cut_sheets, lay_out_canvas, paint_backgrounds, sheet_starts
from render.types.buffer import Visibility
from render.types.fragments import Fragments
from render.write.writer import SheetWriter


def rasterize_sheets(sheets: SheetBatch, rasterizer: str = "auto") -> Fragments:
    """What is in front at each covered pixel of all panels.

    rasterizer: auto, warp or pytorch3d. Raises RasterizerError if it does not work. The result of
    `to_pytorch3d` is what PyTorch3D's shaders take.

    >>> from render import build_sheets, make_bodies, rasterize_sheets
    >>> square = make_bodies([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])
    >>> fragments = rasterize_sheets(build_sheets(square, ["camera/geo"], size_px=(20, 20)))
    >>> len(fragments.face), fragments.to_pytorch3d().pix_to_face.shape
    (324, torch.Size([1, 20, 20, 1]))
    """
    staged = sheets.staged
    device, chunks = staged.draws.verts.device, staged.list_chunks()
    drawing = choose_rasterizer(rasterizer, device).make(staged.draws, staged.layout)
    keys = allocate_keys((part.chunk for part in chunks), device)
    found = []
    for _, is_supersampled, chunk in chunks:
        keys.fill_(Visibility.EMPTY)
        drawing.open(is_supersampled, keys)(chunk)
        found.append(read_fragments(staged.draws, staged.layout, Visibility(keys, chunk)))
    columns = [name for name in Fragments.SHAPES if name != "size_px"]
    return Fragments(
        **{name: torch.cat([getattr(part, name) for part in found]) for name in columns},
        size_px=found[0].size_px,
        face_count=found[0].face_count,
    )


def shade_sheets(sheets: SheetBatch, fragments: Fragments) -> list[np.ndarray]:
    """The sheets' pictures, (H, W, 3) uint8 RGB, or RGBA if a panel's background is transparent.

    fragments: of these sheets, from `rasterize_sheets` or elsewhere. What they say of the face in front is
    believed; where in the face a pixel lies is found anew, and what lies beyond the bodies' bounds is left
    out. Raises ValueError for fragments of other sheets.

    >>> from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
    >>> square = make_bodies([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])
    >>> sheets = build_sheets(square, ["camera/normal/black"], size_px=(20, 20))
    >>> (picture,) = shade_sheets(sheets, rasterize_sheets(sheets))
    >>> picture[0, 0].tolist(), picture[10, 10].tolist()
    ([0, 0, 0], [128, 128, 255])
    """
    staged, batch = sheets.staged, sheets.staged.batch
    channels = count_channels(batch.sheets)
    canvas = np.empty(sheet_starts(batch.sheets, channels)[-1], np.uint8)
    corners, sides = batch.crops
    for i, view in enumerate(cut_sheets(canvas, batch.sheets, channels)):
        paint_backgrounds(view, batch.sheets[i], sheets.photos[i], (corners[i], float(sides[i])))
    device, chunks = staged.draws.verts.device, staged.list_chunks()
    pixels = torch.from_numpy(canvas).to(device)
    resolver = Resolver(
        staged.view_scene(),
        staged.layout,
        lay_out_canvas(batch.sheets, batch.panels, pixels, channels),
        opacity=1.0,
    )
    nearest = FragmentKeys(fragments, staged.draws, staged.layout)
    keys = allocate_keys((part.chunk for part in chunks), device)
    for mode, is_supersampled, chunk in chunks:
        # Shading empties what its draws may cover; fragments may lie elsewhere.
        keys.fill_(Visibility.EMPTY)
        nearest.fill(chunk, keys)
        resolver.open(mode, is_supersampled, keys)(chunk)
    return cut_sheets(pixels.cpu().numpy(), batch.sheets, channels)


def write_sheets(sheets: SheetBatch, pictures: list[np.ndarray], folder: str | Path) -> list[Path]:
    """Writes the pictures as PNG files named by their sheets, and returns where they are.

    Files are there whole or not at all, and never outside of the folder. Raises OutputError where none can be
    written, ValueError for pictures of other sheets.

    >>> from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets, write_sheets
    >>> square = make_bodies([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])
    >>> sheets = build_sheets(square, ["camera/geo"], size_px=(20, 20))
    >>> write_sheets(sheets, shade_sheets(sheets, rasterize_sheets(sheets)), "outputs/squares")
    [PosixPath('outputs/squares/000000.png')]
    """
    if len(pictures) != len(sheets.sheets):
        raise ValueError(
            f"pictures: expected one for each of {len(sheets.sheets)} sheets, found {len(pictures)}"
        )
    for sheet, picture in zip(sheets.sheets, pictures, strict=True):
        expected = [(sheet.height, sheet.width, channels) for channels in (3, 4)]
        if getattr(picture, "shape", None) not in expected or picture.dtype != np.uint8:
            found = f"{getattr(picture, 'shape', type(picture))} {getattr(picture, 'dtype', '')}".rstrip()
            raise ValueError(f"pictures: {sheet.name}: expected {expected[0]} uint8 pixels, found {found}")
    output = OutputDir(Path(folder))
    writer = SheetWriter(output, "png", is_clip=False, options={})
    for sheet, picture in zip(sheets.sheets, pictures, strict=True):
        writer.write(sheet, picture)
    return [output.path / sheet_file(sheet.name, "png") for sheet in sheets.sheets]
