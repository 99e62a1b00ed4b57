"""What is noted of a product, as a line of JSON: what it is, what it was made of, and that it is begun."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from render.files.image_names import image_name_fault
from render.files.tars import find_tag
from render.types.products import MOST_FILES, STAGED, Measured, ProductFile

# Rows of a record that are listed one by one; of a longer clip they are listed in spans.
MOST_LISTED = 10_000
# Numbers of a person that are measured.
MOST_VALUES = 1000
# Of a clip: more than a day of ten people at 100 frames a second.
MOST_ROWS = 1 << 27
LARGEST_ROW = 2**63 - 1

_NO_RECORD = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError, struct.error)


@dataclass(frozen=True, slots=True)
class PhotoId:
    """The photo that a product shows.

    Attributes:
        name: As in the fit file; of a frame of a video its number, such as 000012.
        bytes: Its length; with hash and time those of the whole video.
        sha256: Its hash.
        modified_ns: The time of its last change.
    """

    name: str
    bytes: int
    sha256: str
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Record:
    """A finished product.

    Attributes:
        product: Its name: that of its file where it has one, else its key, with which the names of its files
            begin.
        rows: Of the fit file, of the people on it.
        files: What it is made of; none where its people are only measured.
        settings: Hash of the settings that shape its pixels (see `Fingerprint`).
        people: Hash of what its people have to do with its pixels (see `Fingerprint`).
        photo: None where nothing shows it.
        damage: What is wrong with a photo that was drawn over all the same.
        measured: What was measured of its people; None where nothing was.
    """

    product: str
    rows: tuple[int, ...]
    files: tuple[ProductFile, ...]
    settings: str
    people: str
    photo: PhotoId | None
    damage: str | None
    measured: Measured | None = None

    @property
    def tar(self) -> str | None:
        """The tar that all of its files are in or will be in; None where they are files of their own."""
        return self.files[0].tar if self.files else None


def list_paths(record: Record) -> list[str]:
    """Where the files of a product are that are in no tar, below the output folder."""
    return [file.path for file in record.files if file.offset is None]


def format_record(record: Record) -> str:
    """One line, the same for equal records; of a product of one file as before there were others."""
    is_one_file = [(file.name, file.tar) for file in record.files] == [(record.product, None)]
    rows = _join_rows(record.rows) if len(record.rows) > MOST_LISTED else record.rows
    told: dict[str, Any]
    if is_one_file:
        (file,) = record.files
        told = {"sheet": record.product, "rows": rows, "file": _tell_content(file)}
    else:
        files = [{"name": file.name, **_tell_content(file)} for file in record.files]
        told = {"product": record.product, "rows": rows, "files": files}
    photo = None if record.photo is None else _tell_photo(record.photo)
    told |= {"settings": record.settings, "people": record.people, "photo": photo, "damage": record.damage}
    if record.measured is not None:
        told["measured"] = _tell_measured(record.measured, len(record.rows))
    return json.dumps(told) + "\n"


def parse_record(line: bytes) -> Record | None:
    """The record that a line is; None where it is none, whatever it is instead.

    Args:
        line: Of a manifest or a journal, which anybody may have written.
    """
    try:
        return _parse_record(json.loads(line))
    except _NO_RECORD:
        return None


def format_begun(product: str, names: Sequence[str]) -> str:
    """A line that says that files of a product of several files are about to change.

    Args:
        product: Its name.
        names: Of those files.
    """
    return json.dumps({"begun": product, "files": list(names)}) + "\n"


def parse_begun(line: bytes) -> tuple[str, list[str]] | None:
    """Product and names as `format_begun` was given them; None of any other line."""
    try:
        entry = json.loads(line)
        product, names = entry["begun"], list(entry["files"])
        if not names:
            return None
        _check_names(product, names)
        # A product of one file has its name.
        _check_paths(product, [name for name in names if name != product])
    except _NO_RECORD:
        return None
    return product, names


def _tell_photo(photo: PhotoId) -> dict[str, Any]:
    # As `asdict` has it, in a tenth of its time.
    return {name: getattr(photo, name) for name in PhotoId.__slots__}


def _tell_content(file: ProductFile) -> dict[str, Any]:
    told: dict[str, Any] = {"bytes": file.bytes, "sha256": file.sha256}
    return told if file.tar is None else told | {"tar": file.tar, "offset": file.offset}


def _tell_measured(measured: Measured, people: int) -> dict[str, Any]:
    count = len(measured.values) // 8
    numbers = struct.unpack(f"<{count}d", measured.values)
    # JSON has no NaN.
    known = [None if math.isnan(number) else number for number in numbers]
    width = count // people
    rows = [known[i * width : (i + 1) * width] for i in range(people)]
    told = {"table": measured.table, "image": measured.image, "values": rows}
    return told | {"about": measured.about} if measured.about else told


def _join_rows(rows: tuple[int, ...]) -> list[list[int]]:
    """Rows that follow one another as the first and the one after the last."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and spans[-1][1] == row:
            spans[-1][1] += 1
        else:
            spans.append([row, row + 1])
    return spans


def _list_rows(entry: Any) -> tuple[Any, ...]:
    if not entry or not isinstance(entry[0], list):
        return tuple(entry)
    # Whoever claims more than a fit file has is no record of ours.
    if sum(end - first for first, end in entry) > MOST_ROWS:
        raise ValueError("rows")
    return tuple(row for first, end in entry for row in range(first, end))


def _parse_record(entry: Any) -> Record:
    photo, rows = entry.pop("photo"), _list_rows(entry.pop("rows"))
    is_one_file = "sheet" in entry
    if is_one_file:
        product = entry.pop("sheet")
        listed = [entry.pop("file") | {"name": product}]
        fault = image_name_fault(product)
    else:
        product, listed = entry.pop("product"), entry.pop("files")
        if not listed and "measured" not in entry:
            raise ValueError("no product")
        _check_names(product, [file["name"] for file in listed])
        fault = None
    files = tuple(map(_parse_file, listed))
    # A product is in one tar or in none.
    if len({file.tar for file in files}) > 1:
        raise ValueError("no product")
    measured = _parse_measured(entry.pop("measured"), len(rows)) if "measured" in entry else None
    record = Record(
        product=product,
        rows=rows,
        files=files,
        photo=None if photo is None else PhotoId(**photo),
        measured=measured,
        **entry,
    )
    if not is_one_file:
        _check_paths(product, list_paths(record))
    texts = [product, *(file.sha256 for file in files), record.settings, record.people]
    numbers = [*record.rows, *(file.bytes for file in files)]
    if record.photo is not None:
        texts += [record.photo.name, record.photo.sha256]
        numbers += [record.photo.bytes, record.photo.modified_ns]
    if record.damage is not None:
        texts.append(record.damage)
    if measured is not None:
        texts += [measured.table, measured.image, measured.about]
    # True is an int, but no number. A text that no file can hold cannot be encoded.
    are_numbers = all(type(number) is int for number in numbers)
    are_numbers = are_numbers and min(rows, default=0) >= 0 and max(rows, default=0) <= LARGEST_ROW
    if not rows or not are_numbers or fault or not "".join(texts).encode():
        raise ValueError("no record")
    return record


def _parse_measured(entry: Any, people: int) -> Measured:
    values = entry["values"]
    width = len(values[0]) if values else 0
    if not width or len(values) != people or width > MOST_VALUES or any(len(row) != width for row in values):
        raise ValueError("no values")
    told = [number for row in values for number in row]
    # What is not known is null; math refuses integers beyond all doubles.
    if not all(number is None or (type(number) in (int, float) and math.isfinite(number)) for number in told):
        raise ValueError("no numbers")
    known = [math.nan if number is None else number for number in told]
    numbers = struct.pack(f"<{len(known)}d", *known)
    return Measured(entry["table"], entry["image"], numbers, entry.get("about", ""))


def _parse_file(entry: Any) -> ProductFile:
    in_tar = {"tar", "offset"} & entry.keys()
    if entry.keys() - in_tar != {"name", "bytes", "sha256"} or len(in_tar) == 1 or entry["bytes"] < 0:
        raise ValueError("no file")
    if in_tar:
        offset = entry["offset"]
        is_place = offset is None or (type(offset) is int and offset >= 0)
        if find_tag(entry["tar"]) is None or not is_place:
            raise ValueError("no tar")
    return ProductFile(**entry)


def _check_names(product: str, names: list[str]) -> None:
    if len(names) > MOST_FILES or len(set(names)) < len(names):
        raise ValueError("no product")
    if any(map(image_name_fault, [product, *names])):
        raise ValueError("no name")


def _check_paths(product: str, paths: list[str]) -> None:
    """Refuses files that are another's: whoever makes a product anew removes those that it had."""
    for path in paths:
        is_own = path.startswith(f"{product}.") and "/" not in path[len(product) :]
        if not is_own and not path.startswith(f"{STAGED}/"):
            raise ValueError("a file of others")
