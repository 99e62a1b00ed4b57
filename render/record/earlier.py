"""What earlier runs have noted in an output folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from render.errors import OutputError
from render.files.faults import explain_failure
from render.files.output import Readable
from render.files.placing import SETTING
from render.record.manifest import journal_name, manifest_name, read_begun, read_records
from render.record.records import Record
from render.record.stored import has_content, has_length
from render.record.tags import find_tags


class Earlier:
    """The records of earlier runs, and whether they are still true; nothing is written, and nobody waits.

    Args:
        place: The output folder.
        found: By product, the latest first.
    """

    def __init__(self, place: Readable, found: dict[str, list[Record]]) -> None:
        self._place = place
        self._earlier = found

    def list_records(self, product: str) -> list[Record]:
        """What earlier runs have noted of a product, the latest first; it need not be true any more.

        Args:
            product: Its name.
        """
        return self._earlier.get(product, [])

    def list_earlier(self) -> Iterator[Record]:
        """All that earlier runs have noted."""
        return chain.from_iterable(self._earlier.values())

    @property
    def is_new(self) -> bool:
        """Whether no run has finished any product here yet."""
        return not self._earlier

    def is_whole(self, record: Record) -> bool:
        """Whether all files of a record are there as they were written.

        Where the place has whole files only, lengths tell, unless the product has several records: all that
        changes a file of one is noted before, see `Ledger.begin`.
        """
        # All lengths before the first hash, which takes longer.
        if not self._has_lengths(record):
            return False
        is_told = self._place.has_whole_files and len(self.list_records(record.product)) == 1
        return is_told or self._has_contents(record)

    def is_missing(self, product: str) -> bool:
        """Whether no record of a product has all of its files, as long as they were written."""
        return not any(map(self._has_lengths, self._earlier[product]))

    def _has_contents(self, record: Record) -> bool:
        return all(has_content(self._place, file) for file in record.files)

    def _has_lengths(self, record: Record) -> bool:
        return all(has_length(self._place, file) for file in record.files)


def read_earlier(place: Readable) -> Earlier:
    """All that runs have noted in a folder until now, while others may be writing there.

    Args:
        place: The output folder, which need not be there.

    Raises:
        OutputError: Its records cannot be read.
    """
    return Earlier(place, read_all_records(place, list_notes(place)))


def list_notes(place: Readable) -> list[str]:
    """The names of all manifests and journals of a folder, of the whole and of shards."""
    return [name(tag) for name in (manifest_name, journal_name) for tag in find_tags(place, name)]


def read_all_records(place: Readable, names: Iterable[str]) -> dict[str, list[Record]]:
    """The records of manifests and journals by product, what stands in later files first.

    Args:
        place: The output folder.
        names: Of the files; those that are not there are passed over.

    Raises:
        OutputError: One cannot be read.
    """
    found: dict[str, list[Record]] = {}
    for name in names:
        try:
            for record in read_records(place, name):
                found.setdefault(record.product, []).insert(0, record)
        except OSError as error:
            raise unreadable(place, name, error) from error
    return found


def read_all_begun(place: Readable, names: Iterable[str]) -> set[str]:
    """The files that runs began to change and never noted as finished.

    Args:
        place: The output folder.
        names: Of their journals.

    Raises:
        OutputError: One cannot be read.
    """
    found: set[str] = set()
    for name in names:
        try:
            found.update(*read_begun(place, name).values())
        except OSError as error:
            raise unreadable(place, name, error) from error
    return found


def unreadable(place: Readable, name: str, error: OSError) -> OutputError:
    """The error that says so.

    Args:
        place: The output folder.
        name: Of the file in it.
        error: Why it cannot be read.
    """
    path = place.locate(name)
    return OutputError(f"{path}: cannot be read: {explain_failure(Path(path), error, SETTING)}.")
