"""The bodies of fits: each source of a table has its model, and a batch may need several of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from render.body.anatomy import Anatomy, find_anatomy
from render.body.extent import measure_extents
from render.body.family.skin_parts import find_skin_parts
from render.body.model import BodyModel
from render.compute.transfer import DeviceQueue, upload
from render.errors import BodyModelError
from render.types.bodies import Bodies
from render.types.fits import Fits
from render.types.sources import FitSource, Meshes

# Numbers of the topologies on a sheet, ascending; bodies of one sheet are drawn as one topology.
TopologyKey = tuple[int, ...]


class Size(NamedTuple):
    """What a body of a topology takes.

    Attributes:
        vert_count: How many vertices it has.
        face_count: How many faces it has.
    """

    vert_count: int
    face_count: int


@dataclass(frozen=True)
class PosingGroup:
    """People of a batch who are posed by one model.

    Attributes:
        model: Their model.
        inputs: What it takes of them, on the device.
        rotation: (m, 3, 3) to the cameras' frame, None where it is theirs already.
        index: (m,) their places in the batch.
        bodies: Room for them.
    """

    model: BodyModel
    inputs: tuple[torch.Tensor, ...]
    rotation: torch.Tensor | None
    index: np.ndarray
    bodies: Bodies

    def pose(self, chunks: Sequence[slice]) -> None:
        """Poses the bodies of some chunks, in place."""
        for chunk in chunks:
            self.model.pose_chunk(self.inputs, chunk, self.bodies)
            if self.rotation is not None:
                for part in (self.bodies.verts, self.bodies.normals, self.bodies.joints):
                    _turn(part[chunk], self.rotation[chunk])


class FitBodies:
    """Poses the bodies of fits.

    Args:
        models: Of each source of the fits, all on one device; the same model may serve several.
        device: Where they are; only needed where there are none.
        colors: Of each source the colours (V, 3) of bodies that bring none, uint8, None where all of them
            do; left out where no mode shows colours, and then nobody has any.

    Attributes:
        device: Where the bodies are.
        models: As given.
    """

    def __init__(
        self,
        models: Sequence[BodyModel],
        device: torch.device | None = None,
        colors: Sequence[torch.Tensor | None] | None = None,
    ) -> None:
        self.models = tuple(models)
        self.device = device or self.models[0].device
        self._colors = colors
        known: list[torch.Tensor] = []
        self._topology: list[int] = []
        for model in self.models:
            same = (i for i, faces in enumerate(known) if _is_same(faces, model.faces))
            place = next(same, len(known))
            if place == len(known):
                known.append(model.faces)
            self._topology.append(place)
        # The longest of each topology: a model's vertices need not all be in faces.
        self._sizes = [
            Size(
                max(m.vert_count for m, t in zip(self.models, self._topology, strict=True) if t == place),
                len(faces),
            )
            for place, faces in enumerate(known)
        ]
        self._anatomies: dict[int, Anatomy] = {}
        self._skin_parts: dict[int, np.ndarray] = {}

    def find_key(self, sources: np.ndarray) -> TopologyKey:
        """The topologies of people.

        Args:
            sources: Of the people, as `Fits` has them.
        """
        return tuple(sorted({self._topology[source] for source in sources.tolist()}))

    def measure(self, key: TopologyKey) -> Size:
        """What a body takes on sheets of these topologies."""
        return Size(*(sum(lengths) for lengths in zip(*(self._sizes[place] for place in key), strict=True)))

    def are_closed(self, fits: Fits) -> np.ndarray:
        """(M,) whether no inside of these bodies is ever seen."""
        return np.array([self.models[source].is_closed for source in fits.source.tolist()])

    def find_anatomies(self, fits: Fits) -> list[Anatomy]:
        """Of each of these people, in the bodies that `join` gives for them."""
        sources = fits.source.tolist()
        for source in set(sources) - self._anatomies.keys():
            self._anatomies[source] = find_anatomy(self.models[source])
        key = self.find_key(fits.source)
        first = dict(
            zip(key, np.cumsum([0, *(self._sizes[place].vert_count for place in key)]).tolist(), strict=False)
        )
        return [self._anatomies[source].shift(first[self._topology[source]]) for source in sources]

    def find_joint_names(self, sources: Iterable[int]) -> tuple[str, ...]:
        """Of the joints of people of these sources, in the bodies that `join` gives for them.

        Where models have joints of other names, those that they do not share in place are named by number.
        """
        listed = [self.models[source].joint_names for source in sources]
        most = max(map(len, listed), default=0)
        columns = [{names[i] for names in listed if i < len(names)} for i in range(most)]
        return tuple(of.pop() if len(of) == 1 else f"joint{i}" for i, of in enumerate(columns))

    def find_first_faces(self, fits: Fits) -> np.ndarray:
        """(M,) int32, the first of each person's own faces, among those of the bodies that `join` gives."""
        key = self.find_key(fits.source)
        first = np.cumsum([0, *(self._sizes[place].face_count for place in key)])
        places = [key.index(self._topology[source]) for source in fits.source.tolist()]
        return first[places].astype(np.int32)

    def check_skin_parts(self) -> None:
        """Raises BodyModelError for a model without SMPL's parts; see `render.body.family.skin_parts`."""
        for source in range(len(self.models)):
            self._keep_skin_parts(source)

    def _keep_skin_parts(self, source: int) -> np.ndarray:
        if source not in self._skin_parts:
            self._skin_parts[source] = find_skin_parts(self.models[source])
        return self._skin_parts[source]

    def find_skin_parts(self, fits: Fits) -> tuple[np.ndarray, np.ndarray]:
        """SMPL's parts of the vertices of these people, in the bodies that `join` gives for them.

        Returns:
            (G, V) int32 of the vertices of G models, 0 of those that are not their own, and (M,) int32, which
            of them each person has.

        Raises:
            BodyModelError: A body has none; see `render.body.family.skin_parts`.
        """
        sources, key = fits.source.tolist(), self.find_key(fits.source)
        sizes = [self._sizes[place].vert_count for place in key]
        first = np.cumsum([0, *sizes])
        listed = list(dict.fromkeys(sources))
        parts = np.zeros((len(listed), first[-1]), np.int32)
        for row, source in enumerate(listed):
            own = self._keep_skin_parts(source)
            begin = first[key.index(self._topology[source])]
            parts[row, begin : begin + len(own)] = own
        return parts, np.array([listed.index(source) for source in sources], np.int32)

    def prepare(self, fits: Fits, queue: DeviceQueue) -> list[PosingGroup]:
        """The people of a batch by their models, with what is needed to pose them.

        Raises:
            RenderError: Vertices that are read now cannot be.
        """
        groups = []
        for source in np.unique(fits.source).tolist():
            index = np.flatnonzero(fits.source == source)
            model, rotation = self.models[source], fits.rotation[index]
            inputs = model.prepare(fits.sources[source].bodies, fits.place[index])
            is_turned = (rotation != np.eye(3)).any()
            bodies = queue.call(model.allocate, len(index))
            if self._colors is not None:
                bodies = replace(
                    bodies, colors=self._find_colors(fits.sources[source], source, fits.place[index], queue)
                )
            groups.append(
                PosingGroup(
                    model=model,
                    inputs=tuple(queue.call(upload, array, self.device) for array in inputs),
                    rotation=queue.call(upload, rotation.astype(np.float32), self.device)
                    if is_turned
                    else None,
                    index=index,
                    bodies=bodies,
                )
            )
        return groups

    def join(self, groups: list[PosingGroup], fits: Fits) -> Bodies:
        """The posed bodies of all groups in the order of the batch, as bodies of one topology.

        Bodies of several topologies get the vertices and the faces of all. Those that are not its own lie in
        a body's middle, where their faces cover nothing and its mean vertex stays where it is.
        """
        if len(groups) == 1:
            return groups[0].bodies
        # Of frames that nobody is on.
        if not groups:
            return self.models[0].allocate(0)
        key = self.find_key(fits.source)
        sizes = [self._sizes[place] for place in key]
        first = np.cumsum([0, *(size.vert_count for size in sizes)]).tolist()
        faces = [self.models[self._topology.index(place)].faces + first[i] for i, place in enumerate(key)]
        most_joints = max(group.bodies.joints.shape[1] for group in groups)
        verts = torch.empty(len(fits), first[-1], 3, dtype=torch.float32, device=self.device)
        normals = torch.zeros_like(verts)
        joints = torch.full((len(fits), most_joints, 3), torch.nan, dtype=torch.float32, device=self.device)
        colors = None
        if self._colors is not None:
            colors = torch.zeros(verts.shape, dtype=torch.uint8, device=self.device)
        values = None
        if groups[0].bodies.values is not None:
            values = torch.zeros(verts.shape[:2], dtype=torch.float32, device=self.device)
        for group in groups:
            source = int(fits.source[group.index[0]])
            begin = first[key.index(self._topology[source])]
            end = begin + group.bodies.verts.shape[1]
            index = upload(group.index, self.device)
            own = group.bodies.verts
            if own.shape[1] < first[-1]:
                uniform = torch.ones(own.shape[1], dtype=torch.float64, device=self.device)
                verts[index] = measure_extents(own, uniform).center.float()[:, None]
            verts[index, begin:end] = own
            normals[index, begin:end] = group.bodies.normals
            joints[index, : group.bodies.joints.shape[1]] = group.bodies.joints
            if colors is not None and group.bodies.colors is not None:
                colors[index, begin:end] = group.bodies.colors
            if values is not None and group.bodies.values is not None:
                values[index, begin:end] = group.bodies.values
        return Bodies(verts, normals, joints, torch.cat(faces).contiguous(), colors, values)

    def _find_colors(
        self, fits: FitSource, source: int, place: np.ndarray, queue: DeviceQueue
    ) -> torch.Tensor:
        """(m, V, 3) of rows of a source: the bodies' own, else those that are given for all of them."""
        own = fits.bodies.colors if isinstance(fits.bodies, Meshes) else None
        if own is not None:
            return queue.call(upload, np.ascontiguousarray(own[place], np.uint8), self.device)
        assert self._colors is not None
        shared = self._colors[source]
        if shared is None:
            raise BodyModelError("colors: expected a colour of each vertex of these bodies, found none")
        return shared.expand(len(place), *shared.shape)


def list_posing(groups: list[PosingGroup], is_one_task: bool) -> list[partial[None]]:
    """The tasks that pose groups: one a chunk, or one a group where a queue takes them in turn."""
    tasks = []
    for group in groups:
        chunks = group.model.list_chunks(len(group.index))
        tasks += [partial(group.pose, part) for part in ([chunks] if is_one_task else [[c] for c in chunks])]
    return tasks


def _turn(vectors: torch.Tensor, rotation: torch.Tensor) -> None:
    """(m, K, 3) by (m, 3, 3), in place, each number by itself so that no batch changes it."""
    x, y, z = vectors.clone().unbind(2)
    for row in range(3):
        a, b, c = rotation[:, row, :, None].unbind(1)
        vectors[:, :, row] = a * x + b * y + c * z


def _is_same(faces: torch.Tensor, other: torch.Tensor) -> bool:
    return faces is other or (faces.shape == other.shape and bool((faces == other).all()))
