"""The files of a comparison, and what is said of it in a few lines."""

from __future__ import annotations

import logging
from typing import Any

from render.files.output import Output
from render.review.compare.plots import plot_comparison
from render.review.compare.spell import spell_values
from render.review.compare.summary import ERRORS, format_summary, summarize
from render.review.csv_file import write_csv
from render.review.lsp import describe_scores
from render.review.plots import write_plots
from render.review.table import Values

log = logging.getLogger("render")

COMPARE_CSV, COMPARE_JSON = "compare.csv", "compare.json"
_PLOTS = "compare"
_ERROR_NAMES = {"mpjpe_mm": "MPJPE", "pa_mpjpe_mm": "PA-MPJPE", "pve_mm": "PVE"}
# Of the numbers of both fits, in the log.
_TOLD = ("reprojection", "reprojection_px", "pck5", "pck10", "mask_iou")


def write_comparison(output: Output, values: Values) -> list[str]:
    """Writes all files of a comparison, and says who wins.

    Args:
        output: The folder of the run.
        values: Of all people, of whom there is one at least.

    Returns:
        The files' names.

    Raises:
        OutputError: One cannot be written.
    """
    spelled = spell_values(values)
    told = summarize(spelled)
    write_csv(output, COMPARE_CSV, spelled.leave_out_empty())
    output.write(COMPARE_JSON, format_summary(told).encode())
    names = [COMPARE_CSV, COMPARE_JSON]
    names += write_plots(output, _PLOTS, lambda: plot_comparison(spelled))
    log.info("comparison of %d people: %s", len(values), output.locate(COMPARE_CSV))
    for line in list_lines(told):
        log.info("%s", line)
    return names


def list_lines(told: dict[str, Any]) -> list[str]:
    """A comparison in a few lines.

    Args:
        told: As `summarize` gives it.
    """
    lines = [f"a is {told['a']}, b is {told['b']}"]
    for one in told["apart"]:
        numbers = [
            f"{_ERROR_NAMES[name]} {one[name]['mean']:.1f} mm" for name in ERRORS if one[name] is not None
        ]
        joints = one["joints"] or "no joints in common"
        lines.append(f"apart: {', '.join(numbers)} ({joints}; {one['people']:,} people)")
    for name in _TOLD:
        if name in told["photo"]:
            of_both = told["photo"][name]
            means = ", ".join(f"{side} {of_both[side]['mean']:.4g}" for side in ("a", "b"))
            lines.append(f"{name}: {means} ({of_both['a']['people']:,} people)")
    for side in ("a", "b"):
        lines += [f"{side}: {line}" for line in describe_scores(told["pooled"][side])]
    wins = told["winner"]
    if wins["a"] + wins["b"] + wins["tie"]:
        lines.append(f"nearer to the photo: {_spell_wins(wins)}")
        lines += [
            f"  {one['name']}: {_spell_wins(one['winner'])}"
            for one in told["strata"]
            if one["winner"]["a"] + one["winner"]["b"]
        ]
    return lines


def _spell_wins(wins: dict[str, Any]) -> str:
    parts = []
    for side in ("a", "b"):
        gain = wins[f"{side}_median_gain"]
        parts.append(f"{side} {wins[side]:,}" + (f" (by {gain:.4g} in the median)" if gain else ""))
    return ", ".join([*parts, f"equal {wins['tie']:,}"])
