"""The files of an audit: its table, and what is said of all of its people together."""

from __future__ import annotations

from render.files.output_dir import OutputDir
from render.review.csv_file import write_csv
from render.review.table import Values

AUDIT_CSV = "audit.csv"


def write_audit(output: OutputDir, values: Values) -> list[str]:
    """Writes all files of an audit.

    Args:
        output: The folder of the run.
        values: Of all people.

    Returns:
        Their names.

    Raises:
        OutputError: One cannot be written.
    """
    write_csv(output, AUDIT_CSV, values)
    return [AUDIT_CSV]
