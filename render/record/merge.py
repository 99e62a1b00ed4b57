"""One manifest and one list of failures out of those of all shards."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

from render.errors import OutputError
from render.files.faults import explain_failure
from render.files.output import Output, Readable
from render.files.stores.output import open_output, open_readable
from render.record.failures import failures_name, gather_failures, write_failures
from render.record.journals import was_written
from render.record.ledger import Ledger
from render.record.manifest import is_finished, journal_name, manifest_name
from render.record.tags import find_tags
from render.record.whole.write import write_whole_files

log = logging.getLogger("render")


class Merged(NamedTuple):
    """What became of a merge.

    Attributes:
        shards: How many there were, 0 if a merge before this one had come to its end, or all but.
        products: How many the manifest has now; 0 where there was nothing to be done.
    """

    shards: int
    products: int


def merge_shards(place: str | Path) -> int:
    """Joins the shards of a folder or URL, and returns how many there were, as `join_shards` does."""
    return join_shards(place).shards


def join_shards(place: str | Path, settings: str | None = None) -> Merged:
    """Joins what shards have noted, and removes their manifests and failures.

    What comes out is what a run without shards would have written.

    Args:
        place: The folder or URL that the shards wrote to.
        settings: Hash of those of the shards' run; None for whatever the shards say.

    Raises:
        OutputError: Shards are missing, have not come to their end, or are of different numbers.
    """
    # Manifests of shards may be gone already, and must not be missed.
    there = open_readable(str(place))
    is_written = was_written(there)
    tags = [] if is_written else _find_shards(there)
    # Clusters may run what has come to its end once more.
    if not is_written and not tags:
        return Merged(0, 0)
    # Not before: a folder that is not there is not made.
    output = open_output(str(place))
    with Ledger(output) as ledger:
        if not is_written:
            found = _check_sheets(output, ledger)
            rows = gather_failures(output, tags)
            # Before the manifest, which says that all is written.
            write_failures(output, failures_name(""), rows)
            write_whole_files(output, ledger.list_all(), found if settings is None else {settings})
        products = ledger.close(is_finished=True, takes_shards=True)
    return Merged(len(tags), products)


def fold_shards(output: Output) -> int:
    """Takes what earlier runs have noted, and shards of them, into the manifest of the whole.

    For a run that divides its work anew: shards of other numbers would be of no use to it. What went wrong in
    shards goes into the failures of the whole.

    Returns:
        Of how many products the manifest has a record now; 0 where there was nothing to be taken.

    Raises:
        InUseError: Another run is writing there.
        OutputError: Nothing can be written.
    """
    tags = find_tags(output, manifest_name)
    if not any(tags) and not find_tags(output, journal_name):
        return 0
    with Ledger(output) as ledger:
        write_failures(output, failures_name(""), gather_failures(output, filter(None, tags)))
        return ledger.fold()


def _check_sheets(output: Output, ledger: Ledger) -> set[str]:
    """The hashes of the settings of all sheets of the shards, which must be there."""
    records = ledger.list_shard_records()
    missing = [record.product for record in records if ledger.is_missing(record.product)]
    if missing:
        raise OutputError(
            f"{output.locate()}: expected all sheets of the manifests, found that {len(missing)} are missing "
            f"or not whole; the first is {missing[0]}. Copy them here too, or run their shards again."
        )
    settings = {record.settings for record in records}
    if len(settings) > 1:
        log.warning("the sheets are of different settings: their shards were not of one run")
    return settings


def _find_shards(place: Readable) -> list[str]:
    """The tags of all shards, which must have come to their end; none where the whole has."""
    try:
        found = {tuple(map(int, tag.split("of"))): tag for tag in find_tags(place, manifest_name) if tag}
        # Both say so; a hidden one is easily left behind when files are copied.
        unfinished = set(find_tags(place, journal_name))
        unfinished |= {tag for tag in found.values() if not is_finished(place, manifest_name(tag))}
    except OSError as error:
        path = Path(error.filename or place.locate())
        reason = explain_failure(path, error, "the folder's name")
        raise OutputError(f"{path}: cannot be read: {reason}.") from error
    counts = sorted({count for _, count in found})
    if not counts:
        if _is_merged(place) and not unfinished:
            return []
        raise OutputError(
            f"{place.locate()}: expected the manifests of shards ({manifest_name('1of64')}, ...), found "
            f"none. Name the folder that the shards wrote into."
        )
    if len(counts) > 1:
        raise OutputError(
            f"{place.locate()}: expected the shards of one run, found shards of "
            f"{' and of '.join(map(str, counts))}. Remove the manifests of those that do not count, or run "
            f"once more without shard=."
        )
    (count,) = counts
    tags = {number: f"{number}of{count}" for number in range(1, count + 1)}
    missing = [n for n, tag in tags.items() if (n, count) not in found or tag in unfinished]
    if missing:
        raise OutputError(
            f"{place.locate()}: expected {count} shards that have come to their end, found that these have "
            f"not: {_name_ranges(missing)}. Run them again, such as shard={missing[0]}/{count}."
        )
    return list(tags.values())


def _is_merged(place: Readable) -> bool:
    """Whether the manifest of the whole is there, and of a run that came to its end."""
    name = manifest_name("")
    return bool(place.measure(name)) and is_finished(place, name)


def _name_ranges(numbers: list[int]) -> str:
    """1, 3 to 5: of ascending numbers."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1].append(number)
        else:
            ranges.append([number])
    return ", ".join(f"{r[0]} to {r[-1]}" if len(r) > 1 else str(r[0]) for r in ranges)
