"""Folders of made sheets: as many as one likes, with numbers of their people."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from render.files.digest import hash_bytes
from render.files.output_dir import OutputDir
from render.gallery.entries import Entry, Folder
from render.gallery.numbers import NumberColumn, NumberTable
from render.gallery.thumbnails import NONE
from render.gallery.write import write_index
from render.record.manifest import format_manifest
from render.record.records import PhotoId, Record
from render.types.products import ProductFile

Failure = tuple[str, int, str, str]


def make_folder(path: Path, images: Sequence[str], failures: Sequence[Failure] = ()) -> Folder:
    """A folder that claims to have a sheet of each image, of the row that is its place."""
    file = ProductFile("", 1, "0" * 64)
    keys = [f"{image.rpartition('.')[0]}_{row}" for row, image in enumerate(images)]
    entries = [Entry(key, (row,), images[row], {".jpg": file}) for row, key in enumerate(keys)]
    return Folder(path, entries, list(failures), is_finished=True, shards=[])


def make_table(images: Sequence[str], seed: int = 0) -> NumberTable:
    """Numbers of a person a row: an error with a long tail that is not always known, and so on."""
    random = np.random.default_rng(seed)
    count = len(images)
    error = np.round(random.gamma(1.5, 0.03, count), 4)
    error[random.random(count) < 0.02] = np.nan
    columns = [
        NumberColumn("annotation", 1e9 + np.arange(count), about="Its number."),
        NumberColumn("people", random.integers(1, 4, count).astype(float), about="On the photo."),
        NumberColumn("reprojection", error, 4, about="Of joints & <keypoints>.", worst="high"),
        NumberColumn("overlap", np.round(random.beta(8, 2, count), 3), 3, about="Of masks.", worst="low"),
        NumberColumn("gender", random.integers(0, 2, count).astype(float), choices=("female", "male")),
    ]
    return NumberTable(Path("audit.csv"), np.arange(count), list(images), columns, [])


def write_made_page(path: Path, folder: Folder, table: NumberTable) -> Path:
    """The page of such a folder; there are no files of sheets, and no small pictures."""
    write_index(OutputDir(path), [folder], [table], [NONE] * len(folder.entries))
    return path / "index.html"


def write_sheets(
    path: Path,
    contents: Mapping[str, bytes],
    tag: str = "",
    rows: Mapping[str, tuple[int, ...]] | None = None,
) -> None:
    """Writes products of one file each, and their manifest.

    Args:
        path: The folder.
        contents: By name; without `rows` the row is what ends it.
        tag: Of a shard.
        rows: By name.
    """
    records = []
    for name, content in contents.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
        stem = name.rpartition(".")[0]
        image, _, row = stem.rpartition("_")
        file = ProductFile(name, len(content), hash_bytes(content))
        photo = PhotoId(f"{image}.jpg", 1, "0" * 64, 0)
        listed = rows[name] if rows else (int(row),)
        records.append(Record(name, listed, (file,), "s", "p", photo, None))
    manifest = f"manifest.{tag}.jsonl" if tag else "manifest.jsonl"
    (path / manifest).write_bytes(format_manifest(records, is_finished=True))


def encode(colour: tuple[int, int, int], file_format: str = "PNG", size: tuple[int, int] = (60, 30)) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, file_format)
    return file.getvalue()
