"""The plot of the table: python -m benchmarks.peers.plot draws that of peers.json anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.peers.peer import OURS, PEERS
from benchmarks.results import REPOSITORY, RESULTS_DIR

PLOT = REPOSITORY / "docs" / "pictures" / "peers.svg"
# For pages that are light or dark: letters have a contrast of 4 with both.
TEXT, OURS_COLOUR, PEERS_COLOUR = "#757b84", "#2f7bea", "#8a7b9c"
# Of ours with other settings than those of the program.
VARIANT_COLOUR = "#6f9bd1"
WIDTH_IN, BAR_IN, HEAD_IN = 7.2, 0.24, 0.85
GAP = 0.6


def draw_plot(found: Mapping[str, Any], where: Mapping[str, Any], path: Path = PLOT) -> Path:
    """Bars of sheets a second, a group for each number of threads; the same values give the same bytes.

    Args:
        found: What `benchmarks.peers` writes to peers.json.
        where: The machine.
        path: Of the SVG.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    bars, ticks = [], []
    place = 0.0
    for threads, cases in found["threads"].items():
        ticks.append((place - 0.5, f"{threads} thread{'s' * (threads != '1')}"))
        for name, case in sorted(cases.items(), key=lambda item: -item[1]["sheets_per_s"]["median"]):
            place += 1
            bars.append((place, name, case["sheets_per_s"]["median"]))
        place += 1 + GAP
    # Letters are outlines, so that they look the same everywhere.
    with rc_context({"svg.hashsalt": "peers", "font.family": "DejaVu Sans", "font.size": 8.5}):
        figure = Figure((WIDTH_IN, HEAD_IN + BAR_IN * place), layout="constrained")
        axes = figure.subplots()
        most = max(value for _, _, value in bars)
        for at, name, value in bars:
            is_ours = PEERS[name].module == "ours"
            colour = (OURS_COLOUR if name == OURS else VARIANT_COLOUR) if is_ours else PEERS_COLOUR
            axes.barh(at, value, 0.72, color=colour)
            shown = f"{value:.0f}" if value >= 10 else f"{value:.2g}"
            axes.text(value + most / 100, at, shown, va="center", color=TEXT)
        axes.set_yticks([at for at, _, _ in bars], [PEERS[name].title for _, name, _ in bars])
        for at, text in ticks:
            axes.text(0, at + 0.62, text, weight="bold", va="bottom", color=TEXT)
        axes.set_ylim(place - GAP, -0.6)
        axes.set_xlim(0, 1.08 * most)
        title = "Sheets a second, photo file to JPEG file: overlay and side view, {}x{} each".format(
            *found["size_px"]
        )
        axes.set_title(title, loc="left", color=TEXT, fontsize=9.5)
        axes.set_xlabel(_describe(found, where), loc="left", color=TEXT, fontsize=7.5)
        axes.spines[:].set_visible(False)
        axes.tick_params(colors=TEXT, length=0)
        axes.set_xticks([])
        figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
    return path


def _describe(found: Mapping[str, Any], where: Mapping[str, Any]) -> str:
    gpus = [gpu["name"] for gpu in where["gpus"]] if found["device"] != "cpu" else []
    missing = [PEERS[name].title for name, peer in found["peers"].items() if "missing" in peer]
    machine = ", ".join([where["cpu"] or "CPU", *gpus])
    return machine + (f"; not measured here: {' · '.join(missing)}" if missing else "")


def main() -> None:
    """Draws the plot of what was measured last."""
    found = json.loads((RESULTS_DIR / "peers.json").read_text())
    print(draw_plot(found, found["machine"]))


if __name__ == "__main__":
    main()
