"""What a comparison is of beside its fits: the others, their surface, joints of the user's, and names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.body.fit_bodies import FitBodies
from render.config.schema import Config
from render.errors import ConfigError
from render.files.digest import hash_file
from render.files.stores.fetch import find_input, name_urls
from render.library.surface.reference import Reference
from render.review.compare.regressor import SETTING, Regressor, read_regressor
from render.review.compare.table import Methods
from render.run.opening.inputs import Dataset
from render.run.opening.surfaces import Surface, open_surface
from render.types.fits import Fits


@dataclass(frozen=True)
class Comparison:
    """What a comparison needs that other runs do not.

    Attributes:
        reference: The other fits, and who is who.
        surface: What their bodies are painted with.
        methods: What is compared, by names.
        regressor: What gives joints; None for those of the bodies.
        shaping: As `Fingerprint` takes it.
    """

    reference: Reference
    surface: Surface
    methods: Methods
    regressor: Regressor | None
    shaping: dict[str, Any]


def open_comparison(
    config: Config, dataset: Dataset, fits: Fits, bodies: FitBodies, reference: Reference | None
) -> Comparison | None:
    """Opens what a comparison needs.

    Args:
        config: The settings.
        dataset: Of the fits.
        fits: Those that are compared.
        bodies: Theirs.
        reference: The others.

    Returns:
        None for other jobs.

    Raises:
        RenderError: A file cannot be used, or joints are of bodies of other vertices.
    """
    if config.job.product != "compare" or reference is None:
        return None
    assert config.reference is not None
    places = reference.find_places(fits)
    others = reference.fits.take(places[places >= 0])
    regressor, digest = None, None
    if config.joint_regressor is not None:
        path = find_input(config.joint_regressor)
        regressor, digest = read_regressor(path, config.joint_subset), hash_file(path)
        for of, models in ((fits, bodies), (others, reference.bodies)):
            _check_vertices(regressor, of, models)
    surface = open_surface(config, reference.bodies, reference.origins, others)
    joints = "" if regressor is None else regressor.name
    # By their URLs, where they were fetched.
    files = [Path(name_urls(str(path))) for path in (dataset.fit_files[0], find_input(config.reference))]
    methods = Methods(name_methods(files[0], files[1]), joints)
    return Comparison(
        reference, surface, methods, regressor, {"names": list(methods.names), "joints": [joints, digest]}
    )


def name_methods(file: Path, other: Path) -> tuple[str, str]:
    """What two files of fits are called: by their names, or where those are the same with their folders."""
    names = file.stem or file.name, other.stem or other.name
    if names[0] != names[1]:
        return names
    folders = file.absolute().parent.name, other.absolute().parent.name
    return (f"{folders[0]}/{names[0]}", f"{folders[1]}/{names[1]}")


def _check_vertices(regressor: Regressor, fits: Fits, bodies: FitBodies) -> None:
    for source in np.unique(fits.source).tolist():
        model = bodies.models[source]
        if model.vert_count != regressor.vert_count:
            raise ConfigError(
                f"{SETTING}: {regressor.name} gives joints out of {regressor.vert_count} vertices, and "
                f"{model.name} has {model.vert_count}; set it to a matrix of that body, or leave it out for "
                f"joints of the models' own"
            )
