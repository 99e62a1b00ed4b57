"""What a manifest has of the products of a share, read once for all shares of a worker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from render.files.output import Readable
from render.record.earlier import unreadable
from render.record.manifest import LONGEST_LINE_BYTES, manifest_name
from render.record.records import Record, parse_record


class KnownRecords:
    """The records of the whole's manifest, which nobody writes while shards are drawn.

    Args:
        place: The output folder.

    Raises:
        OutputError: The manifest cannot be read.
    """

    def __init__(self, place: Readable) -> None:
        # As lines, which take a third of the memory. Rows of people are how a product is found again: its
        # name ends with the first of them.
        self._lines: dict[int, list[bytes]] = {}
        name = manifest_name("")
        try:
            for line in place.read_lines(name, LONGEST_LINE_BYTES):
                record = parse_record(line)
                if record is not None and record.rows:
                    self._lines.setdefault(record.rows[0], []).append(line)
        except OSError as error:
            raise unreadable(place, name, error) from error

    def pick(self, rows: Iterable[int]) -> Iterator[Record]:
        """The records of products whose first person is in one of these rows.

        Args:
            rows: Of a share, in the fit file.
        """
        for row in rows:
            for line in self._lines.get(row, ()):
                record = parse_record(line)
                if record is not None:
                    yield record
