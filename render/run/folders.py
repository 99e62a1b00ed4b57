"""The folders that settings name, and what in them a run would write over."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from render.config.schema import Config
from render.errors import ConfigError
from render.files.stores.urls import is_url
from render.fits.image_paths import is_video
from render.labels.people import SIDECAR
from render.photos.stored.store import PhotoStore
from render.record.records import Record


def check_folders(output_dir: Path | str, image_dir: Path | PhotoStore | None, needs_photos: bool) -> None:
    """Raises ConfigError where sheets could overwrite photos, or where there are no photos at all.

    Args:
        output_dir: Where the sheets go: a folder, or a URL.
        image_dir: Where the photos are: a folder, a video or archives; None without photos.
        needs_photos: Whether a sheet depends on its photo.
    """
    if image_dir is None:
        return
    if not isinstance(image_dir, Path):
        for path in image_dir.local_paths:
            _check_apart(output_dir, path, "archive")
        if is_url(str(output_dir)) and is_url(str(image_dir)):
            # Each below the other, or the same.
            pair = [f"{str(one).rstrip('/')}/" for one in (output_dir, image_dir)]
            if pair[0].startswith(pair[1]) or pair[1].startswith(pair[0]):
                raise _overlap(output_dir, image_dir, "place of the photos")
        return
    _check_apart(output_dir, image_dir, "video" if is_video(image_dir) else "image folder")
    if needs_photos and not os.path.isdir(image_dir) and not is_video(image_dir):
        raise ConfigError(
            f"dataset.image_dir: {image_dir} is no folder, no video and no archive; set it to the folder "
            f"that the image names of the fit file are relative to, or to null for none"
        )


def _check_apart(output_dir: Path | str, images: Path, kind: str) -> None:
    if is_url(str(output_dir)):
        return
    # Real paths: a link must not hide that one lies in the other.
    output, found = follow("output.dir", Path(output_dir)), follow("dataset.image_dir", images)
    if output.is_relative_to(found) or found.is_relative_to(output):
        raise _overlap(output_dir, images, kind)


def _overlap(output_dir: Path | str, images: Path | PhotoStore, kind: str) -> ConfigError:
    return ConfigError(
        f"output.dir: {output_dir} and the {kind} {images} overlap, and sheets could overwrite photos; set "
        f"output.dir to a folder of its own"
    )


def check_sets(records: Iterable[Record], config: Config) -> None:
    """Raises ConfigError where sets of files are to be made in a format in which others are there already.

    Both would have one name, and the files of the old ones would be removed when the new ones are made.

    Args:
        records: Of what is in the output folder.
        config: The settings.
    """
    if not config.makes_sets:
        return
    for record in records:
        names = [file.name for file in record.files if not file.name.endswith(SIDECAR)]
        endings = {name.rpartition(".")[2] for name in names}
        # What is no set has the extension of its file in its own name, and those of sets end with a row.
        is_set = record.product.rpartition(".")[2] not in endings
        if names and is_set and config.output.format not in endings:
            raise ConfigError(
                f"output: {config.output.dir} has files of another format already, such as {names[0]}, and "
                f"the new ones would take their place; set output.dir to a folder of its own, or remove them"
            )


def follow(setting: str, path: Path) -> Path:
    """Where a folder really is, or would be.

    Args:
        setting: The setting that names it, for the message.
        path: As the setting has it.

    Raises:
        ConfigError: Links go in a circle.
    """
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            f"{setting}: {path} cannot be followed ({error}); set it to another folder"
        ) from error
