"""Which other body models an audit poses some people with, and from which files they come."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from render.body.fit_bodies import FitBodies
from render.body.model import BodyModel
from render.config.schema import Config
from render.errors import BodyModelError
from render.files.stores.fetch import find_input
from render.library.bodies import load_body
from render.resources import DEMO_BODY, DEMO_BODY_FILE
from render.review.measures.hypotheses import OTHER_BODIES
from render.types.fits import Fits
from render.types.sources import Poses

log = logging.getLogger("render")


class OpenedOthers(NamedTuple):
    """Other bodies of the people of a run.

    Attributes:
        bodies: By name, a model for each source of the fits.
        files: Of each source the files of those that it has, by name.
    """

    bodies: Mapping[str, FitBodies]
    files: tuple[Mapping[str, Path], ...]


NO_OTHERS = OpenedOthers({}, ())


def open_other_bodies(
    config: Config, fits: Fits, origins: Sequence[Path | str | None], device: torch.device
) -> OpenedOthers:
    """The models of the same kind whose files are there: of other genders, the neutral one, the demo body.

    What is missing, cannot be used or does not take these poses is left out; nobody asked for it.

    Args:
        config: The settings; other jobs than audits have none.
        fits: Those that are measured.
        origins: Of each source the file of the model that it is posed with, as `OpenedBodies` has them.
        device: Where the models are to be.
    """
    models: dict[Path, BodyModel | None] = {}
    found: list[dict[str, BodyModel]] = [{} for _ in fits.sources]
    files: list[dict[str, Path]] = [{} for _ in fits.sources]
    used = np.unique(fits.source).tolist() if config.job.product == "audit" else []
    for source in used:
        poses = fits.sources[source].bodies
        if not isinstance(poses, Poses):
            continue
        for name, file in _list_files(config.body.files, poses.kind).items():
            if _is_same(file, origins[source]):
                continue
            if file not in models:
                models[file] = _open(file, poses.kind, name, device)
            model = models[file]
            if model is not None and _takes(model, poses):
                found[source][name], files[source][name] = model, file
    bodies = {}
    for name in OTHER_BODIES:
        of_name = [of[name] for of in found if name in of]
        if of_name:
            # Rows of sources without it are never asked for.
            bodies[name] = FitBodies([of.get(name, of_name[0]) for of in found], device)
    return OpenedOthers(bodies, tuple(files))


def _list_files(named: Mapping[str, str], kind: str) -> dict[str, Path]:
    """Files that are there of models of a kind, by the names of `OTHER_BODIES`."""
    found = {
        name: find_input(path)
        for name, path in named.items()
        if name in OTHER_BODIES and name.partition("_")[0] == kind
    }
    if kind == "smpl":
        found[DEMO_BODY] = DEMO_BODY_FILE
    return {name: file for name, file in sorted(found.items()) if file.is_file()}


def _is_same(file: Path, origin: Path | str | None) -> bool:
    return isinstance(origin, Path) and os.path.exists(origin) and os.path.samefile(file, origin)


def _open(file: Path, kind: str, name: str, device: torch.device) -> BodyModel | None:
    try:
        return load_body(file, device, model=kind, name=name)
    except BodyModelError as error:
        log.info("people are not tried with the body %s: %s", name, error)
        return None


def _takes(model: BodyModel, poses: Poses) -> bool:
    try:
        model.check(poses)
    except BodyModelError:
        return False
    return True
