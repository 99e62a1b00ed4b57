"""The page of histograms: what is counted, what is drawn."""

import io

import numpy as np
import pytest
from PIL import Image

from render.review.audit.compare import add_comparisons
from render.review.audit.histograms import count, count_groups
from render.review.audit.plots import plot_groups
from render.review.measure import Column
from render.review.plots import DPI
from tests.helpers.audits import make_audit
from tests.helpers.pdfs import list_fonts, read_text

HIGH, LOW = Column("error", "", worst="high"), Column("share", "", worst="low")


def test_each_number_is_in_a_bar_and_five_in_a_hundred_are_bad():
    numbers = np.random.default_rng(0).normal(size=1000)
    for column in (HIGH, LOW):
        counted = count(column, numbers)
        assert counted.counts.sum() == counted.known == 1000
        assert counted.beyond == 0
        assert counted.median == np.median(numbers)
        bad = numbers > counted.bad if counted.is_bad_high else numbers < counted.bad
        assert bad.sum() == 50


def test_one_that_is_far_out_leaves_the_others_their_bars():
    numbers = np.append(np.linspace(0, 1, 999), 1e6)
    counted = count(HIGH, numbers)
    # Twice the spread of nearly all beyond it.
    assert counted.edges[-1] < 4
    assert counted.beyond == 1
    assert counted.counts.sum() == 1000
    assert counted.counts[-1] == 1


def test_whole_numbers_are_in_the_middle_of_their_bars_and_equal_ones_in_one():
    counted = count(Column("people", "", worst="high", digits=0), np.array([1.0, 2, 2, 4]))
    assert counted.edges.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert counted.counts.tolist() == [1, 2, 0, 1]
    assert count(HIGH, np.full(9, 0.3)).counts.tolist() == [9]


@pytest.fixture(scope="module")
def page() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    numbers = {"reprojection": rng.lognormal(-3, 0.5, 300), "pck5": rng.beta(9, 1, 300)}
    # The same under another name is not drawn twice.
    numbers["file_pck5"] = numbers["pck5"]
    values = add_comparisons(make_audit(300, numbers))
    files = plot_groups(count_groups(values), "Audit", "300 people")
    assert plot_groups(count_groups(values), "Audit", "300 people") == files
    return files


def test_the_pdf_has_its_text_in_fonts_of_its_own(page):
    text = " ".join(read_text(page["pdf"]).split())
    for expected in ("Audit", "300 people", "reprojection", "pck5", "n = 300", "median", "95 % above"):
        assert expected in text
    assert "file_pck5" not in text
    fonts = list_fonts(page["pdf"])
    assert fonts
    for name, (kind, is_embedded) in fonts.items():
        assert "NotoSans" in name
        # Type 42 is TrueType.
        assert kind == "/CIDFontType2"
        assert is_embedded


def test_the_picture_has_bars_on_both_sides(page):
    with Image.open(io.BytesIO(page["png"])) as picture:
        assert picture.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
        pixels = np.asarray(picture.convert("RGB"))
    for colour in ((0, 0x72, 0xB2), (0xD5, 0x5E, 0)):
        # Two plots of 246 x 115 pixels.
        assert (pixels == colour).all(-1).sum() > 100


def test_of_nothing_there_is_a_page_that_says_so():
    files = plot_groups(count_groups(make_audit(3, {})), "Audit", "3 people")
    assert "No column has numbers." in read_text(files["pdf"])
