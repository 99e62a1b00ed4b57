"""Settings under which photos of other names are found, as they are typed in a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from hydra.core.override_parser.types import Quote, QuotedString

from render.errors import PhotoError
from render.photos.listing import split_name
from render.photos.names.renames import MOST_RENAMES, rename_image

# What Hydra takes in a key: as it is, and behind a backslash. Keys cannot be quoted.
_KEY = re.compile(r"[\w/\-+.$%*@?| ()\[\]{}:=,\\]+", re.ASCII)
_ESCAPED = re.compile(r"[ ()\[\]{}:=,\\]")
# Several zeros are text to Hydra, where another number is a number.
_ZEROS = re.compile(r"0\d+", re.ASCII)
_PLAIN_PATH = re.compile(r"[\w./-]*/[\w./-]*", re.ASCII)
# COCO's numbers have twelve digits, and none has more than six that count.
_COCO_ZEROS = "000000"


def find_renames(
    image_name: str, wanted: str, found: str, renames: Mapping[str, str]
) -> dict[str, str] | None:
    """The replacements that make a file's name of an image name, and those of other images if they can.

    Args:
        image_name: As in the fit file.
        wanted: What `renames` makes of it.
        found: The file's name.
        renames: What is replaced today.

    Returns:
        What is to be replaced instead; None where no replacement says it.
    """
    pairs = _list_pairs(wanted, found)
    if pairs is None:
        return None
    changed = {**renames, **dict(pairs)}
    try:
        is_found = rename_image(image_name, changed) == found
    except PhotoError:
        return None
    return changed if is_found and len(changed) <= MOST_RENAMES else None


def write_settings(folder: Path | None, renames: Mapping[str, str] | None) -> str | None:
    """Settings as a shell and Hydra read them.

    Args:
        folder: For `dataset.image_dir`; None leaves it as it is.
        renames: For `dataset.rename_images`; None leaves them as they are.

    Returns:
        The settings; None if Hydra cannot read them.
    """
    said = []
    if folder is not None:
        text = str(folder)
        value = text if _PLAIN_PATH.fullmatch(text) else _quote(text)
        if value is None:
            return None
        said.append(f"dataset.image_dir={shlex.quote(value)}")
    if renames is not None:
        entries = []
        for old, new in renames.items():
            key, value = _write_key(old), _write_value(new)
            if key is None or value is None:
                return None
            entries.append(f"{key}: {value}")
        mapping = ", ".join(entries)
        said.append(f"dataset.rename_images={shlex.quote(f'{{{mapping}}}')}")
    return " ".join(said)


def _list_pairs(wanted: str, found: str) -> list[tuple[str, str]] | None:
    """Each text of the wanted name that is another one in the found name."""
    (wanted_dir, _, wanted_base), (found_dir, _, found_base) = wanted.rpartition("/"), found.rpartition("/")
    one, other = split_name(wanted_base), split_name(found_base)
    pairs = []
    if wanted_dir != found_dir:
        pairs.append((f"{wanted_dir}/", f"{found_dir}/" if found_dir else ""))
    if one.prefix:
        pairs.append((one.prefix, other.prefix))
    elif other.prefix:
        if len(one.stem) != 2 * len(_COCO_ZEROS) or not one.stem.startswith(_COCO_ZEROS):
            return None
        pairs.append((_COCO_ZEROS, other.prefix + _COCO_ZEROS))
    # Between numbers, which differ from photo to photo.
    texts = [re.split(r"(\d+)", piece.stem) for piece in (one, other)]
    if texts[0][1::2] != texts[1][1::2]:
        return None
    # A name without a number is of one photo alone.
    if len(texts[0]) == 1 and texts[0] != texts[1]:
        return None
    pairs += zip(texts[0][::2], texts[1][::2], strict=True)
    pairs.append((one.extension, other.extension))
    pairs = [(old, new) for old, new in pairs if old != new]
    return pairs if all(old for old, _ in pairs) else None


def _write_key(text: str) -> str | None:
    if not _KEY.fullmatch(text) or text.lower() in ("true", "false", "null"):
        return None
    try:
        float(text)
        is_number = not _ZEROS.fullmatch(text)
    except ValueError:
        is_number = False
    return None if is_number else _ESCAPED.sub(lambda match: f"\\{match[0]}", text)


def _write_value(text: str) -> str | None:
    # Extensions read best without quotes.
    return text if re.fullmatch(r"\.[A-Za-z]+", text) else _quote(text)


def _quote(text: str) -> str | None:
    # OmegaConf would look for a setting of that name.
    return None if "${" in text else QuotedString(text, Quote.double).with_quotes()
