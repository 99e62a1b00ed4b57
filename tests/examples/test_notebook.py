"""The notebook runs from its first cell to its last, and shows what it shows on the page."""

import base64
from pathlib import Path

import nbformat
import pytest

from tools.docs.compare import find_difference
from tools.docs.notebook import NOTEBOOK, run_notebook

# A kernel of its own loads torch and Warp.
pytestmark = pytest.mark.slow

MOST_BYTES = 1_500_000


def list_pictures(notebook: nbformat.NotebookNode) -> list[tuple[str, bytes]]:
    """The suffix and the content of each picture that cells show."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    data = [output.data for output in outputs if output.output_type == "display_data"]
    return [
        (kind.removeprefix("image/"), base64.b64decode(content))
        for one in data
        for kind, content in one.items()
        if kind.startswith("image/")
    ]


@pytest.fixture(scope="module")
def kept() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_is_small_and_of_no_machine(kept):
    nbformat.validate(kept)
    assert NOTEBOOK.stat().st_size < MOST_BYTES
    text = NOTEBOOK.read_text()
    assert "stderr" not in text
    assert "/home/" not in text
    counts = [cell.execution_count for cell in kept.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_its_cells_show_what_is_kept_of_them(kept, here, tmp_path):
    ran = run_notebook(here)
    found, expected = list_pictures(ran), list_pictures(kept)
    assert [suffix for suffix, _ in found] == [suffix for suffix, _ in expected]
    assert len(found) > 4
    for number, pair in enumerate(zip(expected, found, strict=True)):
        paths = [
            tmp_path / f"{place}{number}.{suffix}" for place, (suffix, _) in zip("ab", pair, strict=True)
        ]
        for path, (_, content) in zip(paths, pair, strict=True):
            Path(path).write_bytes(content)
        assert find_difference(*paths) is None, f"picture {number} of the notebook; run make notebook"
