"""Runs the notebook of examples/ and keeps what it shows: python -m tools.docs.notebook"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tools.docs.declare import ROOT

NOTEBOOK = ROOT / "examples" / "tour.ipynb"
LONGEST_S = 600


def run_notebook(folder: Path) -> NotebookNode:
    """The notebook as it is after all of its cells ran, from the first to the last, in a fresh kernel.

    Args:
        folder: In which it runs.

    Raises:
        CellExecutionError: A cell ends in an error.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    # Times of execution would make each run's file another.
    client = NotebookClient(notebook, timeout=LONGEST_S, record_timing=False)
    return client.execute(cwd=str(folder))


def main() -> None:
    """Writes it with its pictures, and without what is of this machine: its warnings, and its Python."""
    notebook = run_notebook(ROOT)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"}
    )
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
