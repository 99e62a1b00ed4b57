import pytest

from render.figure.lay_out import lay_out
from render.figure.report import describe, measure_page
from render.types.figure.spec import FigureStyle
from tests.helpers.figures import fill, make_spec

SPEC = make_spec(style=FigureStyle(width_mm=101, gap_mm=1, dpi=300, text_pt=9, note_pt=7.5))


def test_the_least_resolution_and_the_smallest_text():
    page = lay_out(SPEC, fill(SPEC, note="43.1"))
    found = measure_page(page)
    # 590.55 pixels, rounded up, over 50 mm.
    assert found.least_ppi == pytest.approx(591 / 50 * 25.4)
    assert found.smallest_pt == 7.5
    files = {"a.pdf": bytes(520_000), "a.png": bytes(10_000), "a_panels/row1_column1.png": bytes(9_000_000)}
    assert describe(page, files) == (
        f"101.0 x {page.height:.1f} mm, 300 ppi at least, smallest text 7.5 pt; pdf 0.52 MB, png 0.01 MB"
    )


def test_a_figure_without_text_says_so():
    spec = make_spec((None,))
    assert "no text" in describe(lay_out(spec, fill(spec)), {})
