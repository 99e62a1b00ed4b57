"""What is made of all that was measured in a data set, when it is whole."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

from render.files.output import Output
from render.record.records import Record
from render.review.audit.write import write_audit
from render.review.compare.table import make_compare_table
from render.review.compare.write import write_comparison
from render.review.table import gather_values, make_audit_table

log = logging.getLogger("render")


def write_review_files(output: Output, records: Iterable[Record], settings: Collection[str]) -> None:
    """Writes the tables of a data set; nothing where nothing of these settings was measured.

    Args:
        output: Where they go.
        records: Of all products, in the order of the manifest.
        settings: Hashes of the settings of this run, or of its shards.

    Raises:
        OutputError: Nothing can be written.
    """
    listed = [
        (record.rows, record.measured)
        for record in records
        if record.measured is not None and record.settings in settings
    ]
    if not listed:
        return
    compared = gather_values(make_compare_table(), listed)
    if len(compared):
        write_comparison(output, compared)
    audit = gather_values(make_audit_table(), listed)
    if len(audit):
        write_audit(output, audit)
    lost = {row for rows, _ in listed for row in rows}.difference(compared.row.tolist(), audit.row.tolist())
    if lost:
        log.warning(
            "the numbers of %d people in the manifests of %s are of no table of this program; remove these "
            "files, and run again",
            len(lost),
            output.locate(),
        )
