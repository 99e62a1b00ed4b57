"""Writes all that is made of all products of a data set."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from render.files.output import Output
from render.record.records import Record
from render.record.whole.label_files import write_label_files
from render.record.whole.review_files import write_review_files


def write_whole_files(output: Output, records: Sequence[Record], settings: Collection[str]) -> None:
    """Writes what label sets and reviews have of a data set as a whole; nothing of other products.

    Args:
        output: Where the products are.
        records: Of all of them, in the order of the manifest.
        settings: Hashes of the settings of this run, or of its shards.

    Raises:
        OutputError: What is needed is missing or damaged, or nothing can be written.
    """
    write_label_files(output, records, settings)
    write_review_files(output, records, settings)
