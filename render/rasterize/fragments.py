"""From a visibility buffer to fragments, for those who ask, and back."""

from __future__ import annotations

from collections.abc import Callable

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch
from render.rasterize.barycentric import find_barycentric
from render.rasterize.buffer import index_samples, lay_into, locate_sample, pack_keys, read_id
from render.rasterize.kernel_views import Scene, Shots, view_placements, view_shots
from render.types.buffer import Chunk, Layout, Visibility
from render.types.fragments import Fragments
from render.types.placements import Placements

wp.set_module_options(MODULE_OPTIONS)


@wp.func
def find_edge_px2(a: wp.vec4f, b: wp.vec4f, x_px: wp.float32, y_px: wp.float32) -> wp.float32:
    """Squared distance of the point (x, y) of the picture from the segment between a and b."""
    # A segment without length has its nearest point at its end: 0 over what is not 0.
    along = wp.vec2f(b[0] - a[0], b[1] - a[1])
    away = wp.vec2f(x_px - a[0], y_px - a[1])
    share = wp.clamp(wp.dot(away, along) / wp.max(wp.length_sq(along), 1.0e-12), 0.0, 1.0)
    return wp.length_sq(away - share * along)


# A thread a covered sample.
@wp.kernel
def write_fragments(
    index: wp.array(dtype=wp.int64),
    origin: wp.int64,
    keys: wp.array(dtype=wp.int64),
    scene: Scene,
    shots: Shots,
    pixel: wp.array(dtype=wp.vec2i),
    shot: wp.array(dtype=wp.int32),
    placement: wp.array(dtype=wp.int32),
    face: wp.array(dtype=wp.int32),
    bary: wp.array(dtype=wp.vec3f),
    depth: wp.array(dtype=wp.float32),
    edge_px2: wp.array(dtype=wp.float32),
):
    i = wp.tid()
    id = read_id(keys[wp.int32(index[i])])
    face_count = wp.uint32(scene.faces.shape[0])
    d = wp.int32(id / face_count)
    f = wp.int32(id - wp.uint32(d) * face_count)
    # From the index in the buffer to the sample's place in the shot.
    p = scene.shot[d]
    bits = shots.sample_bits[p]
    place = locate_sample(wp.int32(index[i] + origin - shots.start[p]), shots.stride[p], bits)
    first = d * scene.vert_count
    corners = scene.faces[f]
    a, b, c = (
        scene.verts[first + corners[0]],
        scene.verts[first + corners[1]],
        scene.verts[first + corners[2]],
    )
    x_px, y_px = wp.float32(place[0]) + 0.5, wp.float32(place[1]) + 0.5
    # A key holds no coordinates: they are found anew, and depth with them, so that the two agree.
    weight = find_barycentric(a, b, c, x_px, y_px)
    edge = wp.min(find_edge_px2(a, b, x_px, y_px), find_edge_px2(b, c, x_px, y_px))
    edge_px2[i] = wp.min(edge, find_edge_px2(c, a, x_px, y_px))
    pixel[i] = place
    shot[i] = p
    placement[i] = d
    face[i] = f
    bary[i] = weight
    # The weights are perspective-correct, so depth in the view is linear in them.
    depth[i] = weight[0] * a[2] + weight[1] * b[2] + weight[2] * c[2]


def read_fragments(placements: Placements, layout: Layout, visibility: Visibility) -> Fragments:
    """The fragments of all covered pixels, in the order of the buffer.

    Args:
        placements: All that the buffer holds.
        layout: Of their shots.
        visibility: The buffer, of one chunk.
    """
    device = placements.verts.device
    index = torch.nonzero(visibility.keys[: len(visibility.chunk.samples)] != Visibility.EMPTY)[:, 0]
    count = len(index)
    fragments = Fragments(
        pixel=torch.empty(count, 2, dtype=torch.int32, device=device),
        shot=torch.empty(count, dtype=torch.int32, device=device),
        placement=torch.empty(count, dtype=torch.int32, device=device),
        face=torch.empty(count, dtype=torch.int32, device=device),
        bary=torch.empty(count, 3, dtype=torch.float32, device=device),
        depth=torch.empty(count, dtype=torch.float32, device=device),
        edge_px2=torch.empty(count, dtype=torch.float32, device=device),
        size_px=layout.size << layout.sample_bits[:, None],
        face_count=len(placements.faces),
    )
    launch(
        write_fragments,
        count,
        [
            index,
            visibility.chunk.samples.start,
            visibility.keys,
            view_placements(placements),
            view_shots(layout),
            fragments.pixel,
            fragments.shot,
            fragments.placement,
            fragments.face,
            fragments.bary,
            fragments.depth,
            fragments.edge_px2,
        ],
        device,
    )
    return fragments


class FragmentKeys:
    """Fragments as keys of the visibility buffer, so that what shades the one shades the other.

    Args:
        fragments: Of these placements, from here or elsewhere.
        placements: What is on the shots.
        layout: Of their shots.

    Raises:
        ValueError: The fragments are not of these placements and this layout: kernels would read memory that
            is not theirs.
    """

    def __init__(self, fragments: Fragments, placements: Placements, layout: Layout) -> None:
        for name in ("pixel", "shot", "placement", "face"):
            found = getattr(fragments, name)
            if found.is_floating_point() or found.device != placements.verts.device:
                raise ValueError(
                    f"fragments.{name}: expected whole numbers on {placements.verts.device}, "
                    f"found {found.dtype} on {found.device}"
                )
        shot, (x, y) = fragments.shot.long(), fragments.pixel.long().T
        if fragments.face_count != len(placements.faces):
            raise ValueError(
                f"fragments: expected placements of {len(placements.faces)} faces, found "
                f"{fragments.face_count}"
            )
        size_px = layout.size << layout.sample_bits[:, None]
        found_px = fragments.size_px.to(size_px.device)
        if size_px.shape != found_px.shape or (size_px != found_px).any():
            expected, found = (f"{len(of)} shots, the first {of[:1].tolist()}" for of in (size_px, found_px))
            raise ValueError(f"fragments: expected {expected}, found {found}")
        _check_range("shot", shot, len(size_px))
        _check_range("placement", fragments.placement, len(placements.verts))
        _check_range("face", fragments.face, len(placements.faces))
        width, height = size_px[shot].T
        _check_range("pixel x", x, width)
        _check_range("pixel y", y, height)
        strange = torch.nonzero(placements.shot[fragments.placement.long()] != shot)[:, 0].tolist()
        if strange:
            i = strange[0]
            raise ValueError(
                f"fragments: fragment {i} is on shot {int(shot[i])} and "
                f"has placement {int(fragments.placement[i])}, which is on another"
            )
        # In the order of the buffer those of a chunk follow one another.
        self._index, order = index_samples(layout, shot, x, y).sort()
        keys = pack_keys(
            fragments.depth.detach().float(), fragments.placement, fragments.face, len(placements.faces)
        )
        self._keys = keys[order]

    def open(self, is_supersampled: bool, keys: torch.Tensor) -> Callable[[Chunk], None]:
        """What lays those of a chunk into its keys, in place of all that was there; see `ChunkFiller`.

        Args:
            is_supersampled: Not used: the layout says it of each shot.
            keys: int64, one for each sample of the chunk or more.

        Returns:
            A function that takes one chunk after the other.
        """

        def fill(chunk: Chunk) -> None:
            # Shading empties what the placements may cover; fragments may lie elsewhere.
            keys.fill_(Visibility.EMPTY)
            self._lay(chunk, keys)

        return fill

    def _lay(self, chunk: Chunk, keys: torch.Tensor) -> None:
        ends = torch.tensor([chunk.samples.start, chunk.samples.stop], device=self._index.device)
        first, end = torch.searchsorted(self._index, ends).tolist()
        lay_into(keys, self._index[first:end] - chunk.samples.start, self._keys[first:end])


def _check_range(name: str, found: torch.Tensor, count: int | torch.Tensor) -> None:
    bad = torch.nonzero((found < 0) | (found >= count))
    if len(bad):
        first = int(bad[0, 0])
        raise ValueError(
            f"fragments: fragment {first} has {name} {int(found[first])}, which is not in what is drawn"
        )
