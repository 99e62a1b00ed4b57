"""Robust z-scores, beside SciPy's deviations."""

import numpy as np
import pytest

from render.review.audit.compare import add_comparisons, find_z_scores
from render.review.measure import Column
from tests.helpers.audits import make_values

PLAIN = Column("height_m", "", "m", is_compared=True)


def test_scores_are_distances_from_the_median_in_scipys_deviations():
    # It takes a second to load, wherever tests are looked for.
    from scipy.stats import median_abs_deviation

    numbers = np.random.default_rng(1).lognormal(size=101)
    numbers[[3, 50]] = np.nan
    deviation = median_abs_deviation(numbers, scale="normal", nan_policy="omit")
    expected = np.abs(numbers - np.nanmedian(numbers)) / deviation
    # The constant is 1.4826 in four digits.
    np.testing.assert_allclose(find_z_scores(numbers), expected, rtol=1e-4)


def test_a_column_has_its_scores_right_behind_it():
    other = Column("other", "")
    heights = [1.6, 1.7, 1.8, 1.7, 1.6, 1.8, 1.7, 1.7, 0.2]
    values = add_comparisons(make_values([PLAIN, other], [heights, heights]))
    assert [column.name for column in values.table.columns] == ["height_m", "height_m_z", "other"]
    scores = values.take("height_m_z")
    # Median 1.7; deviations 0, 0, 0, 0, .1, .1, .1, .1, 1.5, of which the middle one is .1.
    assert scores[-1] == pytest.approx(1.5 / 0.14826, abs=0.006)
    assert scores.argmax() == 8
    assert values.table.columns[1].worst == "high"


def test_ratios_are_compared_by_their_logarithms():
    ratios = [1.0, 1.1, 1 / 1.1, 1.2, 1 / 1.2, 1.3, 1 / 1.3, 4, 0.25, -1, 0]
    column = Column("share", "", is_compared=True, is_ratio=True)
    scores = add_comparisons(make_values([column], [ratios])).take("share_z")
    assert scores[7] == scores[8] > 3
    # They have no logarithm.
    assert np.isnan(scores[9:]).all()


def test_where_most_are_equal_the_mean_deviation_counts():
    numbers = np.array([1.0] * 17 + [1.25, 0.5, 1.25, np.nan])
    scores = find_z_scores(numbers)
    # Deviations are 0 of 17, and .25, .5, .25; their mean is a twentieth of 1.
    np.testing.assert_allclose(
        scores[17:20], np.array([0.25, 0.5, 0.25]) / (0.05 * np.sqrt(np.pi / 2)), rtol=1e-4
    )
    assert scores[:17].max() == 0
    assert np.isnan(scores[20])


@pytest.mark.parametrize(
    "numbers",
    [[5.0] * 20, [1.0, 2, 3, 4, 5, 6, 7], [np.nan] * 9],
    ids=["all are equal", "few", "none"],
)
def test_where_nothing_says_how_far_is_far_there_are_no_scores(numbers):
    assert np.isnan(find_z_scores(np.array(numbers))).all()
