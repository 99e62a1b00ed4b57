"""audit.json: quantiles beside NumPy's, the worst rows, texts of files."""

import json

import numpy as np

from render.review.audit.summary import PERCENTS, format_summary
from render.review.measure import Column
from tests.helpers.audits import make_values

ERROR = Column("error", "How far.", "px", "high", digits=3)
SHARE = Column("share", "How much.", worst="low")
WORD = Column("word", "Which.", digits=0, choices=("one", "two"))


def test_quantiles_are_numpys_and_rows_are_the_worst():
    rng = np.random.default_rng(0)
    errors, shares = rng.lognormal(size=200).round(3), rng.random(200).round(3)
    errors[:20] = np.nan
    told = json.loads(
        format_summary(make_values([ERROR, SHARE, WORD], [errors, shares, [0, 1, 1, np.nan] * 50]), [])
    )
    assert told["version"] == 1
    assert told["people"] == told["images"] == 200
    assert told["percents"] == list(PERCENTS)
    # Both are rounded to three digits.
    np.testing.assert_allclose(told["quantiles"]["error"], np.nanpercentile(errors, PERCENTS), atol=5.1e-4)
    assert [column.get("counts") for column in told["columns"]] == [None, None, {"one": 50, "two": 100}]
    assert [column["known"] for column in told["columns"]] == [180, 200, 150]
    worst = [(one["row"] - 3, one["value"]) for one in told["worst"]["error"]]
    by_error = sorted(((-error, row) for row, error in enumerate(errors) if not np.isnan(error)))[:10]
    assert worst == [(row, -error) for error, row in by_error]
    assert told["worst"]["share"][0]["value"] == shares.min()
    assert set(told["worst"]) == {"error", "share"}


def test_names_of_images_are_strings_in_ascii_whatever_is_in_them():
    images = ['<script>"\\', "\u202egnp.exe", "a\udcff\n.jpg"]
    text = format_summary(make_values([ERROR], [[1, 2, 3]], images), [])
    assert text.isascii()
    assert [one["image"] for one in json.loads(text)["worst"]["error"]] == images[::-1]


def test_of_nobody_and_of_what_is_not_known_nothing_is_said():
    told = json.loads(format_summary(make_values([ERROR, WORD], [[np.nan] * 2, [np.nan] * 2]), []))
    assert told["quantiles"] == {"error": None}
    assert told["worst"] == {"error": []}
    assert json.loads(format_summary(make_values([ERROR], [[]]), []))["people"] == 0
