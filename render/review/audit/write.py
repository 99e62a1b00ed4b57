"""The files of an audit: its table, and what is said of all of its people together."""

from __future__ import annotations

import logging

from render.files.output_dir import OutputDir
from render.review.audit.causes.find import find_causes
from render.review.audit.compare import add_comparisons
from render.review.audit.histograms import count_groups
from render.review.audit.plots import can_plot, plot_groups
from render.review.audit.summary import format_summary
from render.review.csv_file import write_csv
from render.review.lsp import describe_scores, pool_lsp
from render.review.parquet_file import can_write_parquet, write_parquet
from render.review.table import Values

log = logging.getLogger("render")

AUDIT_CSV, AUDIT_PARQUET, AUDIT_JSON = "audit.csv", "audit.parquet", "audit.json"
AUDIT_PLOTS = ("audit.png", "audit.pdf")
_INSTALL = "is not installed; pip install 'smpl-render[audit]', and run this again to get"


def write_audit(output: OutputDir, values: Values) -> list[str]:
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
        log.warning("PyArrow %s %s", _INSTALL, AUDIT_PARQUET)
    if can_plot():
        names += _write_plots(output, values)
    else:
        for name in AUDIT_PLOTS:
            output.remove(name)
        log.warning("Matplotlib %s %s", _INSTALL, " and ".join(AUDIT_PLOTS))
    log.info("audit of %d people: %s", len(values), output.path / AUDIT_CSV)
    for cause in causes:
        log.warning("%s: %s %s", cause.name, cause.says, cause.advice)
    for line in describe_scores(pool_lsp(values)):
        log.info("%s", line)
    return names


def _write_plots(output: OutputDir, values: Values) -> list[str]:
    images = len(set(values.image))
    subtitle = (
        f"{len(values):,} people in {images:,} images. Solid: the median. Dashed: what 95 % do not reach; "
        f"its bad side is tinted."
    )
    files = plot_groups(count_groups(values), "Audit", subtitle)
    for name in AUDIT_PLOTS:
        output.write(name, files[name.rpartition(".")[2]])
    return [*AUDIT_PLOTS]
