"""A figure for a paper, from Python: python examples/figure.py

The settings are those of job=figure on the command line. The figure is PDF, SVG and PNG, with the lines of
LaTeX that include it (pip install typst).
"""

from pathlib import Path

from render import run_job

PANELS = ["image", "camera/studio/photo+shadow", "side/studio/white+shadow", "camera/normal/white"]
TITLES = ["Photo", "Fit", "Side view", "Normals"]
# Rows of the fit file.
ROWS = [2, 5]


def main() -> None:
    columns = ", ".join(
        f"{{panel: {panel}, title: {title}}}" for panel, title in zip(PANELS, TITLES, strict=True)
    )
    result = run_job(
        [
            "job=figure",
            "dataset=demo",
            f"figure.rows={ROWS}",
            f"figure.columns=[{columns}]",
            "figure.width=cvpr.column",
            "figure.zoom={at: head, size: 0.2, columns: [1]}",
            "output.dir=outputs/examples/figure",
        ]
    )
    print(*sorted(Path(result.folder).glob("figure.*")), sep="\n")


if __name__ == "__main__":
    main()
