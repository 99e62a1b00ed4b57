"""A figure for a paper, from Python: python examples/figure.py [ROW ...]

The settings are those of job=figure on the command line. The figure is PDF, SVG and PNG, with the lines of
LaTeX that include it (pip install typst).
"""

import sys
from pathlib import Path

from render import run_job

COLUMNS = """[
    {panel: image, title: Photo},
    {panel: camera/studio/photo+shadow, title: Fit},
    {panel: side/studio/white+shadow, title: Side view},
    {panel: camera/normal/white, title: Normals},
]"""


def main(*rows: str) -> None:
    # Of the fit file of the demo set.
    shown = ", ".join(rows or ("2", "5"))
    result = run_job(
        [
            "job=figure",
            f"figure.rows=[{shown}]",
            f"figure.columns={COLUMNS}",
            "figure.width=cvpr.column",
            "figure.zoom={at: head, size: 0.2, columns: [1]}",
            "output.dir=outputs/examples/figure",
        ]
    )
    print(*sorted(Path(result.folder).glob("figure.*")), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
