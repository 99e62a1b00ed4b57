"""From sheets to batches: what is drawn in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from render.body.fit_bodies import TopologyKey
from render.labels.layer import AMODAL, LayerSpec
from render.library.label_renderer import list_drawn
from render.shade.mode import MODES
from render.sheet.canvas import count_channels
from render.sheet.ground.floor_light import choose_quality
from render.sheet.panels import catches_shadow
from render.sheet.shots import share_shots
from render.types.sheets import Sheet

# Of a vertex: its place and its normal, float32; drawn, its place on the panel and what that is rounded to.
VERT_BYTES, PLACED_VERT_BYTES = 2 * 12, 16 + 8
# In the studio's light: a vertex and its normal on their stage, and the light of the sky and of the floor
# there; drawn, the key light's share.
LIT_VERT_BYTES, LIT_PLACED_VERT_BYTES = 2 * 12 + 8, 4
# For rays: a vertex on its stage, on the way there in float64, and a face in the tree of boxes of its sheet.
RAY_VERT_BYTES, RAY_FACE_BYTES = 12 + 2 * 24, 128
# Kernels count threads, vertices and values in 32 bits with a sign. On CUDA a face of a placement is a
# thread. Pixels are not among these: their kernels are given sections of them, see `Canvas`.
MOST_COUNTED = 2**31 - 1
# Sheets in a picture of two fits: both, and as much again for the picture and for a body of more vertices.
_IN_PAIR = 4


@dataclass(frozen=True)
class BodyCost:
    """What a body of a batch takes.

    Attributes:
        vert_count: How many vertices it has.
        face_count: How many faces it has.
        has_rays: Whether rays find the light of modes that need it.
    """

    vert_count: int
    face_count: int
    has_rays: bool = False

    @property
    def body_bytes(self) -> int:
        """Of a posed body."""
        return VERT_BYTES * self.vert_count

    @property
    def lit_bytes(self) -> int:
        """Of a posed body in the studio's light, beside that."""
        if self.has_rays:
            return RAY_VERT_BYTES * self.vert_count + RAY_FACE_BYTES * self.face_count
        return LIT_VERT_BYTES * self.vert_count

    @property
    def placement_bytes(self) -> int:
        """Of a body on a panel."""
        return PLACED_VERT_BYTES * self.vert_count

    @property
    def lit_placement_bytes(self) -> int:
        """Of a body on a panel in the studio's light, beside that."""
        return 0 if self.has_rays else LIT_PLACED_VERT_BYTES * self.vert_count


@dataclass
class BatchLimit:
    """What a batch may hold.

    Attributes:
        most_sheets: How many sheets.
        most_bytes: What they may take in all; lowered when memory runs out.
    """

    most_sheets: int
    most_bytes: int

    def allows(self, load: Load) -> bool:
        """Whether a batch may hold so much."""
        return (
            load.sheets <= self.most_sheets and load.bytes <= self.most_bytes and load.find_excess() is None
        )


class Load(NamedTuple):
    """What sheets take while they are made.

    Attributes:
        sheets: How many they are.
        bytes: About how many they take in all.
        faces: Of all bodies on all panels.
        verts: Likewise.
        values: Of a layer of labels, at most.
    """

    sheets: int = 0
    bytes: int = 0
    faces: int = 0
    verts: int = 0
    values: int = 0

    def plus(self, others: Iterable[Load]) -> Load:
        """What these sheets take together with others."""
        return Load(*map(sum, zip(self, *others, strict=True)))

    def find_excess(self) -> str | None:
        """What of it is more than kernels can count, for a message; None if nothing is."""
        for what, count in (("faces", self.faces), ("vertices", self.verts), ("values", self.values)):
            if count > MOST_COUNTED:
                return f"{count:,} {what} in its views are more than kernels count, {MOST_COUNTED:,}"
        return None


class LabelBytes(NamedTuple):
    """What label sets take of each pixel.

    Attributes:
        planes: All layers of all people, bytes.
        masks: The mask of each person as if alone, bytes.
    """

    planes: int
    masks: int


NO_LABELS = LabelBytes(0, 0)


def weigh_layers(layers: tuple[LayerSpec, ...]) -> LabelBytes:
    """What these layers, and what is drawn beside them, take of each pixel."""
    planes = [spec for spec in list_drawn(layers) if spec.name != AMODAL]
    sizes = [len(spec.layer.channels) * np.dtype(spec.dtype).itemsize for spec in planes]
    # The masks once as they are drawn, and once as they are stored.
    return LabelBytes(sum(sizes), 2 if len(planes) < len(list_drawn(layers)) else 0)


def weigh_sheet(sheet: Sheet, body: BodyCost, label_bytes: LabelBytes = NO_LABELS) -> Load:
    """The load of one sheet: its pixels, its photo, its bodies, their placements, and their light.

    Args:
        sheet: The sheet.
        body: What each of its bodies takes.
        label_bytes: Of label sets.
    """
    # At most: with one sample a pixel labels share shots with colours, and views that are fitted do so too.
    shots = len(share_shots(sheet.panels, supersample=2, is_fitted=False))
    placements = shots * len(sheet.fits) * (2 if label_bytes.masks else 1)
    # All sheets of a run have the same panels, and so alpha or not.
    pixels = sheet.height * sheet.width
    taken = (
        count_channels([sheet]) * pixels
        + body.placement_bytes * placements
        + body.body_bytes * len(sheet.fits)
    )
    taken += pixels * (label_bytes.planes + label_bytes.masks * len(sheet.fits))
    if any(panel.shows_photo for panel in sheet.panels):
        taken += 3 * sheet.photo_hw[0] * sheet.photo_hw[1]
    if any(MODES.load(panel.mode).needs_light for panel in sheet.panels):
        taken += body.lit_bytes * len(sheet.fits) + body.lit_placement_bytes * placements
    if any(catches_shadow(panel) for panel in sheet.panels):
        # The maps of the sky's light on the ground, which all panels wait for.
        taken += 4 * choose_quality(len(sheet.fits)).cells ** 2 * len(sheet.fits)
    # No layer has more than four channels.
    values = 4 * pixels if label_bytes.planes else 0
    return Load(1, taken, placements * body.face_count, placements * body.vert_count, values)


def weigh_pair(sheet: Sheet, body: BodyCost, weigh: Callable[[Sheet, BodyCost], Load]) -> Load:
    """The load of a sheet, of another with a body that may be larger, and of the picture with both.

    Args:
        sheet: One of the two.
        body: What its body takes.
        weigh: What one sheet takes.
    """
    load = weigh(sheet, body)
    return Load(load.sheets, *(_IN_PAIR * taken for taken in load[1:]))


def gather_batches(
    images: Iterable[list[Sheet]],
    limit: BatchLimit,
    topology_of: Callable[[Sheet], tuple[TopologyKey, BodyCost]],
    weigh: Callable[[Sheet, BodyCost], Load] = weigh_sheet,
) -> Iterator[tuple[list[Sheet], Load]]:
    """Batches in about the order of the sheets, each of bodies of the same topologies.

    The sheets of an image come into one batch, so that their photo is decoded once; only those that are more
    than a batch, or of other topologies, are split. A sheet that is more than a batch has one of its own.

    Args:
        images: The sheets of each image.
        limit: What a batch may hold; may change meanwhile.
        topology_of: The topologies of a sheet's people, and what each of them takes.
        weigh: What a sheet takes, such as `weigh_sheet`.

    Yields:
        A batch, and what it takes.
    """
    # One open batch for each topology: fits of several files may take turns, image by image.
    open_batches: dict[TopologyKey, tuple[list[Sheet], Load]] = {}
    for sheets in images:
        of_key: dict[TopologyKey, list[tuple[Sheet, Load]]] = {}
        for sheet in sheets:
            key, body = topology_of(sheet)
            of_key.setdefault(key, []).append((sheet, weigh(sheet, body)))
        for key, weighed in of_key.items():
            batch, load = open_batches.get(key, ([], Load()))
            # First the image as a whole, then its sheets one by one, for those that no batch holds together.
            together = load.plus(one for _, one in weighed)
            if batch and not limit.allows(together):
                yield batch, load
                batch, load = [], Load()
                together = load.plus(one for _, one in weighed)
            if limit.allows(together):
                batch.extend(sheet for sheet, _ in weighed)
                open_batches[key] = (batch, together)
                continue
            for sheet, one in weighed:
                if batch and not limit.allows(load.plus([one])):
                    yield batch, load
                    batch, load = [], Load()
                batch.append(sheet)
                load = load.plus([one])
            open_batches[key] = (batch, load)
    yield from (found for found in open_batches.values() if found[0])
