"""From sheets to layers of labels, as tensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from render.body.family.skin_parts import find_skin_parts
from render.body.model import BodyModel
from render.compute.transfer import upload
from render.errors import ConfigError
from render.labels.layer import ALPHA, AMODAL, DENSEPOSE, KEYPOINTS, LayerSpec, parse_layers
from render.labels.point import LabelBodies
from render.labels.write_layers import Planes
from render.library.given.handed import check_fragments, check_kind, check_model
from render.library.label_chunks import LabelDrawing
from render.library.sheets import SheetBatch
from render.rasterize.fragments import FragmentKeys
from render.sheet.staging import StagedBatch
from render.types.fragments import Fragments


def label_sheets(
    sheets: SheetBatch, fragments: Fragments, layers: Sequence[str], *, body: BodyModel | None = None
) -> list[dict[str, torch.Tensor]]:
    """What each pixel of the sheets shows, as numbers: the layers of label sets.

    What the fragments say of the face in front is believed; where in the face a pixel lies is found anew, and
    what lies beyond the bodies' bounds is left out.

    Args:
        sheets: From `build_sheets`, of one sample a pixel; modes do not matter.
        fragments: Of these sheets, from `rasterize_sheets` or elsewhere.
        layers: Their names: alpha, bary, depth, depth_relative, face, instance, iuv, normal, normal_world,
            parts, position, silhouette, skin_parts, uv, or one of another package.
        body: The model of the bodies; skin_parts needs it.

    Returns:
        Of each shot, in the order in which fragments count them, the layers by name: (H, W, C) float32 on the
        device of the bodies, 0 where nobody is. Normals and positions are in the frame of the shot's view, x
        right, y down, z away. Under a pinhole, in the views `camera` and `crop`, positions and depths are
        from its centre, m; elsewhere positions are from each body's origin.

    Raises:
        TypeError: `sheets`, `fragments` or `body` is something else.
        BodyModelError: The body has no parts for skin_parts.
        RenderError: There is no such layer, or it is not of sheets.
        ValueError: The fragments are of other sheets, or the sheets lack what a layer needs.

    Examples:
        >>> from render import build_sheets, label_sheets, make_bodies, make_cameras, rasterize_sheets
        >>> import numpy as np
        >>> square = make_bodies([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])
        >>> cameras = make_cameras(np.eye(3)[None], [[-0.5, -0.5, 2]], [20], [[10, 10]])
        >>> sheets = build_sheets(square, ["camera/geo"], size_px=(20, 20), cameras=cameras)
        >>> (labels,) = label_sheets(sheets, rasterize_sheets(sheets), ["depth", "normal"])
        >>> labels["depth"].shape, labels["depth"][10, 10].tolist(), labels["normal"][10, 10].tolist()
        (torch.Size([20, 20, 1]), [2.0], [0.0, 0.0, -1.0])
    """
    staged = check_kind("sheets", sheets, SheetBatch).staged
    check_fragments(fragments)
    if body is not None:
        check_model("body", body)
    specs = _parse_names(layers)
    _check_needs(specs, sheets, body)
    device, sizes = staged.placements.verts.device, np.array([shot.size_px for shot in staged.batch.shots])
    planes = [Planes(spec, sizes, device) for spec in specs]
    drawing = LabelDrawing(
        # They take the place of a rasterizer: from here on all is as in a run.
        FragmentKeys(fragments, staged.placements, staged.layout),
        staged.layout,
        staged.view_scene(),
        _describe_bodies(staged, specs, body),
        planes,
        edges=staged.find_all_edges() if any(spec.name == ALPHA for spec in specs) else None,
    )
    drawing.draw(staged.list_chunks())
    cut = {of.spec.name: of.cut(of.values) for of in planes}
    return [{name: of_shots[k] for name, of_shots in cut.items()} for k in range(len(sizes))]


def _parse_names(layers: Sequence[str]) -> list[LayerSpec]:
    is_list = not isinstance(layers, str) and isinstance(layers, Sequence)
    if not is_list or not all(isinstance(text, str) for text in layers):
        raise ConfigError(f"layers: expected a list of names, such as ['depth'], found {layers!r}")
    for text in layers:
        if ":" in text:
            raise ConfigError(
                f"layers: {text!r}: layers of sheets are float32; leave out what follows the colon"
            )
        if text in (AMODAL, KEYPOINTS, DENSEPOSE):
            raise ConfigError(f"layers: {text!r} is not of sheets; the job labels writes it")
    return [LayerSpec(spec.name, "float") for spec in parse_layers(list(layers))]


def _check_needs(specs: list[LayerSpec], sheets: SheetBatch, body: BodyModel | None) -> None:
    """Raises ValueError for a layer that needs what was not handed in."""
    staged = sheets.staged
    if any(shot.sample_bits for shot in staged.batch.shots):
        raise ValueError("sheets: labels have one sample a pixel; build the sheets with supersample=1")
    lacks = {
        "charts": None if staged.charts is not None else "DensePose's charts; build sheets with charts=...",
        "uv": None if staged.texture is not None else "a UV map; build sheets with texture=...",
        "weights": None if body is not None else "the skinning weights of a model; pass body=...",
        "world": None
        if np.isfinite(staged.batch.fits.world_rotation).all()
        else "fits that know the world of their sequence; use normal",
        "pinhole": None
        if bool(_find_pinholes(staged).all())
        else "pinhole cameras, in the views camera and crop only; use depth_relative",
    }
    for spec in specs:
        for need in sorted(spec.layer.needs):
            if lacks.get(need) is not None:
                raise ValueError(f"layers: {spec.name} needs {lacks[need]}")
    if body is not None and body.vert_count != staged.bodies.verts.shape[1]:
        raise ValueError(
            f"body: expected the model of the bodies, with {staged.bodies.verts.shape[1]} vertices, found "
            f"{body.vert_count}"
        )


def _find_pinholes(staged: StagedBatch) -> torch.Tensor:
    """(D,) whether a placement is as its own camera sees it, in metres and with perspective."""
    over_photo = np.array([shot.view.over_photo for shot in staged.batch.shots])
    is_over_photo = upload(over_photo[staged.placement_list.shot], staged.cameras.focal_px.device)
    return (staged.cameras.focal_px > 0) & is_over_photo


def _describe_bodies(staged: StagedBatch, specs: list[LayerSpec], body: BodyModel | None) -> LabelBodies:
    device, count = staged.placements.verts.device, len(staged.bodies.verts)
    cameras, is_pinhole = staged.cameras, _find_pinholes(staged)[:, None, None]
    # The cameras of fits are in pixels of the depth where the body is, and as much wider as their focal
    # lengths say. What is added to turned vertices, in metres, is the same whatever the units.
    matrix = torch.where(is_pinhole, cameras.matrix, cameras.rotation).double()
    away = torch.linalg.solve(matrix, cameras.translation.double()[..., None])
    transl_m = torch.where(is_pinhole, cameras.rotation.double() @ away, 0.0)[..., 0]
    parts = rows = None
    if body is not None and any("weights" in spec.layer.needs for spec in specs):
        parts = upload(find_skin_parts(body)[None], device)
        rows = torch.zeros(count, dtype=torch.int32, device=device)
    return LabelBodies(
        bodies=staged.bodies,
        transl_m=transl_m.float().contiguous(),
        world_rotation=upload(staged.batch.fits.world_rotation.astype(np.float32), device),
        first_face=torch.zeros(count, dtype=torch.int32, device=device),
        skin_part=parts,
        skin_row=rows,
    )
