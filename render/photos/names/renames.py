"""How the image names of a fit file become the names of files."""

from __future__ import annotations

from collections.abc import Mapping

from render.errors import ConfigError, PhotoError
from render.files.image_names import LONGEST_BYTES

MOST_RENAMES = 16


def check_renames(key: str, renames: Mapping[str, str]) -> None:
    """Raises ConfigError unless these are replacements in image names.

    Args:
        key: The setting that has them.
        renames: What is replaced, and what takes its place.
    """
    # OmegaConf lets single values, lists and mappings through.
    if not isinstance(renames, Mapping):
        raise ConfigError(f"{key}: expected text for text, such as '{{.jpg: .png}}', found {renames!r}")
    if len(renames) > MOST_RENAMES:
        raise ConfigError(f"{key}: expected at most {MOST_RENAMES} replacements, found {len(renames)}")
    for old, new in renames.items():
        for text in (old, new):
            if not isinstance(text, str):
                raise ConfigError(f"{key}: expected text for text, such as '{{.jpg: .png}}', found {text!r}")
            if "\0" in text:
                raise ConfigError(f"{key}: expected text without NUL, found {text!r}")
            if len(text) > LONGEST_BYTES:
                raise ConfigError(
                    f"{key}: expected at most {LONGEST_BYTES} characters for each text, found {len(text)}"
                )
        if not old:
            raise ConfigError(f"{key}: expected the text that is replaced, found nothing before {new!r}")


def rename_image(image_name: str, renames: Mapping[str, str]) -> str:
    """The name of an image's file.

    Args:
        image_name: As in the fit file.
        renames: Each occurrence of a key is replaced by its value, key by key.

    Raises:
        PhotoError: It gets longer than any path.
    """
    name = image_name
    for old, new in renames.items():
        name = name.replace(old, new)
        # So many keys, each of which lengthens what the last one made, could fill the memory.
        if len(name) > LONGEST_BYTES:
            raise PhotoError(
                f"{image_name}: dataset.rename_images makes a name of more than {LONGEST_BYTES} characters "
                f"of it. Replace less."
            )
    return name
