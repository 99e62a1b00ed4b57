"""Writes the page of a folder of sheets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from render.errors import ConfigError
from render.files.digest import hash_bytes
from render.files.output_dir import OutputDir
from render.gallery.entries import Folder, read_folder
from render.gallery.index import Index
from render.gallery.join import People, join_people
from render.gallery.numbers import NumberTable, read_table
from render.gallery.script_files import format_script, pack_numbers
from render.gallery.spread import describe_spread
from render.gallery.thumbnails import NONE, find_usual_shape, make_thumbnails, remove_others
from render.record.failures import OUTCOMES
from render.review.audit.summary import PERCENTS
from render.review.audit.write import AUDIT_CSV
from render.review.compare.write import COMPARE_CSV

PAGE = "index.html"
TABLES = (AUDIT_CSV, COMPARE_CSV)
# The folder beside that of the sheets.
AUDIT = "audit"
MOST_FOLDERS = 8
_ASSETS = Path(__file__).parent / "assets"
_DATA_DIR = "page/data-"
# Failures that a script tells of.
_CHUNK = 5000


def write_page(folders: Sequence[Path], audit: Path | None = None) -> Path:
    """Writes a page for the sheets of a folder, beside them: `index.html`, and `page/` with all it needs.

    A page that is there stays as it is until the new one is whole. The same sheets and numbers give the same
    bytes.

    Args:
        folders: Of the sheets; further ones have sheets of the same people to compare with.
        audit: The folder of an audit or a comparison; None for the one of the sheets, and the folder `audit`
            beside it.

    Returns:
        The page.

    Raises:
        OutputError: There are no sheets, a file cannot be read, or nothing can be written.
        ConfigError: There are too many folders, or the audit that was named is not there.
    """
    if len(folders) > MOST_FOLDERS:
        raise ConfigError(f"page: expected at most {MOST_FOLDERS} folders, found {len(folders)}")
    read = [read_folder(path) for path in folders]
    tables = [read_table(path) for path in _find_tables(folders[0], audit)]
    output = OutputDir(folders[0], tag="page")
    output.remove_temporaries(["page"])
    entries = read[0].entries
    # A bar on terminals only.
    thumbs = list(tqdm(make_thumbnails(output, entries), "thumbnails", len(entries), disable=None))
    write_index(output, read, tables, thumbs)
    remove_others(output, set(thumbs) - {NONE})
    return folders[0] / PAGE


def write_index(
    output: OutputDir, folders: Sequence[Folder], tables: Sequence[NumberTable], thumbs: Sequence[str]
) -> None:
    """Writes all of a page but the small pictures.

    Args:
        output: The folder of the sheets.
        folders: What is known of it, and of those to compare with.
        tables: Numbers of people.
        thumbs: Names of the small pictures of the sheets.

    Raises:
        OutputError: It cannot be written.
    """
    people = join_people(folders[0].entries, tables)
    index = Index(folders, people, thumbs)
    scripts = dict(index.format_chunks())
    scripts |= _format_columns(people)
    scripts |= _format_failures(folders[0])
    head = _describe(folders, tables, people) | index.describe()
    head["aspect"] = round(find_usual_shape(output, thumbs), 3)
    scripts["head"] = format_script("head", head)
    _write_files(output, scripts)


def _find_tables(folder: Path, audit: Path | None) -> Iterator[Path]:
    if audit is not None and not any((audit / name).exists() for name in TABLES):
        raise ConfigError(
            f"audit: expected a folder with {' or '.join(TABLES)}, found none in {audit}. Run smpl-render "
            f"job=audit or job=compare."
        )
    # The first one's columns come first: what is named, or what the folder has itself.
    listed = [place / name for place in (audit or folder, folder) for name in TABLES]
    listed += [folder.parent / AUDIT / TABLES[0]] if audit is None else []
    listed = [*dict.fromkeys(listed)]
    yield from (path for path in listed if path.exists())


def _format_columns(people: People) -> Iterator[tuple[str, bytes]]:
    for place, column in enumerate(people.columns):
        yield f"column-{place}", format_script(f"column-{place}", pack_numbers(column.numbers, column.digits))


def _format_failures(folder: Folder) -> Iterator[tuple[str, bytes]]:
    for first in range(0, len(folder.failures), _CHUNK):
        name = f"failures-{first // _CHUNK}"
        yield name, format_script(name, folder.failures[first : first + _CHUNK])


def _describe(folders: Sequence[Folder], tables: Sequence[NumberTable], people: People) -> dict[str, Any]:
    here = folders[0]
    path = here.path.resolve()
    title = f"{path.parent.name} / {path.name}" if path.parent.name else path.name
    outcomes = [failure[0] for failure in here.failures]
    return {
        # A folder's name need not be UTF-8.
        "title": title.encode("utf-8", "replace").decode(),
        "isFinished": here.is_finished,
        "shards": here.shards,
        "failures": {outcome: outcomes.count(outcome) for outcome in OUTCOMES},
        "failuresChunk": _CHUNK,
        "mismatched": people.mismatched,
        "percents": PERCENTS,
        "columns": [
            {
                "name": column.name,
                "unit": column.unit,
                "about": column.about,
                "worst": column.worst,
                "digits": column.digits,
                "choices": column.choices,
                "ofAll": column.of_all,
                **describe_spread(column),
            }
            for column in people.columns
        ],
        "causes": [cause for table in tables for cause in table.causes],
    }


def _write_files(output: OutputDir, scripts: dict[str, bytes]) -> None:
    """Writes them into a folder of their own, named by their content, and then the page that leads there."""
    files = {f"{name}.js": content for name, content in scripts.items()}
    files |= {path.name: path.read_bytes() for path in sorted(_ASSETS.iterdir()) if path.is_file()}
    page = files.pop(PAGE).decode()
    pieces = [piece for name in sorted(files) for piece in (name.encode(), files[name])]
    folder = f"{_DATA_DIR}{hash_bytes(page.encode(), *pieces)[:12]}"
    for name, content in files.items():
        output.write(f"{folder}/{name}", content)
    output.write(PAGE, page.replace("{folder}", folder).encode())
    for path in (output.path / "page").glob(f"{Path(_DATA_DIR).name}*"):
        if path.name != Path(folder).name and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
