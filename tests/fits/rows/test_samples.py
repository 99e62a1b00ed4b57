"""Which entries of a fit file are taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import ConfigError
from render.fits.rows.samples import select_samples
from render.types.fits import Fits, RowProblem
from tests.helpers.fit_tables import make_table

COUNT = 30
INVALID = (4, 11, 29)
VALID = tuple(row for row in range(COUNT) if row not in INVALID)
# Two rows an image; the third of three folders has names that the first has, too.
IMAGES = [f"{'aba'[row // 10]}{row // 20}/{(row // 2) % 5:03}.jpg" for row in range(COUNT)]
PROBLEMS = [RowProblem(row, IMAGES[row], "no fit") for row in INVALID]


def make_fits() -> Fits:
    rows = np.array(VALID)
    # Some without an annotation, and one that two fits are of.
    annotations = np.where(rows % 3 == 0, 0, 100 + rows // 2 * 2)
    names = np.array(IMAGES, object)[rows]
    return make_table(len(rows), row=rows, image_name=names, annot_id=annotations)


FITS = make_fits()


def select(samples: str) -> list[int]:
    fits, problems = select_samples(FITS, PROBLEMS, samples, "nowhere")
    rows = fits.row.tolist()
    skipped = [problem.row for problem in problems]
    assert rows == sorted(rows)
    assert skipped == sorted(skipped)
    assert [IMAGES[row] for row in rows] == fits.image_name.tolist()
    return sorted(rows + skipped)


@pytest.mark.parametrize(
    ("samples", "rows"),
    [
        ("all", list(range(COUNT))),
        ("4", [4]),
        ("-3:", [27, 28, 29]),
        ("7, 4, 7, 5:9:2", [4, 5, 7]),
        # One of them is no valid fit.
        ("image:a0/002.jpg", [4, 5]),
        ("image:b0/003", [16, 17]),
        ("image:*/002.jpg", [4, 5, 14, 15, 24, 25]),
        ("image:b?/*, 3", [3, *range(10, 20)]),
        # 16 and 17 are of annotation 116.
        ("annotation:116", [16, 17]),
        ("annotation:102", [2]),
    ],
)
def test_entries_are_found_by_row_image_and_annotation(samples, rows):
    assert select(samples) == rows


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ("30", "samples: '30': selects none of the 30 entries of the fit file, 0 to 29"),
        ("3, 40:50", "samples: '40:50': selects none of the 30 entries"),
        ("5:5", "samples: '5:5': selects none"),
        (
            "image:c.jpg",
            "'image:c.jpg': none of the 30 entries of the fit file is of such an image; names are",
        ),
        ("image:b*", "'image:b*': none of the 30 entries of the fit file is of such an image"),
        ("image:a0/0O2.jpg", "such an image; did you mean 'a0/002.jpg'?"),
        ("image:002.jpg", "'image:002.jpg': 3 images are called '002.jpg', such as 'a0/002.jpg' and 'b0/002"),
        ("annotation:7", "none of the 27 valid fits has it; theirs are from 100 to 128"),
        (
            "worst:3:reprojection",
            "there is no audit in nowhere (No such file or directory); make one with job=",
        ),
    ],
)
def test_terms_that_nothing_answers_are_refused(samples, message):
    with pytest.raises(ConfigError) as caught:
        select(samples)
    assert message in str(caught.value)


def test_fits_without_annotations_say_so():
    fits = make_table(3, row=np.arange(3))
    with pytest.raises(ConfigError, match="none of the 3 valid fits has it; they name no annotations"):
        select_samples(fits, [], "annotation:7", "")


def test_a_line_of_a_file_is_named(tmp_path):
    (tmp_path / "list.txt").write_text("3\nimage:nobody\n")
    with pytest.raises(ConfigError, match=r"list\.txt, line 2: 'image:nobody': none of the 30"):
        select(f"@{tmp_path}/list.txt")


def test_all_of_it_is_not_copied():
    fits, problems = select_samples(FITS, PROBLEMS, "0:15, 15:", "")
    assert fits is FITS
    assert problems is PROBLEMS


def test_chance_takes_the_same_fits_for_good():
    """On every machine and with every release of NumPy; so others can name them."""
    assert select("random:5") == [2, 3, 13, 15, 22]
    assert select("random:5:1") == [2, 10, 18, 20, 21]


COUNTS = st.integers(1, COUNT + 5)
SEEDS = st.integers(0, 9)


@given(count=COUNTS, more=COUNTS, seed=SEEDS)
def test_chance_takes_valid_fits_and_those_from_before_when_asked_for_more(count, more, seed):
    few, many = select(f"random:{count}:{seed}"), select(f"random:{max(count, more)}:{seed}")
    assert len(few) == min(count, len(VALID))
    assert set(few) <= set(many) <= set(VALID)


TERMS = st.one_of(
    st.integers(0, COUNT - 1).map(str),
    st.tuples(st.integers(0, COUNT - 1), st.integers(1, 5)).map(lambda pair: f"{pair[0]}::{pair[1]}"),
    st.sampled_from(IMAGES).map(lambda name: f"image:{name}"),
    st.sampled_from(["image:a0/*", "image:*4.jpg", "annotation:116", "random:3", "random:7:2", "-3:"]),
)


@given(terms=st.lists(TERMS, min_size=1, max_size=6))
def test_a_list_is_the_union_of_its_terms_in_the_order_of_the_file(terms):
    expected = sorted({row for term in terms for row in select(term)})
    assert select(", ".join(terms)) == expected
    assert select(f"[{','.join(reversed(terms))}]") == expected
