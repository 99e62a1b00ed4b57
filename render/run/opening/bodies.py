"""Which body models the fits of a run need, and from which files they come."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from render.body.family.kinds import KINDS
from render.body.fit_bodies import FitBodies
from render.body.mesh_body import MeshBody
from render.body.model import BODY_MODELS, BodyModel
from render.config.groups import BodyConfig
from render.errors import BodyModelError
from render.files.stores.fetch import find_input
from render.library.bodies import load_body
from render.resources import DEMO_BODY
from render.types.fits import Fits
from render.types.sources import Meshes, Poses

# Poses that body=mannequin draws.
_NEEDS_NO_FILE = ("smpl", "smplh", "smplx")


class OpenedBodies(NamedTuple):
    """The bodies of a run.

    Attributes:
        bodies: A model for each source of the fits.
        origins: Of each source the file that its model came from, or the package, with its version, where
            there is no file; None for meshes with their own faces, and where nobody is drawn.
        names: What the user calls the models, and their files.
        poses_chosen: Whether the body that `body=` chooses draws poses.
    """

    bodies: FitBodies
    origins: tuple[Path | str | None, ...]
    names: tuple[str, ...]
    poses_chosen: bool


def open_bodies(config: BodyConfig, fits: Fits, device: torch.device) -> OpenedBodies:
    """The models that the fits need, each read once.

    The body that `body=` chooses draws all poses that it takes; others come from `body.files`, by their kind
    and, where they are of men or women, by that too. Meshes take the faces of their topology from the same
    files.

    Args:
        config: The settings of the body.
        fits: Those that are drawn; models of other rows are not opened.
        device: Where the models are to be.

    Raises:
        BodyModelError: A file is missing or cannot be used, or no file is named for a kind.
    """
    opener = _Opener(config, device)
    used = set(np.unique(fits.source).tolist())
    models: dict[int, BodyModel] = {}
    for source in used:
        bodies = fits.sources[source].bodies
        models[source] = opener.open_mesh(bodies) if isinstance(bodies, Meshes) else opener.open_poses(bodies)
    # Rows of other sources are never asked for, and a shard may have no rows at all.
    first = next(iter(models.values()), None)
    all_models = [] if first is None else [models.get(i, first) for i in range(len(fits.sources))]
    return OpenedBodies(
        FitBodies(all_models, device),
        tuple(opener.find_origin(models.get(i)) for i in range(len(fits.sources))),
        tuple(opener.names),
        opener.poses_chosen,
    )


def open_chosen(config: BodyConfig, device: torch.device) -> BodyModel:
    """The body that `body=` chooses, whatever the fits need.

    Raises:
        BodyModelError: Its file cannot be used.
    """
    return _Opener(config, device).open_chosen()


class _Opener:
    """Opens models, each of them once."""

    def __init__(self, config: BodyConfig, device: torch.device) -> None:
        self._config = config
        self._device = device
        self._opened: dict[tuple[str, str | None], BodyModel] = {}
        self._meshes: dict[tuple[str, int], MeshBody] = {}
        self._origins: dict[BodyModel, Path | str | None] = {}
        self.names: list[str] = []
        self.poses_chosen = False

    def open_poses(self, poses: Poses) -> BodyModel:
        """The model of poses, which takes them."""
        config, key = self._config, f"{poses.kind}_{poses.variant}"
        # One body stands for all where there are no others of its kind.
        has_variants = key in config.files and config.name != DEMO_BODY
        if (config.model == poses.kind and (poses.variant == "neutral" or not has_variants)) or (
            config.model not in KINDS and poses.kind in self.open_chosen().accepts
        ):
            model = self._open_of(poses, config.model, config.path, config.name)
            self.poses_chosen = True
        else:
            named = key if key in config.files else poses.kind
            if named not in config.files:
                raise BodyModelError(
                    f"body.files: the fits are poses of {poses.kind}, which body={config.name} does not "
                    f"take, and no file of such a model is named; set body.files.{poses.kind} to one."
                )
            model = self._open_of(poses, poses.kind, config.files[named], named)
        model.check(poses)
        return model

    def _open_of(self, poses: Poses, model: str, path: str | None, name: str) -> BodyModel:
        """As `_open`; who has no file is told of the body that needs none."""
        try:
            return self._open(model, path, name)
        except BodyModelError as error:
            if path is None or poses.kind not in _NEEDS_NO_FILE or os.path.lexists(find_input(path)):
                raise
            raise BodyModelError(f"{error} Without one, body=mannequin draws these poses.") from error

    def open_mesh(self, meshes: Meshes) -> MeshBody:
        """What finds the normals of meshes; those of one topology share it."""
        count, topology = int(meshes.verts.shape[1]), meshes.topology
        if not topology:
            faces = torch.from_numpy(np.ascontiguousarray(meshes.faces, np.int32)).to(self._device)
            return MeshBody("mesh", faces, count)
        if (topology, count) not in self._meshes:
            model = self._open_topology(topology)
            if model.vert_count != count:
                raise BodyModelError(
                    f"{model.name}: the fits are {topology} meshes of {count} vertices, and the faces of "
                    f"this body are of {model.vert_count}. Set body.files.{topology} to the file of their "
                    f"topology."
                )
            mesh = MeshBody(
                topology,
                model.faces,
                count,
                model.weights,
                model.joint_names[: model.weights.shape[1]],
                model.is_closed,
            )
            self._origins[mesh] = self._origins[model]
            self._meshes[topology, count] = mesh
        return self._meshes[topology, count]

    def _open_topology(self, topology: str) -> BodyModel:
        config = self._config
        # The demo body is posed as SMPL is, but its faces are of vertices of its own.
        if topology in (config.model, config.name) and config.name != DEMO_BODY:
            return self.open_chosen()
        if topology not in config.files:
            raise BodyModelError(
                f"body.files: the fits are meshes of the topology {topology!r} without their faces; set "
                f"body.files.{topology} to a file that has them."
            )
        model = topology if topology in BODY_MODELS.names else "mesh"
        return self._open(model, config.files[topology], topology)

    def find_origin(self, model: BodyModel | None) -> Path | str | None:
        """Of a model that this one opened, as `OpenedBodies` has it."""
        return None if model is None else self._origins.get(model)

    def open_chosen(self) -> BodyModel:
        """The body that `body=` chooses."""
        return self._open(self._config.model, self._config.path, self._config.name)

    def _open(self, model: str, path: str | None, name: str) -> BodyModel:
        if (model, path) in self._opened:
            return self._opened[model, path]
        if path is None:
            # Not by `load_body`, which has the demo body for those who name none.
            opened = BODY_MODELS.load(model)(None, name, self._device)
            self._origins[opened] = opened.package
        else:
            file = find_input(path)
            opened = load_body(file, self._device, model=model, name=name)
            self._origins[opened] = file
        self.names.append(f"{name} ({path or opened.package})")
        self._opened[model, path] = opened
        return opened
