"""The files of an audit: its table, and what is said of all of its people together."""

from __future__ import annotations

import logging

from render.files.output import Output
from render.review.audit.causes.find import find_causes
from render.review.audit.compare import add_comparisons
from render.review.audit.histograms import count_groups
from render.review.audit.plots import plot_groups
from render.review.audit.summary import format_summary
from render.review.csv_file import write_csv
from render.review.lsp import describe_scores, pool_lsp
from render.review.parquet_file import can_write_parquet, write_parquet
from render.review.plots import write_plots
from render.review.table import Values

log = logging.getLogger("render")

AUDIT_CSV, AUDIT_PARQUET, AUDIT_JSON = "audit.csv", "audit.parquet", "audit.json"
_PLOTS = "audit"


def write_audit(output: Output, values: Values) -> list[str]:
    """Writes all files of an audit, and says what many people have in common.

    Args:
        output: The folder of the run.
        values: Of all people.

    Returns:
        The files' names.

    Raises:
        OutputError: One cannot be written.
    """
    values = add_comparisons(values)
    causes = find_causes(values)
    # What nobody was asked for, such as COCO's masks.
    values = values.leave_out_empty()
    write_csv(output, AUDIT_CSV, values)
    output.write(AUDIT_JSON, format_summary(values, causes).encode())
    names = [AUDIT_CSV, AUDIT_JSON]
    if can_write_parquet():
        write_parquet(output, AUDIT_PARQUET, values)
        names.append(AUDIT_PARQUET)
    else:
        # One that is there is of an earlier run.
        output.remove(AUDIT_PARQUET)
        log.warning(
            "PyArrow is not installed; pip install 'smpl-render[audit]', and run this again to get %s",
            AUDIT_PARQUET,
        )
    names += write_plots(output, _PLOTS, lambda: _plot(values))
    log.info("audit of %d people: %s", len(values), output.locate(AUDIT_CSV))
    for cause in causes:
        log.warning("%s: %s %s", cause.name, cause.says, cause.advice)
    for line in describe_scores(pool_lsp(values)):
        log.info("%s", line)
    return names


def _plot(values: Values) -> dict[str, bytes]:
    subtitle = (
        f"{len(values):,} people in {len(set(values.image)):,} images. Solid: the median. Dashed: what 95 % "
        f"do not reach; its bad side is tinted."
    )
    return plot_groups(count_groups(values), "Audit", subtitle)
