"""Settings that mean the same file on every machine."""

from __future__ import annotations

import os
from dataclasses import replace

from render.config.dataset import DatasetConfig, DemoDataset, FilesDataset
from render.config.schema import Config


def make_absolute(config: Config) -> Config:
    """The settings with whole paths for those that are relative to the current folder.

    What is not here, and what comes with the package, stays as it is: a worker looks for it where it is.

    Args:
        config: The settings.
    """
    body = config.body
    return replace(
        config,
        dataset=_make_dataset_absolute(config.dataset),
        body=replace(
            body,
            path=_find_any(body.path),
            charts=_find_any(body.charts),
            uv=_find_any(body.uv),
            texture=_find_any(body.texture),
            colors=_find_any(body.colors),
            files={kind: _find(path) for kind, path in body.files.items()},
        ),
        output=replace(config.output, dir=_complete(config.output.dir)),
        reference=_find_any(config.reference),
        joint_regressor=_find_any(config.joint_regressor),
    )


def _make_dataset_absolute(dataset: DatasetConfig) -> DatasetConfig:
    if isinstance(dataset, DemoDataset):
        # It is made if it is not there.
        return replace(dataset, root=_complete(dataset.root))
    assert isinstance(dataset, FilesDataset)
    return replace(
        dataset,
        fit_file=_find(dataset.fit_file),
        also=list(map(_find, dataset.also)),
        image_dir=_find_any(dataset.image_dir),
        coco_file=_find_any(dataset.coco_file),
        segmentation_dir=_find_any(dataset.segmentation_dir),
    )


def _complete(path: str) -> str:
    return path if "://" in path else os.path.abspath(path)


def _find(path: str) -> str:
    return _complete(path) if os.path.exists(path) else path


def _find_any(path: str | None) -> str | None:
    return None if path is None else _find(path)
