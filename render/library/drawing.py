"""From sheets to fragments, pictures and files."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import torch

from render.annotate.annotation import ANNOTATIONS
from render.annotate.find_marks import Annotations, mark_people
from render.annotate.find_shown import find_seen
from render.annotate.marks import PersonMarks
from render.body.anatomy import find_anatomy
from render.body.model import BodyModel
from render.files.output_dir import OutputDir
from render.files.sheet_names import sheet_file
from render.fits.coco import CocoPerson
from render.library.chunks import annotate_panel, draw_chunks
from render.library.given.checks import check_rays
from render.library.given.handed import check_fragments, check_kind, check_model, check_path, is_real
from render.library.sheets import SheetBatch
from render.library.style import ERROR_MM
from render.rasterize.buffer import allocate_keys
from render.rasterize.choose import choose_rasterizer
from render.rasterize.fragments import FragmentKeys, read_fragments
from render.shade.resolve import Resolver
from render.sheet.canvas import count_channels, cut_sheets, lay_out_canvas, paint_backgrounds, sheet_starts
from render.sheet.ground.layer import GroundLayer
from render.sheet.ground.real_cameras import see_grounds
from render.sheet.ground.shadow_layer import ShadowLayer
from render.sheet.lighting.lighting import Lighting
from render.types.buffer import Visibility
from render.types.fragments import Fragments
from render.write.format import FORMATS
from render.write.products import ProductWriter
from render.write.writer import SheetWriter


def rasterize_sheets(sheets: SheetBatch, rasterizer: str = "auto") -> Fragments:
    """What is in front at each covered pixel of all shots.

    Args:
        sheets: From `build_sheets`.
        rasterizer: auto, warp or pytorch3d.

    Returns:
        The fragments; what their `to_pytorch3d` gives is what PyTorch3D's shaders take.

    Raises:
        TypeError: `sheets` are none, or `rasterizer` is no name.
        RenderError: There is no such rasterizer.
        RasterizerError: The rasterizer does not work on the device of the bodies.

    Examples:
        >>> from render import build_sheets, make_bodies, rasterize_sheets
        >>> square = make_bodies([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])
        >>> fragments = rasterize_sheets(build_sheets(square, ["camera/geo"], size_px=(20, 20)))
        >>> len(fragments.face), fragments.to_pytorch3d().pix_to_face.shape
        (324, torch.Size([1, 20, 20, 1]))
    """
    check_kind("rasterizer", rasterizer, str)
    staged = check_kind("sheets", sheets, SheetBatch).staged
    device, chunks = staged.placements.verts.device, staged.list_chunks()
    drawing = choose_rasterizer(rasterizer, device).make(staged.placements, staged.layout)
    keys = allocate_keys((one.chunk for one in chunks), device)
    found = []
    for _, is_supersampled, chunk, *_ in chunks:
        # The last chunk's keys are still there: nothing that shades has emptied them.
        keys.fill_(Visibility.EMPTY)
        drawing.open(is_supersampled, keys)(chunk)
        found.append(read_fragments(staged.placements, staged.layout, Visibility(keys, chunk)))
    # The shots' sizes are those of the whole batch, and the same in each.
    columns = [name for name in Fragments.SHAPES if name != "size_px"]
    return Fragments(
        **{name: torch.cat([getattr(one, name) for one in found]) for name in columns},
        size_px=found[0].size_px,
        face_count=found[0].face_count,
    )


def shade_sheets(
    sheets: SheetBatch,
    fragments: Fragments,
    *,
    opacity: float = 1.0,
    edges: str = "hard",
    rays: int = 0,
    error_mm: float = ERROR_MM,
    annotate: Collection[str] = (),
    body: BodyModel | None = None,
    coco: Mapping[int, CocoPerson] | None = None,
) -> list[np.ndarray]:
    """The sheets' pictures.

    What the fragments say of the face in front is believed; where in the face a pixel lies is found anew, and
    what lies beyond the bodies' bounds is left out.

    Args:
        sheets: From `build_sheets`.
        fragments: Of these sheets, from `rasterize_sheets` or elsewhere.
        opacity: Above 0 to 1, of the bodies over the background; labels are opaque.
        edges: smooth or hard, of panels that hold no labels, where sheets have one sample a pixel. The
            fragments say which pixels are on edges; what is in front within these our own rasterizer finds,
            whoever has made the fragments.
        rays: In modes with light, such as studio, how many a pixel find what light reaches it: 16, 32, 64,
            128 or 256. 0 finds it from depth maps, which is quicker.
        error_mm: Of panels in mode error, where the scale ends: numbers of vertices from 0 to it are shown.
        annotate: Names of annotations over the panels but labels: bbox, keypoints, multibox, coco, label,
            legend. But for legend they need sheets with fits, and `body`.
        body: The model of the bodies.
        coco: COCO's own annotations by annotation id, for `coco`.

    Returns:
        (H, W, 3) uint8 RGB of each sheet, or RGBA if a panel's background is transparent; the frames of clips
        one below the other.

    Raises:
        TypeError: `sheets`, `fragments`, `body`, `annotate` or `coco` is something else.
        RenderError: There is no such annotation.
        ValueError: The fragments are of other sheets, or the annotations cannot be found.

    Examples:
        >>> from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
        >>> square = make_bodies([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])
        >>> sheets = build_sheets(square, ["camera/normal/black"], size_px=(20, 20))
        >>> (picture,) = shade_sheets(sheets, rasterize_sheets(sheets))
        >>> picture[0, 0].tolist(), picture[10, 10].tolist()
        ([0, 0, 0], [128, 128, 255])
    """
    check_kind("sheets", sheets, SheetBatch)
    check_fragments(fragments)
    if not is_real(opacity) or not 0 < opacity <= 1:
        raise ValueError(f"opacity: expected above 0 and up to 1, found {opacity!r}")
    if not isinstance(edges, str) or edges not in ("smooth", "hard"):
        raise ValueError(f"edges: expected smooth or hard, found {edges!r}")
    rays = check_rays(rays)
    if not is_real(error_mm) or not 0 < error_mm < math.inf:
        raise ValueError(f"error_mm: expected a number above 0, found {error_mm!r}")
    # All is checked first, so that nothing is drawn in vain.
    if isinstance(annotate, str) or not isinstance(annotate, Collection):
        raise TypeError(f"annotate: expected a list of names, found {annotate!r}")
    if body is not None:
        check_model("body", body)
    if coco is not None:
        if not isinstance(coco, Mapping):
            raise TypeError(f"coco: expected a mapping from annotation ids, found a {type(coco).__name__}")
        for person in coco.values():
            check_kind("coco", person, CocoPerson)
    for name in annotate:
        check_kind("annotate", name, str)
        ANNOTATIONS.check("annotate", name)
    marks_people = any(ANNOTATIONS.load(name).paint is not None for name in annotate)
    if marks_people and (body is None or not sheets.has_fits):
        raise ValueError("annotate: annotations are of fits and of a body model; pass body=... and fits=...")
    staged, batch = sheets.staged, sheets.staged.batch
    channels = count_channels(batch.sheets)
    canvas = np.empty(sheet_starts(batch.sheets, channels)[-1], np.uint8)
    corners, sides = batch.crops
    for i, view in enumerate(cut_sheets(canvas, batch.sheets, channels)):
        paint_backgrounds(view, batch.sheets[i], sheets.photos[i], (corners[i], float(sides[i])))
    device = staged.placements.verts.device
    pixels = torch.from_numpy(canvas).to(device)
    canvas_of_batch = lay_out_canvas(batch.sheets, batch.shots, pixels, channels)
    lighting = Lighting(staged, rays)
    for shine in lighting.list_tasks():
        shine()
    scene = staged.view_scene(lighting.light, float(error_mm))
    resolver = Resolver(scene, staged.layout, canvas_of_batch, opacity)
    grounds = GroundLayer(
        batch.shots, batch.first, staged.bodies, staged.stage, see_grounds(staged), canvas_of_batch
    )
    shadows = ShadowLayer(staged, canvas_of_batch)
    for lay in [*grounds.list_tasks(), *shadows.list_light_tasks(), *shadows.list_tasks()]:
        lay()
    # They take the place of a rasterizer: from here on all is as in a run.
    nearest = FragmentKeys(fragments, staged.placements, staged.layout)
    smoothed = staged.find_edges() if edges == "smooth" else None
    chunks = staged.list_chunks(lighting.has_rays, canvas_of_batch.shot_section)
    draw_chunks(chunks, nearest, resolver, device, smoothed)
    pictures = cut_sheets(pixels.cpu().numpy(), batch.sheets, channels)
    if annotate:
        marks: list[list[PersonMarks]] = [[] for _ in batch.shots]
        if marks_people and body is not None:
            anatomies = [find_anatomy(body)] * len(batch.fits)
            marks = mark_people(staged, anatomies, Annotations(tuple(annotate), coco))
        seen = find_seen(staged, annotate, float(error_mm))
        for k, shot in enumerate(batch.shots):
            for panel in shot.panels:
                annotate_panel(pictures[shot.sheet], panel, marks[k], annotate, seen[k])
    return pictures


def write_sheets(
    sheets: SheetBatch,
    pictures: list[np.ndarray],
    folder: str | Path,
    output: str = "png",
    **options: float,
) -> list[Path]:
    """Writes the pictures as files named by their sheets.

    Files are there whole or not at all, and never outside of the folder.

    Args:
        sheets: From `build_sheets`.
        pictures: From `shade_sheets`.
        folder: Where to.
        output: The format: png, jpg, gif, mp4, webp or one of another package.
        options: What the format's encoder takes, such as quality or fps; left out, what it has by default.

    Returns:
        Where they are.

    Raises:
        TypeError: `sheets`, `pictures`, `folder` or `output` is something else.
        OutputError: None can be written.
        RenderError: There is no such format, or one picture cannot be encoded in it.
        ValueError: The pictures are of other sheets, the format holds no pictures, or an option is unknown or
            out of range.

    Examples:
        >>> from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets, write_sheets
        >>> square = make_bodies([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])
        >>> sheets = build_sheets(square, ["camera/geo"], size_px=(20, 20))
        >>> write_sheets(sheets, shade_sheets(sheets, rasterize_sheets(sheets)), "outputs/squares")
        [PosixPath('outputs/squares/000000.png')]
    """
    check_kind("sheets", sheets, SheetBatch)
    check_kind("output", output, str)
    target_path = check_path("folder", folder)
    if not isinstance(pictures, list | tuple | np.ndarray):
        raise TypeError(f"pictures: expected a list of pictures, found a {type(pictures).__name__}")
    if len(pictures) != len(sheets.sheets):
        raise ValueError(
            f"pictures: expected one for each of {len(sheets.sheets)} sheets, found {len(pictures)}"
        )
    # All pictures are checked before the first is written.
    FORMATS.check("output", output)
    chosen = FORMATS.load(output)
    if chosen.encode is None:
        raise ValueError(f"output: {output} holds no pictures; use png, jpg, gif, mp4 or webp")
    for sheet, picture in zip(sheets.sheets, pictures, strict=True):
        expected = [(sheet.height, sheet.width, channels) for channels in (3, 4)]
        if getattr(picture, "shape", None) not in expected or picture.dtype != np.uint8:
            found = f"{getattr(picture, 'shape', type(picture))} {getattr(picture, 'dtype', '')}".rstrip()
            raise ValueError(f"pictures: {sheet.name}: expected {expected[0]} uint8 pixels, found {found}")
        if picture.shape[2] == 4 and chosen.alpha == "none":
            raise ValueError(f"output: {output} has no transparency, as the panels ask for")
        if sheet.frames > 1 and not chosen.holds_frames:
            raise ValueError(f"output: {output} holds one frame of {sheet.frames}")
    known = {option.name: option for option in chosen.options}
    for name, value in options.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if name not in known or not is_number or not known[name].takes(value):
            takes = ", ".join(f"{o.name} from {o.span}" for o in chosen.options)
            raise ValueError(f"{name}: {output} takes {takes or 'no options'}, found {value!r}")
    target = OutputDir(target_path)
    writer = SheetWriter(
        ProductWriter(target), output, {name: o.default for name, o in known.items()} | options
    )
    for sheet, picture in zip(sheets.sheets, pictures, strict=True):
        writer.write(sheet, picture)
    return [target.path / sheet_file(sheet.name, output) for sheet in sheets.sheets]
